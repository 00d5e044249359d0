"""Signing in with a council's own account. It opens a door that is there already; it never gives a right."""

from datetime import datetime

from broker.actions.moving import begin
from broker.actions.sign_ins import open_sign_in
from broker.domain.kinds import Role
from broker.domain.permissions import Action
from broker.domain.refusals import Unfit
from broker.domain.sign_ins import UNKNOWN, Browser, Way
from broker.domain.single_sign_on import Provider, Vouched
from broker.store.accounts import Membership, User, actor_of, memberships_of, user_by_email
from broker.store.authorities import Authority
from broker.store.single_sign_on import StaffIdentity, has_identity, staff_identity


def sign_in_by_provider(
    provider: Provider, authority: Authority, vouched: Vouched, at: datetime, browser: Browser = UNKNOWN
) -> str:
    """A new sign-in's token, acting as officer of this authority and as nothing else.

    The first time, the person is found by the address that the provider vouches for; from then on by its subject, so
    that an address given to somebody else later opens nothing. Raises Unfit: account to "address" (not the council's,
    or not checked), "unknown" (nobody here, or no officer of this authority) or "wider" (somebody whose account can do
    more than this council may vouch for, and who therefore signs in with a password).
    """
    identity = staff_identity(provider.issuer, vouched.subject)
    user = identity.user if identity else _invited(provider, vouched)
    if user.switched_off_at is not None:
        raise Unfit({"account": "unknown"})
    place = _place(user, authority)
    if identity is None:
        identity = StaffIdentity(issuer=provider.issuer, subject=vouched.subject, user_id=user.id, created_at=at)
        begin(identity, Action.USE_ACCOUNT, actor_of(place))
    return open_sign_in(place, at, browser, Way.SINGLE_SIGN_ON)


def _invited(provider: Provider, vouched: Vouched) -> User:
    """The person whom an administrator has added under this address."""
    is_checked = vouched.verified or (vouched.verified is None and provider.vouches_for_addresses)
    if not is_checked or not provider.is_own_address(vouched.email):
        raise Unfit({"account": "address"})
    user = user_by_email(vouched.email)
    if user is None or has_identity(provider.issuer, user.id):
        raise Unfit({"account": "unknown"})
    return user


def _place(user: User, authority: Authority) -> Membership:
    """The person's place as officer of this authority, where they hold no other place as staff."""
    staff = [m for m in memberships_of(user.id) if m.role != Role.MEMBER]
    own = [m for m in staff if m.authority_id == authority.id]
    if not own or user.switched_off_at is not None:
        raise Unfit({"account": "unknown"})
    if len(own) < len(staff):
        raise Unfit({"account": "wider"})
    return own[0]

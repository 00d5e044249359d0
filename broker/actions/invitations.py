"""Invitations: asking somebody to act for an organisation, and somebody taking it up."""

from datetime import datetime

from broker.actions.accounts import add_user, give_place
from broker.actions.links import issue, use_up
from broker.actions.mail import owe_mail
from broker.actions.moving import record
from broker.actions.passwords import put_password, take_time
from broker.actions.tries import may_write_to, note_letter
from broker.domain.kinds import OF_A_COUNCIL, Role
from broker.domain.links import LinkPurpose
from broker.domain.mail import MailKind
from broker.domain.permissions import Action, Actor, require
from broker.domain.refusals import LinkOver, Unfit
from broker.domain.sign_ins import Browser
from broker.store.accounts import OneTimeLink, User, live_link, members_of, user_by_email
from broker.store.organisations import Organisation


def invite(email: str, organisation: Organisation, by: Actor, browser: Browser, at: datetime) -> None:
    """Ask somebody by letter to act for the organisation. It is the same, and takes as long, whether or not they have
    an account. Unfit: "here" for one of its people; TooManyTries when this address invites and invites.
    """
    require(by, Action.INVITE_PERSON, organisation)
    address = email.strip().lower()
    if any(membership.user.email == address for membership in members_of(organisation.id)):
        raise Unfit({"email": "here"})
    wanted = may_write_to(address, browser, at)
    note_letter(address, browser, at)
    take_time()
    user = user_by_email(address) or add_user(address, "", by, Action.INVITE_PERSON)
    if wanted and user.switched_off_at is None:
        place = {"role": Role.MEMBER, "organisation_id": organisation.id}
        owe_mail(MailKind.INVITATION, user, token=issue(user, LinkPurpose.INVITATION, by, at, **place))


def write_to_staff(user: User, role: Role, authority_id: int | None, by: Actor, at: datetime) -> None:
    """Tell somebody whom an administrator has given a role, with a link to set a password if they have none."""
    require(by, Action.ADD_PERSON)
    place = authority_id if role in OF_A_COUNCIL else None
    token = issue(user, LinkPurpose.INVITATION, by, at, role=role, authority_id=place)
    owe_mail(MailKind.INVITATION, user, token=token)


def live_invitation(token: str, at: datetime) -> OneTimeLink | None:
    """The invitation behind a token while it can be taken up."""
    return live_link(token, at, LinkPurpose.INVITATION)


def accept_as_new(link: OneTimeLink, name: str, password: str, at: datetime) -> None:
    """Somebody without a password takes it up; the letter showed that the address is theirs."""
    if link.user.password_hash is not None:
        raise LinkOver
    use_up(link, at)
    link.user.name = name.strip()
    put_password(link.user, password, at)
    _take_up(link, Actor(link.role or Role.MEMBER, link.user_id))


def accept(link: OneTimeLink, by: Actor, at: datetime) -> None:
    """Somebody who is signed in takes up an invitation of their own; they sign in again to act in it."""
    if link.user_id != by.user_id:
        raise Unfit({"token": "other"})
    use_up(link, at)
    _take_up(link, by)


def _take_up(link: OneTimeLink, by: Actor) -> None:
    role = Role(link.role or Role.MEMBER)
    give_place(
        link.user,
        role,
        by,
        Action.ACCEPT_INVITATION,
        authority_id=link.authority_id,
        organisation_id=link.organisation_id,
    )
    organisation = link.organisation
    if organisation is not None and organisation.claimed_at is None:
        organisation.claimed_at = link.created_at
        record(organisation, Action.ACCEPT_INVITATION, by, "claimed_at")

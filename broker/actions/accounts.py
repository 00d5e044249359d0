"""Accounts: signing in and out, choosing whom to act for, and passwords with the one-time links that set them."""

import secrets
from datetime import datetime, timedelta
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select, update

from broker.actions.moving import begin
from broker.domain.clock import now
from broker.domain.kinds import RegistrationState, Role
from broker.domain.links import SETS_PASSWORD
from broker.domain.permissions import Action, Actor, require
from broker.domain.refusals import NotAllowed, Unfit
from broker.domain.sign_ins import LIMITS, UNKNOWN, Browser, Way
from broker.store.accounts import (
    Membership,
    OneTimeLink,
    SignIn,
    User,
    hash_token,
    latest_membership,
    live_link,
    user_by_email,
)
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.organisations import Organisation, Registration

LINK_LASTS = timedelta(hours=48)

_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)  # argon2id at OWASP's minimum
_AT_ONCE = BoundedSemaphore(2)  # each hash takes 19 MiB and a core, so a crowd waits its turn


def hash_password(password: str) -> str:
    """What the store keeps of a password."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def sign_in(email: str, password: str, at: datetime, browser: Browser = UNKNOWN) -> str:
    """A new sign-in's token. Unfit in the same way, and after the same work, for no account and a wrong password."""
    user = user_by_email(email)
    known = user.password_hash if user else None
    if not _matches(known or _nobodys_hash(), password) or user is None or known is None:
        raise Unfit({"password": "wrong"})
    if _HASHER.check_needs_rehash(known):
        user.password_hash = hash_password(password)
    membership = latest_membership(user.id)
    if membership is None:
        raise Unfit({"password": "no_place"})
    return open_sign_in(membership, at, browser)


def open_sign_in(
    membership: Membership,
    at: datetime,
    browser: Browser = UNKNOWN,
    way: Way = Way.PASSWORD,
    *,
    proved_at: datetime | None = None,
    until: datetime | None = None,
) -> str:
    """Sign this person's browser in as this membership; the token goes into the cookie and nowhere else.

    proved_at: when they showed who they are, if that was not just now. until: no longer than this.
    """
    token = secrets.token_urlsafe(32)
    at_most = at + LIMITS[Role(membership.role)].at_most
    opened = SignIn(
        token_hash=hash_token(token),
        membership_id=membership.id,
        way=way,
        browser=browser.name[:60],
        place=browser.place[:60],
        created_at=at,
        last_seen_at=at,
        proved_at=proved_at or at,
        expires_at=min(at_most, until or at_most),
    )
    db.session.add(opened)
    db.session.flush()
    return token


def choose_membership(membership_id: int, sign_in_id: int, by: Actor, at: datetime) -> str:
    """Act as another of one's own memberships from now on: the old sign-in ends, a new one begins."""
    membership = db.session.get(Membership, membership_id)
    if membership is None or membership.user_id != by.user_id:
        raise NotAllowed(Action.USE_ACCOUNT)
    old = db.session.get_one(SignIn, sign_in_id)
    return _renew(old, membership, old.proved_at, at)


def prove(password: str, sign_in_id: int, by: Actor, at: datetime) -> str:
    """Show once more who one is, before something that matters; gives the token of the sign-in that takes over."""
    user = db.session.get_one(User, by.user_id)
    if user.password_hash is None or not _matches(user.password_hash, password):
        raise Unfit({"password": "wrong"})
    old = db.session.get_one(SignIn, sign_in_id)
    return _renew(old, old.membership, at, at)


def _renew(old: SignIn, membership: Membership, proved_at: datetime, at: datetime) -> str:
    """A new token in place of an old one, in the same browser; it lives no longer than the old one would have."""
    end_sign_in(old.id, at)
    return open_sign_in(
        membership, at, Browser(old.browser, old.place), Way(old.way), proved_at=proved_at, until=old.expires_at
    )


def end_sign_in(sign_in_id: int, at: datetime) -> None:
    """Sign one browser out, for good."""
    db.session.execute(update(SignIn).where(SignIn.id == sign_in_id, SignIn.ended_at.is_(None)).values(ended_at=at))


def create_user(email: str, role: Role, authority: Authority | None, by: Actor, *, name: str = "") -> tuple[User, str]:
    """A person in a role, and the token of the one-time link that lets them set a password.

    A known e-mail gets the role added. A member gets an organisation of their own, to be filled in, which applies
    to the authority if one is given. Raises Unfit for an officer without an authority, or one there already.
    """
    require(by, Action.ADD_PERSON)
    if role is Role.OFFICER and authority is None:
        raise Unfit({"authority": "missing"})
    user = user_by_email(email) or _new_user(email, name, by)
    if role is Role.MEMBER:
        _give_organisation(user, authority, by)
    else:
        _give_place(user, role, authority if role is Role.OFFICER else None, by)
    return user, issue_link(user, by)


def issue_link(user: User, by: Actor) -> str:
    """The token of a fresh one-time link for this person; older ones stop working."""
    require(by, Action.ADD_PERSON)
    at = now()
    unused = update(OneTimeLink).where(OneTimeLink.user_id == user.id, OneTimeLink.used_at.is_(None))
    db.session.execute(unused.where(OneTimeLink.expires_at > at).values(expires_at=at))
    token = secrets.token_urlsafe(32)
    begin(
        OneTimeLink(token_hash=hash_token(token), user_id=user.id, created_at=at, expires_at=at + LINK_LASTS),
        Action.ADD_PERSON,
        by,
    )
    return token


def set_password(token: str, password: str, at: datetime) -> User:
    """Set the password through a one-time link, which is used up; every browser of that person is signed out."""
    link = live_link(token, at, *SETS_PASSWORD)
    if link is None:
        raise Unfit({"token": "dead"})
    unused = update(OneTimeLink).where(OneTimeLink.id == link.id, OneTimeLink.used_at.is_(None))
    if db.session.execute(unused.values(used_at=at).returning(OneTimeLink.id)).first() is None:
        raise Unfit({"token": "dead"})
    link.user.password_hash = hash_password(password)
    _end_sign_ins(link.user_id, at)
    db.session.flush()
    return link.user


def change_password(by: Actor, current: str, password: str, keep: int, at: datetime) -> None:
    """Change one's own password; every other browser (`keep` is the sign-in of this one) is signed out."""
    user = db.session.get_one(User, by.user_id)
    if user.password_hash is None or not _matches(user.password_hash, current):
        raise Unfit({"current": "wrong"})
    user.password_hash = hash_password(password)
    _end_sign_ins(user.id, at, keep)
    db.session.flush()


def _new_user(email: str, name: str, by: Actor) -> User:
    address = email.strip().lower()
    user = User(email=address, name=name.strip() or address.partition("@")[0], created_at=now())
    begin(user, Action.ADD_PERSON, by)
    return user


def _give_place(user: User, role: Role, authority: Authority | None, by: Actor) -> None:
    """Add the role, unless they hold it."""
    place = authority.id if authority else None
    held = select(Membership.id).where(
        Membership.user_id == user.id, Membership.role == role, Membership.authority_id.is_not_distinct_from(place)
    )
    if db.session.scalar(held) is None:
        begin(Membership(user=user, role=role, authority_id=place, created_at=now()), Action.ADD_PERSON, by)


def _give_organisation(user: User, authority: Authority | None, by: Actor) -> None:
    """An organisation to fill in, unless they are a member of one."""
    held = select(Membership.id).where(Membership.user_id == user.id, Membership.role == Role.MEMBER)
    if db.session.scalar(held) is not None:
        return
    organisation = Organisation(
        name=f"{user.name} (name of the organisation still to come)",
        is_group=True,
        contact_name=user.name,
        contact_email=user.email,
        created_at=now(),
        claimed_at=now(),
    )
    begin(organisation, Action.ADD_PERSON, by)
    if authority is not None:
        applied = Registration(
            organisation=organisation, authority=authority, state=RegistrationState.APPLIED, applied_at=now()
        )
        begin(applied, Action.ADD_PERSON, by)
    begin(Membership(user=user, role=Role.MEMBER, organisation=organisation, created_at=now()), Action.ADD_PERSON, by)


def _end_sign_ins(user_id: int, at: datetime, keep: int | None = None) -> None:
    mine = select(Membership.id).where(Membership.user_id == user_id)
    ending = update(SignIn).where(SignIn.membership_id.in_(mine), SignIn.ended_at.is_(None))
    if keep is not None:
        ending = ending.where(SignIn.id != keep)
    db.session.execute(ending.values(ended_at=at))


def _matches(kept: str, password: str) -> bool:
    try:
        with _AT_ONCE:
            return _HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys_hash() -> str:
    """Something to compare with when there is no account, so that the answer takes as long."""
    return _HASHER.hash(secrets.token_hex(16))

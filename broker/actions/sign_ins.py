"""Signing in and out: opening a sign-in, taking it over under a new token, and ending one, some or all."""

import secrets
from datetime import datetime
from typing import NamedTuple

from broker.actions.links import end_links
from broker.actions.mail import owe_mail
from broker.actions.moving import begin, record
from broker.actions.passwords import hash_password, is_password_of, strengthen
from broker.actions.tries import check_tries, note_failure
from broker.domain.kinds import Role
from broker.domain.mail import MailKind
from broker.domain.permissions import Action, Actor, require
from broker.domain.refusals import NotAllowed, Unfit
from broker.domain.sign_ins import CODE_WAITS, LIMITS, UNKNOWN, Browser, Way
from broker.domain.tries import Door
from broker.store.accounts import (
    Membership,
    SignIn,
    User,
    actor_of,
    end_sign_ins_of,
    hash_token,
    latest_membership,
    live_sign_ins,
    user_by_email,
)
from broker.store.base import db
from broker.store.second_factors import second_factor_of


class Opened(NamedTuple):
    """A new sign-in's token; while it needs a code it opens only the page that asks for one."""

    token: str
    needs_code: bool


def sign_in(email: str, password: str, at: datetime, browser: Browser = UNKNOWN) -> Opened:
    """Sign in with a password. Unfit in the same way, and after the same work, for no account and a wrong password.

    Raises TooManyTries; and, once the password is right, Unfit for an account that is not open ("off", "unconfirmed",
    "no_place").
    """
    check_tries(Door.PASSWORD, email, browser, at)
    user = user_by_email(email)
    if not is_password_of(user, password) or user is None:
        note_failure(Door.PASSWORD, email, browser, at, user)
        raise Unfit({"password": "wrong"})
    strengthen(user, password)
    if user.unconfirmed_since is not None:
        raise Unfit({"password": "unconfirmed"})
    membership = latest_membership(user.id)
    if user.switched_off_at is not None or membership is None:
        raise Unfit({"password": "off" if user.switched_off_at else "no_place"})
    if second_factor_of(user.id) is None:
        return Opened(open_sign_in(membership, at, browser), needs_code=False)
    half = _sign_in(membership, at, browser, awaits_code=True, expires_at=at + CODE_WAITS)
    db.session.add(half.row)
    db.session.flush()
    return Opened(half.token, needs_code=True)


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
    at_most = at + LIMITS[Role(membership.role)].at_most
    opened = _sign_in(
        membership, at, browser, way=way, proved_at=proved_at or at, expires_at=min(at_most, until or at_most)
    )
    begin(opened.row, Action.SIGN_IN, actor_of(membership))
    return opened.token


def choose_membership(membership_id: int, sign_in_id: int, by: Actor, at: datetime) -> str:
    """Act as another of one's own memberships from now on: the old sign-in ends, a new one begins."""
    membership = db.session.get(Membership, membership_id)
    if membership is None or membership.user_id != by.user_id or membership.ended_at is not None:
        raise NotAllowed(Action.USE_ACCOUNT)
    old = db.session.get_one(SignIn, sign_in_id)
    return take_over(old, membership, old.proved_at, at)


def prove(password: str, sign_in_id: int, by: Actor, browser: Browser, at: datetime) -> str:
    """Show once more who one is, before something that matters; gives the token of the sign-in that takes over."""
    user = db.session.get_one(User, by.user_id)
    check_tries(Door.PASSWORD, user.email, browser, at)
    if not is_password_of(user, password):
        note_failure(Door.PASSWORD, user.email, browser, at, user)
        raise Unfit({"password": "wrong"})
    record(user, Action.PROVE_IDENTITY, by)
    old = db.session.get_one(SignIn, sign_in_id)
    return take_over(old, old.membership, at, at)


def change_password(current: str, password: str, sign_in_id: int, by: Actor, browser: Browser, at: datetime) -> str:
    """Change one's own password: every browser is signed out; gives the token with which this one goes on."""
    user = db.session.get_one(User, by.user_id)
    check_tries(Door.PASSWORD, user.email, browser, at)
    if not is_password_of(user, current):
        note_failure(Door.PASSWORD, user.email, browser, at, user)
        raise Unfit({"current": "wrong"})
    user.password_hash = hash_password(password)
    end_links(user, at)
    end_sign_ins_of(user.id, at)
    record(user, Action.CHANGE_PASSWORD, by, "password_hash")
    owe_mail(MailKind.PASSWORD_CHANGED, user)
    old = db.session.get_one(SignIn, sign_in_id)
    return take_over(old, old.membership, at, at)


def take_over(old: SignIn, membership: Membership, proved_at: datetime, at: datetime) -> str:
    """A new token in place of an old one, in the same browser; it lives no longer than the old one would have."""
    old.ended_at = at
    browser = Browser(old.browser, old.place)
    return open_sign_in(membership, at, browser, Way(old.way), proved_at=proved_at, until=old.expires_at)


def end_sign_in(sign_in_id: int, by: Actor, at: datetime) -> None:
    """Sign one of one's own browsers out, for good. NotAllowed for somebody else's."""
    found = db.session.get(SignIn, sign_in_id)
    if found is None or found.membership.user_id != by.user_id:
        raise NotAllowed(Action.END_SIGN_IN)
    if found.ended_at is None:
        found.ended_at = at
        record(found, Action.END_SIGN_IN, by, "ended_at")


def end_other_sign_ins(keep: int, by: Actor, at: datetime) -> int:
    """Sign out every browser of one's own but this one; gives how many."""
    others = [each for each in live_sign_ins(by.user_id or 0, at) if each.id != keep]
    for each in others:
        end_sign_in(each.id, by, at)
    return len(others)


def end_all_sign_ins(user: User, by: Actor, at: datetime) -> None:
    """Sign somebody out everywhere."""
    require(by, Action.END_ALL_SIGN_INS)
    end_sign_ins_of(user.id, at)
    record(user, Action.END_ALL_SIGN_INS, by)


class _New(NamedTuple):
    row: SignIn
    token: str


def _sign_in(membership: Membership, at: datetime, browser: Browser, **facts: object) -> _New:
    token = secrets.token_urlsafe(32)
    row = SignIn(
        token_hash=hash_token(token),
        membership_id=membership.id,
        browser=browser.name[:60],
        place=browser.place[:60],
        created_at=at,
        last_seen_at=at,
        **facts,
    )
    return _New(row, token)

"""Passwords: how they are kept, and the ways in which one is set or asked for anew."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from broker.actions.links import end_links, issue, themselves, use_up
from broker.actions.mail import owe_mail
from broker.actions.moving import record
from broker.actions.tries import may_write_to, note_letter
from broker.domain.links import SETS_PASSWORD, LinkPurpose
from broker.domain.mail import MailKind
from broker.domain.permissions import Action
from broker.domain.refusals import LinkOver
from broker.domain.sign_ins import Browser
from broker.store.accounts import User, end_sign_ins_of, live_link, user_by_email
from broker.store.base import db

_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)  # argon2id at OWASP's minimum
_AT_ONCE = BoundedSemaphore(2)  # each hash takes 19 MiB and a core, so a crowd waits its turn


def hash_password(password: str) -> str:
    """What the store keeps of a password."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def is_password_of(user: User | None, password: str) -> bool:
    """True for the person's password. It takes as long when there is no such person, or one without a password."""
    kept = user.password_hash if user else None
    try:
        with _AT_ONCE:
            is_right = _HASHER.verify(kept or _nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return False
    return is_right and kept is not None


def strengthen(user: User, password: str) -> None:
    """Keep a password that was just typed in today's way, where it was kept in a weaker one."""
    if user.password_hash and _HASHER.check_needs_rehash(user.password_hash):
        user.password_hash = hash_password(password)


def take_time() -> None:
    """As long as a password takes, beside which the rest of an answer that must not tell an account is short."""
    hash_password(secrets.token_hex(16))


@contextmanager
def for_nobody(at: datetime) -> Iterator[User]:
    """Somebody who is gone at the end, with all that was written for them: so it takes as long as for somebody."""
    undone = db.session.begin_nested()
    nobody = User(email=f"{secrets.token_hex(16)}@nobody.invalid", name="Nobody", created_at=at)
    db.session.add(nobody)
    db.session.flush()
    try:
        yield nobody
    finally:
        undone.rollback()


def ask_for_password(email: str, browser: Browser, at: datetime) -> None:
    """Write a letter with a link that sets a new password, if there is such an account; it takes as long if not.

    Raises TooManyTries when this address asks and asks.
    """
    wanted = may_write_to(email, browser, at)
    note_letter(email, browser, at)
    take_time()
    user = user_by_email(email)
    if not wanted:
        return
    if user is None or user.switched_off_at is not None:
        with for_nobody(at) as nobody:
            _write_reset(nobody, at)
    else:
        _write_reset(user, at)


def _write_reset(user: User, at: datetime) -> None:
    owe_mail(MailKind.RESET_PASSWORD, user, token=issue(user, LinkPurpose.RESET, themselves(user), at))


def set_password(token: str, password: str, at: datetime) -> User:
    """Set the password through a one-time link; every browser of that person is signed out, every other link ends.

    It signs nobody in, and a second factor is asked for as before.
    """
    link = live_link(token, at, *SETS_PASSWORD)
    if link is None:
        raise LinkOver
    use_up(link, at)
    put_password(link.user, password, at)
    return link.user


def put_password(user: User, password: str, at: datetime) -> None:
    """The password of somebody who has just shown that letters to their address reach them."""
    had_one = user.password_hash is not None
    user.password_hash = hash_password(password)
    user.unconfirmed_since = None
    end_links(user, at)
    end_sign_ins_of(user.id, at)
    record(user, Action.RESET_PASSWORD, themselves(user), "password_hash")
    if had_one:
        owe_mail(MailKind.PASSWORD_CHANGED, user)


@cache
def _nobodys_hash() -> str:
    """Something to compare with when there is no account, so that the answer takes as long."""
    return _HASHER.hash(secrets.token_hex(16))

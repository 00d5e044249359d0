"""Slowing down whoever guesses, without giving anybody a way to lock others out."""

from datetime import datetime, timedelta

from broker.actions.moving import record
from broker.domain.kinds import Role
from broker.domain.permissions import Action, Actor
from broker.domain.refusals import TooManyTries
from broker.domain.sign_ins import Browser
from broker.domain.tries import FOR_ONE_ACCOUNT, FOR_ONE_ADDRESS, KEPT, LETTERS_FROM, LETTERS_TO, WITHIN, Door
from broker.store.accounts import User, hash_token
from broker.store.base import db
from broker.store.tries import FailedTry, forget_tries, nth_latest, take_turn

NOBODY = Actor(Role.SYSTEM)


def check_tries(door: Door, account: str, browser: Browser, at: datetime) -> None:
    """Raise TooManyTries while this account, tried from this address, or this address over all accounts, must wait.

    Tries from elsewhere count only for a code: whoever gets that far knows the password, so nobody can be locked out.
    """
    place = None if door is Door.CODE else browser.whence
    _wait(FOR_ONE_ACCOUNT, door, _key(account), place, at)
    _wait(FOR_ONE_ADDRESS, door, None, browser.whence, at)


def note_failure(door: Door, account: str, browser: Browser, at: datetime, user: User | None) -> None:
    """Remember a try that went wrong; the record says whose account was tried, and never what was typed."""
    failed = _remember(door, account, browser, at, user)
    record(user or failed, Action.FAIL_SIGN_IN, NOBODY)


def may_write_to(account: str, browser: Browser, at: datetime) -> bool:
    """False when this account was written to often enough for now; TooManyTries when this address asks and asks."""
    _wait(LETTERS_FROM, Door.LETTER, None, browser.whence, at)
    take_turn(Door.LETTER, _key(account), None)
    last = nth_latest(LETTERS_TO, Door.LETTER, _key(account), None)
    return last is None or last + WITHIN <= at


def note_letter(account: str, browser: Browser, at: datetime) -> None:
    """Remember that a letter was asked for, whether or not there is anybody to write to."""
    _remember(Door.LETTER, account, browser, at, None)


def _remember(door: Door, account: str, browser: Browser, at: datetime, user: User | None) -> FailedTry:
    forget_tries(at - KEPT)
    made = FailedTry(at=at, door=door, account=_key(account), place=browser.whence, user_id=user.id if user else None)
    db.session.add(made)
    db.session.flush()
    return made


def _wait(number: int, door: Door, account: str | None, place: str | None, at: datetime) -> None:
    take_turn(door, account, place)
    last = nth_latest(number, door, account, place)
    if last is not None and last + WITHIN > at:
        raise TooManyTries(max(last + WITHIN, at + timedelta(seconds=1)))


def _key(account: str) -> str:
    return hash_token(account.strip().lower())

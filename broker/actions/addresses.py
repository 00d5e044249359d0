"""E-mail addresses: showing that one is one's own, and moving an account to another."""

from datetime import datetime

from broker.actions.links import end_links, issue, themselves, use_up
from broker.actions.mail import owe_mail
from broker.actions.moving import record
from broker.actions.passwords import is_password_of, take_time
from broker.actions.sign_ins import open_sign_in
from broker.actions.tries import check_tries, may_write_to, note_failure, note_letter
from broker.domain.links import LinkPurpose
from broker.domain.mail import MailKind
from broker.domain.permissions import Action, Actor
from broker.domain.refusals import LinkOver, Unfit
from broker.domain.sign_ins import Browser
from broker.domain.tries import Door
from broker.store.accounts import (
    OneTimeLink,
    User,
    actor_of,
    end_sign_ins_of,
    latest_membership,
    live_link,
    user_by_email,
)
from broker.store.base import db

SHOWS_ADDRESS = (LinkPurpose.ADDRESS, LinkPurpose.NEW_ADDRESS)


def ask_to_move(email: str, by: Actor, browser: Browser, at: datetime) -> None:
    """Write to the new address; the account moves when its link is opened. Somebody else's address is written to
    as well, with other words, and whoever typed it is not told.
    """
    user = db.session.get_one(User, by.user_id)
    address = email.strip().lower()
    if address == user.email:
        raise Unfit({"email": "same"})
    wanted = may_write_to(address, browser, at)
    note_letter(address, browser, at)
    take_time()
    other = user_by_email(address)
    if not wanted:
        return
    if other is not None:
        owe_mail(MailKind.ACCOUNT_EXISTS, other)
        return
    token = issue(user, LinkPurpose.NEW_ADDRESS, by, at, new_email=address)
    owe_mail(MailKind.VERIFY_ADDRESS, user, token=token, address=address)


def confirm_address(token: str, password: str, browser: Browser, at: datetime) -> str | None:
    """The link reached its address, and the password shows that its reader is the one who asked for it.

    Gives the token of a first sign-in to somebody who signed up; None to somebody who moved and is signed in already.
    LinkOver; Unfit for a "wrong" password. The password is asked for because anybody may have typed the address.
    """
    link = live_link(token, at, *SHOWS_ADDRESS)
    if link is None:
        raise LinkOver
    user = link.user
    check_tries(Door.PASSWORD, user.email, browser, at)
    if not is_password_of(user, password):
        note_failure(Door.PASSWORD, user.email, browser, at, user)
        raise Unfit({"password": "wrong"})
    use_up(link, at)
    if link.purpose == LinkPurpose.NEW_ADDRESS:
        _move(link, at)
        return None
    user.unconfirmed_since = None
    membership = latest_membership(user.id)
    if membership is None:
        raise LinkOver
    record(user, Action.CONFIRM_ADDRESS, actor_of(membership), "unconfirmed_since")
    return open_sign_in(membership, at, browser)


def _move(link: OneTimeLink, at: datetime) -> None:
    """The account answers to the new address; the old one is told, and everybody signs in again."""
    user, address = link.user, link.new_email or ""
    if user_by_email(address) is not None:
        raise LinkOver
    old, user.email = user.email, address
    end_links(user, at)
    end_sign_ins_of(user.id, at)
    record(user, Action.CHANGE_ADDRESS, themselves(user), "email")
    owe_mail(MailKind.ADDRESS_CHANGED, user, address=old)

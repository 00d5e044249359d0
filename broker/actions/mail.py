"""Owing somebody a letter: the row is written in the same transaction as the deed that it tells of."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, update

from broker.actions.jobs import owe
from broker.actions.moving import record
from broker.domain.clock import now
from broker.domain.mail import KEPT_DAYS, MailKind
from broker.domain.permissions import Action, Actor, require
from broker.domain.refusals import WrongState
from broker.store.accounts import Membership, User, members_of
from broker.store.base import db
from broker.store.matches import Match
from broker.store.outbox import Outbox, due_letters, officers_of, told_before


def owe_mail(
    kind: MailKind,
    to: User | None,
    about: Any = None,
    token: str | None = None,
    *,
    address: str | None = None,
    once: str | None = None,
) -> None:
    """Write to a person, about a thing of the store if one is given. token: the secret part of the letter's link.

    to: None where nobody has an account: it goes to the contact address of whoever the letter is for.

    address: where it goes if not to the person's own address. once: a name for what may be told only once.
    """
    if once is not None and told_before(once):
        return
    letter = Outbox(
        kind=kind,
        user=to,
        subject=about.__tablename__ if about is not None else None,
        subject_id=about.id if about is not None else None,
        token=token,
        address=address,
        once=once,
        message_id=secrets.token_hex(16),
        created_at=now(),
    )
    db.session.add(letter)
    db.session.flush()
    owe("mail")


def tell_members(kind: MailKind, organisation_id: int, about: Any, by: Actor, *, once: str | None = None) -> None:
    """Write to an organisation's people, but not to the one whose deed it is; nobody where nobody has an account."""
    _tell(members_of(organisation_id), kind, about, by, once)


def tell_sides(kind: MailKind, match: Match, by: Actor, about: Any = None) -> None:
    """Write to the people of both sides of a match that was put to them, but not to the side whose deed it is."""
    _tell(members_of(*sorted(match.owners - {by.organisation_id})), kind, about or match, by)


def tell_officers(kind: MailKind, authority_id: int, about: Any, by: Actor) -> None:
    """Write to an authority's officers, but not to the one whose deed it is."""
    _tell(officers_of(authority_id), kind, about, by)


def _tell(people: list[Membership], kind: MailKind, about: Any, by: Actor, once: str | None = None) -> None:
    for membership in people:
        if membership.user_id != by.user_id:
            owe_mail(kind, membership.user, about, once=once and f"{once}:{membership.user_id}")


def send_again(letter: Outbox, by: Actor) -> None:
    """A letter that was given up is tried anew, from the start. WrongState where it waits or has arrived."""
    require(by, Action.SEND_AGAIN)
    given_up = update(Outbox).where(Outbox.id == letter.id, Outbox.state == "failed")
    afresh = given_up.values(state="waiting", attempts=0, error=None, lease_until=None)
    if not db.session.scalars(afresh.returning(Outbox.id)).all():
        raise WrongState("letter", letter.state, Action.SEND_AGAIN)
    record(letter, Action.SEND_AGAIN, by)
    owe("mail")


def owe_due(at: datetime) -> None:
    """Owe the sending of what waits and may be tried again by now."""
    if due_letters(at):
        owe("mail")


def forget_old(by: Actor, at: datetime, before: datetime | None = None) -> int:
    """Blank the secret and the address of each letter that was settled long ago (a week, or `before`); how many."""
    require(by, Action.REMOVE_WHAT_IS_DUE)
    over = func.coalesce(Outbox.sent_at, Outbox.created_at) < (before or at - timedelta(days=KEPT_DAYS))
    old = update(Outbox).where(Outbox.state != "waiting", Outbox.forgotten_at.is_(None), over)
    blank = old.values(token=None, address=None, forgotten_at=at).returning(Outbox.id)
    done = len(db.session.execute(blank).all())
    if done:
        owe("mail")  # which clears away what was written to the folder
    return done


def forget_letters_to(user_id: int, at: datetime) -> None:
    """Whatever waits for this person is not sent any more, and what was sent leaves no trace of where it went."""
    theirs = update(Outbox).where(Outbox.user_id == user_id)
    db.session.execute(theirs.where(Outbox.state == "waiting").values(state="set_aside"))
    db.session.execute(theirs.values(token=None, address=None, forgotten_at=at))
    owe("mail")

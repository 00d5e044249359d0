"""Sending what the outbox holds: each letter is taken for a while, sent, and marked, at least once and rarely twice."""

import logging
from datetime import timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy import or_, select, update
from sqlalchemy.orm import joinedload

from broker.domain.clock import now
from broker.domain.mail import pause_after
from broker.store.base import db, reading
from broker.store.outbox import Outbox, due_letters
from broker.work.carriers import Away, Deliver, Letter, Refused, open_carrier
from broker.work.letters import compose, is_invented

LEASE = timedelta(minutes=2)  # longer than any carrier lets us wait; then another worker may try
REAL = frozenset({"smtp", "notify"})  # carriers that reach people
log = logging.getLogger(__name__)


def send_letters() -> None:
    """Send every letter that may be tried now. Where the carrier is away the rest wait for the next sweep."""
    with reading():
        ids = due_letters(now())
    if ids:
        try:
            with open_carrier() as deliver:
                for letter_id in ids:
                    _send(letter_id, deliver)
        except Away as problem:
            log.warning("letters wait, the carrier is away: %s", problem)
    clear_folder()


def clear_folder() -> None:
    """Letters in the folder go when the record forgets them."""
    written = {int(file.stem): file for file in Path(current_app.config["MAIL_FOLDER"]).glob("[0-9]*.eml")}
    if not written:
        return
    with reading():
        kept = select(Outbox.id).where(Outbox.id.in_(list(written)), Outbox.forgotten_at.is_(None))
        known = set(db.session.scalars(kept))
    for number, file in written.items():
        if number not in known:
            file.unlink(missing_ok=True)


def _send(letter_id: int, deliver: Deliver) -> None:
    """One letter from being taken to being marked. A worker that dies in between leaves it to the next one."""
    attempts = _take(letter_id)
    if attempts is None:
        return
    try:
        letter = _compose(letter_id)
        if letter is None:
            _mark(letter_id, state="set_aside")
            return
        deliver(letter)
    except Refused as problem:
        _mark(letter_id, state="failed", error=str(problem))
    except Away as problem:
        _wait(letter_id, attempts, str(problem))
        raise
    except Exception as problem:
        log.exception("letter %s could not be sent", letter_id)
        _wait(letter_id, attempts, type(problem).__name__)
    else:
        _mark(letter_id, state="sent", sent_at=now(), error=None)


def _take(letter_id: int) -> int | None:
    """Take the letter for the length of a lease: how often it has been tried now; None when somebody else has it."""
    at = now()
    free = or_(Outbox.lease_until.is_(None), Outbox.lease_until < at)
    taken = db.session.scalar(
        update(Outbox)
        .where(Outbox.id == letter_id, Outbox.state == "waiting", free)
        .values(attempts=Outbox.attempts + 1, lease_until=at + LEASE)
        .returning(Outbox.attempts)
    )
    db.session.commit()
    return taken


def _compose(letter_id: int) -> Letter | None:
    with reading():
        query = select(Outbox).where(Outbox.id == letter_id).options(joinedload(Outbox.user))
        letter = compose(db.session.scalars(query).one())
    if letter is not None and current_app.config["MAIL"] in REAL and is_invented(letter.to):
        return None
    return letter


def _wait(letter_id: int, attempts: int, error: str) -> None:
    """Try again after a pause that grows, and give up after the last."""
    pause = pause_after(attempts)
    if pause is None:
        _mark(letter_id, state="failed", error=error[:80])
    else:
        _mark(letter_id, state="waiting", lease_until=now() + pause, error=error[:80])


def _mark(letter_id: int, **facts: object) -> None:
    db.session.rollback()
    db.session.execute(update(Outbox).where(Outbox.id == letter_id, Outbox.state == "waiting").values(**facts))
    db.session.commit()

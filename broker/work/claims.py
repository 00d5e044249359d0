"""Whose a job is: taken for a while, held on to while its worker lives, and let go of.

A worker that dies leaves a lease that runs out, and whoever looks next takes the job over. One that was only slow, and
comes back after that, can keep and report nothing more.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from threading import Event, Thread

from flask import Flask, current_app
from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import aliased

from broker.domain.clock import now
from broker.store.base import db, set_reading
from broker.store.jobs import Job

BEATS = 3  # how often a lease is renewed within its length
TRIES = 5
log = logging.getLogger(__name__)


class Lost(Exception):
    """The lease ran out and the job is somebody else's now: what was done here is not to be kept."""


@dataclass(frozen=True)
class Claim:
    """A job in hand. `attempt` tells this try from every other one."""

    job_id: int
    attempt: int
    kind: str
    argument: int | None


_in_hand: ContextVar[Claim | None] = ContextVar("in_hand", default=None)


def free() -> ColumnElement[bool]:
    """Which jobs nobody is at: waiting (and not told to wait longer), or left behind by a worker that died.

    What was left behind goes first, before whatever is owed for the same reason.
    """
    other = aliased(Job)
    under_way = select(other.id).where(other.dedupe == Job.dedupe, other.state == "running", other.id != Job.id)
    open_ = Job.state.in_(["waiting", "running"]) & or_(Job.lease_until.is_(None), Job.lease_until < now())
    return open_ & ~under_way.exists()


def take(job_id: int) -> Claim | None:
    """Take the job for the length of a lease, or None when somebody else has it.

    Whatever else waits for the same reason is done with it, and so goes.
    """
    chosen = select(Job.id).where(Job.id == job_id, free()).with_for_update(skip_locked=True)
    try:
        if db.session.scalar(chosen) is None:
            db.session.rollback()
            return None
        facts = {"state": "running", "attempts": Job.attempts + 1, "lease_until": _lease()}
        row = update(Job).where(Job.id == job_id).values(facts).returning(Job)
        job = db.session.scalars(row, execution_options={"populate_existing": True}).one()
        claim = Claim(job.id, job.attempts, job.kind, job.argument)
        db.session.execute(delete(Job).where(Job.dedupe == job.dedupe, Job.state == "waiting"))
        db.session.commit()
    except IntegrityError:  # somebody has just taken another one that was owed for the same reason
        db.session.rollback()
        return None
    return claim


@contextmanager
def held(claim: Claim) -> Iterator[None]:
    """Renew the lease as long as this goes on, so that it may be short and a long job still is one worker's."""
    over, token = Event(), _in_hand.set(claim)
    beat = Thread(target=_beat, args=(current_app._get_current_object(), claim, over), daemon=True)  # type: ignore[attr-defined]
    beat.start()
    try:
        yield
    finally:
        over.set()
        beat.join()
        _in_hand.reset(token)


def keep() -> None:
    """Commit what the job in hand has done so far; Lost, and nothing is kept, where it is another worker's by now."""
    claim = _in_hand.get()
    if claim is not None:
        _change(claim, lease_until=_lease())
    db.session.commit()


def report(claim: Claim, done: int, total: int) -> None:
    """Show how far a job is. Called only while the job holds no transaction of its own."""
    _change(claim, done=done, total=total, lease_until=_lease())
    db.session.commit()


def finish(claim: Claim) -> None:
    """It is done."""
    _change(claim, state="done", finished_at=now(), lease_until=None, error=None)
    db.session.commit()


def put_back(claim: Claim, error: str) -> None:
    """After a failure: try again later, a little later each time, and give up in the end."""
    if claim.attempt >= TRIES:
        _change(claim, state="failed", error=error, finished_at=now(), lease_until=None)
    else:
        _change(claim, state="waiting", error=error, lease_until=now() + timedelta(minutes=claim.attempt))
    db.session.commit()


def _beat(app: Flask, claim: Claim, over: Event) -> None:
    while not over.wait(app.config["JOB_LEASE"] / BEATS):
        set_reading(False)
        with app.app_context():
            try:
                _change(claim, lease_until=_lease())
                db.session.commit()
            except Lost:
                return
            except SQLAlchemyError:
                log.exception("the lease of job %s could not be renewed; it is tried again", claim.job_id)
                db.session.rollback()


def _lease() -> object:
    return now() + timedelta(seconds=current_app.config["JOB_LEASE"])


def _change(claim: Claim, **facts: object) -> None:
    mine = update(Job).where(Job.id == claim.job_id, Job.attempts == claim.attempt, Job.state == "running")
    if not db.session.scalars(mine.values(facts).returning(Job.id)).all():
        db.session.rollback()
        raise Lost

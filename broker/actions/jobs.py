"""Owing work to the background: the row is written in the same transaction as what causes it."""

from datetime import timedelta

from sqlalchemy import insert, literal, select, update

from broker.domain.clock import now
from broker.store.base import db
from broker.store.jobs import Job
from broker.store.listings import Listing
from broker.store.settings import Setting

MOMENT = timedelta(seconds=1)  # what the store can tell apart


def owe(kind: str, argument: int | None = None) -> Job:
    """The waiting job of this kind and argument: the one that waits already, or a new one. One that failed and is left
    alone for a while does not count: what is owed now may go better.

    No worker may begin the one that waits before this transaction ends: it would not see what is owed now.
    """
    dedupe = kind if argument is None else f"{kind}:{argument}"
    waits = select(Job).where(Job.dedupe == dedupe, Job.state == "waiting", Job.lease_until.is_(None))
    waiting = db.session.scalar(waits.order_by(Job.id).limit(1).with_for_update(read=True))
    if waiting is not None:
        return waiting
    job = Job(kind=kind, argument=argument, dedupe=dedupe, created_at=now())
    db.session.add(job)
    db.session.flush()
    return job


def take_turn(name: str, period: str) -> bool:
    """Whether this is the first to ask in this period, of all workers. Periods are told in words that sort by time.

    IntegrityError where two ask at once and nobody has ever asked before: the other one has it.
    """
    mine = update(Setting).where(Setting.name == name, Setting.value < period).values(value=period)
    if db.session.scalars(mine.returning(Setting.name)).all():
        return True
    unknown = ~select(Setting.name).where(Setting.name == name).exists()
    first = insert(Setting).from_select(["name", "value"], select(literal(name), literal(period)).where(unknown))
    return bool(db.session.scalars(first.returning(Setting.name)).all())


def owe_suggestions(listing: Listing) -> None:
    """The market has changed around this listing: the matcher owes it a fresh look.

    A second change within one second gets a later moment than the first, which the matcher may have seen already.
    """
    waits = listing.suggest_at
    listing.suggest_at = max(now(), waits + MOMENT) if waits else now()
    owe("suggest")

"""Owing work to the background: the row is written in the same transaction as what causes it."""

from datetime import timedelta

from sqlalchemy import select

from broker.domain.clock import now
from broker.store.base import db
from broker.store.jobs import Job
from broker.store.listings import Listing

MOMENT = timedelta(seconds=1)  # what the store can tell apart
OWED = "owed"  # where the session keeps the jobs it has made, for the queue to hear of after the commit


def owe(kind: str, argument: int | None = None) -> Job:
    """The waiting job of this kind and argument: the one that waits already, or a new one."""
    dedupe = kind if argument is None else f"{kind}:{argument}"
    waiting = db.session.scalar(select(Job).where(Job.dedupe == dedupe, Job.state == "waiting"))
    if waiting is not None:
        return waiting
    job = Job(kind=kind, argument=argument, dedupe=dedupe, created_at=now())
    db.session.add(job)
    db.session.flush()
    db.session.info.setdefault(OWED, []).append(job.id)
    return job


def owe_suggestions(listing: Listing) -> None:
    """The market has changed around this listing: the matcher owes it a fresh look.

    A second change within one second gets a later moment than the first, which the matcher may have seen already.
    """
    waits = listing.suggest_at
    listing.suggest_at = max(now(), waits + MOMENT) if waits else now()
    owe("suggest")

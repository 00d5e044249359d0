"""Work for the background: the rows are the queue."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Index, String, Text, exists, select, text
from sqlalchemy.orm import Mapped, mapped_column

from broker.store.base import Base, db

_RUNNING = text("state = 'running'")


class Job(Base):
    """One piece of background work. At most one of the same `dedupe` runs at a time.

    `state`: waiting, running, done, failed. `lease_until`: when a running job may be taken over by another worker, or
    until when a waiting one is to be left alone.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index("uq_job_running", "dedupe", unique=True, sqlite_where=_RUNNING, postgresql_where=_RUNNING),
        Index("ix_job_state", "state"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    argument: Mapped[int | None]
    dedupe: Mapped[str] = mapped_column(String(100))
    state: Mapped[str] = mapped_column(String(20), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


def is_done_since(since: datetime, kinds: Collection[str]) -> bool:
    """Whether a job of these kinds has ended after that moment."""
    ended = exists().where(Job.kind.in_(kinds), Job.finished_at > since)
    return bool(db.session.scalar(select(ended)))

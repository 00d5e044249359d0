"""Two texts that somebody tries against each other, and what the matcher says of them. One trial for each person."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from broker.store.base import Base, db
from broker.store.jobs import Job


class Trial(Base):
    """The last two texts that a person tried. `answer` is empty while the worker has not looked.

    `asked_at`: when they tried last. `asked`: how often they have so far, so that a late answer is known for one.
    `before`: the answer before, to the very same texts.
    """

    __tablename__ = "trial"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), unique=True)
    need: Mapped[str] = mapped_column(Text)
    offer: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime | None]
    asked: Mapped[int] = mapped_column(default=0)
    answer: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    before: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


def trial_of(user_id: int | None) -> Trial | None:
    """What a person tried last."""
    return db.session.scalar(select(Trial).where(Trial.user_id == user_id))


def has_failed(trial: Trial) -> bool:
    """Whether the background gave up on it."""
    newest = select(Job.state).where(Job.kind == "try", Job.argument == trial.id).order_by(Job.id.desc()).limit(1)
    return db.session.scalar(newest) == "failed"

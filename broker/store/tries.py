"""Tries that went wrong, kept for a day so that guessing is slow however many hosts share the work."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from broker.domain.tries import Door
from broker.store.base import Base, db


class FailedTry(Base):
    """One try. `account` is a hash of what was typed, whether or not anybody has such an account."""

    __tablename__ = "failed_try"
    __table_args__ = (
        Index("ix_failed_try_account", "door", "account", "place", "at"),
        Index("ix_failed_try_place", "door", "place", "at"),
        Index("ix_failed_try_at", "at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    door: Mapped[Door] = mapped_column(String(20))
    account: Mapped[str] = mapped_column(String(64))
    place: Mapped[str] = mapped_column(String(60))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))


def take_turn(door: Door, account: str | None, place: str | None) -> None:
    """Wait until whoever tries the same has been counted: from here to its end one transaction at a time gets on."""
    if db.engine.dialect.name == "postgresql":  # SQLite has one writer at a time as it is
        key = func.hashtextextended(f"failed_try {door} {account} {place}", 0)
        db.session.execute(select(func.pg_advisory_xact_lock(key)))


def nth_latest(number: int, door: Door, account: str | None, place: str | None) -> datetime | None:
    """When the last try but `number` - 1 was made, at one account, from one place, or both; None for fewer tries."""
    query = select(FailedTry.at).where(FailedTry.door == door)
    if account is not None:
        query = query.where(FailedTry.account == account)
    if place is not None:
        query = query.where(FailedTry.place == place)
    return db.session.scalar(query.order_by(FailedTry.at.desc()).offset(number - 1).limit(1))


def forget_tries(before: datetime) -> None:
    """Tries made before then are nobody's business any more."""
    db.session.execute(delete(FailedTry).where(FailedTry.at < before))

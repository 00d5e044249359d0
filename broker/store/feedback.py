"""What both sides of a partnership say of it at its end."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broker.domain.kinds import Channel, Side
from broker.store.base import Base, db
from broker.store.partnerships import Partnership


class Feedback(Base):
    """One side's word: a score from 1 to 5, and why."""

    __tablename__ = "feedback"
    __table_args__ = (
        UniqueConstraint("partnership_id", "side"),
        CheckConstraint("score BETWEEN 1 AND 5", name="score_in_range"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"))
    side: Mapped[Side] = mapped_column(String(20))
    score: Mapped[int]
    words: Mapped[str] = mapped_column(Text, default="")
    channel: Mapped[Channel] = mapped_column(String(20))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime]
    partnership: Mapped[Partnership] = relationship()


def feedback_on(partnership_id: int) -> dict[Side, Feedback]:
    """What has been said of a partnership, by side."""
    query = select(Feedback).where(Feedback.partnership_id == partnership_id)
    return {Side(each.side): each for each in db.session.scalars(query)}

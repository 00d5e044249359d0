"""What both sides of a partnership say of it at its end."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broker.domain.kinds import Channel, Side
from broker.store.base import Base, db
from broker.store.milestones import Milestone
from broker.store.partnerships import Partnership


class Feedback(Base):
    """One side's word: a score from 1 to 5, and why.

    Without a score the side was asked and did not answer; `words` are then the officer's own, on how it was asked.
    """

    __tablename__ = "feedback"
    __table_args__ = (
        UniqueConstraint("partnership_id", "side"),
        CheckConstraint("score BETWEEN 1 AND 5", name="score_in_range"),
        CheckConstraint("(score IS NULL) = (channel IS NULL)", name="said_somehow"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"))
    side: Mapped[Side] = mapped_column(String(20))
    score: Mapped[int | None]
    words: Mapped[str] = mapped_column(Text, default="")
    channel: Mapped[Channel | None] = mapped_column(String(20))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime]
    partnership: Mapped[Partnership] = relationship()


def feedback_on(partnership_id: int) -> dict[Side, Feedback]:
    """What has been said of a partnership, by side."""
    query = select(Feedback).where(Feedback.partnership_id == partnership_id)
    return {Side(each.side): each for each in db.session.scalars(query)}


def feedback_and_steps(partnership_id: int) -> tuple[dict[Side, Feedback], list[Milestone]]:
    """The same, and the steps on the way with the first one first, in one statement."""
    query = (
        select(Milestone, Feedback)
        .select_from(Partnership)
        .outerjoin(Milestone, Milestone.partnership_id == Partnership.id)
        .outerjoin(Feedback, Feedback.partnership_id == Partnership.id)
        .where(Partnership.id == partnership_id)
        .order_by(Milestone.due_on, Milestone.id)
    )
    steps: dict[int, Milestone] = {}
    said: dict[Side, Feedback] = {}
    for step, word in db.session.execute(query):
        if step is not None:
            steps[step.id] = step
        if word is not None:
            said[Side(word.side)] = word
    return said, list(steps.values())

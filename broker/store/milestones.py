"""Milestones: steps on the way of a commitment, or of a lasting partnership."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broker.store.base import Base, LargeAmount, db
from broker.store.commitments import Commitment
from broker.store.partnerships import Partnership


class Milestone(Base):
    """What should have happened by a day; `quantity`, in the unit of the commitment's measure, where it is counted."""

    __tablename__ = "milestone"
    __table_args__ = (
        CheckConstraint("(commitment_id IS NULL) <> (partnership_id IS NULL)", name="of_one_thing"),
        CheckConstraint("quantity IS NULL OR quantity > 0", name="quantity_positive"),
    )
    noun = "milestone"
    id: Mapped[int] = mapped_column(primary_key=True)
    commitment_id: Mapped[int | None] = mapped_column(ForeignKey("commitment.id"), index=True)
    partnership_id: Mapped[int | None] = mapped_column(ForeignKey("partnership.id"), index=True)
    what: Mapped[str] = mapped_column(String(400))
    due_on: Mapped[date]
    quantity: Mapped[Decimal | None] = mapped_column(LargeAmount)
    reached_at: Mapped[datetime | None]
    commitment: Mapped[Commitment | None] = relationship()
    partnership: Mapped[Partnership | None] = relationship()

    @property
    def owners(self) -> frozenset[int]:
        return self._of.owners

    @property
    def authorities(self) -> frozenset[int]:
        return self._of.authorities

    @property
    def assignees(self) -> frozenset[int]:
        return self._of.assignees

    @property
    def _of(self) -> Commitment | Partnership:
        found = self.commitment or self.partnership
        assert found is not None  # noqa: S101 - the table holds it
        return found


def milestones_of(thing: Commitment | Partnership) -> list[Milestone]:
    """The steps of a commitment or a partnership, the first one first."""
    column = Milestone.commitment_id if isinstance(thing, Commitment) else Milestone.partnership_id
    return list(
        db.session.scalars(select(Milestone).where(column == thing.id).order_by(Milestone.due_on, Milestone.id))
    )

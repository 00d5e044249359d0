"""Milestones: steps on the way of a commitment, or of a lasting partnership."""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import cast

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, String, exists, or_, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from broker.store.base import Base, LargeAmount, db
from broker.store.commitments import OPEN, Commitment
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
    def thing(self) -> Commitment | Partnership:
        """What it is a step of."""
        return cast(Commitment | Partnership, self.commitment or self.partnership)  # the table holds that it is of one

    @property
    def owners(self) -> frozenset[int]:
        return self.thing.owners

    @property
    def authorities(self) -> frozenset[int]:
        return self.thing.authorities

    @property
    def assignees(self) -> frozenset[int]:
        return self.thing.assignees

    @classmethod
    def owned_by(cls, organisation_id: int) -> ColumnElement[bool]:
        return _of_a_thing(Commitment.owned_by(organisation_id), Partnership.owned_by(organisation_id))

    @classmethod
    def in_area(cls, authority_id: int) -> ColumnElement[bool]:
        return _of_a_thing(Commitment.in_area(authority_id), Partnership.in_area(authority_id))

    @classmethod
    def assigned_to(cls, user_id: int) -> ColumnElement[bool]:
        return _of_a_thing(Commitment.assigned_to(user_id), Partnership.assigned_to(user_id))


def _of_a_thing(commitment: ColumnElement[bool], partnership: ColumnElement[bool]) -> ColumnElement[bool]:
    """That the commitment, or else the partnership, of a step is such a one."""
    return or_(
        exists().where(Commitment.id == Milestone.commitment_id, commitment),
        exists().where(Partnership.id == Milestone.partnership_id, partnership),
    )


def milestones_of(thing: Commitment | Partnership) -> list[Milestone]:
    """The steps of a commitment or a partnership, the first one first."""
    column = Milestone.commitment_id if isinstance(thing, Commitment) else Milestone.partnership_id
    return list(
        db.session.scalars(select(Milestone).where(column == thing.id).order_by(Milestone.due_on, Milestone.id))
    )


def next_steps(commitment_ids: Collection[int]) -> dict[int, Milestone]:
    """Of each of these commitments the first step that is not reached yet, if there is one."""
    query = select(Milestone).where(Milestone.commitment_id.in_(commitment_ids), Milestone.reached_at.is_(None))
    steps = db.session.scalars(query.order_by(Milestone.due_on.desc(), Milestone.id.desc()))
    return {step.commitment_id: step for step in steps if step.commitment_id}


def overdue_steps(on: date) -> list[Milestone]:
    """The steps of open promises whose day has passed, with the promise and who sees to it."""
    promise = joinedload(Milestone.commitment)
    query = (
        select(Milestone)
        .join(Commitment, Commitment.id == Milestone.commitment_id)
        .where(OPEN, Milestone.reached_at.is_(None), Milestone.due_on < on)
        .options(promise.joinedload(Commitment.owner), promise.joinedload(Commitment.owner_place))
    )
    return list(db.session.scalars(query.order_by(Milestone.id)))

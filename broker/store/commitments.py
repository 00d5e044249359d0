"""Commitments: what a supplier promised under a contract, or of its own accord as a pledge."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, String, Text, exists, or_, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from broker.domain.impact import promised
from broker.domain.kinds import CommitmentState
from broker.domain.states import COMMITMENT
from broker.store.accounts import User
from broker.store.authorities import Authority
from broker.store.base import Base, LargeAmount, db
from broker.store.contracts import Contract
from broker.store.measures import Measure
from broker.store.organisations import Organisation


class Commitment(Base):
    """So much of one measure, by a day, to one authority. Without a contract it is a pledge.

    With `per_pounds` the quantity is promised once for each so many pounds that are spent under the contract, and
    grows with them. Its `owner` is the colleague who sees to it.
    """

    __tablename__ = "commitment"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("per_pounds IS NULL OR (per_pounds > 0 AND contract_id IS NOT NULL)", name="scales_with_spend"),
    )
    machine = COMMITMENT
    noun = "commitment"
    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"), index=True)
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("contract.id"), index=True)
    measure_id: Mapped[int] = mapped_column(ForeignKey("measure.id"))
    state: Mapped[CommitmentState] = mapped_column(String(20))
    what: Mapped[str] = mapped_column(Text, default="")
    quantity: Mapped[Decimal] = mapped_column(LargeAmount)
    per_pounds: Mapped[Decimal | None] = mapped_column(LargeAmount)
    due_on: Mapped[date]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    created_at: Mapped[datetime]
    row_version: Mapped[int] = mapped_column(default=1)
    organisation: Mapped[Organisation] = relationship()
    authority: Mapped[Authority] = relationship()
    contract: Mapped[Contract | None] = relationship()
    measure: Mapped[Measure] = relationship()
    owner: Mapped[User | None] = relationship()
    __mapper_args__ = {"version_id_col": row_version}

    @property
    def promised(self) -> Decimal:
        """How much is promised as things stand, in the unit of the measure."""
        return promised(self.quantity, self.per_pounds, self.contract.spent if self.contract else None)

    @property
    def promised_in_full(self) -> Decimal | None:
        """How much it will be once the whole value of the contract is spent; None where that is not known."""
        whole = self.contract.value if self.contract else None
        return (
            None if self.per_pounds is not None and whole is None else promised(self.quantity, self.per_pounds, whole)
        )

    @property
    def first_day(self) -> date:
        """The day before which nothing could have been due."""
        return self.contract.starts_on if self.contract else self.created_at.date()

    @property
    def is_over(self) -> bool:
        return self.state == CommitmentState.WITHDRAWN

    @property
    def giver_id(self) -> int:
        return self.organisation_id

    @property
    def receiver_id(self) -> int | None:
        return None

    @property
    def owners(self) -> frozenset[int]:
        return frozenset({self.organisation_id})

    @property
    def authorities(self) -> frozenset[int]:
        return frozenset({self.authority_id})

    @property
    def assignees(self) -> frozenset[int]:
        managers = self.contract.assignees if self.contract else frozenset()
        return managers | ({self.owner_id} if self.owner_id else frozenset())

    @classmethod
    def owned_by(cls, organisation_id: int) -> ColumnElement[bool]:
        return cls.organisation_id == organisation_id

    @classmethod
    def in_area(cls, authority_id: int) -> ColumnElement[bool]:
        return cls.authority_id == authority_id

    @classmethod
    def assigned_to(cls, user_id: int) -> ColumnElement[bool]:
        managed = exists().where(Contract.id == cls.contract_id, Contract.assigned_to(user_id))
        return or_(cls.owner_id == user_id, managed)

    @classmethod
    def given_by(cls, organisation_id: int) -> ColumnElement[bool]:
        return cls.organisation_id == organisation_id


def commitments_under(contract_id: int) -> list[Commitment]:
    """What is promised under a contract, those taken back last, with measure and owner."""
    query = (
        select(Commitment)
        .where(Commitment.contract_id == contract_id)
        .options(joinedload(Commitment.measure), joinedload(Commitment.owner))
        .order_by(Commitment.state != CommitmentState.OPEN, Commitment.due_on, Commitment.id)
    )
    return list(db.session.scalars(query))

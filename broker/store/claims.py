"""The ledger: verified units set against commitments. The database itself refuses a unit that is claimed twice."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, Select, String, exists, func, select, text
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from broker.domain.kinds import ClaimState
from broker.domain.states import CLAIM
from broker.store import ledger
from broker.store.base import Base, LargeAmount, db
from broker.store.commitments import Commitment
from broker.store.deliveries import Delivery

_STANDING = text("state = 'standing'")


class Claim(Base):
    """So much of a verified delivery, set against one commitment of its giver; once for each pair of them."""

    __tablename__ = "claim"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("(state = 'taken_back') = (taken_back_at IS NOT NULL)", name="taken_back_at_a_time"),
        Index(
            "uq_claim_standing",
            "delivery_id",
            "commitment_id",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
    )
    machine = CLAIM
    noun = "claim"
    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"), index=True)
    commitment_id: Mapped[int] = mapped_column(ForeignKey("commitment.id"), index=True)
    state: Mapped[ClaimState] = mapped_column(String(20))
    quantity: Mapped[Decimal] = mapped_column(LargeAmount)
    claimed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    claimed_at: Mapped[datetime]
    taken_back_at: Mapped[datetime | None]
    row_version: Mapped[int] = mapped_column(default=1)
    delivery: Mapped[Delivery] = relationship()
    commitment: Mapped[Commitment] = relationship()
    __mapper_args__ = {"version_id_col": row_version}

    @property
    def giver_id(self) -> int:
        return self.delivery.giver_id

    @property
    def receiver_id(self) -> int | None:
        return self.delivery.receiver_id

    @property
    def owners(self) -> frozenset[int]:
        return self.commitment.owners

    @property
    def authorities(self) -> frozenset[int]:
        return self.commitment.authorities

    @property
    def assignees(self) -> frozenset[int]:
        return self.commitment.assignees

    @classmethod
    def owned_by(cls, organisation_id: int) -> ColumnElement[bool]:
        return exists().where(Commitment.id == cls.commitment_id, Commitment.owned_by(organisation_id))

    @classmethod
    def in_area(cls, authority_id: int) -> ColumnElement[bool]:
        return exists().where(Commitment.id == cls.commitment_id, Commitment.in_area(authority_id))

    @classmethod
    def assigned_to(cls, user_id: int) -> ColumnElement[bool]:
        return exists().where(Commitment.id == cls.commitment_id, Commitment.assigned_to(user_id))

    @classmethod
    def given_by(cls, organisation_id: int) -> ColumnElement[bool]:
        return exists().where(Delivery.id == cls.delivery_id, Delivery.given_by(organisation_id))


ledger.guard(Base.metadata.tables[Claim.__tablename__])
_WITH_COMMITMENT = (
    joinedload(Claim.commitment).joinedload(Commitment.contract),
    joinedload(Claim.commitment).joinedload(Commitment.authority),
    joinedload(Claim.commitment).joinedload(Commitment.measure),
)
_WITH_DELIVERY = (joinedload(Claim.delivery).joinedload(Delivery.measure),)


def claimed_of(delivery_id: int) -> Decimal:
    """How much of a delivery stands against commitments."""
    return _claimed(Claim.delivery_id == delivery_id)


def claimed_for(commitment_id: int) -> Decimal:
    """How much stands against a commitment."""
    return _claimed(Claim.commitment_id == commitment_id)


def claims_on(delivery_id: int) -> list[Claim]:
    """What stands on a delivery, the first claim first, each with its commitment."""
    query = _standing(Claim.delivery_id == delivery_id).options(*_WITH_COMMITMENT)
    return list(db.session.scalars(query.order_by(Claim.id)))


def claims_for(commitment_id: int) -> list[Claim]:
    """What stands against a commitment, the last claim first, each with its delivery."""
    query = _standing(Claim.commitment_id == commitment_id).options(*_WITH_DELIVERY)
    return list(db.session.scalars(query.order_by(Claim.id.desc())))


def _claimed(*conditions: ColumnElement[bool]) -> Decimal:
    standing = (*conditions, Claim.state == ClaimState.STANDING)
    return db.session.scalar(select(func.sum(Claim.quantity)).where(*standing)) or Decimal(0)


def _standing(*conditions: ColumnElement[bool]) -> Select[Claim]:
    return select(Claim).where(*conditions, Claim.state == ClaimState.STANDING)

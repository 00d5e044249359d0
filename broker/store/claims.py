"""The ledger: verified units set against commitments. The database itself refuses a unit that is claimed twice."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    SQLColumnExpression,
    String,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    text,
    type_coerce,
)
from sqlalchemy.orm import Mapped, backref, contains_eager, joinedload, mapped_column, relationship

from broker.domain.kinds import ClaimState, DeliveryState
from broker.domain.permissions import Action, Actor
from broker.domain.states import CLAIM
from broker.store import ledger
from broker.store.base import Base, LargeAmount, db
from broker.store.commitments import OPEN, Commitment
from broker.store.deliveries import Delivery
from broker.store.listings import Listing
from broker.store.matches import Match
from broker.store.measures import Measure, root_of
from broker.store.partnerships import Partnership
from broker.store.reach import within
from broker.store.rules import authorities_where

_INDEXED = text("state = 'standing'")


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
            sqlite_where=_INDEXED,
            postgresql_where=_INDEXED,
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
    delivery: Mapped[Delivery] = relationship(backref=backref("claims", viewonly=True, order_by=id))
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
        return exists().where(Commitment.id == cls.commitment_id, Commitment.owned_by(organisation_id)).correlate(cls)

    @classmethod
    def in_area(cls, authority_id: int) -> ColumnElement[bool]:
        return exists().where(Commitment.id == cls.commitment_id, Commitment.in_area(authority_id)).correlate(cls)

    @classmethod
    def assigned_to(cls, user_id: int) -> ColumnElement[bool]:
        return exists().where(Commitment.id == cls.commitment_id, Commitment.assigned_to(user_id)).correlate(cls)

    @classmethod
    def given_by(cls, organisation_id: int) -> ColumnElement[bool]:
        return exists().where(Delivery.id == cls.delivery_id, Delivery.given_by(organisation_id)).correlate(cls)


ledger.guard(Base.metadata.tables[Claim.__tablename__])
_WITH_COMMITMENT = (
    joinedload(Claim.commitment).joinedload(Commitment.contract),
    joinedload(Claim.commitment).joinedload(Commitment.authority),
    joinedload(Claim.commitment).joinedload(Commitment.measure),
)
STANDS = Claim.state == ClaimState.STANDING
# What a page about one delivery, one commitment or one claim needs, in one statement.
WITH_RECEIVER = (
    joinedload(Delivery.measure),
    joinedload(Delivery.organisation),
    joinedload(Delivery.partnership)
    .joinedload(Partnership.match)
    .joinedload(Match.demand)
    .joinedload(Listing.organisation),
)
WITH_CONTRACT = (
    joinedload(Commitment.measure),
    joinedload(Commitment.organisation),
    joinedload(Commitment.authority),
    joinedload(Commitment.contract),
)
WHOLE_CLAIM = (
    joinedload(Claim.delivery).options(*WITH_RECEIVER),
    joinedload(Claim.commitment).options(*WITH_CONTRACT),
)
_RECEIVER = (
    contains_eager(Delivery.partnership)
    .joinedload(Partnership.match)
    .joinedload(Match.demand)
    .joinedload(Listing.organisation)
)
_WITH_DELIVERY = (joinedload(Claim.delivery).joinedload(Delivery.measure),)


def with_claims() -> Any:  # what joinedload gives has no public name
    """Loads what is claimed of a delivery in the statement that loads it."""
    return joinedload(Delivery.claims).joinedload(Claim.commitment).options(*WITH_CONTRACT)  # type: ignore[attr-defined]


def standing_on(delivery: Delivery) -> list[Claim]:
    """The claims that stand on a delivery, the first one first."""
    found: list[Claim] = delivery.claims  # type: ignore[attr-defined]
    return [claim for claim in found if claim.state == ClaimState.STANDING]


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


def claims_for(commitment_id: int, most: int | None = None) -> list[Claim]:
    """What stands against a commitment, the last claim first, each with its delivery; at most so many."""
    query = _standing(Claim.commitment_id == commitment_id).options(*_WITH_DELIVERY)
    return list(db.session.scalars(query.order_by(Claim.id.desc()).limit(most)))


def claims_seen(ids: Collection[int], actor: Actor) -> frozenset[int]:
    """Those of these claims whose promise this actor may see."""
    seen = within(Claim, actor, Action.SEE_COMMITMENT)
    return frozenset(db.session.scalars(select(Claim.id).where(Claim.id.in_(ids), seen)))


def promise_to_serve(commitment_id: int, actor: Actor) -> Commitment | None:
    """A commitment that this actor may set units against."""
    seen = within(Commitment, actor, Action.CLAIM_UNITS)
    return db.session.scalar(select(Commitment).where(Commitment.id == commitment_id, seen))


def deliveries_to_serve(ids: Collection[int], actor: Actor) -> list[Delivery]:
    """Those of these deliveries that this actor may see."""
    seen = within(Delivery, actor, Action.SEE_DELIVERY)
    query = select(Delivery).where(Delivery.id.in_(ids), seen).options(joinedload(Delivery.measure))
    return list(db.session.scalars(query.order_by(Delivery.id)))


class Served(NamedTuple):
    """A promise that a delivery could serve, how much stands against it, and whether the delivery was meant for it."""

    commitment: Commitment
    claimed: Decimal
    is_meant: bool

    @property
    def gap(self) -> Decimal:
        return max(self.commitment.promised - self.claimed, Decimal(0))


class Serving(NamedTuple):
    """A verified delivery of which something is left for a promise, and whether it was meant for that."""

    delivery: Delivery
    left: Decimal
    is_meant: bool


def promises_for(delivery: Delivery, actor: Actor) -> list[Served]:
    """What a delivery could serve: open promises of its giver that count the same, the best place for it first."""
    meant = select(Partnership.commitment_id).where(Partnership.id == delivery.partnership_id).scalar_subquery()
    query = (
        select(Commitment, claimed_for_each(), func.coalesce(Commitment.id == meant, false()))
        .join(Commitment.measure)
        .where(
            Commitment.organisation_id == delivery.organisation_id,
            OPEN,
            root_of(Measure) == delivery.measure.root_id,
            within(Commitment, actor, Action.CLAIM_UNITS),
            _counts(Commitment.authority_id, literal(delivery.authority_id)),
            ~exists().where(Claim.delivery_id == delivery.id, Claim.commitment_id == Commitment.id, STANDS),
        )
        .options(contains_eager(Commitment.measure), joinedload(Commitment.contract), joinedload(Commitment.authority))
    )
    found = [Served(*row) for row in db.session.execute(query)]
    return sorted(found, key=lambda each: (not each.gap, not each.is_meant, each.commitment.due_on, each.commitment.id))


def deliveries_for(commitment: Commitment, actor: Actor, page: int = 1, size: int = 25) -> list[Serving]:
    """One page (from 1), and one more, of what could serve a promise: what was meant for it first, then the oldest."""
    left = type_coerce(Delivery.verified - claimed_of_each(), LargeAmount)
    meant = func.coalesce(Partnership.commitment_id == commitment.id, false())
    query = (
        select(Delivery, left, meant)
        .join(Delivery.measure)
        .join(Delivery.partnership)
        .where(
            Delivery.organisation_id == commitment.organisation_id,
            Delivery.state == DeliveryState.VERIFIED,
            root_of(Measure) == commitment.measure.root_id,
            within(Delivery, actor, Action.SEE_DELIVERY),
            _counts(literal(commitment.authority_id), Delivery.authority_id),
            ~exists().where(Claim.delivery_id == Delivery.id, Claim.commitment_id == commitment.id, STANDS),
            left > 0,
        )
        .order_by(meant.desc(), Delivery.ended_on, Delivery.id)
        .options(contains_eager(Delivery.measure), joinedload(Delivery.authority), _RECEIVER)
        .offset((page - 1) * size)
        .limit(size + 1)
    )
    return [Serving(*row) for row in db.session.execute(query)]


def claimed_of_each(*whose: ColumnElement[bool]) -> ColumnElement[Decimal]:
    """In a question over deliveries: how much of each stands against promises, all of them or `whose` alone."""
    total = select(func.coalesce(func.sum(Claim.quantity), 0)).where(Claim.delivery_id == Delivery.id, STANDS, *whose)
    return total.correlate(Delivery, Commitment).scalar_subquery()


def claimed_for_each() -> ColumnElement[Decimal]:
    """In a question over promises: how much stands against each."""
    total = select(func.coalesce(func.sum(Claim.quantity), 0)).where(Claim.commitment_id == Commitment.id, STANDS)
    return total.correlate(Commitment).scalar_subquery()


def _counts(promised_in: SQLColumnExpression[int], done_in: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Whether what was done in one area counts for a promise made in another."""
    return or_(promised_in == done_in, promised_in.in_(authorities_where("counts_elsewhere", "yes")))


def _claimed(*conditions: ColumnElement[bool]) -> Decimal:
    return db.session.scalar(select(func.sum(Claim.quantity)).where(*conditions, STANDS)) or Decimal(0)


def _standing(*conditions: ColumnElement[bool]) -> Select[Claim]:
    return select(Claim).where(*conditions, STANDS)

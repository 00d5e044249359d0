"""Partnerships: what two sides agreed, how much, from when to when."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, String, Text, exists, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship
from sqlalchemy.sql.base import ExecutableOption

from broker.domain.kinds import Lane, PartnershipState, Unit
from broker.domain.periods import Span
from broker.domain.states import PARTNERSHIP
from broker.store.authorities import Authority
from broker.store.base import Base, LargeAmount, db
from broker.store.commitments import Commitment
from broker.store.frameworks import Framework
from broker.store.listings import Listing, ListingVersion, Posting
from broker.store.matches import Match
from broker.store.reach import InOneArea


class Partnership(InOneArea, Base):
    """A confirmed match: one row a match, under the framework version it was agreed under.

    Amounts are in the unit of each side's listing as it was then; None where the listing never stated a quantity. Where
    it helps to keep a `commitment` of the giver, `committed_amount` says with how much, in the unit of its measure.
    """

    __tablename__ = "partnership"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="dates_in_order"),
        CheckConstraint("lane <> 'systemic' OR review_on IS NOT NULL", name="lasting_has_review_date"),
        CheckConstraint("(commitment_id IS NULL) = (committed_amount IS NULL)", name="so_much_of_a_commitment"),
        CheckConstraint("committed_amount IS NULL OR committed_amount > 0", name="committed_amount_positive"),
        CheckConstraint(
            "state <> 'closed' OR lane <> 'systemic' OR reviewed_at IS NOT NULL",
            name="lasting_reviewed_to_close",
        ),
    )
    machine = PARTNERSHIP
    noun = "partnership"
    id: Mapped[int] = mapped_column(primary_key=True)
    match_id: Mapped[int] = mapped_column(ForeignKey("match.id"), unique=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"), index=True)
    framework_id: Mapped[int | None] = mapped_column(ForeignKey("framework.id"))
    state: Mapped[PartnershipState] = mapped_column(String(20), index=True)
    lane: Mapped[Lane] = mapped_column(String(20))
    what: Mapped[str] = mapped_column(Text)
    demand_amount: Mapped[Decimal | None]
    demand_unit: Mapped[Unit | None] = mapped_column(String(20))
    supply_amount: Mapped[Decimal | None]
    supply_unit: Mapped[Unit | None] = mapped_column(String(20))
    commitment_id: Mapped[int | None] = mapped_column(ForeignKey("commitment.id"), index=True)
    committed_amount: Mapped[Decimal | None] = mapped_column(LargeAmount)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    review_on: Mapped[date | None]
    reviewed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    row_version: Mapped[int] = mapped_column(default=1)

    match: Mapped[Match] = relationship()
    authority: Mapped[Authority] = relationship()
    framework: Mapped[Framework | None] = relationship()
    commitment: Mapped[Commitment | None] = relationship()
    __mapper_args__ = {"version_id_col": row_version}

    @property
    def owners(self) -> frozenset[int]:
        return self.match.owners

    @property
    def giver_id(self) -> int:
        return self.match.supply.organisation_id

    @property
    def receiver_id(self) -> int | None:
        return self.match.demand.organisation_id

    @property
    def days(self) -> Span:
        """In which something can have been done: up to its last day, or to the one on which it ended before."""
        return Span(self.starts_on, min(self.ends_on, self.ended_at.date()) if self.ended_at else self.ends_on)

    def has_days_by(self, on: date) -> bool:
        """Whether there is such a day by now: none before it begins, nor where it ended before that."""
        return self.starts_on <= min(self.days.ends, on)

    @property
    def assignees(self) -> frozenset[int]:
        return self.commitment.assignees if self.commitment else frozenset()

    @classmethod
    def owned_by(cls, organisation_id: int) -> ColumnElement[bool]:
        return exists().where(Match.id == cls.match_id, Match.owned_by(organisation_id)).correlate(cls)

    @classmethod
    def assigned_to(cls, user_id: int) -> ColumnElement[bool]:
        return exists().where(Commitment.id == cls.commitment_id, Commitment.assigned_to(user_id)).correlate(cls)

    @classmethod
    def given_by(cls, organisation_id: int) -> ColumnElement[bool]:
        theirs = (Listing.id == Match.supply_id, Listing.organisation_id == organisation_id)
        return exists().where(Match.id == cls.match_id, *theirs).correlate(cls)

    @classmethod
    def received_by(cls, organisation_id: int) -> ColumnElement[bool]:
        theirs = (Listing.id == Match.demand_id, Listing.organisation_id == organisation_id)
        return exists().where(Match.id == cls.match_id, *theirs).correlate(cls)


# A partnership that ended early answers no need, and gives a promise no more than what was done in it.
GOES_ON = Partnership.state != PartnershipState.ENDED_EARLY


def partnership_of(match_id: int) -> int | None:
    """The id of the partnership that a match became."""
    return db.session.scalar(select(Partnership.id).where(Partnership.match_id == match_id))


def reviews_before(on: date) -> list[Partnership]:
    """Running partnerships whose day of review has come."""
    query = select(Partnership).where(Partnership.state == PartnershipState.RUNNING, Partnership.review_on <= on)
    return list(db.session.scalars(query.order_by(Partnership.id)))


def partnerships_of(organisation_id: int) -> list[Partnership]:
    """Everything an organisation takes or took part in, newest first; the listings are not loaded."""
    query = select(Partnership).where(Partnership.owned_by(organisation_id)).order_by(Partnership.id.desc())
    return list(db.session.scalars(query))


def partnerships_for(commitment_id: int) -> list[Partnership]:
    """What helps to keep a promise, newest first, each with its two organisations and the promise itself."""
    match = joinedload(Partnership.match)
    query = select(Partnership).where(Partnership.commitment_id == commitment_id)
    sides = (match.joinedload(Match.demand), match.joinedload(Match.supply))
    query = query.options(*(side.joinedload(Listing.organisation) for side in sides))
    return list(db.session.scalars(query.order_by(Partnership.id.desc())))


# What a page about one partnership needs, in one statement.
WITH_SIDES: tuple[ExecutableOption, ...] = (
    joinedload(Partnership.framework),
    joinedload(Partnership.authority),
    joinedload(Partnership.commitment).options(joinedload(Commitment.contract), joinedload(Commitment.measure)),
    *(
        option
        for listing in (
            joinedload(Partnership.match).joinedload(Match.demand),
            joinedload(Partnership.match).joinedload(Match.supply),
        )
        for option in (
            listing.joinedload(Listing.organisation),
            listing.joinedload(Listing.postings).joinedload(Posting.approved).joinedload(ListingVersion.ward),
        )
    ),
)

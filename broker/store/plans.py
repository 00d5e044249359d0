"""Plans of a whole market: which needs and offers an officer was advised to pair, and what came of each line."""

from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    ColumnElement,
    Float,
    ForeignKey,
    String,
    UniqueConstraint,
    and_,
    exists,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, aliased, defer, joinedload, mapped_column, relationship, selectinload

from broker.domain.kinds import LIVE_MATCH, ListingKind, MatchState, PlanMode, PostingState, Unit
from broker.store.accounts import User
from broker.store.authorities import Authority
from broker.store.base import Base, db
from broker.store.jobs import Job
from broker.store.listings import Listing, ListingVersion, Posting
from broker.store.matches import Match
from broker.store.organisations import Identifier, Organisation
from broker.store.preferences import refused
from broker.store.suggestions import Suggestion

IN_TALK = LIVE_MATCH - {MatchState.CONFIRMED}
TURNED_DOWN = frozenset({MatchState.DISMISSED, MatchState.DECLINED})


class Plan(Base):
    """A plan over what was open in an area at `finished_at`; None while the worker has not drawn it.

    `needs`, `offers` and `pairs` are what it could choose from. `served`, `total` (the sum of the scores, each times
    the part of its need that is met) and `busiest` (how often one organisation is asked) are what it comes to;
    `hand_*` the same for picking the best pair one by one. `wards`: [{ward_id, open, served}], None for no ward.
    """

    __tablename__ = "plan"
    id: Mapped[int] = mapped_column(primary_key=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    mode: Mapped[PlanMode] = mapped_column(String(20))
    cap: Mapped[int]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    needs: Mapped[int] = mapped_column(default=0)
    offers: Mapped[int] = mapped_column(default=0)
    pairs: Mapped[int] = mapped_column(default=0)
    served: Mapped[int] = mapped_column(default=0)
    total: Mapped[float] = mapped_column(Float, default=0.0)
    busiest: Mapped[int] = mapped_column(default=0)
    hand_served: Mapped[int] = mapped_column(default=0)
    hand_total: Mapped[float] = mapped_column(Float, default=0.0)
    hand_busiest: Mapped[int] = mapped_column(default=0)
    wards: Mapped[list[dict[str, int | None]]] = mapped_column(JSON, default=list)
    authority: Mapped[Authority] = relationship()
    by: Mapped[User | None] = relationship()

    @property
    def owners(self) -> frozenset[int]:
        return frozenset()

    @property
    def authorities(self) -> frozenset[int]:
        return frozenset({self.authority_id})

    @classmethod
    def owned_by(cls, organisation_id: int) -> ColumnElement[bool]:
        return false()

    @classmethod
    def in_area(cls, authority_id: int) -> ColumnElement[bool]:
        return cls.authority_id == authority_id


class PlanLine(Base):
    """One pair of a plan. `amount` in `unit`; both None for a whole, whose size people agree on.

    `part`: how much of the need it meets; a whole beside counted lines is one unit of it. `match_id`: the match that an
    officer made of it, whatever came of that.
    """

    __tablename__ = "plan_line"
    __table_args__ = (UniqueConstraint("plan_id", "demand_id", "supply_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))
    demand_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), index=True)
    supply_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), index=True)
    amount: Mapped[Decimal | None]
    unit: Mapped[Unit | None] = mapped_column(String(20))
    part: Mapped[float] = mapped_column(Float)
    score: Mapped[float] = mapped_column(Float)
    match_id: Mapped[int | None] = mapped_column(ForeignKey("match.id"), index=True)
    plan: Mapped[Plan] = relationship()
    demand: Mapped[Listing] = relationship(foreign_keys=demand_id)
    supply: Mapped[Listing] = relationship(foreign_keys=supply_id)
    match: Mapped[Match | None] = relationship()


class OpenListing(NamedTuple):
    """A listing that a plan may use. `is_small`: of a group that stands in no public register."""

    id: int
    kind: ListingKind
    organisation_id: int
    remaining: Decimal | None
    unit: Unit | None
    ward_id: int | None
    is_small: bool


class Spoken(NamedTuple):
    """A pair that people are already talking about, with how much of each side it would take, where that was said."""

    demand_id: int
    supply_id: int
    demand_amount: Decimal | None
    supply_amount: Decimal | None


class LineRow(NamedTuple):
    """A line as its officer reads it. `state` is of the live or confirmed match of the pair, `own` whether that match
    came from this line; `was_taken` and `turned_down` tell what came before.
    """

    id: int
    demand_id: int
    demand_kind: ListingKind
    demand_title: str
    demand_organisation: str
    supply_id: int
    supply_kind: ListingKind
    supply_title: str
    supply_organisation: str
    amount: Decimal | None
    unit: Unit | None
    part: float
    reason: dict[str, Any] | None
    both_open: bool
    match_id: int | None
    state: MatchState | None
    own: bool
    was_taken: bool
    turned_down: bool


def plans_of(authority_id: int) -> list[Plan]:
    """The fifty newest plans of an area, with who asked for them."""
    query = (
        select(Plan)
        .where(Plan.authority_id == authority_id)
        .options(joinedload(Plan.by), defer(Plan.wards))
        .order_by(Plan.id.desc())
        .limit(50)
    )
    return list(db.session.scalars(query))


def waiting_plan(authority_id: int, mode: PlanMode, cap: int) -> Plan | None:
    """The plan of this kind that was asked for and is not drawn yet."""
    same = (Plan.authority_id == authority_id, Plan.mode == mode, Plan.cap == cap)
    return db.session.scalars(select(Plan).where(*same, Plan.finished_at.is_(None)).limit(1)).first()


def plan_job(plan_id: int) -> Job | None:
    """The newest piece of background work for a plan."""
    query = select(Job).where(Job.kind == "plan", Job.argument == plan_id).order_by(Job.id.desc()).limit(1)
    return db.session.scalar(query)


def open_listings(authority_id: int) -> list[OpenListing]:
    """Everything that is open in an area."""
    registered = exists().where(Identifier.organisation_id == Organisation.id)
    query = (
        select(
            Listing.id,
            Listing.kind,
            Listing.organisation_id,
            Listing.quantity - Listing.reserved,
            Listing.unit,
            ListingVersion.ward_id,
            and_(Organisation.is_group, ~Organisation.is_supplier, ~registered),
        )
        .join(Posting, Posting.listing_id == Listing.id)
        .join(ListingVersion, ListingVersion.id == Posting.approved_version_id)
        .join(Organisation, Organisation.id == Listing.organisation_id)
        .where(Posting.authority_id == authority_id, Posting.state == PostingState.OPEN)
        .order_by(Listing.id)
    )
    return [OpenListing(*row) for row in db.session.execute(query)]


def open_pairs(authority_id: int) -> list[tuple[int, int, float]]:
    """Every stored suggestion between what is open in an area, but for pairs that people talk about or turned down,
    and what one of the two said is not for them.
    """
    demand, supply = aliased(Posting), aliased(Posting)
    needed, offered = aliased(ListingVersion), aliased(ListingVersion)
    query = select(Suggestion.demand_id, Suggestion.supply_id, Suggestion.score)
    sides = ((Suggestion.demand_id, demand, needed), (Suggestion.supply_id, supply, offered))
    for listing_id, posting, version in sides:
        here = and_(posting.authority_id == authority_id, posting.state == PostingState.OPEN)
        query = query.join(posting, and_(posting.listing_id == listing_id, here))
        query = query.join(version, version.id == posting.approved_version_id)
    query = query.where(
        ~exists().where(_pair_of(Suggestion, Match), _settled(authority_id)),
        ~refused(Suggestion.demand_id, Suggestion.supply_id, offered),
        ~refused(Suggestion.supply_id, Suggestion.demand_id, needed),
    )
    rows = db.session.execute(query.order_by(Suggestion.demand_id, Suggestion.supply_id))
    return [(demand_id, supply_id, score) for demand_id, supply_id, score in rows]


def spoken_for() -> list[Spoken]:
    """Every pair that people are talking about. What a shortlisted line of a plan would take counts as said."""
    planned = select(PlanLine.amount).where(PlanLine.match_id == Match.id).order_by(PlanLine.id.desc()).limit(1)
    amount = planned.correlate(Match).scalar_subquery()
    query = (
        select(
            Match.demand_id,
            Match.supply_id,
            func.coalesce(Match.demand_amount, amount),
            func.coalesce(Match.supply_amount, amount),
        )
        .where(Match.state.in_(IN_TALK))
        .order_by(Match.id)
    )
    return [Spoken(*row) for row in db.session.execute(query)]


def lines_of(plan: Plan, page: int, size: int) -> list[LineRow]:
    """One page (from 1) of a plan's lines and one more, in the plan's order."""
    live, made = aliased(Match), aliased(Match)
    demand, supply = _side(PlanLine.demand_id, plan.authority_id), _side(PlanLine.supply_id, plan.authority_id)
    confirmed = and_(made.id == PlanLine.match_id, made.state == MatchState.CONFIRMED)
    turned_down = exists().where(
        _pair_of(PlanLine, Match), Match.state.in_(TURNED_DOWN), Match.authority_id == plan.authority_id
    )
    query = (
        select(
            PlanLine.id,
            *(part for side in (demand, supply) for part in side.columns),
            PlanLine.amount,
            PlanLine.unit,
            PlanLine.part,
            Suggestion.reason,
            and_(demand.is_open, supply.is_open),
            func.coalesce(live.id, made.id),
            func.coalesce(live.state, made.state),
            func.coalesce(PlanLine.match_id == func.coalesce(live.id, made.id), false()),
            PlanLine.match_id.is_not(None),
            turned_down,
        )
        .select_from(PlanLine)
        .outerjoin(live, and_(_pair_of(PlanLine, live), live.state.in_(IN_TALK)))
        .outerjoin(made, confirmed)
        .outerjoin(Suggestion, _pair_of(PlanLine, Suggestion))
        .where(PlanLine.plan_id == plan.id)
    )
    for side in (demand, supply):
        query = query.join(side.listing, side.on).join(side.owner, side.owns).outerjoin(side.posting, side.posted)
        query = query.outerjoin(side.version, side.says)
    query = query.order_by(PlanLine.id).offset((page - 1) * size).limit(size + 1)
    return [LineRow(*row) for row in db.session.execute(query)]


def line_counts(plan_id: int) -> tuple[int, int]:
    """How many lines a plan has, and how many of them nobody has made a match of yet."""
    left = func.count().filter(PlanLine.match_id.is_(None))
    row = db.session.execute(select(func.count(), left).where(PlanLine.plan_id == plan_id)).one()
    return int(row[0]), int(row[1])


def lines_left(plan_id: int) -> list[PlanLine]:
    """The lines that nobody has made a match of yet, with their listings."""
    listing = [joinedload(side) for side in (PlanLine.demand, PlanLine.supply)]
    query = (
        select(PlanLine)
        .where(PlanLine.plan_id == plan_id, PlanLine.match_id.is_(None))
        .options(*(each.joinedload(Listing.organisation) for each in listing))
        .options(*(each.selectinload(Listing.postings) for each in listing))
        .order_by(PlanLine.id)
    )
    return list(db.session.scalars(query))


def turned_down_since(plan: Plan) -> set[tuple[int, int]]:
    """The pairs of a plan that an officer set aside or a side declined since it was drawn."""
    query = (
        select(PlanLine.demand_id, PlanLine.supply_id)
        .join(Match, _pair_of(PlanLine, Match))
        .where(PlanLine.plan_id == plan.id, Match.state.in_(TURNED_DOWN), Match.authority_id == plan.authority_id)
    )
    return {(demand, supply) for demand, supply in db.session.execute(query)}


def line_of(plan: Plan, line_id: int) -> PlanLine | None:
    """A line of this plan, with its listings and its match."""
    query = (
        select(PlanLine)
        .where(PlanLine.plan_id == plan.id, PlanLine.id == line_id)
        .options(joinedload(PlanLine.match), *(selectinload(side) for side in (PlanLine.demand, PlanLine.supply)))
    )
    return db.session.scalar(query)


class _Side(NamedTuple):
    """The tables of one side of a line, how they join, and what the page reads of them."""

    listing: Any
    owner: Any
    posting: Any
    version: Any
    on: Any
    owns: Any
    posted: Any
    says: Any

    @property
    def columns(self) -> tuple[Any, ...]:
        return self.listing.id, self.listing.kind, func.coalesce(self.version.title, ""), self.owner.name

    @property
    def is_open(self) -> ColumnElement[bool]:
        return func.coalesce(self.posting.state == PostingState.OPEN, false())


def _side(listing_id: Any, authority_id: int) -> _Side:
    listing, owner = aliased(Listing), aliased(Organisation)
    posting, version = aliased(Posting), aliased(ListingVersion)
    return _Side(
        listing,
        owner,
        posting,
        version,
        listing.id == listing_id,
        owner.id == listing.organisation_id,
        and_(posting.listing_id == listing.id, posting.authority_id == authority_id),
        version.id == posting.approved_version_id,
    )


def _pair_of(one: Any, other: Any) -> ColumnElement[bool]:
    return and_(one.demand_id == other.demand_id, one.supply_id == other.supply_id)


def _settled(authority_id: int) -> ColumnElement[bool]:
    """Of a match: people talk about it, or it was turned down here."""
    down = and_(Match.state.in_(TURNED_DOWN), Match.authority_id == authority_id)
    return or_(Match.state.in_(IN_TALK), down)

"""The lines of a plan: how each one stands by now, and which can still be taken over."""

from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, exists, false, func, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from broker.domain.kinds import ListingKind, MatchState, PostingState, Unit
from broker.store.base import db
from broker.store.listings import Listing, ListingVersion, Posting
from broker.store.matches import IN_TALK, TURNED_DOWN, Match, same_pair
from broker.store.organisations import Organisation
from broker.store.planning import Query, free_pairs
from broker.store.plans import Plan, PlanLine
from broker.store.preferences import refused
from broker.store.suggestions import Suggestion


class LineRow(NamedTuple):
    """A line as its officer reads it. `state` is of the live or confirmed match of the pair, `own` whether that match
    came from this line, `is_elsewhere` whether another authority's officers talk about the pair: then `match_id` is
    None, since it is theirs. `was_taken` and `turned_down` tell what came before.
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
    is_elsewhere: bool
    was_taken: bool
    turned_down: bool


class LineCounts(NamedTuple):
    """`all` lines of a plan, those `untouched` (nobody made a match of them), and what is `left` to take over."""

    all: int
    untouched: int
    left: int


def lines_of(plan: Plan, page: int, size: int) -> list[LineRow]:
    """One page (from 1) of a plan's lines and one more, in the plan's order."""
    live, made = aliased(Match), aliased(Match)
    demand, supply = _side(PlanLine.demand_id, plan.authority_id), _side(PlanLine.supply_id, plan.authority_id)
    confirmed = and_(made.id == PlanLine.match_id, made.state == MatchState.CONFIRMED)
    here = Match.authority_id == plan.authority_id
    turned_down = or_(
        exists().where(same_pair(PlanLine, Match), Match.state.in_(TURNED_DOWN), here),
        refused(PlanLine.demand_id, PlanLine.supply_id, supply.version),
        refused(PlanLine.supply_id, PlanLine.demand_id, demand.version),
    )
    is_elsewhere = func.coalesce(live.authority_id != plan.authority_id, false())
    query = (
        select(
            PlanLine.id,
            *(part for side in (demand, supply) for part in side.columns),
            PlanLine.amount,
            PlanLine.unit,
            PlanLine.part,
            Suggestion.reason,
            and_(demand.is_open, supply.is_open),
            case((~is_elsewhere, func.coalesce(live.id, made.id))),
            func.coalesce(live.state, made.state),
            func.coalesce(PlanLine.match_id == func.coalesce(live.id, made.id), false()),
            is_elsewhere,
            PlanLine.match_id.is_not(None),
            turned_down,
        )
        .select_from(PlanLine)
        .outerjoin(live, and_(same_pair(PlanLine, live), live.state.in_(IN_TALK)))
        .outerjoin(made, confirmed)
        .outerjoin(Suggestion, same_pair(PlanLine, Suggestion))
        .where(PlanLine.plan_id == plan.id)
    )
    for side in (demand, supply):
        query = query.join(side.listing, side.on).join(side.owner, side.owns).outerjoin(side.posting, side.posted)
        query = query.outerjoin(side.version, side.says)
    query = query.order_by(PlanLine.id).offset((page - 1) * size).limit(size + 1)
    return [LineRow(*row) for row in db.session.execute(query)]


def line_counts(plan: Plan) -> LineCounts:
    """How many lines a plan has, and how many of them are left, in one statement."""
    here = PlanLine.plan_id == plan.id
    left = _left(select(PlanLine.id), plan).subquery()
    query = select(
        select(func.count()).where(here).scalar_subquery(),
        select(func.count()).where(here, PlanLine.match_id.is_(None)).scalar_subquery(),
        select(func.count()).select_from(left).scalar_subquery(),
    )
    return LineCounts(*db.session.execute(query).one())


def lines_left(plan: Plan, most: int) -> list[PlanLine]:
    """So many lines, in the plan's order, that nobody has made a match of and that can still be taken over."""
    listing = [joinedload(side) for side in (PlanLine.demand, PlanLine.supply)]
    query = (
        _left(select(PlanLine), plan)
        .options(*(each.joinedload(Listing.organisation) for each in listing))
        .options(*(each.selectinload(Listing.postings) for each in listing))
        .order_by(PlanLine.id)
        .limit(most)
    )
    return list(db.session.scalars(query))


def _left(query: Query, plan: Plan) -> Query:
    """Narrow a query over a plan's lines to what it is still worth: pairs that are free, and amounts that are there."""
    query = query.where(PlanLine.plan_id == plan.id, PlanLine.match_id.is_(None))
    query = query.outerjoin(Suggestion, same_pair(PlanLine, Suggestion))
    for listing_id in (PlanLine.demand_id, PlanLine.supply_id):
        listing = aliased(Listing)
        is_less = listing.quantity - listing.reserved < PlanLine.amount
        query = query.where(~exists().where(listing.id == listing_id, is_less))
    return free_pairs(query, PlanLine, plan.authority_id).where(
        PlanLine.plan_id == plan.id, PlanLine.match_id.is_(None)
    )


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

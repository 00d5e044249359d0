"""What a plan of a whole market may use: what is open, which pairs of it go together, what is spoken for."""

from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ScalarSelect, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from broker.domain.kinds import ListingKind, PostingState, Unit
from broker.store.base import db
from broker.store.listings import Listing, ListingVersion, Posting
from broker.store.matches import IN_TALK, TURNED_DOWN, Match, same_pair
from broker.store.organisations import Identifier, Organisation
from broker.store.plans import PlanLine
from broker.store.preferences import refused
from broker.store.suggestions import Suggestion

Query = TypeVar("Query", bound=Select[*tuple[Any, ...]])


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
    """Every stored suggestion that an area's officers may make a match of, with its score."""
    query = select(Suggestion.demand_id, Suggestion.supply_id, Suggestion.score)
    query = free_pairs(query, Suggestion, authority_id)
    rows = db.session.execute(query.order_by(Suggestion.demand_id, Suggestion.supply_id))
    return [(demand_id, supply_id, score) for demand_id, supply_id, score in rows]


def free_pairs(query: Query, pair: Any, authority_id: int) -> Query:
    """Narrow a query over pairs, with Suggestion beside them, to those that an area's officers may make a match of:
    open on both sides there, not talked about, turned down by nobody, and "not for us" to neither side.
    """
    needed, offered = aliased(ListingVersion), aliased(ListingVersion)
    for listing_id, version in ((pair.demand_id, needed), (pair.supply_id, offered)):
        query = query.join(version, version.id == _wording_here(pair, listing_id, authority_id))
    turned_down = and_(Match.state.in_(TURNED_DOWN), Match.authority_id == authority_id)
    return query.where(
        ~exists().where(same_pair(pair, Match), or_(Match.state.in_(IN_TALK), turned_down)),
        ~refused(pair.demand_id, pair.supply_id, offered),
        ~refused(pair.supply_id, pair.demand_id, needed),
    )


def _wording_here(pair: Any, listing_id: Any, authority_id: int) -> ScalarSelect[int | None]:
    """The wording under which one side of a pair is open in an area.

    Asked for each pair: joined, the database would begin with the open postings and try every need with every offer.
    """
    here = (Posting.authority_id == authority_id, Posting.state == PostingState.OPEN)
    wording = select(Posting.approved_version_id).where(Posting.listing_id == listing_id, *here)
    return wording.correlate(pair).scalar_subquery()


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

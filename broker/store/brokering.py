"""What an officer can pair a listing with: ranked candidates, and anything in the area found by its words."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from broker.domain.kinds import DEMAND, SUPPLY, ListingKind, MatchState, NotForUs, PostingState, PreferenceState, Side
from broker.store.base import db
from broker.store.events import Note
from broker.store.listings import Listing, ListingVersion, Posting
from broker.store.matches import IN_TALK, TURNED_DOWN, Match, same_pair
from broker.store.organisations import Organisation
from broker.store.preferences import Preference, refused, said_of
from broker.store.suggestions import Suggestion

MOST = 20
PUT_TO_SIDES = IN_TALK - {MatchState.SHORTLISTED}  # a shortlist is the officer's own paper

Areas = Collection[int] | Select[int]


class Candidate(NamedTuple):
    """A listing of the other side as its officer sees it. `unanswered`: approaches its organisation has not answered.

    `score` and `reason` are None where the matcher never suggested the pair. For officers alone: `not_for_us`, why the
    listing that it is a candidate for refused it, and `our_words`; `not_for_them`, why it refused that listing, and
    `their_words`.
    """

    id: int
    kind: ListingKind
    quantity: Decimal | None
    reserved: Decimal
    unit: str | None
    organisation_id: int
    organisation: str
    title: str
    body: str
    support_kind: str | None
    roughly: bool
    from_date: date | None
    until_date: date | None
    lane: str
    background_check: str | None
    lat: float | None
    lon: float | None
    unanswered: int
    score: float | None
    reason: dict[str, Any] | None
    not_for_us: NotForUs | None = None
    not_for_them: NotForUs | None = None
    our_words: str | None = None
    their_words: str | None = None

    @property
    def remaining(self) -> Decimal | None:
        return None if self.quantity is None else self.quantity - self.reserved


def side_of(listing: Listing) -> Side:
    """The side on which a listing stands in any match."""
    return Side.DEMAND if listing.kind in DEMAND else Side.SUPPLY


def candidates(listing: Listing, *areas: int) -> list[Candidate]:
    """What the matcher suggested and is open in these areas, best first; pairs already dealt with are left out."""
    return _found(_heard(listing, _suggested(listing, *areas).where(~_dealt_with(IN_TALK, areas))))


def wanted(listing: Listing, *areas: int) -> list[Candidate]:
    """The same as its own organisation sees it: not what it said is not for it, but what officers have shortlisted."""
    query = _suggested(listing, *areas).where(~_dealt_with(PUT_TO_SIDES, areas))
    return _found(query.where(~refused(listing.id, Listing.id)))


def pairs_by_words(listing: Listing, authority_id: int, words: str) -> list[Candidate]:
    """What is open in this area on the other side and has all these words, newest first, suggested or not."""
    own, other, _rank = _columns(side_of(listing))
    seen = and_(own == listing.id, other == Listing.id)
    query = _open_here(listing, authority_id).outerjoin(Suggestion, seen)
    for word in words.lower().split()[:8]:
        named = func.lower(Organisation.name).contains(word, autoescape=True)
        query = query.where(or_(ListingVersion.searchable.contains(word, autoescape=True), named))
    return _found(_heard(listing, query.where(~_live(listing)).order_by(Listing.id.desc())))


def suggestion_counts(organisation_id: int) -> list[tuple[int, str, int]]:
    """For each of an organisation's open listings: its id, its title and how many are `wanted` there, if any."""
    other = case((Suggestion.demand_id == Listing.id, Suggestion.supply_id), else_=Suggestion.demand_id)
    own, posted, theirs = aliased(Posting), aliased(Posting), aliased(ListingVersion)
    is_one = or_(
        and_(Suggestion.demand_id == Listing.id, Suggestion.demand_rank.is_not(None)),
        and_(Suggestion.supply_id == Listing.id, Suggestion.supply_rank.is_not(None)),
    )
    is_open = and_(own.listing_id == Listing.id, own.state == PostingState.OPEN)
    newest = select(func.max(own.approved_version_id)).where(is_open).correlate(Listing)
    areas = select(own.authority_id).where(is_open).correlate(Listing)
    query = (
        select(Listing.id, ListingVersion.title, func.count())
        .join(ListingVersion, ListingVersion.id == newest.scalar_subquery())
        .join(Suggestion, is_one)
        .join(posted, posted.id == _first_open(other, areas))
        .join(theirs, theirs.id == posted.approved_version_id)
        .where(Listing.organisation_id == organisation_id)
        .where(~_dealt_with(PUT_TO_SIDES, areas), ~refused(Listing.id, other, theirs))
        .group_by(Listing.id, ListingVersion.title)
        .order_by(func.count().desc(), Listing.id)
    )
    return [(listing_id, title, number) for listing_id, title, number in db.session.execute(query)]


def suggestion_of(demand_id: int, supply_id: int) -> Suggestion | None:
    """What the matcher says of a pair today."""
    return db.session.get(Suggestion, (demand_id, supply_id))


def _suggested(listing: Listing, *areas: int) -> Select[Any]:
    own, other, rank = _columns(side_of(listing))
    return (
        _open_here(listing, *areas)
        .join(Suggestion, other == Listing.id)
        .where(own == listing.id, rank.is_not(None))
        .order_by(rank)
    )


def _columns(side: Side) -> tuple[Any, Any, Any]:
    """Of a suggestion: the column of the own listing, that of the other one, and the rank in the own list."""
    if side is Side.DEMAND:
        return Suggestion.demand_id, Suggestion.supply_id, Suggestion.demand_rank
    return Suggestion.supply_id, Suggestion.demand_id, Suggestion.supply_rank


def _pair(listing: Listing) -> ColumnElement[bool]:
    if side_of(listing) is Side.DEMAND:
        return and_(Match.demand_id == listing.id, Match.supply_id == Listing.id)
    return and_(Match.supply_id == listing.id, Match.demand_id == Listing.id)


def _live(listing: Listing) -> ColumnElement[bool]:
    return exists().where(_pair(listing), Match.state.in_(IN_TALK))


def _dealt_with(talk: Collection[MatchState], areas: Areas) -> ColumnElement[bool]:
    """Of a suggestion: its pair is talked about in one of these states, or was turned down in these areas."""
    over = and_(Match.state.in_(TURNED_DOWN), Match.authority_id.in_(areas))
    return exists().where(same_pair(Suggestion, Match), or_(Match.state.in_(talk), over))


def _heard(listing: Listing, query: Select[Any]) -> Select[Any]:
    """Add what the two sides said of each other."""
    ways = ((listing.id, Listing.id), (Listing.id, listing.id))
    return query.add_columns(*(said_of(*way) for way in ways), *(_words_of(*way) for way in ways))


def _words_of(listing_id: Any, other_id: Any) -> ScalarSelect[str]:
    """What a listing's people wrote for officers when they refused another one, and have not taken back."""
    said = aliased(Preference)
    standing = and_(said.listing_id == listing_id, said.other_id == other_id, said.state == PreferenceState.STANDING)
    about = and_(Note.subject == Preference.__tablename__, Note.subject_id == said.id)
    newest = select(Note.text).join(said, about).where(standing).order_by(Note.id.desc()).limit(1)
    return newest.correlate(Listing).scalar_subquery()


def _first_open(listing_id: Any, areas: Areas) -> ScalarSelect[int]:
    """The oldest posting under which a listing is open in these areas."""
    posted = aliased(Posting)
    here = (posted.listing_id == listing_id, posted.authority_id.in_(areas), posted.state == PostingState.OPEN)
    return select(func.min(posted.id)).where(*here).correlate(Listing, Suggestion).scalar_subquery()


def _unanswered() -> ColumnElement[int]:
    """How many proposals the row's organisation has not answered yet."""
    theirs = aliased(Listing)
    asked = or_(
        and_(theirs.id == Match.demand_id, Match.demand_accepted_at.is_(None)),
        and_(theirs.id == Match.supply_id, Match.supply_accepted_at.is_(None)),
    )
    return (
        select(func.count())
        .select_from(Match)
        .join(theirs, asked)
        .where(Match.state == MatchState.PROPOSED, theirs.organisation_id == Organisation.id)
        .correlate(Organisation)
        .scalar_subquery()
    )


def _open_here(listing: Listing, *areas: int) -> Select[Any]:
    columns: list[Any] = [
        Listing.id,
        Listing.kind,
        Listing.quantity,
        Listing.reserved,
        Listing.unit,
        Organisation.id,
        Organisation.name,
        ListingVersion.title,
        ListingVersion.body,
        ListingVersion.support_kind,
        ListingVersion.roughly,
        ListingVersion.from_date,
        ListingVersion.until_date,
        ListingVersion.lane,
        ListingVersion.background_check,
        ListingVersion.lat,
        ListingVersion.lon,
        _unanswered(),
        Suggestion.score,
        Suggestion.reason,
    ]
    return (
        select(*columns)
        .select_from(Listing)
        .join(Organisation, Organisation.id == Listing.organisation_id)
        .join(Posting, Posting.id == _first_open(Listing.id, areas))
        .join(ListingVersion, ListingVersion.id == Posting.approved_version_id)
        .where(
            Listing.kind.in_(SUPPLY if side_of(listing) is Side.DEMAND else DEMAND),
            Listing.organisation_id != listing.organisation_id,
        )
        .limit(MOST)
    )


def _found(query: Select[Any]) -> list[Candidate]:
    return [Candidate(*row) for row in db.session.execute(query)]

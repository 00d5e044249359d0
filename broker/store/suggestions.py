"""What the matcher proposes: pairs with their score and reasons, as stored by the worker."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    Float,
    ForeignKey,
    Index,
    Select,
    String,
    Subquery,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broker.domain.kinds import ListingKind
from broker.store.authorities import Authority
from broker.store.base import Base, db, in_parts
from broker.store.fairness import boosts
from broker.store.frameworks import Node, NodeMapping
from broker.store.guesses import agreed_kinds, agreed_themes, refused_guesses
from broker.store.listings import Listing, ListingVersion, Posting, version_priority

Pair = tuple[int, int]  # demand id, supply id
Words = dict[int, frozenset[str]]  # by listing, or by wording
MERELY_RELATED = "related"  # a crosswalk that says no more than this: work for the one is not work for the other


class Suggestion(Base):
    """The computer's pairing of a demand with a supply. `demand_rank`: its place (from 1) in the demand's list, or
    None when it stands only in the supply's; `supply_rank` the other way round. `reason` is matching.Reason as JSON.
    """

    __tablename__ = "suggestion"
    __table_args__ = (
        CheckConstraint("demand_rank IS NOT NULL OR supply_rank IS NOT NULL", name="ranked_somewhere"),
        Index("ix_suggestion_supply", "supply_id", "supply_rank"),
    )
    demand_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), primary_key=True)
    supply_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), primary_key=True)
    score: Mapped[float] = mapped_column(Float)
    demand_rank: Mapped[int | None]
    supply_rank: Mapped[int | None]
    reason: Mapped[dict[str, object]] = mapped_column(JSON)
    engine: Mapped[str] = mapped_column(String(40))
    computed_at: Mapped[datetime]
    demand: Mapped[Listing] = relationship(foreign_keys=demand_id)
    supply: Mapped[Listing] = relationship(foreign_keys=supply_id)


class ListCheck(Base):
    """What one nightly check found: of so many `compared` lists so many were `wrong`, some of them in `examples`."""

    __tablename__ = "list_check"
    id: Mapped[int] = mapped_column(primary_key=True)
    checked_at: Mapped[datetime] = mapped_column(index=True)
    compared: Mapped[int]
    wrong: Mapped[int]
    examples: Mapped[list[dict[str, object]]] = mapped_column(JSON, default=list)


class MarketRow(NamedTuple):
    """One shown listing with all that the matcher weighs. `areas` are authority codes, `priorities` their labels,
    `themes` the shared outcomes that these serve; `refused` are kinds and themes that somebody said are wrong; `boost`
    is how strongly officers ask for it to be seen.
    """

    id: int
    kind: ListingKind
    organisation_id: int
    remaining: Decimal | None
    title: str
    body: str
    support_kind: str | None
    from_date: date | None
    until_date: date | None
    place_kind: str | None
    lat: float | None
    lon: float | None
    reach_miles: float | None
    lane: str
    led: bool
    background_check: str | None
    areas: frozenset[str]
    priorities: frozenset[str]
    themes: frozenset[str]
    refused: frozenset[str]
    boost: float


class Stored(NamedTuple):
    """One stored pair: its places, its score, and the version that found it."""

    demand_rank: int | None
    supply_rank: int | None
    score: float
    engine: str


def waiting_listings() -> dict[int, datetime]:
    """The listings to which the matcher owes a fresh look, and since when."""
    query = select(Listing.id, Listing.suggest_at).where(Listing.suggest_at.is_not(None))
    return {listing_id: since for listing_id, since in db.session.execute(query) if since}


def stored_pairs(demands: Collection[int] | None = None, supplies: Collection[int] = ()) -> dict[Pair, Stored]:
    """The stored pairs of these demands or supplies; every pair where demands is None."""
    query = select(
        Suggestion.demand_id,
        Suggestion.supply_id,
        Suggestion.demand_rank,
        Suggestion.supply_rank,
        Suggestion.score,
        Suggestion.engine,
    )
    if demands is None:
        return {(row[0], row[1]): Stored(*row[2:]) for row in db.session.execute(query)}
    found: dict[Pair, Stored] = {}
    for column, ids in ((Suggestion.demand_id, demands), (Suggestion.supply_id, supplies)):
        for some in in_parts(ids):
            found |= {(row[0], row[1]): Stored(*row[2:]) for row in db.session.execute(query.where(column.in_(some)))}
    return found


def market_rows(ids: Collection[int] | None = None) -> list[MarketRow]:
    """Every listing that anyone may read now, or those of them with these ids, in the newest approved wording."""
    if ids is None:
        return _market_rows(Posting.shown())
    return [row for some in in_parts(ids) for row in _market_rows(Posting.shown() & Posting.listing_id.in_(some))]


def past_rows(version_ids: Iterable[int]) -> list[MarketRow]:
    """These wordings as listings of their own, whatever became of them since. The number of each is its version's with
    a minus, so that several wordings of a listing can stand beside one another.
    """
    found: list[MarketRow] = []
    for some in in_parts(version_ids):
        wordings = select(
            (-ListingVersion.id).label("id"), ListingVersion.listing_id, ListingVersion.id.label("version_id")
        ).where(ListingVersion.id.in_(some))
        listings = select(ListingVersion.listing_id).where(ListingVersion.id.in_(some))
        rows = _rows(wordings.subquery(), Posting.listing_id.in_(listings))
        found += [row._replace(remaining=None, boost=0.0) for row in rows]
    return found


def _market_rows(condition: ColumnElement[bool]) -> list[MarketRow]:
    newest = (
        select(
            Posting.listing_id.label("id"),
            Posting.listing_id,
            func.max(Posting.approved_version_id).label("version_id"),
        )
        .where(condition)
        .group_by(Posting.listing_id)
    )
    return _rows(newest.subquery(), condition)


def _rows(wordings: Subquery, postings: ColumnElement[bool]) -> list[MarketRow]:
    """A row for each of `wordings`: its number as `id`, the listing_id, and the version_id that counts. `postings`:
    those that say in which areas.
    """
    areas = _gathered(select(Posting.listing_id, Authority.code).join(Authority).where(postings))
    labels, mapped = _served(wordings)
    kinds, themes, refused, lifted = agreed_kinds(), agreed_themes(), refused_guesses(), boosts()
    nothing: frozenset[str] = frozenset()
    rows: list[MarketRow] = []
    for listing_id, *said in db.session.execute(_wording(wordings)):
        beside = (
            areas.get(listing_id, nothing),
            labels.get(said[0], nothing),
            mapped.get(said[0], nothing) | themes.get(listing_id, nothing),
            refused.get(listing_id, nothing),
            lifted.get(listing_id, 0.0),
        )
        row = MarketRow._make([*said, *beside])
        kind = row.support_kind or min(kinds.get(listing_id, nothing), default=None)
        rows.append(row._replace(support_kind=kind))
    return rows


def _wording(wordings: Subquery) -> Select[*tuple[Any, ...]]:
    """Of each wording the listing, then what it says in the order of MarketRow."""
    return (
        select(
            Listing.id.label("listing_id"),
            wordings.c.id,
            Listing.kind,
            Listing.organisation_id,
            Listing.quantity - Listing.reserved,
            ListingVersion.title,
            ListingVersion.body,
            ListingVersion.support_kind,
            ListingVersion.from_date,
            ListingVersion.until_date,
            ListingVersion.place_kind,
            ListingVersion.lat,
            ListingVersion.lon,
            ListingVersion.reach_miles,
            ListingVersion.lane,
            or_(ListingVersion.community_led, ListingVersion.community_owned),
            ListingVersion.background_check,
        )
        .join(wordings, wordings.c.listing_id == Listing.id)
        .join(ListingVersion, ListingVersion.id == wordings.c.version_id)
        .order_by(Listing.id, ListingVersion.id)
    )


def _served(wordings: Subquery) -> tuple[Words, Words]:
    """By number of the wording: the labels of its priorities, and the shared outcomes behind them."""
    tagged = version_priority.c.version_id == wordings.c.version_id
    labels = select(wordings.c.id, Node.label).join(version_priority, tagged).join(Node)
    behind = (
        select(wordings.c.id, NodeMapping.hub_code)
        .join(version_priority, tagged)
        .join(NodeMapping, NodeMapping.node_id == version_priority.c.node_id)
        .where(NodeMapping.relation != MERELY_RELATED)
    )
    return _gathered(labels), _gathered(behind)


def _gathered(query: Select[int, str]) -> Words:
    """Rows of number and word as the words of each number."""
    found: dict[int, set[str]] = defaultdict(set)
    for number, word in db.session.execute(query):
        found[number].add(word)
    return {number: frozenset(words) for number, words in found.items()}


def last_check() -> tuple[ListCheck | None, datetime | None]:
    """The last nightly check, and when a check last found every list right."""
    right = select(func.max(ListCheck.checked_at)).where(ListCheck.wrong == 0).scalar_subquery()
    last = select(ListCheck, right.label("right_at")).order_by(ListCheck.id.desc()).limit(1)
    row = db.session.execute(last).first()
    return (row.ListCheck, row.right_at) if row else (None, None)

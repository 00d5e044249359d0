"""What the matcher proposes: pairs with their score and reasons, as stored by the worker."""

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple, cast

from sqlalchemy import JSON, CheckConstraint, Float, ForeignKey, Index, String, func, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broker.domain.kinds import ListingKind
from broker.store.authorities import Authority
from broker.store.base import Base, db
from broker.store.frameworks import Node
from broker.store.listings import Listing, ListingVersion, Posting, version_priority

Pair = tuple[int, int]  # demand id, supply id


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


class MarketRow(NamedTuple):
    """One shown listing with all that the matcher weighs. `areas` are authority codes, `priorities` their labels."""

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
    areas: frozenset[str]
    priorities: frozenset[str]


def waiting_listings() -> dict[int, datetime]:
    """The listings to which the matcher owes a fresh look, and since when."""
    query = select(Listing.id, Listing.suggest_at).where(Listing.suggest_at.is_not(None))
    return {listing_id: since for listing_id, since in db.session.execute(query) if since}


def stored_pairs() -> dict[Pair, tuple[int | None, int | None]]:
    """Every stored pair with its places in the demand's and in the supply's list."""
    query = select(Suggestion.demand_id, Suggestion.supply_id, Suggestion.demand_rank, Suggestion.supply_rank)
    return {(demand, supply): (first, second) for demand, supply, first, second in db.session.execute(query)}


def market_rows() -> list[MarketRow]:
    """Every listing that anyone may read now, in the newest wording that was approved."""
    areas: dict[int, set[str]] = defaultdict(set)
    shown = select(Posting.listing_id, Authority.code).join(Authority).where(Posting.shown())
    for listing_id, code in db.session.execute(shown):
        areas[listing_id].add(code)
    newest = (
        select(Posting.listing_id, func.max(Posting.approved_version_id).label("version_id"))
        .where(Posting.shown())
        .group_by(Posting.listing_id)
        .subquery()
    )
    labels: dict[int, set[str]] = defaultdict(set)
    served = (
        select(newest.c.listing_id, Node.label)
        .join(version_priority, version_priority.c.version_id == newest.c.version_id)
        .join(Node, Node.id == version_priority.c.node_id)
    )
    for listing_id, label in db.session.execute(served):
        labels[listing_id].add(label)
    query = (
        select(
            Listing.id,
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
        )
        .join(newest, newest.c.listing_id == Listing.id)
        .join(ListingVersion, ListingVersion.id == newest.c.version_id)
        .order_by(Listing.id)
    )
    return [
        MarketRow._make([*cast(tuple[Any, ...], row), frozenset(areas[row.id]), frozenset(labels[row.id])])
        for row in db.session.execute(query)
    ]

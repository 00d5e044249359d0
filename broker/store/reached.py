"""What became of every listing that was ever open: when it was published, first matched, and made a partnership; and
who takes part in the partnerships of an area.
"""

from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import func, or_, select

from broker.domain.kinds import ListingKind, OrganisationSize, Side
from broker.store.base import db
from broker.store.events import first_asked_at
from broker.store.listings import Listing, ListingVersion, Posting
from broker.store.matches import Match
from broker.store.organisations import Identifier, Organisation
from broker.store.partnerships import Partnership
from broker.store.places import Ward, WardDeprivation


class ReachedRow(NamedTuple):
    """A listing as its story is counted. `published_at`: when it was first opened, or sent where no opening is on
    record; `matched_at`: when it was first put to both sides.
    """

    kind: ListingKind
    is_group: bool
    is_supplier: bool
    size: OrganisationSize | None
    is_registered: bool
    is_constituted: bool
    known_since: datetime
    ward: str | None
    tenth: int | None
    published_at: datetime
    matched_at: datetime | None
    confirmed_at: datetime | None


def reached_in(authority_id: int) -> list[ReachedRow]:
    """Every listing that was ever open in an area, whatever its state is now."""
    firsts = (
        select(
            Listing.id.label("listing_id"),
            func.min(Match.proposed_at).label("matched_at"),
            func.min(Match.confirmed_at).label("confirmed_at"),
        )
        .join(Match, or_(Match.demand_id == Listing.id, Match.supply_id == Listing.id))
        .where(Match.authority_id == authority_id)
        .group_by(Listing.id)
        .subquery()
    )
    registered = select(Identifier.id).where(Identifier.organisation_id == Organisation.id).exists()
    query = (
        select(
            Listing.kind,
            Organisation.is_group,
            Organisation.is_supplier,
            Organisation.size,
            registered,
            Organisation.constituted,
            Organisation.created_at,
            Ward.name,
            WardDeprivation.tenth,
            first_asked_at(),
            firsts.c.matched_at,
            firsts.c.confirmed_at,
        )
        .join(Posting, Posting.listing_id == Listing.id)
        .join(ListingVersion, ListingVersion.id == Posting.approved_version_id)
        .join(Organisation, Organisation.id == Listing.organisation_id)
        .outerjoin(firsts, firsts.c.listing_id == Listing.id)
        .outerjoin(Ward, Ward.id == ListingVersion.ward_id)
        .outerjoin(WardDeprivation, WardDeprivation.ward_id == Ward.id)
        .where(Posting.authority_id == authority_id, Posting.approved_at.is_not(None))
        .order_by(Listing.id)
    )
    return [ReachedRow._make(cast(tuple[Any, ...], row)) for row in db.session.execute(query)]


class TakenRow(NamedTuple):
    """An organisation with its partnerships as one side of them, and how many all organisations of that side have."""

    side: Side
    organisation_id: int
    partnerships: int
    total: int


def taken_in(authority_id: int, since: datetime, most: int) -> list[TakenRow]:
    """Of each side the organisations with most of the partnerships that an area made since then."""
    sides = ((Side.DEMAND, Match.demand_id), (Side.SUPPLY, Match.supply_id))
    return [row for side, listing_id in sides for row in _taken(authority_id, since, most, side, listing_id)]


def _taken(authority_id: int, since: datetime, most: int, side: Side, listing_id: Any) -> list[TakenRow]:
    number = func.count()
    query = (
        select(Listing.organisation_id, number, func.sum(number).over())
        .select_from(Partnership)
        .join(Match, Match.id == Partnership.match_id)
        .join(Listing, Listing.id == listing_id)
        .where(Partnership.authority_id == authority_id, Partnership.created_at >= since)
        .group_by(Listing.organisation_id)
        .order_by(number.desc(), Listing.organisation_id)
        .limit(most)
    )
    return [TakenRow(side, key, partnerships, int(total)) for key, partnerships, total in db.session.execute(query)]

"""What anybody may learn of a time: what is verified, by measure and ward, and who agreed to be named."""

from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, select, union

from broker.domain.kinds import DeliveryState, Nature
from broker.domain.periods import Span
from broker.store.base import db
from broker.store.deliveries import Delivery
from broker.store.listings import Listing, ListingVersion, Posting
from broker.store.matches import Match
from broker.store.measures import Measure
from broker.store.organisations import Organisation
from broker.store.packs import root_of
from broker.store.partnerships import Partnership
from broker.store.places import Ward


class Cell(NamedTuple):
    """So many verified deliveries of one measure in one ward, and how much they come to. `ward`: None for nowhere."""

    measure_id: int
    ward: str | None
    deliveries: int
    verified: Decimal


def verified_cells(authority_id: int, span: Span) -> list[Cell]:
    """What is verified of a time, by measure and by the ward of the delivery or else of the listing that it answers."""
    here = and_(Posting.listing_id == Match.demand_id, Posting.authority_id == Delivery.authority_id)
    query = (
        select(root_of(Measure), Ward.name, func.count(), func.sum(Delivery.verified))
        .select_from(Delivery)
        .join(Measure, Measure.id == Delivery.measure_id)
        .join(Partnership, Partnership.id == Delivery.partnership_id)
        .join(Match, Match.id == Partnership.match_id)
        .outerjoin(Posting, here)
        .outerjoin(ListingVersion, ListingVersion.id == Posting.approved_version_id)
        .outerjoin(Ward, Ward.id == func.coalesce(Delivery.ward_id, ListingVersion.ward_id))
        .where(*_proven(authority_id, span))
        .group_by(root_of(Measure), Ward.name)
    )
    return [Cell(*row) for row in db.session.execute(query)]


def named_in(authority_id: int, span: Span) -> list[str]:
    """Who gave or received what is verified, and agreed to be named, by name."""
    gave = select(Organisation.name).join(Delivery, Delivery.organisation_id == Organisation.id)
    received = (
        select(Organisation.name)
        .join(Listing, Listing.organisation_id == Organisation.id)
        .join(Match, Match.demand_id == Listing.id)
        .join(Partnership, Partnership.match_id == Match.id)
        .join(Delivery, Delivery.partnership_id == Partnership.id)
    )

    def named(query: Select[str]) -> Select[str]:
        return query.where(Organisation.is_named, *_proven(authority_id, span))

    return sorted(db.session.scalars(union(named(gave), named(received))))


def _proven(authority_id: int, span: Span) -> tuple[ColumnElement[bool], ...]:
    return (
        Delivery.authority_id == authority_id,
        Delivery.ended_on.between(span.starts, span.ends),
        Delivery.nature == Nature.ADDITIONAL,
        Delivery.state == DeliveryState.VERIFIED,
    )

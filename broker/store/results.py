"""What anybody may learn of a time: what is verified, by measure and ward, and who agreed to be named."""

from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, or_, select

from broker.domain.kinds import DeliveryState, Lane, Nature
from broker.domain.periods import Release
from broker.store.base import db
from broker.store.deliveries import Delivery, by_ward
from broker.store.listings import Listing
from broker.store.matches import Match
from broker.store.measures import Measure, root_of
from broker.store.organisations import Organisation
from broker.store.partnerships import Partnership
from broker.store.places import Ward


class Cell(NamedTuple):
    """So many verified deliveries of one sort in one ward, and how much they come to. `ward`: None for nowhere."""

    measure_id: int
    lane: Lane
    ward: str | None
    deliveries: int
    verified: Decimal


def verified_cells(authority_id: int, release: Release) -> list[Cell]:
    """What is verified, by measure, kind of partnership, and the ward of the delivery or else of what it answers."""
    sums = (func.count().label("number"), func.sum(Delivery.verified).label("verified"))
    alike = (Delivery.partnership_id, Delivery.measure_id, Delivery.ward_id)
    done = select(*alike, *sums).where(*_proven(authority_id, release)).group_by(*alike).subquery()
    query = by_ward(
        select(root_of(Measure), Partnership.lane, Ward.name, func.sum(done.c.number), func.sum(done.c.verified))
        .select_from(done)
        .join(Measure, Measure.id == done.c.measure_id)
        .group_by(root_of(Measure), Partnership.lane, Ward.name),
        done.c,
    )
    return [Cell(*row)._replace(deliveries=int(row[3])) for row in db.session.execute(query)]


def named_in(authority_id: int, release: Release) -> list[str]:
    """Who gave or received what is verified, and agreed to be named, by name."""
    proven = _proven(authority_id, release)
    gave = select(Delivery.organisation_id).where(*proven)
    received = (
        select(Listing.organisation_id)
        .join(Match, Match.demand_id == Listing.id)
        .join(Partnership, Partnership.match_id == Match.id)
        .where(Partnership.id.in_(select(Delivery.partnership_id).where(*proven)))
    )
    took_part = or_(Organisation.id.in_(gave), Organisation.id.in_(received))
    return list(
        db.session.scalars(
            select(Organisation.name).where(Organisation.is_named, took_part).order_by(Organisation.name)
        )
    )


def _proven(authority_id: int, release: Release) -> tuple[ColumnElement[bool], ...]:
    return (
        Delivery.authority_id == authority_id,
        Delivery.ended_on.between(release.span.starts, release.span.ends),
        Delivery.nature == Nature.ADDITIONAL,
        Delivery.state == DeliveryState.VERIFIED,
        Delivery.verified_at < release.known_before,
    )

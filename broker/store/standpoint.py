"""How a listing looks from where an organisation stands: how far it is, and which of its own listings it fits."""

from typing import Any, NamedTuple

from sqlalchemy import ScalarSelect, and_, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from broker.domain.kinds import PostingState
from broker.domain.places import Point
from broker.store.base import db
from broker.store.listings import Listing, ListingVersion, Posting
from broker.store.organisations import Organisation
from broker.store.places import Postcode
from broker.store.preferences import said_of
from broker.store.suggestions import Suggestion

MOST = 3


class Fit(NamedTuple):
    """One of the organisation's own open listings that the matcher pairs with the listing looked at, and why.

    What the organisation called "not for us" is none.
    """

    id: int
    title: str
    reason: dict[str, Any]


class Standpoint(NamedTuple):
    """`home` is the best known point of the organisation, or None; `fits` the best first."""

    home: Point | None
    fits: list[Fit]


def standpoint(organisation_id: int, listing_id: int) -> Standpoint:
    """Both in one statement."""
    own = aliased(Listing)
    pairs = or_(
        and_(Suggestion.demand_id == own.id, Suggestion.supply_id == listing_id),
        and_(Suggestion.supply_id == own.id, Suggestion.demand_id == listing_id),
    )
    open_wording = (
        select(func.max(Posting.approved_version_id))
        .where(Posting.listing_id == own.id, Posting.state == PostingState.OPEN)
        .correlate(own)
        .scalar_subquery()
    )
    fits = (
        select(own.organisation_id, own.id, ListingVersion.title, Suggestion.reason, Suggestion.score)
        .select_from(own)
        .join(Suggestion, pairs)
        .join(ListingVersion, ListingVersion.id == open_wording)
        .where(own.organisation_id == organisation_id, said_of(own.id, listing_id).is_(None))
        .subquery()
    )
    query = (
        select(_home(Postcode.lat), _home(Postcode.lon), fits.c.id, fits.c.title, fits.c.reason)
        .select_from(Organisation)
        .outerjoin(fits, fits.c.organisation_id == Organisation.id)
        .where(Organisation.id == organisation_id)
        .order_by(fits.c.score.desc(), fits.c.id)
        .limit(MOST)
    )
    rows = db.session.execute(query).all()
    lat, lon = rows[0][:2] if rows else (None, None)
    home = Point(lat, lon) if lat is not None and lon is not None else None
    return Standpoint(home, [Fit(*row[2:]) for row in rows if row[2] is not None])


def _home(column: InstrumentedAttribute[float]) -> ScalarSelect[float]:
    """A column of the organisation's own postcode or, failing that, of its first half."""
    code = Organisation.postcode
    half = case((func.length(code) > 4, func.substr(code, 1, func.length(code) - 4)), else_="")
    return (
        select(column)
        .where(Postcode.code.in_([code, half]))
        .order_by(func.length(Postcode.code).desc())
        .limit(1)
        .correlate(Organisation)
        .scalar_subquery()
    )

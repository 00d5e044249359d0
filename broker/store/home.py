"""The few live numbers of the front page."""

from typing import NamedTuple

from sqlalchemy import ScalarSelect, func, select

from broker.domain.kinds import ListingKind
from broker.store.base import db
from broker.store.listings import Listing, Posting
from broker.store.partnerships import Partnership


class Numbers(NamedTuple):
    """How many open needs and offers anyone can read, and how many partnerships were made."""

    needs: int
    offers: int
    partnerships: int


def front_numbers() -> Numbers:
    """Counted in one statement; a listing shown in several areas counts once."""

    def shown(kind: ListingKind) -> ScalarSelect[int]:
        listings = select(func.count(Listing.id.distinct())).join(Posting, Posting.listing_id == Listing.id)
        return listings.where(Listing.kind == kind, Posting.shown()).scalar_subquery()

    partnerships = select(func.count(Partnership.id)).scalar_subquery()
    row = db.session.execute(select(shown(ListingKind.NEED), shown(ListingKind.OFFER), partnerships)).one()
    return Numbers(*row)

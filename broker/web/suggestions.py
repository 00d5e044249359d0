"""What the matcher puts to an organisation for one of its listings, and why each fits."""

from flask import Blueprint, render_template
from sqlalchemy.orm import joinedload

from broker.domain.kinds import PostingState
from broker.domain.permissions import Action
from broker.domain.places import Point, miles_between
from broker.store.brokering import Candidate, candidates
from broker.store.listings import Listing, ListingVersion
from broker.web import words
from broker.web.guard import allow, load
from broker.web.reasons import why

bp = Blueprint("suggestions", __name__)


@bp.get("/listings/<id:listing_id>/suggestions")
@allow(Action.SEE_SUGGESTIONS)
def show(listing_id: int) -> str:
    loaded = (joinedload(Listing.latest), joinedload(Listing.postings))
    listing = load(Listing, listing_id, Action.SEE_SUGGESTIONS, *loaded)
    areas = [posting.authority_id for posting in listing.postings if posting.state == PostingState.OPEN]
    return render_template(
        "suggestions/show.html",
        listing=listing,
        is_open=bool(areas),
        is_waiting=listing.suggest_at is not None,
        candidates=[_shown(listing.latest, each) for each in candidates(listing, *areas)],
    )


def _shown(own: ListingVersion, each: Candidate) -> dict[str, object]:
    """A suggestion with its reasons in words and as bars, and how far away it is."""
    miles = None
    if own.lat is not None and own.lon is not None and each.lat is not None and each.lon is not None:
        miles = miles_between(Point(own.lat, own.lon), Point(each.lat, each.lon))
    return {
        "row": each,
        "why": why(each.reason),
        "away": words.miles(miles),
    }

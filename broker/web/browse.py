"""The public list, and a listing's own page, which shows more to its owner and its officers."""

from flask import Blueprint, abort, render_template

from broker.domain.kinds import DEMAND, Role
from broker.domain.permissions import Action, Actor, can
from broker.domain.places import Point, miles_between
from broker.store.fairness import why_alone
from broker.store.frameworks import Node
from broker.store.listings import Listing, ListingVersion, Posting
from broker.store.market import Choice, browse, choices, listing_in_full, related_to
from broker.store.standpoint import Standpoint, standpoint
from broker.web.deeds import deeds_of
from broker.web.fairness import hint_of
from broker.web.forms.base import typed
from broker.web.guard import current_actor, public
from broker.web.guesses import guesses_shown
from broker.web.kept_pages import kept
from broker.web.reasons import in_short
from broker.web.searching import MILES_CHOICES, Pages, narrowed, read_search
from broker.web.talk import said_about

bp = Blueprint("browse", __name__)


@bp.get("/listings")
@public
@kept
def listings() -> str:
    known = choices(typed("authority"))
    search = read_search(known)
    found, more = browse(search.filters, search.page)
    nodes = [node for posting in found if posting.approved for node in posting.approved.priorities]
    return render_template(
        "browse/listings.html",
        search=search,
        known=known,
        narrowed=narrowed(search, known),
        found=found,
        distances=_distances(found, search.filters.point),
        provisional_frames=_provisional(known, nodes),
        miles_choices=MILES_CHOICES,
        pages=Pages.around(search.url, search.page, more),
    )


@bp.get("/listings/<id:listing_id>")
@public
@kept
def listing(listing_id: int) -> str:
    actor, found = current_actor(), listing_in_full(listing_id)
    if found is None:
        abort(404)
    shown = [posting for posting in found.postings if posting.is_shown]
    is_inside = can(actor, Action.SEE_LISTING, found)
    if not shown and not is_inside:
        abort(404)
    version = _wording(found, shown)
    seen = _seen_by(actor, found)
    return render_template(
        "browse/listing.html",
        listing=found,
        shown=shown,
        is_inside=is_inside,
        version=version,
        newest=found.versions[-1],
        notes=said_about([found], actor) if is_inside and actor else {},
        guesses=guesses_shown(found, actor) if is_inside else [],
        related=related_to(found, actor),
        hint=hint_of(why_alone(found)) if is_inside and shown else "",
        distance=_miles(seen.home, version),
        fits=[(fit, in_short(fit.reason)) for fit in seen.fits],
        deeds=deeds_of(found, actor),
        is_demand=found.kind in DEMAND,
        may_ask=bool(shown) and (actor is None or (actor.role is Role.MEMBER and not is_inside)),
        provisional_frames=sorted(
            {node.framework.name for node in version.priorities if node.framework.is_provisional}
        ),
    )


def _distances(found: list[Posting], point: Point | None) -> dict[int, float]:
    """How far each listing is from the place that was asked for, where both are known."""
    if point is None:
        return {}
    versions = {posting.id: posting.approved for posting in found}
    return {key: miles for key, version in versions.items() if (miles := _miles(point, version)) is not None}


def _miles(point: Point | None, version: ListingVersion | None) -> float | None:
    if point is None or version is None or version.lat is None or version.lon is None:
        return None
    return miles_between(point, Point(version.lat, version.lon))


def _provisional(known: list[Choice], nodes: list[Node]) -> list[str]:
    """The frames on this page whose words are still ours."""
    names = {choice.frame for choice in known if choice.wording == "provisional"}
    return sorted(names | {node.framework.name for node in nodes if node.framework.is_provisional})


def _wording(listing: Listing, shown: list[Posting]) -> ListingVersion:
    """The newest wording that anyone may read; where there is none, the newest of all."""
    numbers = {posting.approved_version_id for posting in shown}
    public = [version for version in listing.versions if version.id in numbers]
    return public[-1] if public else listing.versions[-1]


def _seen_by(actor: Actor | None, listing: Listing) -> Standpoint:
    """How the listing looks from the visitor's own organisation; from nowhere for anybody else."""
    if actor is None or actor.organisation_id in (None, listing.organisation_id):
        return Standpoint(None, [])
    return standpoint(actor.organisation_id or 0, listing.id)

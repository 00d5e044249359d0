"""What the matcher puts to an organisation for one of its listings, why each fits, and what is not for it."""

from flask import Blueprint, abort, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload

from broker.actions.preferences import limit_for, say_not_for_us, take_back_not_for_us
from broker.domain.kinds import NotForUs, PostingState
from broker.domain.permissions import Action
from broker.domain.places import Point, miles_between
from broker.store.brokering import Candidate, wanted
from broker.store.listings import Listing
from broker.store.preferences import Said, preference_of, preferences_of
from broker.web import saying
from broker.web.forms.preferences import NotForUsForm
from broker.web.guard import acting, allow, load
from broker.web.not_for_us import NOT_FOR_US, effect
from broker.web.reasons import why

bp = Blueprint("suggestions", __name__)

LOADED = (joinedload(Listing.latest), joinedload(Listing.postings))


@bp.get("/listings/<id:listing_id>/suggestions")
@allow(Action.SEE_SUGGESTIONS)
def show(listing_id: int) -> str:
    listing = load(Listing, listing_id, Action.SEE_SUGGESTIONS, *LOADED)
    return _page(listing, wanted(listing, *_areas(listing)))


@bp.post("/listings/<id:listing_id>/suggestions/<id:other_id>/not-for-us")
@allow(Action.SAY_NOT_FOR_US)
def refuse(listing_id: int, other_id: int) -> ResponseReturnValue:
    listing = load(Listing, listing_id, Action.SAY_NOT_FOR_US, *LOADED)
    listed = wanted(listing, *_areas(listing))
    other = next((each for each in listed if each.id == other_id), None)
    if other is None:
        flash("That one is not in this list any more.")
        return redirect(f"/listings/{listing.id}/suggestions", 303)
    form = NotForUsForm.sent(prefix=_prefix(other))
    if not form.ok():
        return _page(listing, listed, form), 422
    said = say_not_for_us(listing, other, acting(), why=form.reason, text=form.text.data or "")
    flash(f"Taken out of this list. {effect(said.why, said.limit)} You can undo this below.", "success")
    return redirect(f"/listings/{listing.id}/suggestions", 303)


@bp.post("/listings/<id:listing_id>/suggestions/undo/<id:preference_id>")
@allow(Action.TAKE_BACK_NOT_FOR_US)
def undo(listing_id: int, preference_id: int) -> ResponseReturnValue:
    listing = load(Listing, listing_id, Action.TAKE_BACK_NOT_FOR_US, *LOADED)
    preference = preference_of(listing.id, preference_id)
    if preference is None:
        abort(404)
    take_back_not_for_us(preference, acting())
    flash("Undone. What it kept away is back in the list.", "success")
    return redirect(f"/listings/{listing.id}/suggestions", 303)


def _page(listing: Listing, listed: list[Candidate], sent: NotForUsForm | None = None) -> str:
    return render_template(
        "suggestions/show.html",
        listing=listing,
        is_open=bool(_areas(listing)),
        is_waiting=listing.suggest_at is not None,
        candidates=[_shown(listing, each, sent) for each in listed],
        said=[_said(each) for each in preferences_of(listing.id)],
        sent=sent,
    )


def _areas(listing: Listing) -> list[int]:
    return [posting.authority_id for posting in listing.postings if posting.state == PostingState.OPEN]


def _shown(listing: Listing, each: Candidate, sent: NotForUsForm | None) -> dict[str, object]:
    """A suggestion with its reasons in words and as bars, how far away it is, and the form that refuses it."""
    own, miles = listing.latest, None
    if own.lat is not None and own.lon is not None and each.lat is not None and each.lon is not None:
        miles = miles_between(Point(own.lat, own.lon), Point(each.lat, each.lon))
    is_sent = sent is not None and sent._prefix == _prefix(each)
    return {
        "row": each,
        "why": why(each.reason),
        "away": saying.miles(miles),
        "form": sent if is_sent else NotForUsForm(prefix=_prefix(each), formdata=None),
        "is_sent": is_sent,
        "effects": {str(reason): effect(reason, limit_for(reason, listing, each)) for reason in NotForUs},
    }


def _said(each: Said) -> tuple[Said, str, str]:
    """What stands, with why and what it does in words."""
    return each, NOT_FOR_US[each.preference.why], effect(each.preference.why, each.preference.limit)


def _prefix(each: Candidate) -> str:
    return f"not-{each.id}-"

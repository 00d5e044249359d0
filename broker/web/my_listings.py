"""An owner's own listings, how each stands, and the steps to take with them; an officer sees those of the area."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload, selectinload

from broker.actions import checking, listings
from broker.domain.permissions import Action, Actor
from broker.domain.refusals import Unfit
from broker.store.fairness import unseen_among
from broker.store.listings import Listing, Posting, listings_within
from broker.store.reach import within
from broker.web import listing_words
from broker.web.deeds import deeds_of
from broker.web.fairness import hint_of
from broker.web.forms.checking import AnswerForm, CloseForm
from broker.web.guard import acting, allow, load
from broker.web.searching import Pages, page_number
from broker.web.talk import said_about

bp = Blueprint("my_listings", __name__)

PAGE = 20
WHOLE = (joinedload(Listing.latest), selectinload(Listing.postings).joinedload(Posting.approved))


@bp.get("/my-listings")
@allow(Action.SEE_LISTING)
def index() -> str:
    actor, page = acting(), page_number()
    found = listings_within(within(Listing, actor, Action.SEE_LISTING), page, PAGE)
    rows = found[:PAGE]
    open_ones = [listing.id for listing in rows if any(posting.is_shown for posting in listing.postings)]
    return render_template(
        "listings/mine.html",
        rows=[(listing, deeds_of(listing, actor)) for listing in rows],
        next_words=listing_words.POSTING_NEXT,
        notes=said_about(rows, actor),
        hints={key: hint_of(why) for key, why in unseen_among(open_ones).items()},
        pages=Pages.around(_page_url, page, len(found) > PAGE),
    )


@bp.post("/listings/<id:listing_id>/pause")
@allow(Action.PAUSE_LISTING)
def pause(listing_id: int) -> ResponseReturnValue:
    return _do(
        listing_id, Action.PAUSE_LISTING, listings.pause_listing, "Paused. Nobody sees it until you open it again."
    )


@bp.post("/listings/<id:listing_id>/resume")
@allow(Action.RESUME_LISTING)
def resume(listing_id: int) -> ResponseReturnValue:
    return _do(listing_id, Action.RESUME_LISTING, listings.resume_listing, "It is open again.")


@bp.post("/listings/<id:listing_id>/renew")
@allow(Action.RENEW_LISTING)
def renew(listing_id: int) -> ResponseReturnValue:
    return _do(listing_id, Action.RENEW_LISTING, listings.renew_listing, "Renewed. It stays on the list.")


@bp.route("/listings/<id:listing_id>/close", methods=["GET", "POST"])
@allow(Action.CLOSE_LISTING)
def close(listing_id: int) -> ResponseReturnValue:
    listing = load(Listing, listing_id, Action.CLOSE_LISTING, *WHOLE)
    form = CloseForm.sent()
    if form.ok():
        listings.close_listing(listing, acting(), reason=form.reason.data)
        flash("Closed. Thank you for telling us.", "success")
        return redirect(f"/listings/{listing.id}", 303)
    return render_template("listings/close.html", listing=listing, form=form), 422 if form.errors else 200


@bp.get("/listings/<id:listing_id>/withdraw")
@allow(Action.WITHDRAW_LISTING)
def ask_withdraw(listing_id: int) -> str:
    return render_template("listings/withdraw.html", listing=load(Listing, listing_id, Action.WITHDRAW_LISTING, *WHOLE))


@bp.post("/listings/<id:listing_id>/withdraw")
@allow(Action.WITHDRAW_LISTING)
def withdraw(listing_id: int) -> ResponseReturnValue:
    return _do(
        listing_id, Action.WITHDRAW_LISTING, listings.withdraw_listing, "Withdrawn. Nobody can find it any more."
    )


@bp.route("/postings/<id:posting_id>/answer", methods=["GET", "POST"])
@allow(Action.ANSWER_QUESTION)
def answer(posting_id: int) -> ResponseReturnValue:
    posting = load(Posting, posting_id, Action.ANSWER_QUESTION, joinedload(Posting.listing).joinedload(Listing.latest))
    form = AnswerForm.sent()
    if form.ok():
        checking.answer_question(posting, acting(), answer=form.answer.data or "")
        flash("Sent. The officer can read your answer now.", "success")
        return redirect(f"/my-listings#listing-{posting.listing_id}", 303)
    notes = said_about([posting.listing], acting()).get(posting.id, [])
    page = render_template("listings/answer.html", posting=posting, form=form, notes=notes)
    return page, 422 if form.errors else 200


def _page_url(page: int) -> str:
    return f"/my-listings?page={page}"


def _do(listing_id: int, action: Action, deed: Callable[[Listing, Actor], None], done: str) -> ResponseReturnValue:
    """One step with a listing. A rule's refusal is told on the listing's page; nothing was changed then."""
    listing = load(Listing, listing_id, action, *WHOLE)
    try:
        deed(listing, acting())
        flash(done, "success")
    except Unfit as refusal:
        flash(f"{'. '.join(listing_words.problem_messages(refusal.problems).values())}.", "important")
    return redirect(f"/listings/{listing.id}", 303)

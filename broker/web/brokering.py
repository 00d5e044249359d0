"""The officer's hand in matches: ranked candidates, putting a pair to both sides, chasing, and confirming."""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload

from broker.actions import acceptances, matches, partnerships
from broker.actions.commitments import Given, check_link, link_commitment
from broker.domain.clock import today
from broker.domain.kinds import LIVE_MATCH, Lane, MatchState, PostingState, Side
from broker.domain.permissions import Action
from broker.domain.places import Point, miles_between
from broker.domain.quantities import usual_amounts
from broker.domain.refusals import Unfit
from broker.domain.waiting import MANY_UNANSWERED
from broker.store.brokering import Candidate, candidates, pairs_by_words, side_of, suggestion_of
from broker.store.commitments import Commitment, open_commitments_of
from broker.store.listings import Listing, ListingVersion, Posting
from broker.store.matches import BOTH_SIDES, Match, live_match, match_rows, matches_on, stock_of
from broker.store.partnerships import Partnership
from broker.store.reach import within
from broker.web import saying
from broker.web.checks import missing_check
from broker.web.forms.base import typed
from broker.web.forms.commitments import PROBLEMS as HELP_PROBLEMS
from broker.web.forms.matches import (
    PROBLEMS,
    AnswerForm,
    ConfirmForm,
    DismissForm,
    ProposeForm,
    WriteForm,
    left,
)
from broker.web.guard import acting, allow, load
from broker.web.matches import match_page
from broker.web.not_for_us import told
from broker.web.onward import onward
from broker.web.reasons import why

bp = Blueprint("brokering", __name__)

WITH_WORDING = (
    joinedload(Listing.organisation),
    joinedload(Listing.postings).joinedload(Posting.approved).joinedload(ListingVersion.ward),
    joinedload(Listing.postings).joinedload(Posting.authority),
)
MONTH, YEAR, HALF_YEAR = timedelta(days=30), timedelta(days=365), timedelta(days=182)


@bp.get("/listings/<id:listing_id>/broker")
@allow(Action.SHORTLIST_MATCH)
def rank(listing_id: int) -> str:
    return _ranked(load(Listing, listing_id, Action.SHORTLIST_MATCH, *WITH_WORDING))


@bp.post("/listings/<id:listing_id>/broker/<id:other_id>/shortlist")
@allow(Action.SHORTLIST_MATCH)
def shortlist(listing_id: int, other_id: int) -> ResponseReturnValue:
    listing, demand, supply = _pair(listing_id, other_id, Action.SHORTLIST_MATCH)
    matches.shortlist_match(demand, supply, acting())
    flash("On the shortlist. Nobody else sees it yet.", "success")
    return redirect(f"/listings/{listing.id}/broker", 303)


@bp.post("/listings/<id:listing_id>/broker/<id:other_id>/dismiss")
@allow(Action.DISMISS_MATCH)
def dismiss(listing_id: int, other_id: int) -> ResponseReturnValue:
    listing, demand, supply = _pair(listing_id, other_id, Action.DISMISS_MATCH)
    form = DismissForm.sent(prefix=f"dismiss-{other_id}-")
    if not form.ok():
        return _ranked(listing, form), 422
    matches.dismiss_match(demand, supply, acting(), reason=form.reason.data or "")
    flash("Set aside. These two are not suggested together again.", "success")
    return redirect(f"/listings/{listing.id}/broker", 303)


@bp.route("/listings/<id:listing_id>/broker/<id:other_id>", methods=["GET", "POST"])
@allow(Action.PROPOSE_MATCH)
def propose(listing_id: int, other_id: int) -> ResponseReturnValue:
    listing, demand, supply = _pair(listing_id, other_id, Action.PROPOSE_MATCH)
    form = ProposeForm.sent(data=_first_amounts(demand, supply))
    form.fit_to(demand, supply)
    if form.ok():
        try:
            match = matches.propose_match(demand, supply, acting(), **form.amounts(), message=form.message.data or "")
            flash("Put to both sides. They do not see each other's contact details until both say yes.", "success")
            return redirect(f"/matches/{match.id}", 303)
        except Unfit as refusal:
            form.put(refusal, PROBLEMS)
    seen, pair = suggestion_of(demand.id, supply.id), [_card(demand), _card(supply)]
    page = render_template(
        "brokering/propose.html",
        form=form,
        listing=listing,
        pair=pair,
        missing=missing_check(*(each["wording"] for each in pair)),
        why=why(seen.reason if seen else None),
        left=(left(demand), left(supply)),
    )
    return page, 422 if form.errors else 200


@bp.post("/matches/<id:match_id>/call")
@allow(Action.LOG_CALL)
def call(match_id: int) -> ResponseReturnValue:
    match = load(Match, match_id, Action.LOG_CALL, *BOTH_SIDES)
    form = WriteForm.sent(prefix="call-")
    if not form.ok():
        return match_page(match, call=form), 422
    matches.log_call(match, acting(), text=form.text.data or "")
    flash("The call is written down. Only officers can read it.", "success")
    return redirect(f"/matches/{match.id}", 303)


@bp.post("/matches/<id:match_id>/follow-up")
@allow(Action.FOLLOW_UP)
def follow_up(match_id: int) -> ResponseReturnValue:
    match = load(Match, match_id, Action.FOLLOW_UP, *BOTH_SIDES)
    matches.follow_up(match, acting())
    flash(f"Followed up. They have until {saying.day(match.reply_by)} now.", "success")
    return onward(f"/matches/{match.id}")


@bp.post("/matches/<id:match_id>/record-acceptance")
@allow(Action.RECORD_ACCEPTANCE)
def record_acceptance(match_id: int) -> ResponseReturnValue:
    match = load(Match, match_id, Action.RECORD_ACCEPTANCE, *BOTH_SIDES)
    form = AnswerForm.sent(prefix="answer-")
    if not form.ok():
        return match_page(match, answer=form), 422
    acceptances.record_acceptance(match, acting(), side=Side(form.side.data), text=form.text.data or "")
    flash("Their yes is written down, with your name as the one who heard it.", "success")
    return redirect(f"/matches/{match.id}", 303)


@bp.post("/matches/<id:match_id>/record-refusal")
@allow(Action.RECORD_REFUSAL)
def record_refusal(match_id: int) -> ResponseReturnValue:
    match = load(Match, match_id, Action.RECORD_REFUSAL, *BOTH_SIDES)
    match.machine.next(match.state, Action.RECORD_REFUSAL)  # said before the form's own faults: its fields are gone
    form = AnswerForm.sent(prefix="answer-")
    if not form.ok():
        return match_page(match, answer=form), 422
    side, text = Side(form.side.data), form.text.data or ""
    acceptances.record_refusal(match, acting(), side=side, reason=form.reason.data, text=text)
    flash("Their no is written down. The other side reads only that they thank them.", "success")
    return redirect(f"/matches/{match.id}", 303)


@bp.route("/matches/<id:match_id>/confirm", methods=["GET", "POST"])
@allow(Action.CONFIRM_MATCH)
def confirm(match_id: int) -> ResponseReturnValue:
    match = load(Match, match_id, Action.CONFIRM_MATCH, *BOTH_SIDES)
    promises = open_commitments_of(match.supply.organisation_id, match.authority_id)
    form = ConfirmForm.sent(data=_usual_terms(match))
    form.fit_to(match.demand, match.supply)
    form.offer(promises)
    if form.ok():
        try:
            made = _confirmed(match, form, promises)
            flash("Confirmed. Both sides can see the partnership and print it.", "success")
            return onward(f"/partnerships/{made.id}")
        except Unfit as refusal:
            form.put(refusal, HELP_PROBLEMS | PROBLEMS)
    pair = [_card(match.demand, match.authority_id), _card(match.supply, match.authority_id)]
    page = render_template(
        "brokering/confirm.html", form=form, match=match, left=(left(match.demand), left(match.supply)),
        pair=pair, missing=missing_check(*(each["wording"] for each in pair)),
    )  # fmt: skip
    return page, 422 if form.errors else 200


def _confirmed(match: Match, form: ConfirmForm, promises: list[Commitment]) -> Partnership:
    """The partnership as typed, and the promise that it helps to keep if one was chosen."""
    commitment, amount = form.helps(promises)
    if commitment is not None:
        agreed = form.terms().supply_amount if "supply_amount" in form else form.terms().demand_amount
        given = Given(match.supply.organisation_id, match.authority_id, agreed, match.supply.unit)
        check_link(given, commitment, amount)
    said = {"text": form.text.data or "", "settled": form.settled.data or ""}
    made = partnerships.confirm_match(match, acting(), terms=form.terms(), **said)
    if commitment is not None:
        link_commitment(made, acting(), commitment=commitment, amount=amount)
    return made


def _ranked(listing: Listing, sent: DismissForm | None = None) -> str:
    actor = acting()
    area = actor.authority_id or 0
    posting = next(p for p in listing.postings if p.authority_id == area)
    searched = typed("q")
    rows = match_rows(matches_on(listing.id), within(Match, actor, Action.SEE_MATCH))
    found = pairs_by_words(listing, area, searched) if searched else []
    return render_template(
        "brokering/candidates.html",
        listing=listing,
        posting=posting,
        side=side_of(listing),
        live=[row for row in rows if row.Match.state in LIVE_MATCH],
        over=[row for row in rows if row.Match.state not in LIVE_MATCH],
        is_open=posting.state == PostingState.OPEN,
        candidates=[_shown(posting, each) for each in candidates(listing, area)],
        found=[_shown(posting, each) for each in found],
        searched=searched,
        sent=sent,
        shortlisted=MatchState.SHORTLISTED,
    )


def _shown(posting: Posting, each: Candidate) -> dict[str, Any]:
    """A candidate with its reasons in words, what its sides said of each other, and the form that sets it aside."""
    return {
        "row": each,
        "why": why(each.reason),
        "said": told(each),
        "check": _check(posting, each),
        "away": saying.miles(_miles(posting.approved, each)),
        "is_busy": each.unanswered >= MANY_UNANSWERED,
        "dismiss": DismissForm(prefix=f"dismiss-{each.id}-", formdata=None),
    }


def _check(posting: Posting, each: Candidate) -> tuple[str, str] | None:
    """What is still to be done about the background check of a pair, as a tag."""
    pair = (posting.approved, each) if side_of(posting.listing) is Side.DEMAND else (each, posting.approved)
    if not missing_check(*pair):
        return None
    is_told = pair[1] is not None and pair[1].background_check is not None
    return ("Background check to arrange", "orange") if is_told else ("Background check: ask them", "grey")


def _miles(own: ListingVersion | None, other: Candidate) -> float | None:
    if own is None or own.lat is None or own.lon is None or other.lat is None or other.lon is None:
        return None
    return miles_between(Point(own.lat, own.lon), Point(other.lat, other.lon))


def _pair(listing_id: int, other_id: int, action: Action) -> tuple[Listing, Listing, Listing]:
    """The listing the officer came from, then the demand and the supply of the pair."""
    listing = load(Listing, listing_id, action, *WITH_WORDING)
    other = load(Listing, other_id, action, *WITH_WORDING)
    if side_of(listing) is side_of(other):
        abort(404)
    return (listing, listing, other) if side_of(listing) is Side.DEMAND else (listing, other, listing)


def _card(listing: Listing, authority_id: int | None = None) -> dict[str, Any]:
    area = authority_id or acting().authority_id
    wording = next((p.approved for p in listing.postings if p.authority_id == area), None)
    return {"listing": listing, "wording": wording, "title": wording.title if wording else "", "area": area}


def _plain(amount: Any) -> str | None:
    return None if amount is None else f"{amount:f}"


def _first_amounts(demand: Listing, supply: Listing) -> dict[str, str | None]:
    """What the form of a proposal says before anybody types: what a plan kept for the two, or as much as fits."""
    kept = live_match(demand.id, supply.id)
    planned = kept is not None and (kept.demand_amount, kept.supply_amount)
    amounts = planned if planned and any(planned) else usual_amounts(stock_of(demand), stock_of(supply))
    return {"demand_amount": _plain(amounts[0]), "supply_amount": _plain(amounts[1])}


def _usual_terms(match: Match) -> dict[str, Any]:
    """What the form of a confirmation says before anybody types."""
    amounts = usual_amounts(stock_of(match.demand), stock_of(match.supply))
    wording = match.wording(Side.DEMAND)
    lane = Lane(wording.lane) if wording else Lane.TRANSACTIONAL
    starts = today() + timedelta(days=7)
    return {
        "what": _what(match),
        "demand_amount": _plain(match.demand_amount or amounts[0]),
        "supply_amount": _plain(match.supply_amount or amounts[1]),
        "lane": str(lane),
        "starts_on": starts,
        "ends_on": _last_day(starts, lane, wording.until_date if wording else None),
        "review_on": starts + HALF_YEAR if lane is Lane.SYSTEMIC else None,
    }


def _last_day(starts: date, lane: Lane, until: date | None) -> date:
    if lane is Lane.SYSTEMIC:
        return starts + YEAR
    return until if until and until >= starts else starts + MONTH


def _what(match: Match) -> str:
    wording = match.wording(Side.DEMAND)
    names = match.supply.organisation.name, match.demand.organisation.name
    return f"{names[0]} helps {names[1]} with: {wording.title if wording else 'what was agreed'}"

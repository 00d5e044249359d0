"""The ledger's pages: what a delivery serves, what serves a promise, and one claim with its way back."""

from collections.abc import Iterable
from decimal import Decimal

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from broker.actions import claims
from broker.domain.claims import OVERTAKEN, CannotClaim, unready
from broker.domain.impact import left_to_claim
from broker.domain.kinds import Audience
from broker.domain.permissions import Action, can
from broker.domain.refusals import Unfit
from broker.domain.states import open_moves
from broker.store.claims import (
    WHOLE_CLAIM,
    WITH_CONTRACT,
    WITH_RECEIVER,
    Claim,
    Served,
    claimed_for,
    claims_for,
    claims_on,
    claims_seen,
    deliveries_for,
    deliveries_to_serve,
    promise_to_serve,
    promises_for,
)
from broker.store.commitments import Commitment
from broker.store.deliveries import Delivery
from broker.store.events import notes_of
from broker.web import saying
from broker.web.forms.base import typed
from broker.web.forms.claims import CANNOT, PROBLEMS, ClaimForm, ServeForm, TakeBackForm
from broker.web.guard import acting, allow, load
from broker.web.searching import Pages, page_number

bp = Blueprint("claims", __name__)

PAGE = 25


@bp.route("/deliveries/<id:delivery_id>/claim", methods=["GET", "POST"])
@allow(Action.CLAIM_UNITS)
def claim(delivery_id: int) -> ResponseReturnValue:
    delivery = load(Delivery, delivery_id, Action.CLAIM_UNITS, *WITH_RECEIVER)
    form = ClaimForm.sent()
    refusal: CannotClaim | None = None
    if form.ok():
        try:
            return _claimed(delivery, form)
        except Unfit as problem:
            form.put(problem, PROBLEMS)
        except CannotClaim as problem:
            refusal = problem
    return _delivery_page(delivery, form, refusal)


@bp.get("/commitments/<id:commitment_id>/claims")
@allow(Action.SEE_COMMITMENT)
def of_commitment(commitment_id: int) -> ResponseReturnValue:
    commitment = load(Commitment, commitment_id, Action.SEE_COMMITMENT, *WITH_CONTRACT)
    return _commitment_page(commitment, ServeForm(formdata=None))


@bp.post("/commitments/<id:commitment_id>/claims")
@allow(Action.CLAIM_UNITS)
def serve(commitment_id: int) -> ResponseReturnValue:
    commitment = load(Commitment, commitment_id, Action.CLAIM_UNITS, *WITH_CONTRACT)
    form = ServeForm.sent()
    refusal: CannotClaim | None = None
    if form.ok():
        try:
            return _served(commitment, form)
        except Unfit as problem:
            form.put(problem, PROBLEMS)
        except CannotClaim as problem:
            refusal = problem
    return _commitment_page(commitment, form, refusal)


@bp.get("/claims/<id:claim_id>")
@allow(Action.SEE_COMMITMENT)
def show(claim_id: int) -> str:
    made = load(Claim, claim_id, Action.SEE_COMMITMENT, *WHOLE_CLAIM)
    notes = notes_of("claim", made.id, frozenset({Audience.SIDES}))
    return render_template(
        "claims/show.html",
        claim=made,
        reasons=[note.text for note in notes],
        may_see_delivery=can(acting(), Action.SEE_DELIVERY, made.delivery),
        steps=open_moves(made, acting()),
    )


@bp.route("/claims/<id:claim_id>/take-back", methods=["GET", "POST"])
@allow(Action.TAKE_BACK_CLAIM)
def take_back(claim_id: int) -> ResponseReturnValue:
    made = load(Claim, claim_id, Action.TAKE_BACK_CLAIM, *WHOLE_CLAIM)
    form = TakeBackForm.sent()
    if form.ok():
        try:
            claims.take_back_claim(made, acting(), reason=form.reason.data or "")
            flash("The claim is taken back. What it held can serve another promise now.", "success")
            return redirect(f"/claims/{made.id}", 303)
        except Unfit as problem:
            form.put(problem, PROBLEMS)
    return render_template("claims/take_back.html", claim=made, form=form), 422 if form.errors else 200


def _claimed(delivery: Delivery, form: ClaimForm) -> ResponseReturnValue:
    """The claim as typed; Unfit or CannotClaim where it cannot be."""
    (number,) = _numbers([form.commitment.data]) or (0,)
    commitment = promise_to_serve(number, acting())
    if commitment is None:
        raise Unfit({"commitment": "Choose one of these promises"})
    made = claims.claim_units(delivery, commitment, acting(), quantity=form.quantity.amount or Decimal(0))
    said = saying.counted(made.quantity, delivery.measure)
    flash(f"{said} of this delivery count for the promise now.{_beyond(commitment)}", "success")
    return redirect(f"/deliveries/{delivery.id}/claim", 303)


def _served(commitment: Commitment, form: ServeForm) -> ResponseReturnValue:
    """All that is left of what is ticked; Unfit or CannotClaim where it cannot be."""
    chosen = deliveries_to_serve(_numbers(form.delivery.data or ()), acting())
    if not chosen:
        raise Unfit({"delivery": "Tick at least one"})
    made = claims.claim_rest(chosen, commitment, acting())
    said = saying.counted(_sum(made), commitment.measure)
    flash(f"{said} more count for this promise.{_beyond(commitment)}", "success")
    return redirect(f"/commitments/{commitment.id}/claims", 303)


def _sum(found: Iterable[Claim]) -> Decimal:
    return sum((each.quantity for each in found), Decimal(0))


def _beyond(commitment: Commitment) -> str:
    """Says it where more is claimed than was promised, which is welcome."""
    more = claimed_for(commitment.id) - commitment.promised
    return f" That is {saying.counted(more, commitment.measure)} more than promised." if more > 0 else ""


def _delivery_page(delivery: Delivery, form: ClaimForm, refusal: CannotClaim | None) -> ResponseReturnValue:
    standing, promises = claims_on(delivery.id), promises_for(delivery, acting())
    left = left_to_claim(delivery.verified, _sum(standing))
    form.offer(promises)
    if request.method == "GET":
        _prefill(form, promises, left)
    page = render_template(
        "claims/claim.html",
        delivery=delivery,
        form=form,
        standing=standing,
        promises=promises,
        left=left,
        unready=unready(delivery.nature, delivery.state),
        cannot=CANNOT,
        refusal=_told(refusal),
    )
    return page, _status(form, refusal)


def _commitment_page(
    commitment: Commitment, form: ServeForm, refusal: CannotClaim | None = None
) -> ResponseReturnValue:
    number = page_number()
    found = deliveries_for(commitment, acting(), number, PAGE)
    form.offer(found[:PAGE])
    path = f"/commitments/{commitment.id}/claims"
    page = render_template(
        "claims/commitment.html",
        commitment=commitment,
        form=form,
        found=found[:PAGE],
        claimed=claimed_for(commitment.id),
        standing=claims_for(commitment.id, PAGE),
        most=PAGE,
        may_claim=can(acting(), Action.CLAIM_UNITS, commitment),
        cannot=CANNOT,
        refusal=_told(refusal),
        pages=Pages.around(lambda to: f"{path}?page={to}" if to > 1 else path, number, len(found) > PAGE),
    )
    return page, _status(form, refusal)


def _told(refusal: CannotClaim | None) -> CannotClaim | None:
    """The refusal with links to those claims only that this visitor may open: others are another council's."""
    if refusal is None or not refusal.claims:
        return refusal
    seen = claims_seen(refusal.claims, acting())
    return CannotClaim(refusal.why, refusal.left, tuple(each for each in refusal.claims if each in seen))


def _prefill(form: ClaimForm, promises: list[Served], left: Decimal) -> None:
    """The best promise is chosen, or the one that the address names, and as much as it still asks for."""
    by_id = {str(each.commitment.id): each for each in promises}
    best = by_id.get(typed("commitment")) or next(iter(promises), None)
    if best is not None:
        form.commitment.data = str(best.commitment.id)
        form.quantity.data = saying.figure(min(left, best.gap or left))


def _status(form: ClaimForm | ServeForm, refusal: CannotClaim | None) -> int:
    """409 where somebody else may have been quicker, 422 for anything else that cannot be."""
    if refusal is not None:
        return 409 if refusal.why in OVERTAKEN else 422
    return 422 if form.errors else 200


def _numbers(texts: Iterable[str | None]) -> list[int]:
    return [int(text) for text in texts if text and text.isascii() and text.isdigit() and len(text) < 10]

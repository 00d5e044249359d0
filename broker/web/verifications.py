"""Verifying: an officer sees what the group says beside the evidence and the promise, and vouches for so much."""

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue

from broker.actions.verifications import second_person_problem, take_back_verification, verify_delivery
from broker.domain.clock import now
from broker.domain.impact import proven
from broker.domain.kinds import DeliveryState
from broker.domain.permissions import Action
from broker.domain.refusals import Unfit, WrongState
from broker.store.claims import claims_on
from broker.store.confirmations import Confirmation
from broker.store.deliveries import WHOLE, Delivery
from broker.store.evidence import evidence_for
from broker.store.verifications import standing_of
from broker.web import saying
from broker.web.forms.deliveries import PROBLEMS, ReasonForm, VerifyForm
from broker.web.guard import acting, allow, load
from broker.web.onward import onward

bp = Blueprint("verifications", __name__)

WORDS = PROBLEMS | {
    "giver": "You act for the organisation that gave this, so another officer has to look at it",
    "not_positive": "Type a number above 0. What to do if nothing of it can be verified stands at the end of this page",
}


@bp.route("/deliveries/<id:delivery_id>/verify", methods=["GET", "POST"])
@allow(Action.VERIFY_DELIVERY)
def verify(delivery_id: int) -> ResponseReturnValue:
    delivery = load(Delivery, delivery_id, Action.VERIFY_DELIVERY, *WHOLE)
    said, evidence = standing_of(delivery.id, now()).confirmation, evidence_for(delivery.id)
    if said is None or delivery.state != DeliveryState.CONFIRMED:
        raise WrongState("delivery", delivery.state, Action.VERIFY_DELIVERY)
    most = proven(delivery.quantity, said.quantity)
    form = VerifyForm.sent(data={"quantity": saying.figure(most)})
    if form.ok() and form.quantity.amount is not None:
        try:
            verify_delivery(delivery, acting(), quantity=form.quantity.amount, text=form.text.data or "")
            flash("Verified. The organisation that gave it can claim it now.", "success")
            return onward(f"/deliveries/{delivery.id}")
        except Unfit as refusal:
            form.put(refusal, {**WORDS, "needed": "There is no document yet, so it cannot be verified"})
    page = render_template(
        "verifications/verify.html",
        delivery=delivery,
        said=said,
        evidence=evidence,
        form=form,
        most=most,
        not_you=not_you(delivery, said),
    )
    return page, 422 if form.errors else 200


def not_you(delivery: Delivery, said: Confirmation) -> str:
    """Why another officer has to look at this one, in words; '' where this officer may."""
    code = second_person_problem(delivery, said, acting())
    return WORDS[code] if code else ""


@bp.route("/deliveries/<id:delivery_id>/take-back-verification", methods=["GET", "POST"])
@allow(Action.TAKE_BACK_VERIFICATION)
def take_back(delivery_id: int) -> ResponseReturnValue:
    delivery = load(Delivery, delivery_id, Action.TAKE_BACK_VERIFICATION, *WHOLE)
    form = ReasonForm.sent()
    if form.ok():
        try:
            take_back_verification(delivery, acting(), text=form.text.data or "")
            flash("Taken back. It cannot be claimed until it is verified again.", "success")
            return redirect(f"/deliveries/{delivery.id}", 303)
        except Unfit as refusal:
            form.put(refusal, {**WORDS, "needed": "Say why"})
    page = render_template("verifications/take_back.html", delivery=delivery, form=form, claims=claims_on(delivery.id))
    return page, 422 if form.errors else 200

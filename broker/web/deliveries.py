"""Deliveries: logging what was done, and the page of one with what is said of it and what happens next."""

from decimal import Decimal
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from broker.actions.deliveries import log_delivery, withdraw_delivery
from broker.domain.clock import now, today
from broker.domain.deliveries import SaidBefore, SameHours
from broker.domain.impact import left_to_claim
from broker.domain.kinds import Audience, DeliveryState, Role
from broker.domain.permissions import Action, can
from broker.domain.refusals import Unfit
from broker.domain.states import open_moves
from broker.store.base import db
from broker.store.claims import standing_on, with_claims
from broker.store.deliveries import WHOLE, Delivery, deliveries_in, word_rules
from broker.store.events import events_of, notes_of
from broker.store.evidence import evidence_for
from broker.store.measures import Measure, measures_for
from broker.store.partnerships import WITH_SIDES, Partnership
from broker.store.places import wards_now
from broker.store.verifications import standing_of
from broker.web import saying, words
from broker.web.forms.deliveries import PROBLEMS, DeliveryForm, ReasonForm
from broker.web.guard import acting, allow, load
from broker.web.verifications import not_you

bp = Blueprint("deliveries", __name__)


@bp.route("/partnerships/<id:partnership_id>/deliveries/new", methods=["GET", "POST"])
@allow(Action.LOG_DELIVERY)
def new(partnership_id: int) -> ResponseReturnValue:
    partnership = load(Partnership, partnership_id, Action.LOG_DELIVERY, *WITH_SIDES)
    if not partnership.has_days_by(today()):
        return render_template("deliveries/no_days.html", partnership=partnership), 409 if request.form else 200
    measures, lines = measures_for(partnership.authority_id), deliveries_in(partnership.id)
    form = DeliveryForm.sent(data=_usual(partnership, measures, lines))
    form.offer(measures, wards_now([partnership.authority_id]))
    first = None
    if form.asks_what:
        form.check_what(measures)
    elif form.ok():
        try:
            delivery = log_delivery(partnership, acting(), form.done())
            flash("Logged. What happens next stands here.", "success")
            return redirect(f"/deliveries/{delivery.id}", 303)
        except Unfit as refusal:
            first = _visible(refusal.first) if isinstance(refusal, SameHours | SaidBefore) else None
            form.put(refusal, PROBLEMS)
    return _log_page(partnership, form, form.measure_chosen(measures), first)


@bp.get("/deliveries/<id:delivery_id>")
@allow(Action.SEE_DELIVERY)
def show(delivery_id: int) -> str:
    return delivery_page(load(Delivery, delivery_id, Action.SEE_DELIVERY, *WHOLE, with_claims()))


@bp.route("/deliveries/<id:delivery_id>/withdraw", methods=["GET", "POST"])
@allow(Action.WITHDRAW_DELIVERY)
def withdraw(delivery_id: int) -> ResponseReturnValue:
    delivery = load(Delivery, delivery_id, Action.WITHDRAW_DELIVERY, *WHOLE)
    form = ReasonForm.sent()
    if form.ok():
        withdraw_delivery(delivery, acting(), text=form.text.data or "")
        flash("Taken back. It counts for nothing any more.", "success")
        return redirect(f"/deliveries/{delivery.id}", 303)
    return render_template("deliveries/withdraw.html", delivery=delivery, form=form), 422 if form.errors else 200


def _log_page(
    partnership: Partnership, form: DeliveryForm, measure: Measure | None, first: int | None
) -> ResponseReturnValue:
    """What was it, where that is not known yet; and then how much of it, with its unit beside the number."""
    limits, days = word_rules(partnership.authority_id)
    page = render_template(
        "deliveries/new.html" if measure else "deliveries/what.html",
        partnership=partnership,
        form=form,
        measure=measure,
        first=first,
        span=partnership.days,
        limits=limits,
        days=days,
    )
    return page, 422 if form.errors else 200


def delivery_page(delivery: Delivery) -> str:
    """The page of a delivery for whoever may see it."""
    actor = acting()
    is_officer = actor.role is Role.OFFICER
    standing, claims = standing_of(delivery.id, now()), standing_on(delivery)
    said, is_next = standing.confirmation, delivery.state == DeliveryState.CONFIRMED
    audiences = frozenset(Audience) if is_officer else frozenset({Audience.SIDES})
    return render_template(
        "deliveries/show.html",
        delivery=delivery,
        said=said,
        not_you=not_you(delivery, said) if is_officer and is_next and said else "",
        vouched=standing.verification,
        claims=claims,
        left=left_to_claim(delivery.verified, sum((claim.quantity for claim in claims), Decimal(0))),
        is_asked=standing.is_asked,
        evidence=evidence_for(delivery.id),
        is_giver=can(actor, Action.LOG_DELIVERY, delivery),
        is_receiver=can(actor, Action.CONFIRM_DELIVERY, delivery) and delivery.receiver_id is not None,
        is_officer=is_officer,
        moves=open_moves(delivery, actor),
        sides=_sides(delivery),
        notes=[
            (words.sentence(saying.when(note.at)), "", note.text)
            for note in notes_of("delivery", delivery.id, audiences)
        ],
        history=_history(delivery, is_officer),
    )


def _visible(delivery_id: int) -> int | None:
    """A delivery that this visitor may open; a colleague may not see what stands in another partnership."""
    return delivery_id if can(acting(), Action.SEE_DELIVERY, db.session.get_one(Delivery, delivery_id)) else None


def _sides(delivery: Delivery) -> dict[str, Any]:
    receiver = delivery.partnership.match.demand.organisation if delivery.partnership else None
    return {"giver": delivery.organisation, "receiver": receiver}


def _history(delivery: Delivery, is_officer: bool) -> list[tuple[str, str, str]]:
    """What happened, the last first; people's names are for officers."""
    rows = [
        (
            words.sentence(saying.when(event.at)),
            event.actor.name if is_officer and event.actor else "",
            words.HAPPENED[event.action],
        )
        for event in events_of("delivery", delivery.id)
    ]
    return rows[::-1]


def _usual(partnership: Partnership, measures: list[Measure], lines: list[Delivery]) -> dict[str, object]:
    """What the form begins with: the promise's measure, or the last used here, or one counted as this partnership is;
    and the last day that can be meant.
    """
    last = next((line.measure_id for line in lines if line.state != DeliveryState.WITHDRAWN), None)
    promised = partnership.commitment.measure_id if partnership.commitment else None
    alike = next((each.id for each in measures if each.unit_kind == partnership.supply_unit), None)
    day = min(today(), partnership.days.ends)
    return {"measure": promised or last or alike, "started_on": day}

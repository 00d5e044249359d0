"""A partnership as its sides and its officer see it, on screen, on paper and in a calendar."""

from decimal import Decimal

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import Form

from broker.actions import partnerships
from broker.actions.milestones import set_milestone
from broker.domain.clock import now, today
from broker.domain.feedback import OVER
from broker.domain.kinds import Audience, Side
from broker.domain.permissions import Action, can
from broker.domain.refusals import Unfit, WrongState
from broker.domain.states import open_moves
from broker.store.deliveries import deliveries_in
from broker.store.events import Note, events_of, notes_of
from broker.store.feedback import feedback_and_steps
from broker.store.partnerships import WITH_SIDES, Partnership
from broker.web import saying, words
from broker.web.calendars import calendar
from broker.web.feedback import both_said, may_say
from broker.web.forms.partnerships import BEFORE_CLOSING, CLOSING, STEPS, CloseForm, EndForm, ReviewForm, StepForm
from broker.web.guard import acting, allow, load
from broker.web.onward import onward
from broker.web.searching import Pages, page_number
from broker.web.sides import both_sides

bp = Blueprint("partnerships", __name__)

PAGE = 25


@bp.get("/partnerships/<id:partnership_id>")
@allow(Action.SEE_PARTNERSHIP)
def show(partnership_id: int) -> str:
    return _page(load(Partnership, partnership_id, Action.SEE_PARTNERSHIP, *WITH_SIDES))


@bp.get("/partnerships/<id:partnership_id>/calendar.ics")
@allow(Action.SEE_PARTNERSHIP)
def dates(partnership_id: int) -> ResponseReturnValue:
    partnership = load(Partnership, partnership_id, Action.SEE_PARTNERSHIP, *WITH_SIDES)
    days = (
        ("starts", partnership.starts_on),
        ("review", partnership.review_on),
        ("ends", partnership.ends_on),
    )
    title = _title(partnership)
    events = [
        (f"partnership-{partnership.id}-{name}@{request.host}", day, f"{title}: {name}", partnership.what)
        for name, day in days
        if day
    ]
    headers = {
        "Content-Type": "text/calendar; charset=utf-8",
        "Content-Disposition": f'attachment; filename="partnership-{partnership.id}.ics"',
    }
    return calendar(events, now()), 200, headers


@bp.post("/partnerships/<id:partnership_id>/start")
@allow(Action.START_PARTNERSHIP)
def start(partnership_id: int) -> ResponseReturnValue:
    partnership = load(Partnership, partnership_id, Action.START_PARTNERSHIP, *WITH_SIDES)
    partnerships.start_partnership(partnership, acting())
    flash("Started. It stands as under way now.", "success")
    return onward(f"/partnerships/{partnership.id}")


@bp.post("/partnerships/<id:partnership_id>/call-review")
@allow(Action.CALL_REVIEW)
def call_review(partnership_id: int) -> ResponseReturnValue:
    partnership = load(Partnership, partnership_id, Action.CALL_REVIEW, *WITH_SIDES)
    partnerships.call_review(partnership, acting())
    flash("The review is called. Ask both sides how it goes, then write it down here.", "success")
    return redirect(f"/partnerships/{partnership.id}", 303)


@bp.route("/partnerships/<id:partnership_id>/review", methods=["GET", "POST"])
@allow(Action.REVIEW_PARTNERSHIP)
def review(partnership_id: int) -> ResponseReturnValue:
    partnership = load(Partnership, partnership_id, Action.REVIEW_PARTNERSHIP, *WITH_SIDES)
    form = ReviewForm.sent()
    if form.ok():
        again = form.then.data == "again"
        try:
            partnerships.review_partnership(
                partnership, acting(), text=form.text.data or "", review_on=form.review_on.data if again else None
            )
            if not again:
                partnerships.close_partnership(partnership, acting())
            flash("The review is kept, and both sides can read it.", "success")
            return redirect(f"/partnerships/{partnership.id}", 303)
        except Unfit as refusal:
            form.put(refusal, BEFORE_CLOSING)
    return _form_page("partnerships/review.html", partnership, form)


@bp.route("/partnerships/<id:partnership_id>/close", methods=["GET", "POST"])
@allow(Action.CLOSE_PARTNERSHIP)
def close(partnership_id: int) -> ResponseReturnValue:
    partnership = load(Partnership, partnership_id, Action.CLOSE_PARTNERSHIP, *WITH_SIDES)
    found, steps = feedback_and_steps(partnership.id)
    said, steps = both_said(partnership, found), [step for step in steps if step.reached_at is None]
    form = CloseForm.sent()
    form.fit_to(partnership, [each.side for each in said if each.score is None], bool(steps))
    if form.ok():
        left_open = form.left_open.data if form.left_open else ""
        try:
            partnerships.close_partnership(
                partnership, acting(), text=form.text.data or "", left_open=left_open or "", silent=form.silent
            )
            flash("Finished. Thank you for seeing it through.", "success")
            return onward(f"/partnerships/{partnership.id}")
        except Unfit as refusal:
            form.put(refusal, CLOSING)
    return _form_page("partnerships/close.html", partnership, form, said=said, steps=steps)


@bp.route("/partnerships/<id:partnership_id>/milestones", methods=["GET", "POST"])
@allow(Action.SET_MILESTONE)
def set_step(partnership_id: int) -> ResponseReturnValue:
    partnership = load(Partnership, partnership_id, Action.SET_MILESTONE, *WITH_SIDES)
    if partnership.state in OVER:
        raise WrongState(partnership.noun, partnership.state, Action.SET_MILESTONE)
    form = StepForm.sent()
    if form.ok():
        try:
            set_milestone(partnership, acting(), what=form.what.data or "", due_on=form.due_on.data)
            flash("The step is set. Both sides can see it.", "success")
            return redirect(f"/partnerships/{partnership.id}#steps", 303)
        except Unfit as refusal:
            form.put(refusal, STEPS)
    return _form_page("partnerships/step.html", partnership, form)


@bp.route("/partnerships/<id:partnership_id>/end", methods=["GET", "POST"])
@allow(Action.END_PARTNERSHIP)
def end(partnership_id: int) -> ResponseReturnValue:
    partnership = load(Partnership, partnership_id, Action.END_PARTNERSHIP, *WITH_SIDES)
    form = EndForm.sent()
    form.fit_to(partnership)
    if form.ok():
        back = {
            name: (field.amount if field else None) or Decimal(0)
            for name, field in (("demand_back", form.demand_back), ("supply_back", form.supply_back))
        }
        try:
            partnerships.end_partnership(partnership, acting(), **back, text=form.text.data or "")
            flash("Ended. What was not used is back on its listing.", "success")
            return redirect(f"/partnerships/{partnership.id}", 303)
        except Unfit as refusal:
            form.put_for(refusal)
    return _form_page("partnerships/end.html", partnership, form)


def _page(partnership: Partnership) -> str:
    actor = acting()
    match = partnership.match
    is_officer = can(actor, Action.LOG_CALL, match)
    audiences = frozenset(Audience) if is_officer else frozenset({Audience.SIDES})
    notes = notes_of("partnership", partnership.id, audiences)
    found, steps = feedback_and_steps(partnership.id)
    said = both_said(partnership, found)
    number = page_number()
    deliveries = deliveries_in(partnership.id, number, PAGE)
    more = len(deliveries) > PAGE
    return render_template(
        "partnerships/show.html",
        partnership=partnership,
        match=match,
        sides=both_sides(match, actor),
        amounts=_amounts(partnership),
        is_officer=is_officer,
        steps=open_moves(partnership, actor),
        said=said,
        may_say=may_say(partnership, actor, said),
        deliveries=deliveries[:PAGE],
        pages=Pages.around(lambda to: f"/partnerships/{partnership.id}?page={to}#deliveries", number, more),
        milestones=steps,
        may_set=partnership.state not in OVER and can(actor, Action.SET_MILESTONE, partnership),
        may_reach=partnership.state not in OVER and can(actor, Action.REACH_MILESTONE, partnership),
        today=today(),
        history=[
            (
                words.sentence(saying.when(event.at)),
                event.actor.name if is_officer and event.actor else "",
                words.HAPPENED[event.action],
            )
            for event in events_of("partnership", partnership.id)
        ],
        notes=[(words.sentence(saying.when(note.at)), _author(partnership, note), note.text) for note in notes],
    )


def _author(partnership: Partnership, note: Note) -> str:
    """Whom a note is from: an organisation by its name, an officer by the authority's."""
    match = partnership.match
    names = {o.id: o.name for o in (match.demand.organisation, match.supply.organisation)}
    return names.get(note.author_organisation_id or 0, f"the officer at {partnership.authority.name}")


def _form_page(template: str, partnership: Partnership, form: Form, **more: object) -> ResponseReturnValue:
    page = render_template(
        template, partnership=partnership, form=form, title=_title(partnership), amounts=_taken(partnership), **more
    )
    return page, 422 if form.errors else 200


def _taken(partnership: Partnership) -> dict[Side, str]:
    """How much of each side was agreed, where it is counted; what never stated a whole stands as the match had it."""
    match = partnership.match
    rows = {
        Side.DEMAND: (partnership.demand_amount or match.demand_amount, partnership.demand_unit),
        Side.SUPPLY: (partnership.supply_amount or match.supply_amount, partnership.supply_unit),
    }
    return {side: saying.amount(number, unit) for side, (number, unit) in rows.items() if number and unit}


def _amounts(partnership: Partnership) -> list[tuple[str, str]]:
    """The same as rows for a page: one where both sides count alike, else one for each that counts."""
    match, taken = partnership.match, _taken(partnership)
    if len(set(taken.values())) < 2:
        return [("How much", next(iter(taken.values()), "Not counted"))]
    return [
        (f"From {match.supply.organisation.name}", taken[Side.SUPPLY]),
        (f"To {match.demand.organisation.name}", taken[Side.DEMAND]),
    ]


def _title(partnership: Partnership) -> str:
    match = partnership.match
    return f"{match.supply.organisation.name} and {match.demand.organisation.name}"

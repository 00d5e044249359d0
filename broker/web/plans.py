"""The whole market planned at once: asking for a plan, reading it, and taking over what is good in it."""

from operator import itemgetter
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload

from broker.actions import plans
from broker.domain.kinds import MatchState, PlanMode
from broker.domain.outlines import outline_paths
from broker.domain.permissions import Action
from broker.domain.refusals import Unfit
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.places import wards_among, wards_with_outlines
from broker.store.plan_lines import LineRow, line_counts, line_of, lines_of
from broker.store.plans import Plan, PlanLine, plan_job, plans_of
from broker.web import saying, words
from broker.web.forms.plans import MODES, PlanForm
from broker.web.guard import acting, allow, load
from broker.web.reasons import in_short
from broker.web.searching import Pages, page_number

bp = Blueprint("plans", __name__)

REFRESH_SECONDS = 2
A_PAGE = 25
MOST_PAGES = 10_000
WIDTH = 600
STEPS = ("Your plan is waiting for its turn.", "The market is read.", "The plan is worked out.", "The plan is written.")


@bp.get("/plans")
@allow(Action.PLAN_MARKET)
def index() -> str:
    return _list(PlanForm.sent())


@bp.post("/plans")
@allow(Action.PLAN_MARKET)
def ask() -> ResponseReturnValue:
    form, by = PlanForm.sent(), acting()
    if not form.ok():
        return _list(form), 422
    area = db.session.get_one(Authority, by.authority_id)
    plan = plans.ask_for_plan(area, by, mode=PlanMode(form.mode.data), cap=int(form.cap.data))
    return redirect(f"/plans/{plan.id}", 303)


@bp.get("/plans/<id:plan_id>")
@allow(Action.PLAN_MARKET)
def show(plan_id: int) -> str:
    plan = load(Plan, plan_id, Action.PLAN_MARKET, joinedload(Plan.authority), joinedload(Plan.by))
    if plan.finished_at is None:
        return _waiting(plan)
    number = page_number()
    rows = lines_of(plan, number, A_PAGE)
    counts = line_counts(plan)
    wards, shapes, height = _wards(plan) if number == 1 else ([], [], 0)
    return render_template(
        "plans/show.html",
        plan=plan,
        mode=MODES[plan.mode],
        rows=[_shown(row) for row in rows[:A_PAGE]],
        lines=counts.all,
        left=counts.left,
        wards=wards,
        shapes=shapes,
        box=f"0 0 {WIDTH} {height}",
        pages=Pages.around(f"/plans/{plan.id}?page={{}}".format, number, len(rows) > A_PAGE),
        number=number,
    )


@bp.post("/plans/<id:plan_id>/again")
@allow(Action.PLAN_MARKET)
def again(plan_id: int) -> ResponseReturnValue:
    plans.start_again(load(Plan, plan_id, Action.PLAN_MARKET), acting())
    return redirect(f"/plans/{plan_id}", 303)


@bp.post("/plans/<id:plan_id>/take")
@allow(Action.PLAN_MARKET)
def take(plan_id: int) -> ResponseReturnValue:
    taken = plans.take_plan(load(Plan, plan_id, Action.PLAN_MARKET), acting())
    said = [f"{taken.kept} {_lines(taken.kept)} on your shortlist now. Nobody else sees them yet."]
    if taken.left_out:
        said.append(f"{taken.left_out} {_lines(taken.left_out)} left out, because something changed since the plan.")
    if taken.waiting:
        said.append(f"{taken.waiting} wait for your next click.")
    flash(" ".join(said), "success" if taken.kept else "important")
    return redirect(f"/plans/{plan_id}", 303)


@bp.post("/plans/<id:plan_id>/lines/<id:line_id>/take")
@allow(Action.PLAN_MARKET)
def take_line(plan_id: int, line_id: int) -> ResponseReturnValue:
    try:
        plans.take_line(_line(plan_id, line_id), acting())
    except Unfit:
        flash("Less is left than the plan counted on, so this line was left out. Ask for a new plan.", "important")
    else:
        flash("On your shortlist. Nobody else sees it yet.", "success")
    return _back(plan_id, line_id)


@bp.post("/plans/<id:plan_id>/lines/<id:line_id>/undo")
@allow(Action.PLAN_MARKET)
def undo(plan_id: int, line_id: int) -> ResponseReturnValue:
    plans.put_back(_line(plan_id, line_id), acting())
    flash("Taken off your shortlist again.", "success")
    return _back(plan_id, line_id)


def _list(form: PlanForm) -> str:
    hints = {str(mode): hint for mode, (_, hint) in MODES.items()}
    found = plans_of(acting().authority_id or 0)
    return render_template("plans/index.html", form=form, hints=hints, modes=MODES, plans=found)


def _waiting(plan: Plan) -> str:
    job = plan_job(plan.id)
    failed = job is not None and job.state == "failed"
    return render_template(
        "plans/waiting.html",
        plan=plan,
        mode=MODES[plan.mode],
        job=job,
        failed=failed,
        text=STEPS[min(job.done, len(STEPS) - 1) if job else 0],
        refresh_seconds=None if failed else REFRESH_SECONDS,
    )


def _line(plan_id: int, line_id: int) -> PlanLine:
    line = line_of(load(Plan, plan_id, Action.PLAN_MARKET), line_id)
    if line is None:
        abort(404)
    return line


def _shown(row: LineRow) -> dict[str, Any]:
    """A line in words: how much, why, how it stands, and what can be done with it."""
    standing, colour = _standing(row)
    return {
        "row": row,
        "amount": saying.plural(row.amount, row.unit) if row.amount and row.unit else "Amount to agree",
        "part": f"{row.part:.0%} of the need" if row.amount and row.part < 1 else "",
        "why": in_short(row.reason) if row.reason else "The computer no longer suggests this pair.",
        "standing": standing,
        "colour": colour,
        "can_take": row.state is None and row.both_open,
        "can_undo": row.own and row.state == MatchState.SHORTLISTED,
    }


def _standing(row: LineRow) -> tuple[str, str]:
    if row.is_elsewhere:
        return "Another council is talking about this pair", "grey"
    if row.state is not None:
        text, colour = words.MATCH_STATE[row.state]
        return (text, colour) if row.own else (f"{text}: not from this plan", colour)
    if not row.both_open:
        return "No longer open on both sides", "grey"
    if row.turned_down:
        return "Turned down since the plan was made", "grey"
    return ("Taken back", "grey") if row.was_taken else ("", "")


def _wards(plan: Plan) -> tuple[list[dict[str, Any]], list[dict[str, Any]], int]:
    """How many needs each ward has and how many are served, by name; the shapes of the map, and how high it is."""
    numbers = {each["ward_id"]: each for each in plan.wards}
    drawn = wards_with_outlines(plan.authority.code)
    names = {ward.id: ward.name for ward in drawn}
    if set(numbers) - set(names) - {None}:
        names |= {ward.id: ward.name for ward in wards_among([plan.authority_id])}
    rows = [{"name": name, **numbers[ward]} for ward, name in names.items() if ward in numbers]
    rows.sort(key=itemgetter("name"))
    if None in numbers:
        rows.append({"name": "The whole area, online, or not known", **numbers[None]})
    paths, height = outline_paths([ward.outline or {} for ward in drawn], WIDTH)
    shapes = [
        {"name": ward.name, "path": path, "value": numbers.get(ward.id, {}).get("served", 0)}
        for ward, path in zip(drawn, paths, strict=True)
    ]
    return rows, shapes, height


def _lines(number: int) -> str:
    return "line is" if number == 1 else "lines are"


def _back(plan_id: int, line_id: int) -> ResponseReturnValue:
    """To the page of the plan that the officer came from, at the line."""
    page = request.form.get("page", 1, int)
    where = f"?page={page}" if 1 < page < MOST_PAGES else ""
    return redirect(f"/plans/{plan_id}{where}#line-{line_id}", 303)

"""Valuations: what a unit is reckoned to be worth here, where that comes from, and how a figure is worked out."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from broker.actions.valuations import EditionFacts, load_valuation, look_at_values, retire_valuation
from broker.domain.permissions import Action, can
from broker.domain.refusals import BadEntries, Unfit
from broker.domain.valuations import BESIDE, COLUMNS
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.measures import measures_for
from broker.store.valuations import Valuation, ValuationEdition, editions_of
from broker.web.forms.valuations import OneByOneForm, ValuesForm, listed
from broker.web.guard import acting, allow
from broker.web.guard import load as load_thing
from broker.web.paging import id_asked
from broker.web.sheets import sheet
from broker.web.uploads import takes_files
from broker.web.valuation_words import PROBLEMS, example, pounds

bp = Blueprint("valuations", __name__)


@bp.get("/valuations")
@allow(Action.LOAD_VALUATION)
def index() -> str:
    return render_template("valuations/index.html", editions=editions_of(_area()))


@bp.get("/valuations/<id:edition_id>")
@allow(Action.SEE_VALUATIONS)
def show(edition_id: int) -> str:
    edition = load_thing(ValuationEdition, edition_id, Action.SEE_VALUATIONS)
    steps = example(edition.values[0]) if edition.values else []
    may_retire = edition.retired_at is None and can(acting(), Action.RETIRE_VALUATION, edition)
    return render_template("valuations/show.html", edition=edition, steps=steps, may_retire=may_retire, pounds=pounds)


@bp.route("/valuations/load", methods=["GET", "POST"])
@allow(Action.LOAD_VALUATION)
@takes_files
def load() -> ResponseReturnValue:
    form = ValuesForm.sent()
    if form.ok():
        try:
            return _loaded(form.content, form.facts)
        except Unfit as refusal:
            form.put(refusal, PROBLEMS)
        except BadEntries as refusal:
            form.put_entries(refusal)
    return render_template("valuations/load.html", form=form), 422 if form.errors else 200


@bp.route("/valuations/type", methods=["GET", "POST"])
@allow(Action.LOAD_VALUATION)
def type_in() -> ResponseReturnValue:
    """The list so far goes to and fro with the page, so that nothing half-made is kept anywhere."""
    form = OneByOneForm.sent()
    form.offer(measures_for(_area()))
    off = request.form.get("off", "")
    if request.method == "GET" and id_asked("edition"):
        form.text.data = listed(load_thing(ValuationEdition, id_asked("edition"), Action.SEE_VALUATIONS).values)
    if off:
        form.text.data = form.without(off)
    elif form.ok():
        try:
            if "bring" in request.form:
                return _loaded(form.longer.encode(), form.facts)
            look_at_values(_authority(), form.longer.encode(), acting())
            form.begin_anew(form.longer)
        except Unfit as refusal:
            nothing = {"measure": "nothing_yet"} if "file" in refusal.problems else refusal.problems
            form.put(Unfit(nothing), PROBLEMS)
        except BadEntries as refusal:
            form.put(Unfit({"measure": refusal.refused[-1].reason}), {})
    page = render_template("valuations/type.html", form=form, values=_so_far(form), pounds=pounds)
    return page, 422 if form.errors and not off else 200


@bp.get("/valuations/sheet.csv")
@allow(Action.LOAD_VALUATION)
def blank() -> ResponseReturnValue:
    """A sheet to fill in: every measure that is offered here, with room for its values."""
    columns = ("code", *BESIDE, *COLUMNS[1:])
    room = [""] * (len(COLUMNS) - 1)
    return sheet("values", columns, [[each.code, each.label, each.unit, *room] for each in measures_for(_area())])


@bp.post("/valuations/<id:edition_id>/retire")
@allow(Action.RETIRE_VALUATION)
def retire(edition_id: int) -> ResponseReturnValue:
    edition = load_thing(ValuationEdition, edition_id, Action.RETIRE_VALUATION)
    retire_valuation(edition, acting())
    flash("Reports count, and say nothing of money, until you bring another edition.", "success")
    return redirect(url_for("valuations.index"))


def _loaded(content: bytes, facts: dict[str, str]) -> ResponseReturnValue:
    made = load_valuation(_authority(), content, acting(), facts=EditionFacts(**facts))
    flash(f"Reports reckon with {made.name} from now on. Closed periods stay as they were told.", "success")
    return redirect(url_for("valuations.show", edition_id=made.id))


def _so_far(form: OneByOneForm) -> list[Valuation]:
    """The measures on the list; none while it has none, or was tampered with."""
    try:
        return look_at_values(_authority(), (form.text.data or "").encode(), acting())
    except (Unfit, BadEntries):
        return []


def _authority() -> Authority:
    return db.session.get_one(Authority, _area())


def _area() -> int:
    return acting().authority_id or 0

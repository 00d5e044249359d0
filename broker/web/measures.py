"""Measures: the shared catalogue, open to everyone, and the lists that an authority keeps to itself."""

from itertools import groupby

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from broker.actions.measures import ListFacts, load_measures, retire_measures
from broker.domain.measures import COLUMNS
from broker.domain.permissions import Action, Reach, reach
from broker.domain.refusals import BadEntries, Unfit
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.frameworks import shared_outcomes
from broker.store.measures import Measure, all_measures, edition_of, own_measures
from broker.web.forms.base import typed
from broker.web.forms.lists import MeasuresForm
from broker.web.guard import acting, allow, current_actor, public
from broker.web.measure_words import LIST_PROBLEMS, UNIT_KIND, one_of
from broker.web.sheets import sheet
from broker.web.uploads import takes_files

bp = Blueprint("measures", __name__)


@bp.get("/measures")
@public
def index() -> str:
    hub = shared_outcomes()
    labels = {node.code: node.label for node in hub.nodes} if hub else {}
    has_own = reach(current_actor(), Action.LOAD_MEASURES) is not Reach.NONE
    return render_template(
        "measures/index.html", measures=all_measures(), labels=labels, one_of=one_of, has_own=has_own
    )


@bp.get("/measures/own")
@allow(Action.LOAD_MEASURES)
def own() -> str:
    found = groupby(own_measures(_area()), key=lambda each: (each.list_name, each.edition))
    return render_template("measures/own.html", editions=[list(measures) for _, measures in found], one_of=one_of)


@bp.route("/measures/load", methods=["GET", "POST"])
@allow(Action.LOAD_MEASURES)
@takes_files
def load() -> ResponseReturnValue:
    form = MeasuresForm.sent()
    form.offer(_schemes())
    if form.ok():
        facts = ListFacts(
            **{each.name: each.data or "" for each in (form.name, form.edition, form.licence, form.scheme)}
        )
        try:
            made = load_measures(db.session.get_one(Authority, _area()), form.content, acting(), facts=facts)
        except Unfit as refusal:
            form.put(refusal, LIST_PROBLEMS)
        except BadEntries as refusal:
            form.put_entries(refusal)
        else:
            alike = sum(1 for each in made if each.stands_for)
            number = "1 measure is" if len(made) == 1 else f"{len(made)} measures are"
            same = f"{alike} of {len(made)} counts" if alike == 1 else f"{alike} of {len(made)} count"
            flash(f"{number} here now. {same} the same as one that we know.", "success")
            return redirect(url_for("measures.own"))
    page = render_template("measures/load.html", form=form, columns=COLUMNS, kinds=UNIT_KIND, outcomes=_outcomes())
    return page, 422 if form.errors else 200


@bp.get("/measures/own.csv")
@allow(Action.LOAD_MEASURES)
def export() -> ResponseReturnValue:
    measures = edition_of(_area(), typed("list"), typed("edition"))
    return sheet("measures", COLUMNS, [_row(each) for each in measures])


@bp.post("/measures/retire")
@allow(Action.LOAD_MEASURES)
def retire() -> ResponseReturnValue:
    name = request.form.get("list", "")
    number = retire_measures(db.session.get_one(Authority, _area()), name, acting())
    if number:
        flash(f"“{name[:200]}” is not offered any more. What was promised by its measures stays.", "success")
    else:
        flash("No list of yours that is in use has this name, so nothing is changed.", "success")
    return redirect(url_for("measures.own"))


def _area() -> int:
    return acting().authority_id or 0


def _schemes() -> list[str]:
    return sorted({point["scheme"] for each in all_measures() for point in each.points_to})


def _outcomes() -> list[tuple[str, str]]:
    hub = shared_outcomes()
    return [(node.code, node.label) for node in hub.nodes] if hub else []


def _row(each: Measure) -> list[str]:
    told = {
        **{name: getattr(each, name, None) or "" for name in COLUMNS},
        "stands_for": each.stands_for.code if each.stands_for else "",
        "outcomes": "; ".join(each.hubs),
    }
    return [told[name] for name in COLUMNS]

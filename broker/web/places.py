"""Where an officer brings the wards of the own authority, and how deprived they are."""

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue

from broker.actions.boundaries import Taken, take_boundaries, take_deprivation
from broker.domain.permissions import Action
from broker.domain.refusals import Unfit
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.wards import wards_in
from broker.web.forms.places import PROBLEMS, PlacesForm
from broker.web.guard import acting, allow
from broker.web.uploads import takes_files

bp = Blueprint("places", __name__)


@bp.route("/places/load", methods=["GET", "POST"])
@allow(Action.LOAD_PLACES)
@takes_files
def bring() -> ResponseReturnValue:
    form = PlacesForm.sent()
    if form.ok():
        try:
            flash(_said(form.what.data, _taken(form)), "success")
            return redirect("/wards", 303)
        except Unfit as refusal:
            form.put(refusal, PROBLEMS)
    rows = [row for row in wards_in(acting().authority_id or 0) if row.ward.ended_on is None]
    page = render_template(
        "places/load.html",
        form=form,
        wards=len(rows),
        drawn=sum(row.ward.outline is not None for row in rows),
        source=next((row.source for row in rows if row.source), ""),
    )
    return page, 422 if form.errors else 200


def _taken(form: PlacesForm) -> Taken:
    authority = db.session.get_one(Authority, acting().authority_id)
    content = form.file.data.read()
    if form.what.data == "wards":
        return take_boundaries(content, authority, acting())
    return take_deprivation(content, form.source.data or "", authority, acting())


def _said(what: str, taken: Taken) -> str:
    left = f" {taken.left_out} of other councils were left out." if taken.left_out else ""
    if what == "wards":
        ended = f" {taken.ended} that are not in the file are earlier wards now." if taken.ended else ""
        return f"{taken.kept} wards are loaded.{left}{ended} Listings find their ward in the next minutes."
    return f"How deprived {taken.kept} of your wards are is loaded.{left}"

"""What a group does anyway: its list, and telling it."""

from flask import Blueprint, abort, flash, redirect, render_template
from flask.typing import ResponseReturnValue

from broker.actions.inherent import tell_inherent
from broker.domain.inherent import ToldBefore
from broker.domain.kinds import RegistrationState
from broker.domain.permissions import Action
from broker.domain.refusals import Unfit
from broker.store.authorities import Authority
from broker.store.inherent import told_by
from broker.store.measures import measures_for
from broker.store.organisations import Organisation, organisation_with_standing
from broker.web import saying
from broker.web.forms.inherent import PROBLEMS, InherentForm
from broker.web.guard import acting, allow
from broker.web.paging import id_asked
from broker.web.searching import Pages, page_number

bp = Blueprint("inherent", __name__)

PATH, PAGE = "/inherent", 25


@bp.get(PATH)
@allow(Action.TELL_INHERENT)
def index() -> str:
    organisation, number = _own(), page_number()
    found = told_by(organisation.id, number, PAGE)
    return render_template(
        "inherent/index.html",
        organisation=organisation,
        told=found[:PAGE],
        areas=_areas(organisation),
        pages=Pages.around(lambda to: f"{PATH}?page={to}" if to > 1 else PATH, number, len(found) > PAGE),
    )


@bp.route(f"{PATH}/new", methods=["GET", "POST"])
@allow(Action.TELL_INHERENT)
def new() -> ResponseReturnValue:
    organisation = _own()
    areas = _areas(organisation)
    area = next((each for each in areas if each.id == id_asked("area")), areas[0] if areas else None)
    if not organisation.is_group or area is None:
        return redirect(PATH, 303)
    form, first = InherentForm.sent(), None
    form.offer(measures_for(area.id))
    if form.ok():
        try:
            made = tell_inherent(organisation, area.id, acting(), form.told())
            said = saying.counted(made.quantity, made.measure)
            flash(f"{said} in {made.started_on.year} are told. Reports show them in a column of their own.", "success")
            return redirect(PATH, 303)
        except Unfit as refusal:
            form.put(refusal, PROBLEMS)
        except ToldBefore as refusal:
            first = refusal.first
            form.measure.errors = ["You have told this for that year already. Take that back first to change it"]
    page = render_template("inherent/new.html", form=form, area=area, areas=areas, first=first)
    return page, 422 if form.errors else 200


def _own() -> Organisation:
    """The organisation that the visitor acts for."""
    found = organisation_with_standing(acting().organisation_id or 0)
    return found or abort(404)


def _areas(organisation: Organisation) -> list[Authority]:
    """Where it is approved, by name."""
    approved = (each.authority for each in organisation.registrations if each.state == RegistrationState.APPROVED)
    return sorted(approved, key=lambda area: area.name)

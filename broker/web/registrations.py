"""An officer's view of organisations: the list of the area, and checking who applied."""

from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload

from broker.actions import organisations
from broker.actions.duplicates import ALIKE, likely_duplicates
from broker.domain.kinds import Audience, RegistrationState
from broker.domain.permissions import Action
from broker.domain.refusals import Unfit
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.events import notes_of
from broker.store.organisations import Organisation, Registration, count_by_state, registrations_listed
from broker.store.reach import within
from broker.web.forms.base import typed
from broker.web.forms.organisations import ApproveForm, EnterForm, ReasonForm, ReturnForm, SuspendForm
from broker.web.guard import acting, allow, load

bp = Blueprint("registrations", __name__)

A_PAGE = 50
UNKNOWN = {
    "unknown": "Nobody can say yet who they are. Ask for a register number, or for somebody who knows them, first",
    "missing": "Choose a reason, or write one in your own words",
}
VOUCH = {"unknown": "Give a register number, somebody who knows them, or say here how you know who they are"}


@bp.get("/organisations")
@allow(Action.APPROVE_ORGANISATION)
def listed() -> str:
    mine = within(Registration, acting(), Action.APPROVE_ORGANISATION)
    state, search = typed("state"), typed("search")
    number = request.args.get("page", 1, int)
    number = number if 1 <= number <= 10_000 else 1
    found = registrations_listed(
        mine, state if state in set(RegistrationState) else "", search, (number - 1) * A_PAGE, A_PAGE + 1
    )
    page = _turns(number, len(found) > A_PAGE, {"state": state, "search": search})
    return render_template(
        "registrations/list.html",
        registrations=found[:A_PAGE],
        counts=count_by_state(mine),
        state=state,
        search=search,
        page=page,
    )


@bp.route("/organisations/enter", methods=["GET", "POST"])
@allow(Action.ENTER_ORGANISATION)
def enter() -> ResponseReturnValue:
    form = EnterForm.sent()
    if form.ok():
        authority = db.session.get_one(Authority, acting().authority_id)
        try:
            entered = organisations.enter_organisation(
                form.facts(), authority, acting(), how=form.how.data, note=form.note.data or ""
            )
            flash(f"{entered.name} is entered and approved in {authority.name}.", "success")
            return redirect(f"/organisations/{entered.id}", 303)
        except Unfit as refusal:
            form.put(refusal, VOUCH)
    return render_template("registrations/enter.html", form=form), 422 if form.errors else 200


@bp.get("/registrations/<id:registration_id>")
@allow(Action.APPROVE_ORGANISATION)
def check(registration_id: int) -> str:
    return _page(_load(registration_id, Action.APPROVE_ORGANISATION))


@bp.post("/registrations/<id:registration_id>/approve")
@allow(Action.APPROVE_ORGANISATION)
def approve(registration_id: int) -> ResponseReturnValue:
    registration = _load(registration_id, Action.APPROVE_ORGANISATION)
    form = ApproveForm.sent()
    if form.ok():
        try:
            organisations.approve_organisation(registration, acting(), note=form.note.data or "")
            return _done(registration, "is approved. Its people can post listings now")
        except Unfit as refusal:
            form.put(refusal, UNKNOWN)
    return _page(registration, approving=form), 422


@bp.post("/registrations/<id:registration_id>/return")
@allow(Action.RETURN_ORGANISATION)
def send_back(registration_id: int) -> ResponseReturnValue:
    registration = _load(registration_id, Action.RETURN_ORGANISATION)
    form = ReturnForm.sent()
    if form.ok():
        try:
            organisations.return_organisation(registration, acting(), reason=form.text())
            return _done(registration, "has your question")
        except Unfit as refusal:
            form.put(refusal, UNKNOWN)
    return _page(registration, returning=form), 422


@bp.post("/registrations/<id:registration_id>/suspend")
@allow(Action.SUSPEND_ORGANISATION)
def suspend(registration_id: int) -> ResponseReturnValue:
    registration = _load(registration_id, Action.SUSPEND_ORGANISATION)
    form = SuspendForm.sent()
    if form.ok():
        try:
            organisations.suspend_organisation(registration, acting(), reason=form.text())
            return _done(registration, "is paused, and so are its open listings")
        except Unfit as refusal:
            form.put(refusal, UNKNOWN)
    return _page(registration, suspending=form), 422


@bp.post("/registrations/<id:registration_id>/restore")
@allow(Action.RESTORE_ORGANISATION)
def restore(registration_id: int) -> ResponseReturnValue:
    registration = _load(registration_id, Action.RESTORE_ORGANISATION)
    organisations.restore_organisation(registration, acting())
    return _done(registration, "is approved again")


@bp.post("/registrations/<id:registration_id>/hand-over/<id:organisation_id>")
@allow(Action.HAND_OVER_ORGANISATION)
def hand_over(registration_id: int, organisation_id: int) -> ResponseReturnValue:
    registration = _load(registration_id, Action.RETURN_ORGANISATION)
    unclaimed = load(Organisation, organisation_id, Action.HAND_OVER_ORGANISATION)
    organisations.hand_over_organisation(unclaimed, registration, acting())
    flash(f"The people who applied act for {unclaimed.name} now.", "success")
    return redirect(f"/organisations/{unclaimed.id}", 303)


def _load(registration_id: int, action: Action) -> Registration:
    """The registration with all that the page says about its organisation, in one query."""
    organisation = joinedload(Registration.organisation)
    return load(
        Registration,
        registration_id,
        action,
        joinedload(Registration.authority),
        organisation.joinedload(Organisation.identifiers),
        organisation.joinedload(Organisation.registrations).joinedload(Registration.authority),
    )


def _page(
    registration: Registration,
    approving: ApproveForm | None = None,
    returning: ReasonForm | None = None,
    suspending: ReasonForm | None = None,
) -> str:
    return render_template(
        "registrations/check.html",
        registration=registration,
        organisation=registration.organisation,
        duplicates=likely_duplicates(registration.organisation, registration.authority_id),
        alike=ALIKE,
        notes=notes_of("registration", registration.id, frozenset(Audience)),
        approving=approving or ApproveForm(formdata=None),
        returning=returning or ReturnForm(formdata=None),
        suspending=suspending or SuspendForm(formdata=None),
        problem=approving or returning or suspending,
    )


def _done(registration: Registration, what: str) -> ResponseReturnValue:
    flash(f"{registration.organisation.name} {what}.", "success")
    return redirect(f"/registrations/{registration.id}", 303)


def _turns(number: int, more: bool, narrowed: dict[str, str]) -> dict[str, str | None]:
    """Links to the pages before and after this one, with the list narrowed as it is."""

    def url(page: int) -> str:
        return "/organisations?" + urlencode(
            {"page": page, **{name: value for name, value in narrowed.items() if value}}
        )

    return {
        "label": f"Page {number}",
        "previous_url": url(number - 1) if number > 1 else None,
        "next_url": url(number + 1) if more else None,
    }

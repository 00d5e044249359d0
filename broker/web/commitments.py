"""Promises: an organisation's one plan over all councils, one promise with its steps, and making or changing one."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload

from broker.actions import colleagues, commitments, milestones
from broker.domain.clock import now, today
from broker.domain.kinds import OF_AN_ORGANISATION, Audience, CommitmentState, RegistrationState, Role
from broker.domain.permissions import Action, can
from broker.domain.refusals import Unfit
from broker.store.commitments import WITH_ALL, Commitment, commitments_listed
from broker.store.contracts import Contract
from broker.store.events import events_of, notes_of
from broker.store.measures import Measure, measures_for
from broker.store.milestones import milestones_of, next_steps
from broker.store.organisations import Organisation, Registration, organisation_with_standing
from broker.store.partnerships import partnerships_for
from broker.store.reach import within
from broker.web import chains, saying, words
from broker.web.browsers import this_browser
from broker.web.forms.base import typed
from broker.web.forms.commitments import HandOverForm, LetOffForm, PromiseForm, StepForm, put
from broker.web.guard import acting, allow, load
from broker.web.measure_words import only_once
from broker.web.paging import id_asked, page_asked, turns
from broker.web.standings import PACE

bp = Blueprint("commitments", __name__)

A_PAGE = 50
STALE = (
    "This promise was changed after you opened the page, perhaps by you in another tab. What you typed is kept below."
    " Look at the promise as it is now, then send again to put your words in its place."
)
STANDING = joinedload(Organisation.registrations).joinedload(Registration.authority)


@bp.get("/commitments")
@allow(Action.SEE_COMMITMENT)
def index() -> str:
    number, by = page_asked(), acting()
    narrowed = {"search": typed("search"), "state": typed("state"), "supplier": id_asked("supplier")}
    found = commitments_listed(
        within(Commitment, by, Action.SEE_COMMITMENT),
        state=str(narrowed["state"]),
        search=str(narrowed["search"]),
        supplier=id_asked("supplier"),
        offset=(number - 1) * A_PAGE,
        limit=A_PAGE + 1,
    )
    return render_template(
        "commitments/index.html",
        plan=_plan(found[:A_PAGE]),
        steps=next_steps([each.id for each in found]),
        states=[("", "Any"), *((str(each), text) for each, (text, _) in words.COMMITMENT_STATE.items())],
        narrowed=narrowed,
        page=turns("/commitments", number, len(found) > A_PAGE, narrowed),
        today=today(),
        may_promise=can(by, Action.MAKE_COMMITMENT),
        one_colleague=by.role is Role.COLLEAGUE,
    )


@bp.route("/commitments/new", methods=["GET", "POST"])
@allow(Action.MAKE_COMMITMENT)
def new() -> ResponseReturnValue:
    contract = _contract_asked()
    supplier = contract.organisation if contract else _supplier_asked()
    area = contract.authority if contract else _area_asked(supplier) if supplier else None
    if supplier is None or area is None:
        return _choose(supplier)
    measures = measures_for(area.id)
    form = PromiseForm.of(None, measures, grows=contract is not None)
    if form.ok():
        try:
            made = commitments.make_commitment(
                supplier,
                area,
                acting(),
                measure=form.chosen(measures),
                promise=form.promise(),
                contract=contract,
                sure=form.sure.data,
            )
            flash("The promise is written down. Next, set the steps on the way and say who sees to it.", "success")
            return redirect(f"/commitments/{made.id}", 303)
        except Unfit as refusal:
            put(form, refusal)
    return _form(form, measures, supplier=supplier, area=area, contract=contract)


@bp.get("/commitments/<id:commitment_id>")
@allow(Action.SEE_COMMITMENT)
def show(commitment_id: int) -> str:
    return _page(load(Commitment, commitment_id, Action.SEE_COMMITMENT, *WITH_ALL), StepForm(formdata=None))


@bp.route("/commitments/<id:commitment_id>/edit", methods=["GET", "POST"])
@allow(Action.EDIT_COMMITMENT)
def edit(commitment_id: int) -> ResponseReturnValue:
    commitment = load(Commitment, commitment_id, Action.EDIT_COMMITMENT, *WITH_ALL)
    measures = _measures(commitment)
    form = PromiseForm.of(commitment, measures, grows=commitment.contract is not None)
    is_ok = form.ok()
    if is_ok and form.seen.data not in ("", str(commitment.row_version)):
        form.form_errors.append(STALE)
        form.seen.data = str(commitment.row_version)
    elif is_ok:
        reason, sure = form.reason.data or "", bool(form.sure.data)
        said: dict[str, Any] = {"measure": form.chosen(measures), "promise": form.promise()}
        try:
            commitments.edit_commitment(commitment, acting(), **said, reason=reason, sure=sure)
            flash("The promise is changed.", "success")
            return redirect(f"/commitments/{commitment.id}", 303)
        except Unfit as refusal:
            put(form, refusal)
    of = {"supplier": commitment.organisation, "area": commitment.authority, "contract": commitment.contract}
    return _form(form, measures, commitment=commitment, **of)


@bp.route("/commitments/<id:commitment_id>/withdraw", methods=["GET", "POST"])
@allow(Action.WITHDRAW_COMMITMENT)
def withdraw(commitment_id: int) -> ResponseReturnValue:
    commitment = load(Commitment, commitment_id, Action.WITHDRAW_COMMITMENT, *WITH_ALL)
    form = LetOffForm.sent()
    if form.ok():
        try:
            commitments.withdraw_commitment(commitment, acting(), reason=form.reason.data or "")
            flash("The supplier is let off this promise. It stays in the record with your reason.", "success")
            return redirect(f"/commitments/{commitment.id}", 303)
        except Unfit as refusal:
            put(form, refusal)
    page = render_template("commitments/withdraw.html", form=form, commitment=commitment)
    return page, 422 if form.errors else 200


@bp.route("/commitments/<id:commitment_id>/hand-over", methods=["GET", "POST"])
@allow(Action.HAND_OVER_COMMITMENT)
def hand_over(commitment_id: int) -> ResponseReturnValue:
    commitment = load(Commitment, commitment_id, Action.HAND_OVER_COMMITMENT, *WITH_ALL)
    form = HandOverForm.sent()
    if form.ok():
        try:
            flash(_handed(commitment, form.email.data or ""), "success")
            return redirect(f"/commitments/{commitment.id}", 303)
        except Unfit as refusal:
            put(form, refusal)
    page = render_template("commitments/hand_over.html", form=form, commitment=commitment)
    return page, 422 if form.errors else 200


@bp.post("/commitments/<id:commitment_id>/take-back")
@allow(Action.HAND_OVER_COMMITMENT)
def take_back(commitment_id: int) -> ResponseReturnValue:
    commitment = load(Commitment, commitment_id, Action.HAND_OVER_COMMITMENT, *WITH_ALL)
    colleagues.take_back(commitment, acting())
    flash("Your organisation itself sees to it again.", "success")
    return redirect(f"/commitments/{commitment.id}", 303)


@bp.post("/commitments/<id:commitment_id>/milestones")
@allow(Action.SET_MILESTONE)
def set_step(commitment_id: int) -> ResponseReturnValue:
    commitment = load(Commitment, commitment_id, Action.SET_MILESTONE, *WITH_ALL)
    form = StepForm.sent()
    if form.ok():
        try:
            said = {"what": form.what.data or "", "due_on": form.due_on.data, "quantity": form.quantity.amount}
            milestones.set_milestone(commitment, acting(), **said)
            flash("The step is set.", "success")
            return redirect(f"/commitments/{commitment.id}#steps", 303)
        except Unfit as refusal:
            put(form, refusal)
    return _page(commitment, form), 422


def _handed(commitment: Commitment, email: str) -> str:
    """Hand it over; what then is to be said."""
    if colleagues.hand_over(commitment, acting(), email=email, browser=this_browser(), at=now()):
        return (
            f"We have written to {email}. With the link in our letter, which works for two days, they see this promise."
        )
    if commitment.owner is not None and commitment.owner.id == acting().user_id:
        return "You see to it yourself now."
    return "They see to it now, and have a letter that says so."


def _page(commitment: Commitment, form: StepForm) -> str:
    by = acting()
    is_ours = by.role in OF_AN_ORGANISATION
    whole_story = by.role is not Role.COLLEAGUE
    audiences = frozenset({Audience.OWNER, Audience.SIDES})
    notes = notes_of("commitment", commitment.id, audiences) if whole_story else []
    events = [] if is_ours else events_of("commitment", commitment.id)
    return render_template(
        "commitments/show.html",
        commitment=commitment,
        chain=chains.of_commitment(commitment),
        paces=PACE,
        steps=milestones_of(commitment),
        form=form,
        today=today(),
        is_open=commitment.state == CommitmentState.OPEN,
        is_ours=is_ours,
        whole_story=whole_story,
        partnerships=partnerships_for(commitment.id) if is_ours else [],
        only_once=only_once,
        history=[(words.sentence(saying.when(event.at)), "", words.HAPPENED[event.action]) for event in events],
        notes=[(words.sentence(saying.when(note.at)), "", note.text) for note in notes],
    )


def _plan(found: list[Commitment]) -> list[tuple[Commitment, list[Commitment]]]:
    """The promises contract by contract (and the pledges to a council together), each lot with its first."""
    lots: dict[tuple[int, int | None], list[Commitment]] = {}
    for each in found:
        lots.setdefault((each.authority_id, each.contract_id), []).append(each)
    return [(lot[0], lot) for lot in lots.values()]


def _contract_asked() -> Contract | None:
    options = joinedload(Contract.organisation).options(STANDING), joinedload(Contract.authority)
    wanted = id_asked("contract")
    return load(Contract, wanted, Action.MAKE_COMMITMENT, *options) if wanted else None


def _supplier_asked() -> Organisation | None:
    """Who makes the pledge: a member's own organisation, or the one that an officer writes for."""
    by = acting()
    if by.role is Role.MEMBER:
        return organisation_with_standing(by.organisation_id or 0)
    wanted = id_asked("supplier")
    return load(Organisation, wanted, Action.MAKE_COMMITMENT, STANDING) if wanted else None


def _area_asked(supplier: Organisation) -> Any:
    """The council to which a pledge is made: the officer's own, or the one that a member chose."""
    wanted = acting().authority_id or id_asked("authority")
    return next((r.authority for r in supplier.registrations if r.authority_id == wanted), None)


def _choose(supplier: Organisation | None) -> ResponseReturnValue:
    """Under which contract, or as a pledge to which council."""
    registrations = supplier.registrations if supplier else []
    areas = [r.authority for r in registrations if r.state == RegistrationState.APPROVED]
    return render_template(
        "commitments/choose.html",
        supplier=supplier,
        areas=sorted(areas, key=lambda area: area.name),
    )


def _measures(commitment: Commitment) -> list[Measure]:
    """Those in use, and the one that the promise was made by should it be none of them any more."""
    found = measures_for(commitment.authority_id)
    return found if commitment.measure in found else [*found, commitment.measure]


def _form(form: PromiseForm, measures: list[Measure], **facts: Any) -> ResponseReturnValue:
    page = render_template(
        "commitments/form.html", form=form, measures=measures, only_once=only_once, **{"commitment": None, **facts}
    )
    return page, 422 if form.errors else 200

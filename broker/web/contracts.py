"""The register of contracts: the list, one contract with what is promised under it, and writing one down."""

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload

from broker.actions import contracts
from broker.domain.clock import today
from broker.domain.contracts import known_as, stage
from broker.domain.permissions import Action, can
from broker.domain.refusals import Unfit
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.commitments import commitments_under
from broker.store.contracts import Contract, contract_known_as, contracts_listed, managers_in, suppliers_in
from broker.store.events import events_of
from broker.store.milestones import next_steps
from broker.store.organisations import Organisation
from broker.store.reach import within
from broker.web import chains, saying, words
from broker.web.forms.base import typed
from broker.web.forms.contracts import PROBLEMS, ContractForm
from broker.web.guard import acting, allow, load
from broker.web.paging import id_asked, page_asked, turns
from broker.web.standings import PACE

bp = Blueprint("contracts", __name__)

A_PAGE = 50
SUPPLIERS = 20  # on a page to choose from
WHOLE = (joinedload(Contract.organisation), joinedload(Contract.authority), joinedload(Contract.manager))
STALE = (
    "This contract was changed after you opened the page, perhaps by you in another tab. What you typed is kept below."
    " Look at the contract as it is now, then send again to put your words in its place."
)
NO_SUPPLIER = {
    "has_promised": "Something is promised under this contract already, so it stays with its supplier",
    "unknown": "Choose a supplier that your council knows",
}


@bp.get("/contracts")
@allow(Action.SEE_CONTRACT)
def index() -> str:
    number, narrowed = (
        page_asked(),
        {"search": typed("search"), "stage": typed("stage"), "supplier": id_asked("supplier")},
    )
    mine = within(Contract, acting(), Action.SEE_CONTRACT)
    found = contracts_listed(
        mine,
        today(),
        stage=str(narrowed["stage"]),
        search=str(narrowed["search"]),
        supplier=id_asked("supplier"),
        offset=(number - 1) * A_PAGE,
        limit=A_PAGE + 1,
    )
    return render_template(
        "contracts/index.html",
        contracts=[(each, stage(each.starts_on, each.ends_on, today())) for each in found[:A_PAGE]],
        stages=[("", "Any"), *((str(each), text) for each, (text, _) in words.STAGE.items())],
        narrowed=narrowed,
        page=turns("/contracts", number, len(found) > A_PAGE, narrowed),
        may_register=can(acting(), Action.REGISTER_CONTRACT),
    )


@bp.route("/contracts/new", methods=["GET", "POST"])
@allow(Action.REGISTER_CONTRACT)
def new() -> ResponseReturnValue:
    if not id_asked("supplier"):
        return _choose(None)
    area = acting().authority_id or 0
    supplier = load(
        Organisation, id_asked("supplier"), Action.ENTER_ORGANISATION, joinedload(Organisation.registrations)
    )
    form = ContractForm.of(None, managers_in(area))
    if form.ok():
        try:
            authority = db.session.get_one(Authority, area)
            made = contracts.register_contract(supplier, authority, acting(), facts=form.facts())
            flash(
                "The contract is registered. Its supplier can promise under it now, and so can you for them.", "success"
            )
            return redirect(f"/contracts/{made.id}", 303)
        except Unfit as refusal:
            form.put(refusal, PROBLEMS)
    return _form(form, supplier, area, None)


@bp.get("/contracts/<id:contract_id>")
@allow(Action.SEE_CONTRACT)
def show(contract_id: int) -> str:
    contract = load(Contract, contract_id, Action.SEE_CONTRACT, *WHOLE)
    promises = commitments_under(contract.id)
    return render_template(
        "contracts/show.html",
        contract=contract,
        stage=stage(contract.starts_on, contract.ends_on, today()),
        promises=promises,
        chain=chains.of_contract(contract, promises),
        paces=PACE,
        steps=next_steps([each.id for each in promises]),
        today=today(),
        history=[
            (words.sentence(saying.when(event.at)), "", words.HAPPENED[event.action])
            for event in events_of("contract", contract.id)
        ],
    )


@bp.route("/contracts/<id:contract_id>/edit", methods=["GET", "POST"])
@allow(Action.EDIT_CONTRACT)
def edit(contract_id: int) -> ResponseReturnValue:
    contract = load(Contract, contract_id, Action.EDIT_CONTRACT, *WHOLE)
    form = ContractForm.of(contract, managers_in(contract.authority_id))
    if form.ok() and form.seen.data not in ("", str(contract.row_version)):
        form.form_errors.append(STALE)
        form.seen.data = str(contract.row_version)
    elif form.ok():
        try:
            changed = contracts.edit_contract(contract, acting(), facts=form.facts())
            flash("The contract is changed." if changed else "Nothing was different, so nothing is changed.", "success")
            return redirect(f"/contracts/{contract.id}", 303)
        except Unfit as refusal:
            form.put(refusal, PROBLEMS)
    return _form(form, contract.organisation, contract.authority_id, contract)


@bp.route("/contracts/<id:contract_id>/supplier", methods=["GET", "POST"])
@allow(Action.EDIT_CONTRACT)
def give(contract_id: int) -> ResponseReturnValue:
    contract = load(Contract, contract_id, Action.EDIT_CONTRACT, *WHOLE)
    if not id_asked("supplier"):
        return _choose(contract)
    chosen = load(Organisation, id_asked("supplier"), Action.ENTER_ORGANISATION, joinedload(Organisation.registrations))
    try:
        contracts.give_to(contract, chosen, acting())
    except Unfit as refusal:
        return _choose(contract, NO_SUPPLIER[refusal.problems["organisation"]])
    flash(f"The contract is with {chosen.name} now.", "success")
    return redirect(f"/contracts/{contract.id}", 303)


def _choose(contract: Contract | None, problem: str = "") -> ResponseReturnValue:
    """The suppliers of the area, to choose one from."""
    number, search = page_asked(), typed("search")
    path = f"/contracts/{contract.id}/supplier" if contract else "/contracts/new"
    found = suppliers_in(acting().authority_id or 0, search, (number - 1) * SUPPLIERS, SUPPLIERS + 1)
    page = render_template(
        "contracts/choose.html",
        contract=contract,
        suppliers=found[:SUPPLIERS],
        search=search,
        path=path,
        problem=problem,
        page=turns(path, number, len(found) > SUPPLIERS, {"search": search}),
    )
    return page, 422 if problem else 200


def _form(form: ContractForm, supplier: Organisation, area: int, contract: Contract | None) -> ResponseReturnValue:
    number = known_as(form.identifier.data or "") if form.identifier.errors else ""
    page = render_template(
        "contracts/form.html",
        form=form,
        supplier=supplier,
        contract=contract,
        twin=contract_known_as(area, number),
    )
    return page, 422 if form.errors else 200

"""Bringing in a file of contracts: sending it, seeing what would become of each row, and then letting it in."""

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue

from broker.actions.contract_imports import Looked, bring_in, look
from broker.domain.contract_rows import COLUMNS, LARGEST, MOST_ROWS
from broker.domain.permissions import Action
from broker.domain.refusals import Unfit
from broker.store.authorities import Authority
from broker.store.base import db
from broker.web.forms.contracts import ContractsFileForm, ContractsTextForm
from broker.web.guard import acting, allow
from broker.web.sheets import sheet
from broker.web.uploads import takes_files

bp = Blueprint("contract_imports", __name__)

MOST_SHOWN = 200
EXAMPLE = (
    "Mending homes in the north", "Housing", "GB-COH:01234567", "250000", "0", "2027-04-01", "2030-03-31",
    "manager@council.example", "ocds-h6vhtk-03c8d1",
)  # fmt: skip


@bp.route("/contracts/import", methods=["GET", "POST"])
@allow(Action.IMPORT_CONTRACTS)
@takes_files
def receive() -> ResponseReturnValue:
    form = ContractsFileForm.sent()
    looked = None
    if form.ok():
        try:
            looked = look(form.file.data.read(), _area(), acting())
        except Unfit as refusal:
            form.put(refusal, {})
    if looked is not None:
        return _preview(looked, ContractsTextForm(formdata=None, data={"text": looked.text}))
    page = render_template(
        "contracts/import.html", form=form, columns=COLUMNS, kilobytes=LARGEST // 1000, rows=MOST_ROWS
    )
    return page, 422 if form.errors else 200


@bp.post("/contracts/import/confirm")
@allow(Action.IMPORT_CONTRACTS)
def confirm() -> ResponseReturnValue:
    form = ContractsTextForm.sent()
    if form.ok():
        try:
            looked = bring_in(str(form.text.data).encode(), _area(), acting())
            flash(_said(looked), "success")
            return redirect("/contracts", 303)
        except Unfit as refusal:
            form.put(Unfit({"text": next(iter(refusal.problems.values()))}), {})
    again = ContractsFileForm(formdata=None)
    again.file.errors = ["Send the file again: what you looked at has been lost on the way"]
    page = render_template(
        "contracts/import.html", form=again, columns=COLUMNS, kilobytes=LARGEST // 1000, rows=MOST_ROWS
    )
    return page, 422


@bp.get("/contracts/template.csv")
@allow(Action.IMPORT_CONTRACTS)
def template() -> ResponseReturnValue:
    return sheet("contracts", COLUMNS, [EXAMPLE])


def _preview(looked: Looked, form: ContractsTextForm) -> str:
    return render_template("contracts/preview.html", looked=looked, form=form, most_shown=MOST_SHOWN)


def _area() -> Authority:
    return db.session.get_one(Authority, acting().authority_id)


def _said(looked: Looked) -> str:
    made, known, refused = len(looked.fresh), len(looked.known), len(looked.refused)
    parts = [f"{made} contract{'s are' if made != 1 else ' is'} registered"]
    if known:
        parts.append(f"{known} {'were' if known != 1 else 'was'} known already")
    if refused:
        parts.append(f"{refused} row{'s were' if refused != 1 else ' was'} left out")
    return ", ".join(parts) + "."

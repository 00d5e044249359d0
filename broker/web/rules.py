"""How a council works: every rule that holds for it, whose it is, and changing one."""

from typing import cast

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from broker import policy
from broker.actions.rules import YES_OR_NO, drop_rule, set_rule
from broker.domain.permissions import Action
from broker.domain.refusals import Unfit
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.rules import FRAME, OWN, USUAL, RuleRow, rules_of
from broker.web import words
from broker.web.forms.rules import PROBLEMS, NumberForm, RuleForm, WordsForm, YesOrNoForm
from broker.web.guard import acting, allow

bp = Blueprint("rules", __name__)

WHOSE = {OWN: "Your council's own", FRAME: "Your framework's", USUAL: "Our usual one"}


@bp.get("/rules")
@allow(Action.SET_RULE)
def index() -> str:
    held = rules_of(_area().id)
    parts = [
        ("What this service goes by", [name for name in policy.RULE_UNITS if name in policy.GONE_BY]),
        ("What people read about your council", [name for name in policy.RULE_UNITS if name not in policy.GONE_BY]),
    ]
    return render_template("rules/index.html", area=_area(), parts=parts, held=held, said=_said, whose=WHOSE)


@bp.route("/rules/change", methods=["GET", "POST"])
@allow(Action.SET_RULE)
def change() -> ResponseReturnValue:
    name = request.values.get("rule", "")
    unit = policy.RULE_UNITS.get(cast("policy.records.RuleName", name))
    if unit is None:
        return redirect(url_for("rules.index"), 303)
    held = rules_of(_area().id).get(name)
    form = _form(name, unit).sent(data={"rule": name, **_typed(held)})
    if form.ok():
        try:
            set_rule(_area(), name, form.value.data or "", acting(), note=form.note.data or "")
        except Unfit as refusal:
            form.put(refusal, PROBLEMS)
        else:
            flash(f"Changed: {words.RULE[name]}. It counts from now on.", "success")
            return redirect(url_for("rules.index"), 303)
    page = render_template(
        "rules/change.html", form=form, name=name, unit=unit, now=held and _said(held),
        whose=held and WHOSE[held.layer], is_own=held is not None and held.layer == OWN,
    )  # fmt: skip
    return page, 422 if form.errors else 200


@bp.post("/rules/usual")
@allow(Action.DROP_RULE)
def drop() -> ResponseReturnValue:
    name = request.form.get("rule", "")
    if name in policy.RULE_UNITS:
        drop_rule(_area(), name, acting())
        flash(f"Your council has no rule of its own any more for: {words.RULE[name]}.", "success")
    return redirect(url_for("rules.index"), 303)


def _area() -> Authority:
    return db.session.get_one(Authority, acting().authority_id)


def _form(name: str, unit: str) -> type[RuleForm]:
    return YesOrNoForm if name in YES_OR_NO else WordsForm if unit == "words" else NumberForm


def _said(held: RuleRow) -> str:
    unit = policy.RULE_UNITS[cast("policy.records.RuleName", held.name)]
    return words.rule_value(held.value if unit == "words" else float(held.value), unit)


def _typed(held: RuleRow | None) -> dict[str, str]:
    """What holds now, and the note of a rule of the council's own."""
    return {"value": held.value, "note": held.note if held.layer == OWN else ""} if held else {}

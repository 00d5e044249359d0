"""Steps on the way of a promise or a partnership: saying that one is reached, and changing one."""

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue

from broker.actions import milestones
from broker.domain.permissions import Action
from broker.domain.refusals import Unfit
from broker.store.milestones import Milestone
from broker.web.forms.commitments import StepForm, put
from broker.web.guard import acting, allow, load

bp = Blueprint("milestones", __name__)


@bp.post("/milestones/<id:milestone_id>/reach")
@allow(Action.REACH_MILESTONE)
def reach(milestone_id: int) -> ResponseReturnValue:
    step = load(Milestone, milestone_id, Action.REACH_MILESTONE)
    milestones.reach_milestone(step, acting())
    flash("Well done. The step is reached.", "success")
    return redirect(f"{_page_of(step)}#steps", 303)


@bp.route("/milestones/<id:milestone_id>/change", methods=["GET", "POST"])
@allow(Action.SET_MILESTONE)
def change(milestone_id: int) -> ResponseReturnValue:
    step = load(Milestone, milestone_id, Action.SET_MILESTONE)
    form = StepForm.of(step)
    if step.partnership_id:
        del form.quantity
    if form.ok():
        quantity = form.quantity.amount if "quantity" in form else None
        try:
            milestones.change_milestone(
                step, acting(), what=form.what.data or "", due_on=form.due_on.data, quantity=quantity
            )
            flash("The step is changed.", "success")
            return redirect(f"{_page_of(step)}#steps", 303)
        except Unfit as refusal:
            put(form, refusal)
    page = render_template("milestones/change.html", form=form, step=step, back=_page_of(step))
    return page, 422 if form.errors else 200


def _page_of(step: Milestone) -> str:
    if step.commitment_id:
        return f"/commitments/{step.commitment_id}"
    return f"/partnerships/{step.partnership_id}"

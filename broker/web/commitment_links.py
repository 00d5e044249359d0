"""Which promise of its giver a partnership helps to keep, said by an officer at any time."""

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue

from broker.actions.commitments import link_commitment
from broker.domain.permissions import Action
from broker.domain.refusals import Unfit
from broker.store.commitments import Commitment, open_commitments_of
from broker.store.partnerships import WITH_SIDES, Partnership
from broker.web.forms.commitments import HelpForm, put
from broker.web.guard import acting, allow, load

bp = Blueprint("commitment_links", __name__)


@bp.route("/partnerships/<id:partnership_id>/promise", methods=["GET", "POST"])
@allow(Action.LINK_COMMITMENT)
def link(partnership_id: int) -> ResponseReturnValue:
    partnership = load(Partnership, partnership_id, Action.LINK_COMMITMENT, *WITH_SIDES)
    promises = _on_offer(partnership)
    form = HelpForm.sent(data=_said(partnership))
    form.offer(promises)
    if form.ok():
        try:
            commitment, amount = form.helps(promises)
            link_commitment(partnership, acting(), commitment=commitment, amount=amount)
            flash(
                "Kept. It counts as matched for that promise." if commitment else "It helps no promise now.", "success"
            )
            return redirect(f"/partnerships/{partnership.id}", 303)
        except Unfit as refusal:
            put(form, refusal)
    page = render_template("partnerships/promise.html", form=form, partnership=partnership, promises=promises)
    return page, 422 if form.errors else 200


def _on_offer(partnership: Partnership) -> list[Commitment]:
    """What its giver still has to keep there, and the promise that it helps now, should that be none of them."""
    found = open_commitments_of(partnership.giver_id, partnership.authority_id)
    now = partnership.commitment
    return found if now is None or now in found else [*found, now]


def _said(partnership: Partnership) -> dict[str, str]:
    if partnership.commitment_id is None:
        return {}
    amount = partnership.committed_amount
    return {"commitment": str(partnership.commitment_id), "committed_amount": "" if amount is None else f"{amount:f}"}

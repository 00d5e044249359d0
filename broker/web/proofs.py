"""Showing once more who one is, before something that matters."""

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from broker.actions import sign_ins
from broker.domain.clock import now
from broker.domain.permissions import Action
from broker.domain.refusals import Unfit
from broker.domain.sign_ins import Way
from broker.web.accounts import enter, first_page
from broker.web.browsers import this_browser
from broker.web.forms.accounts import ProveForm
from broker.web.guard import acting, allow
from broker.web.transaction import keep

bp = Blueprint("proofs", __name__)


@bp.route("/account/prove", methods=["GET", "POST"])
@allow(Action.USE_ACCOUNT)
def prove() -> ResponseReturnValue:
    form = ProveForm.sent()
    if form.ok():
        try:
            token = sign_ins.prove(form.password.data, current_user.sign_in_id, acting(), this_browser(), now())
            actor = enter(token)
            return redirect(first_page(actor), 303)
        except Unfit as refusal:
            keep()
            form.put(refusal, {"wrong": "That is not your password. Try again"})
    by_council = current_user.way == Way.SINGLE_SIGN_ON
    return render_template("accounts/prove.html", form=form, by_council=by_council), 422 if form.errors else 200

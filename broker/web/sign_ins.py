"""Where one is signed in, and ending it."""

from flask import Blueprint, abort, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from broker.actions import sign_ins
from broker.domain.clock import now
from broker.domain.permissions import Action
from broker.store.accounts import live_sign_ins
from broker.web.accounts import own_id
from broker.web.guard import acting, allow

bp = Blueprint("sign_ins", __name__)


@bp.get("/account/sign-ins")
@allow(Action.END_SIGN_IN)
def mine() -> str:
    found = live_sign_ins(own_id(), now())
    return render_template("accounts/sign_ins.html", sign_ins=found, this_one=current_user.sign_in_id)


@bp.post("/account/sign-ins/<id:browser_id>/end")
@allow(Action.END_SIGN_IN)
def end(browser_id: int) -> ResponseReturnValue:
    if browser_id not in {each.id for each in live_sign_ins(own_id(), now())}:
        abort(404)
    sign_ins.end_sign_in(browser_id, acting(), now())
    flash("That browser is signed out.", "success")
    return redirect("/account/sign-ins", 303)


@bp.post("/account/sign-ins/end-others")
@allow(Action.END_SIGN_IN)
def end_others() -> ResponseReturnValue:
    ended = sign_ins.end_other_sign_ins(current_user.sign_in_id, acting(), now())
    flash("You are signed out everywhere else." if ended else "You are signed in nowhere else.", "success")
    return redirect("/account/sign-ins", 303)

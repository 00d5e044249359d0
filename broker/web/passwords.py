"""A password that was forgotten or never set: asking for a letter, and the link in it."""

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue

from broker.actions import passwords
from broker.domain.clock import now
from broker.domain.links import SETS_PASSWORD
from broker.domain.refusals import LinkOver
from broker.store.accounts import live_link
from broker.web.browsers import this_browser
from broker.web.forms.accounts import ForgottenForm, SetPasswordForm
from broker.web.guard import public

bp = Blueprint("passwords", __name__)


@bp.route("/forgotten-password", methods=["GET", "POST"])
@public
def forgotten() -> ResponseReturnValue:
    form = ForgottenForm.sent()
    if form.ok():
        passwords.ask_for_password(form.email.data or "", this_browser(), now())
        return redirect("/forgotten-password/sent", 303)
    return render_template("accounts/forgotten_password.html", form=form), 422 if form.errors else 200


@bp.get("/forgotten-password/sent")
@public
def sent() -> str:
    return render_template("accounts/letter_sent.html", purpose="password")


@bp.route("/set-password/<token>", methods=["GET", "POST"])
@public
def set_password(token: str) -> ResponseReturnValue:
    link = live_link(token, now(), *SETS_PASSWORD)
    if link is None:
        raise LinkOver
    form = SetPasswordForm.sent()
    if form.ok():
        passwords.set_password(token, form.password.data, now())
        flash("Your password is set. Sign in with it now.", "success")
        return redirect("/sign-in", 303)
    return render_template("accounts/set_password.html", form=form, user=link.user), 422 if form.errors else 200

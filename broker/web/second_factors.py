"""Codes from a telephone: the page that asks for one, and the pages that set them up."""

import segno
from flask import Blueprint, current_app, flash, redirect, render_template, session
from flask.typing import ResponseReturnValue
from flask_login import current_user

from broker.actions import second_factors
from broker.domain.clock import now
from broker.domain.permissions import Action
from broker.domain.refusals import Unfit, WrongState
from broker.store.accounts import User, awaited_code, hash_token
from broker.store.base import db
from broker.store.second_factors import codes_left, second_factor_of
from broker.web.accounts import enter, first_page, own_id
from broker.web.browsers import this_browser
from broker.web.forms.accounts import CodeForm
from broker.web.guard import acting, allow, fresh, needs_second_factor, public
from broker.web.transaction import keep

bp = Blueprint("second_factors", __name__)

SAID = {
    "wrong": "That code is not right, or it was used before. Wait for the next one and type it",
    "over": "It took too long. Sign in again",
}


@bp.route("/sign-in/code", methods=["GET", "POST"])
@public
def ask() -> ResponseReturnValue:
    token = str(session.get("half", ""))
    if awaited_code(hash_token(token), now()) is None:
        return redirect("/sign-in", 303)
    form = CodeForm.sent()
    if form.ok():
        try:
            actor = enter(second_factors.give_code(token, form.code.data or "", this_browser(), _keys(), now()))
            return redirect(first_page(actor), 303)
        except Unfit as refusal:
            keep()
            form.put(refusal, SAID)
    return render_template("accounts/code.html", form=form), 422 if form.errors else 200


@bp.get("/account/codes")
@allow(Action.SET_UP_SECOND_FACTOR)
def show() -> str:
    mine = second_factor_of(own_id())
    left = codes_left(own_id()) if mine else 0
    return render_template("accounts/second_factor.html", mine=mine, left=left, demanded=needs_second_factor(acting()))


@bp.post("/account/codes/begin")
@allow(Action.SET_UP_SECOND_FACTOR)
@fresh
def begin() -> ResponseReturnValue:
    second_factors.begin_set_up(acting(), _keys())
    return redirect("/account/codes/set-up", 303)


@bp.route("/account/codes/set-up", methods=["GET", "POST"])
@allow(Action.SET_UP_SECOND_FACTOR)
@fresh
def set_up() -> ResponseReturnValue:
    secret = second_factors.waiting_secret(acting(), _keys())
    if secret is None:
        return redirect("/account/codes", 303)
    form = CodeForm.sent()
    if form.ok():
        try:
            codes, token = second_factors.set_up(
                acting(), form.code.data or "", current_user.sign_in_id, _keys(), now()
            )
            # A page that is reloaded sends its form again: with its token kept, that leads to where new codes are made.
            enter(token, csrf_token=session.get("csrf_token", ""))
            return render_template("accounts/recovery_codes.html", codes=codes)
        except Unfit as refusal:
            form.put(refusal, SAID)
    user = db.session.get_one(User, own_id())
    address = second_factors.address_for_app(secret, user.email, current_app.config["SERVICE_NAME"])
    picture = segno.make(address, micro=False).svg_data_uri(scale=5, border=4, light="#fff")
    page = render_template("accounts/set_up_codes.html", form=form, picture=picture, secret=secret)
    return page, 422 if form.errors else 200


@bp.post("/account/codes/recovery")
@allow(Action.SET_UP_SECOND_FACTOR)
@fresh
def new_recovery() -> ResponseReturnValue:
    if second_factor_of(own_id()) is None:
        raise WrongState("second_factor", "off", Action.SET_UP_SECOND_FACTOR)
    return render_template("accounts/recovery_codes.html", codes=second_factors.new_codes(acting()))


@bp.post("/account/codes/remove")
@allow(Action.REMOVE_SECOND_FACTOR)
@fresh
def remove() -> ResponseReturnValue:
    if needs_second_factor(acting()) or second_factor_of(own_id()) is None:
        raise WrongState("second_factor", "needed", Action.REMOVE_SECOND_FACTOR)
    second_factors.remove(acting())
    flash("You sign in with your password alone from now on.", "success")
    return redirect("/account", 303)


def _keys() -> list[str]:
    return [current_app.config["SECRET_KEY"], *(current_app.config.get("SECRET_KEY_FALLBACKS") or [])]

"""E-mail addresses: the link that shows that one is one's own, and moving an account to another."""

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue

from broker.actions import addresses
from broker.domain.clock import now
from broker.domain.links import LinkPurpose
from broker.domain.permissions import Action
from broker.domain.refusals import LinkOver, Unfit
from broker.store.accounts import User, live_link
from broker.store.base import db
from broker.web.accounts import enter, own_id
from broker.web.browsers import this_browser
from broker.web.forms.accounts import NewAddressForm, ProveForm
from broker.web.guard import acting, allow, fresh, public
from broker.web.transaction import keep

bp = Blueprint("addresses", __name__)

SAID = {"same": "This is your address already", "wrong": "That is not the password of this account. Try again"}


@bp.get("/sign-up/sent")
@public
def sent() -> str:
    return render_template("accounts/letter_sent.html", purpose="sign_up")


@bp.route("/verify-address/<token>", methods=["GET", "POST"])
@public
def confirm(token: str) -> ResponseReturnValue:
    link = live_link(token, now(), *addresses.SHOWS_ADDRESS)
    if link is None:
        raise LinkOver
    form = ProveForm.sent()
    moves = link.purpose == LinkPurpose.NEW_ADDRESS
    if form.ok():
        try:
            opened = addresses.confirm_address(token, form.password.data, this_browser(), now())
            if opened is not None:
                enter(opened)
                return redirect("/welcome", 303)
            flash("Your address is changed. Sign in with the new one.", "success")
            return redirect("/sign-in", 303)
        except Unfit as refusal:
            keep()
            form.put(refusal, SAID)
    page = render_template("accounts/confirm_address.html", form=form, moves=moves, email=link.new_email)
    return page, 422 if form.errors else 200


@bp.route("/account/address", methods=["GET", "POST"])
@allow(Action.CHANGE_ADDRESS)
@fresh
def move() -> ResponseReturnValue:
    form = NewAddressForm.sent()
    user = db.session.get_one(User, own_id())
    if form.ok():
        try:
            addresses.ask_to_move(form.email.data or "", acting(), this_browser(), now())
            return redirect("/account/address/sent", 303)
        except Unfit as refusal:
            form.put(refusal, SAID)
    return render_template("accounts/address.html", form=form, user=user), 422 if form.errors else 200


@bp.get("/account/address/sent")
@allow(Action.CHANGE_ADDRESS)
def asked() -> str:
    return render_template("accounts/letter_sent.html", purpose="move")

"""Signing in and out, switching between what one may act as, and one's own account."""

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from broker.actions import sign_ins
from broker.domain.clock import now
from broker.domain.kinds import Role
from broker.domain.permissions import Action, Actor, Reach, reach
from broker.domain.refusals import Unfit
from broker.store.accounts import User, memberships_of
from broker.store.base import db
from broker.web.browsers import this_browser
from broker.web.forms.accounts import ChangePasswordForm, SignInForm
from broker.web.guard import PUBLIC, access_of, acting, allow, load_visitor, public
from broker.web.transaction import keep

bp = Blueprint("accounts", __name__)

HOME = {
    Role.OFFICER: "/desk",
    Role.MEMBER: "/my-matches",
    Role.COLLEAGUE: "/commitments",
    Role.CONTRACT_MANAGER: "/contracts",
    Role.COUNCILLOR: "/wards",
    Role.ADMINISTRATOR: "/administration",
}
SAID = {
    "wrong": "The e-mail address or the password is not right. Check both and try again",
    "no_place": "Your account is not linked to an organisation or a council now. Ask the person who invited you",
    "off": "Your account is switched off. Ask your council",
    "unconfirmed": "Open the link in our letter first: it shows that the address is yours. No letter? Ask for a new"
    " password below, and we write again",
}


@bp.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    if request.method == "GET" and current_user.is_authenticated:
        return redirect(HOME[current_user.actor.role])
    form = SignInForm.sent()
    if form.ok():
        try:
            opened = sign_ins.sign_in(form.email.data or "", form.password.data, now(), this_browser())
            if opened.needs_code:
                start_anew(half=opened.token)
                return redirect("/sign-in/code", 303)
            return redirect(first_page(enter(opened.token)), 303)
        except Unfit as refusal:
            keep()
            form.put(refusal, SAID)
    goes_on = bool(session.get("wanted"))
    return render_template("accounts/sign_in.html", form=form, goes_on=goes_on), 422 if form.errors else 200


@bp.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    if current_user.is_authenticated:
        sign_ins.end_sign_in(current_user.sign_in_id, acting(), now())
    logout_user()
    session.clear()
    flash("You are signed out.", "success")
    return redirect("/", 303)


@bp.post("/switch")
@allow(Action.USE_ACCOUNT)
def switch() -> ResponseReturnValue:
    wanted = request.form.get("membership", "")
    mine = {str(m.id): m.id for m in memberships_of(own_id())}
    if wanted not in mine:
        abort(404)
    actor = enter(sign_ins.choose_membership(mine[wanted], current_user.sign_in_id, acting(), now()))
    flash("You have switched.", "success")
    return redirect(HOME[actor.role], 303)


@bp.get("/account")
@allow(Action.USE_ACCOUNT)
def account() -> ResponseReturnValue:
    return _account_page(ChangePasswordForm(formdata=None))


@bp.post("/account")
@allow(Action.USE_ACCOUNT)
def change_password() -> ResponseReturnValue:
    form = ChangePasswordForm.sent()
    if form.ok():
        try:
            token = sign_ins.change_password(
                form.current.data, form.password.data, current_user.sign_in_id, acting(), this_browser(), now()
            )
            enter(token)
            flash("Your password is changed. Every other browser where you were signed in is signed out.", "success")
            return redirect("/account", 303)
        except Unfit as refusal:
            keep()
            form.put(refusal, {"wrong": "That is not your password as it is now. Try again"})
    return _account_page(form), 422


def enter(token: str, **kept: str) -> Actor:
    """Put a fresh sign-in into this browser's cookie; of the visit before it only the wanted page and `kept` stay."""
    start_anew(**kept)
    visitor = load_visitor(token)
    if visitor is None:
        abort(500)
    login_user(visitor)
    return visitor.actor


def start_anew(**kept: str) -> None:
    """Forget the visit so far, but for the wanted page and what is named."""
    kept["wanted"] = session.get("wanted", "")
    session.clear()
    session.update({name: text for name, text in kept.items() if text})


def is_own_page(path: str, actor: Actor) -> bool:
    """True for the plain path of a page of this service that this visitor's role may open."""
    if not path.startswith("/") or path.startswith("//") or "\\" in path or len(path) > 2000:
        return False
    if any(ord(character) <= 0x20 or ord(character) == 0x7F for character in path):
        return False
    try:
        endpoint, _ = current_app.url_map.bind("").match(path.partition("?")[0], method="GET")
    except (HTTPException, RequestRedirect):
        return False
    access = access_of(current_app, endpoint)
    return endpoint != "static" and (access == PUBLIC or reach(actor, Action(str(access))) is not Reach.NONE)


def first_page(actor: Actor) -> str:
    """Where a visit goes on after signing in: the page that was wanted, or the role's own."""
    wanted = str(session.pop("wanted", ""))
    return wanted if is_own_page(wanted, actor) else HOME[actor.role]


def own_id() -> int:
    """The visitor's own id."""
    user_id = acting().user_id
    if user_id is None:
        abort(403)
    return user_id


def _account_page(form: ChangePasswordForm) -> str:
    user = db.session.get_one(User, own_id())
    return render_template("accounts/account.html", form=form, user=user, memberships=memberships_of(user.id))

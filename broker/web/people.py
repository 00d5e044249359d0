"""One person, as an administrator sees them: roles, sign-ins, codes, and switching the account off."""

from flask import Blueprint, abort, flash, redirect, render_template
from flask.typing import ResponseReturnValue

from broker.actions import accounts, second_factors, sign_ins
from broker.domain.clock import now
from broker.domain.permissions import Action
from broker.store.accounts import Membership, User, live_sign_ins, memberships_of
from broker.store.base import db
from broker.store.second_factors import second_factor_of
from broker.web.guard import acting, allow, fresh

bp = Blueprint("people", __name__, url_prefix="/administration/people")


@bp.get("/<id:user_id>")
@allow(Action.SEE_PERSON)
def show(user_id: int) -> str:
    user = _load(user_id)
    return render_template(
        "administration/person.html",
        user=user,
        memberships=memberships_of(user_id),
        sign_ins=live_sign_ins(user_id, now()),
        second_factor=second_factor_of(user_id),
    )


@bp.post("/<id:user_id>/end-sign-ins")
@allow(Action.END_ALL_SIGN_INS)
def end_sign_ins(user_id: int) -> ResponseReturnValue:
    sign_ins.end_all_sign_ins(_load(user_id), acting(), now())
    return _done(user_id, "They are signed out everywhere.")


@bp.post("/<id:user_id>/switch-off")
@allow(Action.SWITCH_OFF_PERSON)
@fresh
def switch_off(user_id: int) -> ResponseReturnValue:
    accounts.switch_off(_load(user_id), acting(), now())
    return _done(user_id, "The account is switched off. Nobody signs in with it any more.")


@bp.post("/<id:user_id>/switch-on")
@allow(Action.SWITCH_ON_PERSON)
@fresh
def switch_on(user_id: int) -> ResponseReturnValue:
    accounts.switch_on(_load(user_id), acting())
    return _done(user_id, "The account is switched on again.")


@bp.post("/<id:user_id>/reset-codes")
@allow(Action.RESET_SECOND_FACTOR)
@fresh
def reset_codes(user_id: int) -> ResponseReturnValue:
    second_factors.reset(_load(user_id), acting(), now())
    return _done(user_id, "No code is asked of them now. They set up new ones when they sign in.")


@bp.post("/<id:user_id>/roles/<id:membership_id>/take-away")
@allow(Action.TAKE_ROLE_AWAY)
@fresh
def take_role_away(user_id: int, membership_id: int) -> ResponseReturnValue:
    membership = db.session.get(Membership, membership_id)
    if membership is None or membership.user_id != _load(user_id).id or membership.ended_at is not None:
        abort(404)
    accounts.take_role_away(membership, acting(), now())
    return _done(user_id, "The role is taken away.")


def _load(user_id: int) -> User:
    return db.session.get(User, user_id) or abort(404)


def _done(user_id: int, said: str) -> ResponseReturnValue:
    flash(said, "success")
    return redirect(f"/administration/people/{user_id}", 303)

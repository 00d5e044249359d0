"""Erasing somebody else: those who asked, and whoever wrote in to ask."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from broker.actions.erasure import erase_person, leaving
from broker.domain.permissions import Action
from broker.domain.refusals import Unfit
from broker.store.accounts import User, memberships_of, user_by_email
from broker.store.base import db
from broker.store.privacy import departure_of, is_erased, last_done, people_who_asked
from broker.web.forms.privacy import EraseForm, FindPersonForm
from broker.web.guard import acting, allow, fresh
from broker.web.own_data import LAST

bp = Blueprint("erasures", __name__, url_prefix="/administration/erasures")

UNKNOWN = {"unknown": "Nobody signs in with this address. Check it and try again"}


@bp.route("", methods=["GET", "POST"])
@allow(Action.ERASE_PERSON)
def listed() -> ResponseReturnValue:
    form = FindPersonForm.sent()
    if form.ok():
        user = user_by_email(form.email.data or "")
        if user is not None and not is_erased(user):
            return redirect(url_for("erasures.person", user_id=user.id), 303)
        form.put(Unfit({"email": "unknown"}), UNKNOWN)
    page = render_template(
        "privacy/erasures.html", form=form, departures=people_who_asked(), cleared_at=last_done("retain")
    )
    return page, 422 if form.errors else 200


@bp.route("/<id:user_id>", methods=["GET", "POST"])
@allow(Action.ERASE_PERSON)
@fresh
def person(user_id: int) -> ResponseReturnValue:
    user = db.session.get(User, user_id)
    if user is None or is_erased(user):
        abort(404)
    form = EraseForm.sent()
    if form.ok():
        try:
            erase_person(user, acting())
            flash("The account is erased.", "success")
            return redirect("/administration/erasures", 303)
        except Unfit as refusal:
            form.put(refusal, LAST)
    page = render_template(
        "privacy/erasure.html",
        form=form,
        user=user,
        memberships=memberships_of(user.id),
        leaving=leaving(user.id),
        departure=departure_of(user.id),
    )
    return page, 422 if form.errors else 200

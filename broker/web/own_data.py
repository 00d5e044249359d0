"""One's own data: a copy of it, and the way out."""

import json
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from flask import Blueprint, flash, make_response, redirect, render_template, session
from flask.typing import ResponseReturnValue
from flask_login import logout_user

from broker.actions.erasure import ask_erasure, leaving, take_back_erasure
from broker.actions.own_data import take_copy
from broker.domain.clock import now
from broker.domain.permissions import Action
from broker.domain.refusals import Unfit
from broker.store.privacy import Row, departure_of
from broker.web.forms.audit import DEEDS, THINGS
from broker.web.forms.privacy import EraseForm
from broker.web.guard import acting, allow, fresh
from broker.web.stored_words import stored_name, stored_value

bp = Blueprint("own_data", __name__, url_prefix="/account")

LAST = {
    "last_administrator": "You are the only administrator. Make somebody else one first, or nobody can run the service"
}
TITLES = {
    "user": "Your account",
    "membership": "What you act as",
    "organisation": "Your organisations",
    "sign_in": "Browsers that you signed in with",
    "one_time_link": "Links that you were sent",
    "staff_identity": "Your council's sign-in",
    "listing": "Listings that you wrote",
    "listing_version": "What you wrote in them",
    "note": "Messages and notes that you wrote",
    "event": "What you did, and what was done to your account",
    "outbox": "Letters to you",
    "match": "Matches that you confirmed",
    "partnership": "Partnerships that you confirmed",
    "registration": "Organisations that you decided on",
    "import": "Files that you brought in",
    "trial": "Texts that you tried out",
    "departure": "Your wish to be erased",
    "failed_try": "Times when a sign-in to your account went wrong",
    "listing_boost": "Listings that you lifted",
    "contract": "Contracts that you manage",
    "commitment": "Promises that you see to",
    "delivery": "Deliveries that you wrote down",
    "confirmation": "What you said that you got",
    "verification": "Deliveries that you vouched for",
    "evidence": "Evidence that you added",
    "stored_file": "Files that you handed in; each can be saved on the page where it is used",
    "claim": "Claims that you made",
    "feedback": "How you said that a partnership went",
    "valuation_edition": "Values that you brought in",
    "report_period": "Periods that you closed",
    "project_idea": "Projects that you suggested",
    "mail_refusal": "Letters that you do not want",
    "plan": "Plans that you made",
    "recovery_code": "Your recovery codes, without the codes themselves",
    "second_factor": "Codes from your telephone",
    "synonym": "Words that mean the same, which you wrote",
    "synonym_phrase": "The words in them",
}


@bp.get("/data")
@allow(Action.TAKE_COPY)
@fresh
def data() -> str:
    return render_template("privacy/own_data.html", departure=departure_of(acting().user_id))


@bp.post("/data")
@allow(Action.TAKE_COPY)
@fresh
def copy() -> ResponseReturnValue:
    answer = make_response(_packed(take_copy(acting())))
    answer.mimetype = "application/zip"
    answer.headers["Content-Disposition"] = "attachment; filename=my-data.zip"
    return answer


@bp.route("/erase", methods=["GET", "POST"])
@allow(Action.ASK_ERASURE)
@fresh
def erase() -> ResponseReturnValue:
    by, form = acting(), EraseForm.sent()
    if form.ok():
        try:
            if ask_erasure(by):
                logout_user()
                session.clear()
                flash("Your account is erased, and you are signed out. Thank you for what you did here.", "success")
                return redirect("/", 303)
            return redirect("/account/erase", 303)
        except Unfit as refusal:
            form.put(refusal, LAST)
    page = render_template(
        "privacy/erase.html", form=form, leaving=leaving(by.user_id or 0), departure=departure_of(by.user_id)
    )
    return page, 422 if form.errors else 200


@bp.post("/stay")
@allow(Action.TAKE_BACK_ERASURE)
def stay() -> ResponseReturnValue:
    take_back_erasure(acting())
    flash("You stay. Nothing was erased.", "success")
    return redirect("/account", 303)


def _in_words(row: Row) -> dict[str, str]:
    """A row as its person reads it; what is empty is left out."""
    said = {name: value for name, value in row.items() if value not in (None, "", [], {})}
    for name, known in (("action", DEEDS), ("subject", THINGS)):
        if name in said:
            said[name] = known.get(str(said[name]), said[name])
    return {stored_name(name): stored_value(value) for name, value in said.items()}


def _packed(held: dict[str, list[Row]]) -> bytes:
    """A zip with the same twice: for people to read, and for computers."""
    told = {TITLES.get(table, stored_name(table)): [_in_words(row) for row in rows] for table, rows in held.items()}
    page = render_template("privacy/copy.html", told=told, made_at=now())
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        archive.writestr("my-data.html", page)
        archive.writestr("my-data.json", json.dumps(held, ensure_ascii=False, indent=1))
    return packed.getvalue()

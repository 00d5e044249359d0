"""Organisations: signing up, one's own, and what everyone may read about another."""

from itertools import groupby

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from broker.actions import organisations
from broker.domain.clock import now
from broker.domain.kinds import Audience
from broker.domain.permissions import Action, can
from broker.domain.refusals import Unfit
from broker.store.authorities import Authority, all_authorities
from broker.store.base import db
from broker.store.events import notes_of_each
from broker.store.how_it_went import average_of
from broker.store.listings import shown_postings_of
from broker.store.organisations import Organisation, organisation_with_standing
from broker.web.browsers import this_browser
from broker.web.forms.organisations import ApplyForm, EditForm, NamedForm, SignUpForm, UnclaimedForm
from broker.web.guard import acting, allow, current_actor, load, public

bp = Blueprint("organisations", __name__)

CHANGED = {
    "changed": "Somebody else changed this while you were typing. Your words are still here: save again to keep them"
}


@bp.route("/sign-up", methods=["GET", "POST"])
@public
def sign_up() -> ResponseReturnValue:
    areas = all_authorities()
    form = SignUpForm.sent()
    form.offer(areas)
    if form.ok():
        chosen = [area for area in areas if area.id in (form.authorities.data or ())]
        organisations.sign_up(
            form.facts(), authorities=chosen, password=form.password.data, browser=this_browser(), at=now()
        )
        return redirect("/sign-up/sent", 303)
    page = render_template("organisations/sign_up.html", form=form, regions=_by_region(areas))
    return page, 422 if form.errors else 200


@bp.get("/welcome")
@allow(Action.APPLY)
def welcome() -> str:
    return render_template("organisations/welcome.html", organisation=_own())


@bp.get("/my-organisation")
@allow(Action.APPLY)
def mine() -> str:
    return _own_page(ApplyForm(formdata=None))


@bp.post("/my-organisation/apply")
@allow(Action.APPLY)
def apply() -> ResponseReturnValue:
    form = ApplyForm.sent()
    organisation = _own()
    authority = db.session.get(Authority, form.authority.data or 0)
    if form.ok() and authority is not None:
        organisations.apply(organisation, authority, acting(), answer=form.answer.data or "")
        flash(f"Sent. An officer of {authority.name} will look at it.", "success")
        return redirect("/my-organisation", 303)
    if authority is None:
        form.put(Unfit({"authority": "unknown"}), {"unknown": "Choose a council area"})
    return _own_page(form), 422


@bp.route("/my-organisation/edit", methods=["GET", "POST"])
@allow(Action.APPLY)
def edit_mine() -> ResponseReturnValue:
    return _edit(_own(), "/my-organisation")


@bp.route("/organisations/<id:organisation_id>/edit", methods=["GET", "POST"])
@allow(Action.EDIT_ORGANISATION)
def edit(organisation_id: int) -> ResponseReturnValue:
    organisation = load(Organisation, organisation_id, Action.EDIT_ORGANISATION)
    return _edit(organisation, f"/organisations/{organisation_id}")


@bp.post("/organisations/<id:organisation_id>/named")
@allow(Action.EDIT_ORGANISATION)
def name(organisation_id: int) -> ResponseReturnValue:
    organisation, form = load(Organisation, organisation_id, Action.EDIT_ORGANISATION), NamedForm.sent()
    if not form.ok():
        abort(400)
    organisations.agree_to_be_named(organisation, acting(), agreed=bool(form.agreed.data))
    flash("Kept. " + ("Public results may name you." if organisation.is_named else "Public results never name you."))
    return redirect("/my-organisation" if acting().organisation_id else f"/organisations/{organisation_id}", 303)


@bp.get("/organisations/<id:organisation_id>")
@public
def show(organisation_id: int) -> str:
    organisation = organisation_with_standing(organisation_id)
    actor = current_actor()
    if organisation is None:
        abort(404)
    inside = can(actor, Action.SEE_ORGANISATION, organisation)
    if not (inside or organisation.is_public):
        abort(404)
    postings = shown_postings_of(organisation_id)
    return render_template(
        "organisations/show.html",
        organisation=organisation,
        postings=postings,
        private=inside,
        average=average_of(organisation_id) if inside else None,
    )


def _own() -> Organisation:
    """The organisation that the visitor acts for, with its standing."""
    organisation = organisation_with_standing(acting().organisation_id or 0)
    return organisation or abort(404)


def _own_page(form: ApplyForm) -> str:
    organisation = _own()
    known = organisation.authorities
    notes = notes_of_each("registration", [r.id for r in organisation.registrations], frozenset({Audience.OWNER}))
    others = [area for area in all_authorities() if area.id not in known]
    return render_template(
        "organisations/mine.html",
        organisation=organisation,
        notes=notes,
        others=others,
        form=form,
        average=average_of(organisation.id),
    )


def _edit(organisation: Organisation, back: str) -> ResponseReturnValue:
    form = (EditForm if organisation.claimed_at else UnclaimedForm).of(organisation)
    seen = request.form.get("version", str(organisation.row_version))
    if form.ok() and seen != str(organisation.row_version):
        form.put(Unfit({"version": "changed"}), CHANGED)
    elif not form.errors and request.method == "POST":
        changed = organisations.edit_organisation(organisation, acting(), facts=form.facts())
        flash("Saved." if changed else "Nothing was changed.", "success" if changed else "notice")
        return redirect(back, 303)
    status = 422 if request.method == "POST" else 200
    return render_template("organisations/edit.html", form=form, organisation=organisation, back=back), status


def _by_region(areas: list[Authority]) -> list[tuple[str, list[Authority]]]:
    """The areas under their regions, both by name."""
    ordered = sorted(areas, key=lambda area: (area.region, area.name))
    return [(region, list(group)) for region, group in groupby(ordered, key=lambda area: area.region)]

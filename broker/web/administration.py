"""The administrator's pages: authorities, the people who run them, and who may do what."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from broker.actions.accounts import create_user, issue_link
from broker.actions.audit import last_check
from broker.actions.authorities import add_authority
from broker.actions.invitations import write_to_staff
from broker.domain.clock import now
from broker.domain.kinds import Role
from broker.domain.permissions import GRANTS, Action, Reach
from broker.domain.refusals import Unfit
from broker.store.accounts import User, staff, user_by_email
from broker.store.authorities import all_authorities
from broker.store.frameworks import frameworks_for
from broker.store.privacy import people_who_asked
from broker.web import words
from broker.web.forms.administration import AuthorityForm, LinkForm, PersonForm
from broker.web.guard import acting, allow, fresh

bp = Blueprint("administration", __name__, url_prefix="/administration")

SAID = {
    "shape": "An ONS code is one letter and eight figures, such as E08000009",
    "taken": "This council is here already",
    "unknown": "Nobody signs in with this address. Check it, or add the person",
    "missing": "Choose the council this officer works for",
}
KNOWN = "{} has an account here already and keeps its password. We have written to them about their new role"


@bp.get("")
@allow(Action.SEE_ACCESS)
def landing() -> str:
    return render_template("administration/landing.html", check=last_check(), leaving=len(people_who_asked()))


@bp.route("/authorities", methods=["GET", "POST"])
@allow(Action.ADD_AUTHORITY)
def authorities() -> ResponseReturnValue:
    form = AuthorityForm.sent()
    frames = {f.code: f.name for f in frameworks_for(acting()) if f.status == "current"}
    form.offer(frames.items())
    if form.ok():
        try:
            added = add_authority(
                acting(),
                code=form.code.data or "",
                name=form.name.data or "",
                region=form.region.data or "",
                framework_code=form.framework_code.data,
            )
            flash(f"{added.name} is added. Add its first officer next.", "success")
            return redirect("/administration/people", 303)
        except Unfit as refusal:
            form.put(refusal, SAID)
    listed = all_authorities()
    page = render_template("administration/authorities.html", form=form, authorities=listed, frames=frames)
    return page, 422 if form.errors else 200


@bp.route("/people", methods=["GET", "POST"])
@allow(Action.ADD_PERSON)
@fresh
def people() -> ResponseReturnValue:
    form = PersonForm.sent()
    areas = all_authorities()
    form.offer(areas)
    if form.ok():
        area = next((area for area in areas if str(area.id) == form.authority.data), None)
        try:
            user, token = create_user(
                form.email.data or "", Role(form.role.data), area, acting(), name=form.name.data or ""
            )
            write_to_staff(user, Role(form.role.data), area.id if area else None, acting(), now())
            if user.password_hash is not None:
                flash(KNOWN.format(user.email), "success")
                return redirect("/administration/people", 303)
            return _link_page(user, token)
        except Unfit as refusal:
            form.put(refusal, SAID)
    return _people_page(form, LinkForm(formdata=None)), 422 if form.errors else 200


@bp.post("/people/link")
@allow(Action.ADD_PERSON)
@fresh
def new_link() -> ResponseReturnValue:
    form = LinkForm.sent()
    user = user_by_email(form.lost.data or "") if form.ok() else None
    if user is not None and "look" in request.form:
        return redirect(f"/administration/people/{user.id}", 303)
    if user is not None:
        return _link_page(user, issue_link(user, acting()))
    if not form.errors:
        form.put(Unfit({"lost": "unknown"}), SAID)
    adding = PersonForm(formdata=None)
    adding.offer(all_authorities())
    return _people_page(adding, form), 422


@bp.get("/access")
@allow(Action.SEE_ACCESS)
def access() -> str:
    rows = [
        [words.deed(action), *(words.REACH[grants.get(role, Reach.NONE)] for role in Role)]
        for action, grants in GRANTS.items()
    ]
    return render_template("administration/access.html", rows=rows, roles=[words.ROLE[role] for role in Role])


def _people_page(adding: PersonForm, linking: LinkForm) -> str:
    return render_template("administration/people.html", form=adding, linking=linking, staff=staff())


def _link_page(user: User, token: str) -> str:
    """The one page that ever shows the link: only its hash is kept, so it cannot be shown again."""
    link = url_for("passwords.set_password", token=token, _external=True)
    return render_template("administration/link.html", user=user, link=link)

"""An organisation's people, inviting one more, and the page on which an invitation is taken up."""

from flask import Blueprint, flash, redirect, render_template, session
from flask.typing import ResponseReturnValue

from broker.actions import invitations
from broker.domain.clock import now
from broker.domain.permissions import Action
from broker.domain.refusals import LinkOver, Unfit
from broker.store.accounts import OneTimeLink, people_of
from broker.store.organisations import Organisation
from broker.web.browsers import this_browser
from broker.web.forms.accounts import AcceptForm, InviteForm
from broker.web.guard import acting, allow, current_actor, load, public

bp = Blueprint("invitations", __name__)


@bp.route("/organisations/<id:organisation_id>/people", methods=["GET", "POST"])
@allow(Action.INVITE_PERSON)
def people(organisation_id: int) -> ResponseReturnValue:
    organisation = load(Organisation, organisation_id, Action.INVITE_PERSON)
    form = InviteForm.sent()
    if form.ok():
        try:
            invitations.invite(form.email.data or "", organisation, acting(), this_browser(), now())
            flash(f"We have written to {form.email.data}. The link in our letter works for two days.", "success")
            return redirect(f"/organisations/{organisation_id}/people", 303)
        except Unfit as refusal:
            form.put(refusal, {"here": "This person acts for the organisation already"})
    known = people_of(organisation_id)
    page = render_template("accounts/people.html", form=form, organisation=organisation, people=known)
    return page, 422 if form.errors else 200


@bp.route("/invitations/<token>", methods=["GET", "POST"])
@public
def take_up(token: str) -> ResponseReturnValue:
    link = invitations.live_invitation(token, now())
    if link is None:
        raise LinkOver
    if link.user.password_hash is not None:
        return _as_known(link, token)
    form = AcceptForm.sent(data={"name": link.user.name})
    if form.ok():
        invitations.accept_as_new(link, form.name.data or "", form.password.data, now())
        flash("Your account is ready. Sign in with it now.", "success")
        return redirect("/sign-in", 303)
    return render_template("accounts/accept.html", form=form, link=link), 422 if form.errors else 200


def _as_known(link: OneTimeLink, token: str) -> ResponseReturnValue:
    """Somebody who has a password signs in first, so that a letter that was passed on opens nothing."""
    actor = current_actor()
    form = InviteForm(formdata=None)
    if actor is None:
        session["wanted"] = f"/invitations/{token}"
    elif actor.user_id == link.user_id and form.is_submitted():
        invitations.accept(link, actor, now())
        flash("Thank you. Sign in again, and choose whom you act for under Your account.", "success")
        return redirect("/sign-in", 303)
    is_theirs = actor is not None and actor.user_id == link.user_id
    return render_template("accounts/accept_known.html", link=link, is_theirs=is_theirs)

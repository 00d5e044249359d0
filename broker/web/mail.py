"""Letters: which of them a person wants, how to stop them without signing in, and those that could not be sent."""

from flask import Blueprint, abort, current_app, flash, redirect, render_template
from flask.typing import ResponseReturnValue

from broker.actions.mail import send_again
from broker.actions.mail_choices import choose_mail, read_stop_token, stop_letters
from broker.domain.clock import now
from broker.domain.kinds import Role
from broker.domain.mail import MailTopic
from broker.domain.permissions import Action
from broker.store.accounts import memberships_of
from broker.store.base import db
from broker.store.outbox import Outbox, failed_letters, refused_by, waiting_since
from broker.web.forms.mail import TOPIC, MailForm
from broker.web.guard import acting, allow, public

bp = Blueprint("mail", __name__)

OFFERED = {
    Role.MEMBER: (MailTopic.LISTINGS, MailTopic.MATCHES, MailTopic.PROMISES),
    Role.OFFICER: (MailTopic.MATCHES, MailTopic.IDEAS, MailTopic.DIGEST),
    Role.COLLEAGUE: (MailTopic.PROMISES,),
    Role.CONTRACT_MANAGER: (),
    Role.COUNCILLOR: (MailTopic.IDEAS,),
    Role.ADMINISTRATOR: (),
}


@bp.route("/account/mail", methods=["GET", "POST"])
@allow(Action.CHOOSE_MAIL)
def choices() -> ResponseReturnValue:
    user_id = acting().user_id or abort(403)
    offered = offered_to(user_id)
    form = MailForm.sent(data={"topics": [topic for topic in offered if topic not in refused_by(user_id)]})
    form.offer(offered)
    if form.ok():
        choose_mail(acting(), form.wanted, offered, now())
        flash("Your choice is kept.", "success")
        return redirect("/account/mail", 303)
    return render_template("letters/choices.html", form=form, offered=offered), 422 if form.errors else 200


@bp.route("/mail/stop/<token>", methods=["GET", "POST"])
@public
def stop(token: str) -> ResponseReturnValue:
    """Opening the link changes nothing: mail programs open links to look at them."""
    keys = [*(current_app.config.get("SECRET_KEY_FALLBACKS") or ()), current_app.config["SECRET_KEY"]]
    found = read_stop_token(token, keys)
    if found is None:
        return render_template("letters/stop_over.html"), 404
    user_id, topic = found
    form = MailForm.sent()
    form.offer([topic])
    if form.ok():
        stop_letters(user_id, topic, now())
        return redirect(f"/mail/stop/{token}", 303)
    is_stopped = topic in refused_by(user_id)
    return render_template("letters/stop.html", form=form, topic=TOPIC[topic], is_stopped=is_stopped)


@bp.get("/administration/mail")
@allow(Action.SEE_MAIL)
def undelivered() -> str:
    number, since = waiting_since()
    return render_template("letters/undelivered.html", letters=failed_letters(), number=number, since=since)


@bp.post("/administration/mail/<id:letter_id>/again")
@allow(Action.SEND_AGAIN)
def again(letter_id: int) -> ResponseReturnValue:
    letter = db.session.get(Outbox, letter_id)
    if letter is None:
        abort(404)
    send_again(letter, acting())
    flash("The letter is tried again within a minute.", "success")
    return redirect("/administration/mail", 303)


def offered_to(user_id: int) -> list[MailTopic]:
    """The topics that this person is ever written to about, in whichever of their roles."""
    roles = {Role(membership.role) for membership in memberships_of(user_id)}
    return [topic for topic in TOPIC if any(topic in OFFERED[role] for role in roles)]

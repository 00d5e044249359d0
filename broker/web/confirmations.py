"""What a receiver says of a delivery: behind the link of a letter, on its own page, or told to an officer."""

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue

from broker.actions.confirmations import (
    answer_by_link,
    ask_again,
    confirm_delivery,
    is_open,
    record_answer,
    take_back_consent,
)
from broker.actions.files import keep_file
from broker.domain.files import PICTURES
from broker.domain.kinds import Answer, Role
from broker.domain.permissions import Action, Actor
from broker.domain.refusals import LinkOver, Unfit
from broker.store.accounts import hash_token
from broker.store.confirmations import (
    Confirmation,
    acted_for_giver,
    confirmation_of,
    link_behind,
    received_by,
    sums_received_by,
)
from broker.store.deliveries import WHOLE, Delivery
from broker.web import saying
from broker.web.forms.deliveries import PROBLEMS, AnswerForm, LinkForm
from broker.web.forms.files import ACCEPT_PHOTO, FILE_WORDS, quota
from broker.web.guard import acting, allow, current_actor, load, public
from broker.web.pictures import clean_file, takes_file
from broker.web.searching import Pages, page_number
from broker.web.sheets import sheet
from broker.web.words import ANSWER, DELIVERY_STATE

bp = Blueprint("confirmations", __name__)

SUPPORT, PAGE = "/support-received", 50
LETTER = Actor(Role.SYSTEM)  # who holds a letter is not asked for a name
WORDS = {**FILE_WORDS, **PROBLEMS}
COLUMNS = (
    "first day",
    "last day",
    "from",
    "what",
    "unit",
    "they say",
    "you say",
    "your answer",
    "state",
    "place",
    "your words",
)


def _opens(token: str) -> bool:
    """Whether this link can be answered by."""
    link = link_behind(hash_token(token))
    return link is not None and is_open(link)


@bp.route("/c/<token>", methods=["GET", "POST"])
@public
@takes_file("photo", _opens, PICTURES)
def by_link(token: str) -> ResponseReturnValue:
    """Opening the link changes nothing: mail programs open links to look at them."""
    link = link_behind(hash_token(token))
    if link is None:
        return render_template("confirmations/over.html", delivery=None, said=None), 404
    delivery = link.delivery
    form = LinkForm.sent()
    form.fit_to(delivery)
    if is_open(link) and form.ok():
        try:
            answer_by_link(token, form.said(_photo(form, delivery, LETTER)), current_actor())
            return redirect(f"/c/{token}", 303)
        except LinkOver:
            return _over(delivery, form.sentence.data), 409
        except Unfit as refusal:
            form.put(refusal, WORDS)
    if not is_open(link):
        return _over(delivery, form.sentence.data), 409 if form.is_submitted() else 200
    page = render_template("confirmations/by_link.html", delivery=delivery, form=form, accept=ACCEPT_PHOTO)
    return page, 422 if form.errors else 200


@bp.route("/deliveries/<id:delivery_id>/confirm", methods=["GET", "POST"])
@allow(Action.CONFIRM_DELIVERY)
@takes_file("photo", lambda delivery_id: load(Delivery, delivery_id, Action.CONFIRM_DELIVERY, *WHOLE), PICTURES)
def confirm(delivery_id: int) -> ResponseReturnValue:
    delivery = load(Delivery, delivery_id, Action.CONFIRM_DELIVERY, *WHOLE)
    before = confirmation_of(delivery.id)
    form = AnswerForm.sent(data=_said_before(before))
    form.fit_to(delivery, has_photo=before is not None and before.photo_id is not None)
    if form.ok():
        try:
            confirm_delivery(delivery, acting(), form.said(_photo(form, delivery, acting())))
            flash("Thank you. Your answer is kept.", "success")
            return redirect(f"/deliveries/{delivery.id}", 303)
        except Unfit as refusal:
            form.put(refusal, WORDS)
    page = render_template(
        "confirmations/confirm.html",
        delivery=delivery,
        form=form,
        before=before,
        accept=ACCEPT_PHOTO,
        not_you=WORDS["giver"] if not form.is_submitted() and acted_for_giver(acting().user_id, delivery) else "",
    )
    return page, 422 if form.errors else 200


@bp.route("/deliveries/<id:delivery_id>/call", methods=["GET", "POST"])
@allow(Action.RECORD_CONFIRMATION)
def call(delivery_id: int) -> ResponseReturnValue:
    delivery = load(Delivery, delivery_id, Action.RECORD_CONFIRMATION, *WHOLE)
    form = AnswerForm.sent()
    form.fit_to(delivery, by_phone=True)
    if form.ok():
        try:
            record_answer(delivery, acting(), form.said())
            flash("Kept, as told by telephone.", "success")
            return redirect(f"/deliveries/{delivery.id}", 303)
        except Unfit as refusal:
            form.put(refusal, WORDS)
    page = render_template("confirmations/call.html", delivery=delivery, form=form)
    return page, 422 if form.errors else 200


@bp.post("/deliveries/<id:delivery_id>/ask-again")
@allow(Action.ASK_CONFIRMATION)
def again(delivery_id: int) -> ResponseReturnValue:
    delivery = load(Delivery, delivery_id, Action.ASK_CONFIRMATION, *WHOLE)
    try:
        if ask_again(delivery, acting()):
            flash("Asked again, by a new letter. The link in the old one no longer works.", "success")
        else:
            flash("There is no address that we could write to. An officer can ring them.", "important")
    except Unfit as refusal:
        flash(" ".join(PROBLEMS[code] for code in refusal.problems.values()), "important")
    return redirect(f"/deliveries/{delivery.id}", 303)


@bp.post("/deliveries/<id:delivery_id>/take-back-consent")
@allow(Action.TAKE_BACK_CONSENT)
def untell(delivery_id: int) -> ResponseReturnValue:
    delivery = load(Delivery, delivery_id, Action.TAKE_BACK_CONSENT, *WHOLE)
    take_back_consent(delivery, acting())
    flash("Taken back. From now on it is told and shown to nobody else.", "success")
    return redirect(f"/deliveries/{delivery.id}", 303)


@bp.get(SUPPORT)
@allow(Action.CONFIRM_DELIVERY)
def support() -> str:
    organisation_id, number = acting().organisation_id or 0, page_number()
    rows = received_by(organisation_id, number, PAGE)
    return render_template(
        "confirmations/support.html",
        rows=rows[:PAGE],
        totals=sums_received_by(organisation_id),
        pages=Pages.around(lambda to: f"{SUPPORT}?page={to}" if to > 1 else SUPPORT, number, len(rows) > PAGE),
    )


@bp.get("/support-received.csv")
@allow(Action.CONFIRM_DELIVERY)
def support_sheet() -> ResponseReturnValue:
    """The same for a spreadsheet: a group's own record, for those who fund it."""
    rows = received_by(acting().organisation_id or 0)
    return sheet("support-received", COLUMNS, (_cells(*row) for row in rows))


def _over(delivery: Delivery, typed: str | None) -> str:
    """What stands instead of the questions. `typed`: a sentence that came too late, given back."""
    said = confirmation_of(delivery.id)
    return render_template("confirmations/over.html", delivery=delivery, said=said, typed=typed)


def _photo(form: AnswerForm, delivery: Delivery, by: Actor) -> int | None:
    """The photo that was sent along, kept for the receiver. Raises FileRefused."""
    clean = clean_file(form.photo) if form.photo else None
    if clean is None:
        return None
    return keep_file(clean, delivery.receiver_id or 0, by, quota()).id


def _said_before(said: Confirmation | None) -> dict[str, object]:
    """The form as it was answered before, where somebody wants to say something else."""
    if said is None:
        return {}
    names = ("answer", "sentence", "story_consent", "photo_consent")
    is_number = said.answer in (Answer.LESS, Answer.MORE)
    return {
        **{name: getattr(said, name) for name in names},
        "quantity": saying.figure(said.quantity) if is_number else "",
    }


def _cells(delivery: Delivery, said: Confirmation | None) -> tuple[object, ...]:
    return (
        delivery.started_on,
        delivery.ended_on,
        delivery.organisation.name,
        delivery.measure.label,
        delivery.measure.unit,
        saying.figure(delivery.quantity).replace(",", ""),
        saying.figure(said.quantity).replace(",", "") if said else None,
        ANSWER[said.answer] if said else None,
        DELIVERY_STATE[delivery.state][0],
        delivery.place,
        said.sentence if said else "",
    )

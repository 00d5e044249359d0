"""How a partnership went, in the words of both sides."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue

from broker.actions import feedback
from broker.domain.feedback import CAN_BE_TOLD, OVER
from broker.domain.kinds import Side
from broker.domain.permissions import Action, Actor, can
from broker.domain.refusals import Unfit
from broker.store.feedback import Feedback, feedback_on
from broker.store.partnerships import WITH_SIDES, Partnership
from broker.web.forms.base import typed
from broker.web.forms.feedback import PROBLEMS, FeedbackForm
from broker.web.guard import acting, allow, load

bp = Blueprint("feedback", __name__)


class Said(NamedTuple):
    """What one side says: `score` None where it was asked in vain, `at` None where nothing is known of it yet."""

    side: Side
    who: str
    at: datetime | None = None
    score: int | None = None
    text: str = ""
    by_phone: bool = False


@bp.route("/partnerships/<id:partnership_id>/feedback", methods=["GET", "POST"])
@allow(Action.GIVE_FEEDBACK)
def give(partnership_id: int) -> ResponseReturnValue:
    partnership = load(Partnership, partnership_id, Action.GIVE_FEEDBACK, *WITH_SIDES)
    own = partnership.match.side_of(acting().organisation_id)
    said = feedback_on(partnership.id)
    form = FeedbackForm.sent(data=_before(said, own))
    form.fit_to(partnership, own)
    if form.ok():
        try:
            side = own or Side(form.side.data)
            score = int(form.score.data)
            feedback.give_feedback(partnership, acting(), side=side, score=score, words=form.words.data or "")
            flash("Thank you. What was said is kept, and both sides can read it.", "success")
            return redirect(f"/partnerships/{partnership.id}", 303)
        except Unfit as refusal:
            form.put(refusal, PROBLEMS)
    page = render_template(
        "feedback/give.html", partnership=partnership, form=form, own=own, other=_other(partnership, own)
    )
    return page, 422 if form.errors else 200


@bp.post("/partnerships/<id:partnership_id>/ask-feedback")
@allow(Action.ASK_FEEDBACK)
def ask(partnership_id: int) -> ResponseReturnValue:
    partnership = load(Partnership, partnership_id, Action.ASK_FEEDBACK, *WITH_SIDES)
    feedback.ask_feedback(partnership, acting())
    flash("Asked. Whoever has not said yet how it went, and has an account, gets a letter.", "success")
    return redirect(f"/partnerships/{partnership.id}/close", 303)


def both_said(partnership: Partnership, found: Mapping[Side, Feedback]) -> list[Said]:
    """What both sides say, the giver first."""
    return [_said(partnership, side, found.get(side)) for side in (Side.SUPPLY, Side.DEMAND)]


def may_say(partnership: Partnership, actor: Actor, said: list[Said]) -> bool:
    """Whether this person still has something to say, for their side or for one that told them."""
    if partnership.state not in CAN_BE_TOLD or not can(actor, Action.GIVE_FEEDBACK, partnership):
        return False
    own = partnership.match.side_of(actor.organisation_id)
    mine = [each for each in said if own in (None, each.side)]
    return any(each.score is None for each in mine) or (own is not None and partnership.state not in OVER)


def _said(partnership: Partnership, side: Side, found: Feedback | None) -> Said:
    who = partnership.match.listing(side).organisation.name
    if found is None:
        return Said(side, who)
    return Said(side, who, found.at, found.score, found.words, found.channel == "phone")


def _before(said: Mapping[Side, Feedback], own: Side | None) -> dict[str, str]:
    """What the form starts with: what this side has said before, or for an officer the side that was rung."""
    if own is None:
        return {"side": typed("side")}
    mine = said.get(own)
    return {"score": str(mine.score), "words": mine.words} if mine and mine.score else {}


def _other(partnership: Partnership, own: Side | None) -> str:
    return partnership.match.listing(own.other).organisation.name if own else ""

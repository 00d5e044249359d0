"""How it went: both sides are asked, each says it once in its own words, and silence is written down as silence."""

from collections.abc import Mapping
from datetime import date

from broker.actions.mail import tell_members
from broker.actions.moving import hold, record
from broker.domain.clock import now
from broker.domain.feedback import CAN_BE_TOLD, OVER, problems
from broker.domain.kinds import Channel, Role, Side
from broker.domain.mail import MailKind
from broker.domain.permissions import Action, Actor, require
from broker.domain.refusals import Unfit, WrongState
from broker.store.accounts import people_of
from broker.store.base import db
from broker.store.feedback import Feedback, feedback_on
from broker.store.how_it_went import unasked
from broker.store.partnerships import Partnership


def give_feedback(partnership: Partnership, by: Actor, *, side: Side, score: int | None, words: str) -> Feedback:
    """Keep what a side says; an officer writes down what it told them.

    Until the partnership is over it may be said anew; from then on it stands, and only silence can still be broken.
    Unfit on `score`, `words` or `side`; WrongState before it has started.
    """
    require(by, Action.GIVE_FEEDBACK, partnership)
    hold(partnership)
    if partnership.state not in CAN_BE_TOLD:
        raise WrongState("partnership", partnership.state, Action.GIVE_FEEDBACK)
    earlier = feedback_on(partnership.id).get(side)
    found = problems(score, words) | _barred(partnership, by, side, earlier)
    if found:
        raise Unfit(found)
    channel = Channel.PHONE if by.role is Role.OFFICER else Channel.PAGE
    feedback = _keep(earlier, partnership, by, side=side, score=score, words=words.strip(), channel=channel)
    record(partnership, Action.GIVE_FEEDBACK, by)
    return feedback


def ask_feedback(partnership: Partnership, by: Actor) -> None:
    """Write to each side that has not said yet how it went."""
    require(by, Action.ASK_FEEDBACK, partnership)
    record(partnership, Action.ASK_FEEDBACK, by)
    for side in missing(partnership.id):
        owner = partnership.match.listing(side).organisation_id
        tell_members(MailKind.FEEDBACK_WANTED, owner, partnership, by, once=f"feedback:{partnership.id}:{now():%F}")


def ask_all(by: Actor, on: date) -> None:
    """Ask after every partnership whose last day has passed, once."""
    for partnership in unasked(on):
        ask_feedback(partnership, by)


def missing(partnership_id: int) -> list[Side]:
    """The sides that have not said how it went, those whose silence was written down included."""
    said = feedback_on(partnership_id)
    return [side for side in Side if side not in said or said[side].score is None]


def check_said(partnership: Partnership, silent: Mapping[Side, str]) -> dict[str, str]:
    """What is still wanted before a one-off may be closed: each side's word, or how it was asked in vain."""
    return {f"{side}_silent": "not_said" for side in missing(partnership.id) if not silent.get(side, "").strip()}


def note_silence(partnership: Partnership, by: Actor, silent: Mapping[Side, str]) -> None:
    """Keep openly that a side was asked and did not answer, and how it was asked."""
    said = feedback_on(partnership.id)
    for side in missing(partnership.id):
        if words := silent.get(side, "").strip():
            _keep(said.get(side), partnership, by, side=side, score=None, words=words, channel=None)


def _barred(partnership: Partnership, by: Actor, side: Side, earlier: Feedback | None) -> dict[str, str]:
    """Why this person may not speak for this side now."""
    if by.organisation_id is not None and partnership.match.listing(side).organisation_id != by.organisation_id:
        return {"side": "other_side"}
    across = people_of(partnership.match.listing(side.other).organisation_id) if by.role is Role.OFFICER else []
    if any(place.user_id == by.user_id for place in across):
        return {"side": "of_the_other"}
    if earlier is None or earlier.score is None:
        return {}
    if partnership.state in OVER:
        return {"side": "said_and_over"}
    return {"side": "said_itself"} if by.role is Role.OFFICER and earlier.channel == Channel.PAGE else {}


def _keep(earlier: Feedback | None, partnership: Partnership, by: Actor, **facts: object) -> Feedback:
    feedback = earlier or Feedback(partnership=partnership)
    for name, value in facts.items():
        setattr(feedback, name, value)
    feedback.by_id, feedback.at = by.user_id, now()
    db.session.add(feedback)
    return feedback

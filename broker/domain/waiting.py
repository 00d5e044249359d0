"""How long each thing on an officer's desk may wait, and whom waiting harms most."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Wait(StrEnum):
    """What can stand on the desk."""

    APPLICATION = "application"
    CHECK = "check"
    BROKER = "broker"
    REPLY = "reply"
    CONFIRM = "confirm"
    START = "start"
    REVIEW = "review"
    CLOSE = "close"
    VERIFY = "verify"
    NO_ANSWER = "no_answer"
    DISPUTED = "disputed"
    IDEA = "idea"
    PROMISE = "promise"


@dataclass(frozen=True, slots=True)
class Patience:
    """`days`: until it is due, counted from the day it began to wait. `harm`: of waiting longer; more is worse.

    `early`: how many days before that day it comes onto the desk (None: it stands there from the start).
    """

    days: int
    harm: int
    early: int | None = None


# Two sides that have said yes lose heart soonest; a group waiting to be let in can do nothing meanwhile.
PATIENCE: dict[Wait, Patience] = {
    Wait.APPLICATION: Patience(days=5, harm=4),
    Wait.CHECK: Patience(days=3, harm=3),
    Wait.BROKER: Patience(days=10, harm=2),
    Wait.REPLY: Patience(days=0, harm=3, early=3),  # counted from the day a reply was asked for
    Wait.CONFIRM: Patience(days=2, harm=5),
    Wait.START: Patience(days=0, harm=2, early=7),  # from the agreed first day
    Wait.REVIEW: Patience(days=0, harm=2),  # from the agreed day of review; it waits only once it was called
    Wait.CLOSE: Patience(days=7, harm=1, early=0),  # from the agreed last day
    Wait.VERIFY: Patience(days=5, harm=3),  # from the receiver's word; both sides have done what they can
    Wait.NO_ANSWER: Patience(days=7, harm=2),  # from the day by which an answer was asked for
    Wait.DISPUTED: Patience(days=3, harm=4),  # two who worked together do not agree
    Wait.IDEA: Patience(days=10, harm=2),
    Wait.PROMISE: Patience(days=0, harm=2),  # from the day of its late step, or its own
}

SOON_DAYS = 14  # a need wanted within so many days is urgent; it is due that long before the day itself
SOON_HARM = 2
SAFEGUARDING_HARM = 1  # children or adults at risk wait behind it
DUE_SOON_DAYS = 30  # a promise due within so many days, and not yet proven, is slipping
REPLY_DAYS = 14  # where the authority has no rule of its own
FOLLOW_UP_DAYS = 7  # a reminder gives so much longer
GRACE_DAYS = 7  # after the day to reply, before a match closes by itself


def due(what: Wait, since: date, wanted_by: date | None = None) -> date:
    """The day by which it should be dealt with: sooner where it is wanted soon, but never before it came in."""
    usual = since + timedelta(days=PATIENCE[what].days)
    return max(since, min(usual, wanted_by - timedelta(days=SOON_DAYS))) if wanted_by else usual


def harm(what: Wait, today: date, wanted_by: date | None = None, safeguarding: bool = False) -> int:
    """How much waiting harms: what kind of thing it is, whether the day it is wanted is near, who waits behind it."""
    soon = wanted_by is not None and wanted_by <= today + timedelta(days=SOON_DAYS)
    return PATIENCE[what].harm + SOON_HARM * soon + SAFEGUARDING_HARM * safeguarding


def next_reply_by(reply_by: date | None, today: date) -> date:
    """The day to reply after a reminder: a week on from the old one, or from today where that has passed."""
    return max(reply_by or today, today) + timedelta(days=FOLLOW_UP_DAYS)


def lapses(reply_by: date, today: date) -> bool:
    """True when a match without reply has waited long enough to close by itself."""
    return today > reply_by + timedelta(days=GRACE_DAYS)


MANY_UNANSWERED = 3  # from so many on, an officer is told before asking the same organisation once more

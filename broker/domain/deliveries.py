"""What was done, as its giver tells it, and what its receiver says of it: which of it makes sense at all."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from broker.domain.amounts import MANY, amount_problem
from broker.domain.kinds import Answer
from broker.domain.periods import Span
from broker.domain.refusals import Unfit

CONFIRM_DAYS = 14  # where the authority has no rule of its own
LINK_DAYS = 60  # so long after the last day to answer a link from a letter still opens
MOST_ASKED = 3  # times that a giver may ask again
MOST_PEOPLE = 500  # who could all be at work on one thing, day and night, before a number of hours is no number


class SameHours(Unfit):
    """The same hours seem to stand under another measure already; `first` is the delivery in which they do."""

    def __init__(self, first: int) -> None:
        super().__init__({"apart": "same_hours"})
        self.first = first


class SaidBefore(Unfit):
    """The very same was logged before; `first` is that delivery."""

    def __init__(self, first: int) -> None:
        super().__init__({"another": "said_before"})
        self.first = first


@dataclass(frozen=True, slots=True)
class Done:
    """What a giver says it has done. `apart`: why these are not the same hours as another line of the same days.

    `worth` in pounds, where the measure is counted in neither hours nor pounds. `another`: it is not the one that
    looks just like it.
    """

    measure_id: int
    quantity: Decimal
    started_on: date
    ended_on: date
    place: str = ""
    ward_id: int | None = None
    note: str = ""
    worth: Decimal | None = None
    apart: str = ""
    another: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What a receiver says of a delivery. `quantity` matters where the answer is less or more; `without_photo`: the one
    that it sent before is taken away.
    """

    answer: Answer
    quantity: Decimal | None = None
    sentence: str = ""
    story_consent: bool = False
    photo_id: int | None = None
    photo_consent: bool = False
    without_photo: bool = False


def problems(done: Done, unit_kind: str, within: Span, on: date) -> dict[str, str]:
    """What is wrong with it, as field name to code; empty when it makes sense.

    `within`: the days in which it can have been done; `on` is today.
    """
    found = _day_problems(done, within, on)
    if code := amount_problem(done.quantity, unit_kind) or _absurd(done, unit_kind):
        found["quantity"] = code
    if done.worth is not None and (code := amount_problem(done.worth, "pounds")):
        found["worth"] = code
    return found


def received(said: Said, delivered: Decimal, unit_kind: str) -> Decimal:
    """How much a receiver says it got. Unfit on `quantity` where number and answer do not go together."""
    if said.answer is Answer.YES:
        return delivered
    if said.answer is Answer.NOT_AT_ALL:
        return Decimal(0)
    code = "none_of_it" if said.quantity == 0 else amount_problem(said.quantity, unit_kind)
    if code is None and said.quantity is not None:
        if said.quantity == delivered:
            code = "all_of_it"
        elif said.answer is Answer.LESS and said.quantity > delivered:
            code = "not_less"
        elif said.answer is Answer.MORE and said.quantity < delivered:
            code = "not_more"
        elif said.quantity > MANY and said.quantity > delivered:
            code = "too_many"
    if code is not None or said.quantity is None:
        raise Unfit({"quantity": code or "needed"})
    return said.quantity


def halfway(asked_on: date, answer_by: date) -> date:
    """The day on which somebody who has not answered is reminded."""
    return asked_on + timedelta(days=max(1, (answer_by - asked_on).days // 2))


def _day_problems(done: Done, within: Span, on: date) -> dict[str, str]:
    if done.ended_on < done.started_on:
        return {"ended_on": "before_start"}
    found = {}
    if done.started_on < within.starts:
        found["started_on"] = "before_partnership"
    if done.ended_on > on:
        found["ended_on"] = "future"
    elif done.ended_on > within.ends:
        found["ended_on"] = "after_partnership"
    return found


def _absurd(done: Done, unit_kind: str) -> str | None:
    if done.quantity > MANY:
        return "too_many"
    days = (done.ended_on - done.started_on).days + 1
    if unit_kind == "hours" and days > 0 and done.quantity > 24 * days * MOST_PEOPLE:
        return "too_many_hours"
    return None

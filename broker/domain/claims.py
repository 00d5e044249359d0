"""What may be claimed of a delivery and against which promise, and whether a promise keeps pace with its day."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import NamedTuple, Protocol

from broker.domain.impact import HUNDREDTH
from broker.domain.kinds import CommitmentState, DeliveryState, Nature
from broker.domain.refusals import Refusal


class Obstacle(StrEnum):
    """Why so much of a delivery cannot be set against a promise."""

    INHERENT = "inherent"
    NOT_VERIFIED = "not_verified"
    TAKEN_BACK = "taken_back"  # the delivery
    OTHER_ORGANISATION = "other_organisation"
    OTHER_MEASURE = "other_measure"
    SAME_GROUP = "same_group"  # another measure, of a group of which one unit carries one
    PROMISE_OVER = "promise_over"
    OTHER_AREA = "other_area"
    CLAIMED_HERE = "claimed_here"  # something of it stands against this promise already
    ALL_CLAIMED = "all_claimed"
    NOT_SO_MUCH_LEFT = "not_so_much_left"


# In these somebody else may have been a moment quicker.
OVERTAKEN = frozenset(
    {Obstacle.CLAIMED_HERE, Obstacle.ALL_CLAIMED, Obstacle.NOT_SO_MUCH_LEFT, Obstacle.PROMISE_OVER, Obstacle.TAKEN_BACK}
)


class CannotClaim(Refusal):
    """The ledger refuses a claim. `left` of the delivery can still be claimed; `claims` are those that stand on it."""

    def __init__(self, why: Obstacle, left: Decimal = Decimal(0), claims: tuple[int, ...] = ()) -> None:
        super().__init__(f"{why}, {left} left, claims {claims}")
        self.why, self.left, self.claims = why, left, claims


class Counted(Protocol):
    """A measure: what it counts in truth, and the group of which one unit carries one measure only."""

    @property
    def root_id(self) -> int: ...

    @property
    def exclusive_group(self) -> str | None: ...


class Delivered(NamedTuple):
    """What the ledger asks of a delivery."""

    nature: Nature
    state: DeliveryState
    organisation_id: int
    authority_id: int
    measure: Counted


class Promise(NamedTuple):
    """What the ledger asks of a commitment. `counts_elsewhere`: whether what was done in other areas counts for it."""

    state: CommitmentState
    organisation_id: int
    authority_id: int
    measure: Counted
    counts_elsewhere: bool = False


def unready(nature: Nature, state: DeliveryState) -> Obstacle | None:
    """Why nothing of a delivery can be claimed at all."""
    if nature == Nature.INHERENT:
        return Obstacle.INHERENT
    if state == DeliveryState.WITHDRAWN:
        return Obstacle.TAKEN_BACK
    return None if state == DeliveryState.VERIFIED else Obstacle.NOT_VERIFIED


def obstacle(done: Delivered, promise: Promise) -> Obstacle | None:
    """Why a delivery does not fit a promise, however much is left of it."""
    if why := unready(done.nature, done.state):
        return why
    if done.organisation_id != promise.organisation_id:
        return Obstacle.OTHER_ORGANISATION
    if done.measure.root_id != promise.measure.root_id:
        group = done.measure.exclusive_group
        return Obstacle.SAME_GROUP if group and group == promise.measure.exclusive_group else Obstacle.OTHER_MEASURE
    if promise.state != CommitmentState.OPEN:
        return Obstacle.PROMISE_OVER
    if done.authority_id != promise.authority_id and not promise.counts_elsewhere:
        return Obstacle.OTHER_AREA
    return None


def says_yes(rule: str | None) -> bool:
    """Whether a council's rule, in its own words, is a yes."""
    return (rule or "").strip().casefold().startswith("yes")


class Pace(StrEnum):
    """How a promise stands between its start and its day."""

    KEPT = "kept"
    AHEAD = "ahead"
    WAITS = "waits"  # enough is done, but not enough of it is proven
    BEHIND = "behind"
    LATE = "late"  # its day has passed


def expected(promised: Decimal, starts_on: date, due_on: date, on: date) -> Decimal:
    """How much of a promise would be there by a day if it grew evenly from its start to its due day."""
    if on >= due_on:
        return promised
    share = Decimal(max((on - starts_on).days, 0)) / Decimal(max((due_on - starts_on).days, 1))
    return (promised * share).quantize(HUNDREDTH)


def roughly(number: Decimal) -> Decimal:
    """Whole from 10 on, to a tenth below: nobody keeps pace to the minute."""
    return number.quantize(Decimal(1) if number >= 10 else Decimal("0.1"), ROUND_HALF_UP)


def pace(promised: Decimal, delivered: Decimal, verified: Decimal, by_now: Decimal, is_past: bool) -> Pace:
    """Kept once all of it is proven; else against what would be there by now (`expected`)."""
    if verified >= promised:
        return Pace.KEPT
    if is_past:
        return Pace.LATE
    if verified >= by_now:
        return Pace.AHEAD
    return Pace.WAITS if delivered >= by_now else Pace.BEHIND

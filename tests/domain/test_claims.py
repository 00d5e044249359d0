"""What the ledger refuses, which refusal goes before which, and how a promise keeps pace."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest

from broker.domain.claims import Delivered, Obstacle, Pace, Promise, expected, obstacle, pace, roughly, says_yes
from broker.domain.kinds import CommitmentState, DeliveryState, Nature


@dataclass(frozen=True)
class Measure:
    root_id: int = 1
    exclusive_group: str | None = "community"


DONE = Delivered(Nature.ADDITIONAL, DeliveryState.VERIFIED, 5, 9, Measure())
PROMISE = Promise(CommitmentState.OPEN, 5, 9, Measure())
START, DUE = date(2027, 1, 1), date(2027, 4, 11)  # a hundred days


def test_what_fits_fits() -> None:
    assert obstacle(DONE, PROMISE) is None
    assert obstacle(DONE._replace(authority_id=8), PROMISE._replace(counts_elsewhere=True)) is None


@pytest.mark.parametrize(
    ("done", "promise", "why"),
    [
        ({"nature": Nature.INHERENT, "state": DeliveryState.TOLD}, {"organisation_id": 1}, Obstacle.INHERENT),
        ({"state": DeliveryState.WITHDRAWN}, {}, Obstacle.TAKEN_BACK),
        ({"state": DeliveryState.CONFIRMED}, {"organisation_id": 1}, Obstacle.NOT_VERIFIED),
        ({"organisation_id": 1}, {"measure": Measure(2)}, Obstacle.OTHER_ORGANISATION),
        ({}, {"measure": Measure(2)}, Obstacle.SAME_GROUP),
        ({}, {"measure": Measure(2, None)}, Obstacle.OTHER_MEASURE),
        ({"measure": Measure(2, None)}, {"measure": Measure(3, None)}, Obstacle.OTHER_MEASURE),
        ({}, {"state": CommitmentState.WITHDRAWN, "authority_id": 1}, Obstacle.PROMISE_OVER),
        ({"authority_id": 8}, {}, Obstacle.OTHER_AREA),
    ],
)
def test_each_obstacle_is_named_the_gravest_first(
    done: dict[str, object], promise: dict[str, object], why: Obstacle
) -> None:
    assert obstacle(DONE._replace(**done), PROMISE._replace(**promise)) == why  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "yes"), [("yes", True), (" Yes, anywhere", True), ("no", False), ("", False), (None, False)]
)
def test_a_rule_says_yes_in_its_own_words(rule: str | None, yes: bool) -> None:
    assert says_yes(rule) == yes


@pytest.mark.parametrize(
    ("on", "number"),
    [(date(2026, 12, 1), 0), (START, 0), (date(2027, 2, 20), 20), (DUE, 40), (date(2028, 1, 1), 40)],
)
def test_a_promise_grows_evenly(on: date, number: int) -> None:
    assert expected(Decimal(40), START, DUE, on) == number


def test_a_promise_of_one_day_is_due_at_once() -> None:
    assert expected(Decimal(40), START, START, START) == 40
    assert expected(Decimal(40), DUE, START, date(2026, 12, 31)) == 0


@pytest.mark.parametrize(
    ("delivered", "verified", "by_now", "is_past", "found"),
    [
        (40, 40, 40, True, Pace.KEPT),
        (45, 41, 20, False, Pace.KEPT),
        (20, 20, 20, False, Pace.AHEAD),
        (25, 10, 20, False, Pace.WAITS),
        (15, 10, 20, False, Pace.BEHIND),
        (40, 39, 40, True, Pace.LATE),
    ],
)
def test_a_pace_is_one_word(delivered: int, verified: int, by_now: int, is_past: bool, found: Pace) -> None:
    assert pace(Decimal(40), Decimal(delivered), Decimal(verified), Decimal(by_now), is_past) == found


@pytest.mark.parametrize(("number", "said"), [("68.59", "69"), ("3.47", "3.5"), ("9.96", "10.0"), ("0.04", "0.0")])
def test_nobody_keeps_pace_to_the_minute(number: str, said: str) -> None:
    assert roughly(Decimal(number)) == Decimal(said)

"""What was done, as it is told: which amounts, days and answers make sense at all."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from broker.domain.deliveries import Done, Said, halfway, problems, received
from broker.domain.kinds import Answer
from broker.domain.periods import Span
from broker.domain.refusals import Unfit

TODAY = date(2026, 5, 20)
WITHIN = Span(date(2026, 4, 1), date(2026, 6, 30))


def done(quantity: str = "8", first: date = TODAY, last: date = TODAY, worth: str | None = None) -> Done:
    return Done(1, Decimal(quantity), first, last, worth=Decimal(worth) if worth else None)


@pytest.mark.parametrize(
    ("told", "unit_kind", "found"),
    [
        (done(), "hours", {}),
        (done("0.25"), "hours", {}),
        (done("0"), "hours", {"quantity": "not_positive"}),
        (done("-3"), "hours", {"quantity": "not_positive"}),
        (done("2.5"), "count", {"quantity": "whole"}),
        (done("2.005"), "tonnes", {"quantity": "too_fine"}),
        (done("1000001"), "pounds", {"quantity": "too_many"}),
        (done("12000"), "hours", {}),
        (done("12001"), "hours", {"quantity": "too_many_hours"}),
        (done("12001", TODAY - timedelta(1)), "hours", {}),
        (done(worth="-1"), "count", {"worth": "not_positive"}),
        (done(last=TODAY + timedelta(1)), "hours", {"ended_on": "future"}),
        (done(first=TODAY, last=TODAY - timedelta(1)), "hours", {"ended_on": "before_start"}),
        (done(first=date(2026, 3, 31)), "hours", {"started_on": "before_partnership"}),
    ],
)
def test_what_makes_no_sense_is_named(told: Done, unit_kind: str, found: dict[str, str]) -> None:
    assert problems(told, unit_kind, WITHIN, TODAY) == found


def test_what_was_done_after_it_ended_is_no_part_of_it() -> None:
    late = done(first=date(2026, 7, 1), last=date(2026, 7, 2))
    assert problems(late, "hours", WITHIN, date(2026, 8, 1)) == {"ended_on": "after_partnership"}


@pytest.mark.parametrize(
    ("answer", "number", "got"),
    [
        (Answer.YES, None, "40"),
        (Answer.YES, "3", "40"),
        (Answer.LESS, "25", "25"),
        (Answer.MORE, "41.5", "41.5"),
        (Answer.NOT_AT_ALL, None, "0"),
    ],
)
def test_what_a_receiver_got(answer: Answer, number: str | None, got: str) -> None:
    assert received(Said(answer, Decimal(number) if number else None), Decimal(40), "hours") == Decimal(got)


@pytest.mark.parametrize(
    ("answer", "number", "code"),
    [
        (Answer.LESS, None, "needed"),
        (Answer.LESS, "40", "all_of_it"),
        (Answer.LESS, "41", "not_less"),
        (Answer.LESS, "0", "none_of_it"),
        (Answer.MORE, "39", "not_more"),
        (Answer.MORE, "5000000", "too_many"),
        (Answer.MORE, None, "needed"),
    ],
)
def test_number_and_answer_go_together(answer: Answer, number: str | None, code: str) -> None:
    with pytest.raises(Unfit) as refused:
        received(Said(answer, Decimal(number) if number else None), Decimal(40), "hours")
    assert refused.value.problems == {"quantity": code}


def test_half_a_thing_was_not_received() -> None:
    with pytest.raises(Unfit) as refused:
        received(Said(Answer.LESS, Decimal("2.5")), Decimal(6), "count")
    assert refused.value.problems == {"quantity": "whole"}


def test_the_reminder_comes_halfway() -> None:
    assert halfway(date(2026, 5, 1), date(2026, 5, 15)) == date(2026, 5, 8)
    assert halfway(date(2026, 5, 1), date(2026, 5, 2)) == date(2026, 5, 2), "never on the day of the first letter"

"""Quarters and years as councils count them, and what is no time at all."""

from datetime import date
from itertools import pairwise

import pytest

from broker.domain.periods import (
    Span,
    chosen,
    financial_years,
    last_four_quarters,
    last_quarter,
    last_release,
    quarters_before,
)
from broker.domain.refusals import Unfit


@pytest.mark.parametrize(
    ("on", "starts", "ends"),
    [
        (date(2026, 1, 1), date(2025, 10, 1), date(2025, 12, 31)),
        (date(2026, 3, 31), date(2025, 10, 1), date(2025, 12, 31)),
        (date(2026, 4, 1), date(2026, 1, 1), date(2026, 3, 31)),
        (date(2024, 2, 29), date(2023, 10, 1), date(2023, 12, 31)),
        (date(2026, 11, 23), date(2026, 7, 1), date(2026, 9, 30)),
    ],
)
def test_the_last_quarter_is_one_that_is_over(on: date, starts: date, ends: date) -> None:
    assert last_quarter(on) == Span(starts, ends)


def test_quarters_follow_each_other_without_a_gap() -> None:
    found = quarters_before(date(2026, 11, 23), 9)
    assert all((later.starts - earlier.ends).days == 1 for later, earlier in pairwise(found))
    assert last_four_quarters(date(2026, 11, 23)) == Span(date(2025, 10, 1), date(2026, 9, 30))


@pytest.mark.parametrize(
    ("on", "ends", "known_until", "next_on"),
    [
        (date(2026, 10, 31), date(2026, 6, 30), date(2026, 7, 31), date(2026, 11, 1)),
        (date(2026, 11, 1), date(2026, 9, 30), date(2026, 10, 31), date(2027, 2, 1)),
        (date(2027, 1, 31), date(2026, 9, 30), date(2026, 10, 31), date(2027, 2, 1)),
        (date(2027, 2, 1), date(2026, 12, 31), date(2027, 1, 31), date(2027, 5, 1)),
        (date(2024, 2, 29), date(2023, 12, 31), date(2024, 1, 31), date(2024, 5, 1)),
    ],
)
def test_the_public_reads_a_year_a_month_after_it_was_over_and_until_the_next(
    on: date, ends: date, known_until: date, next_on: date
) -> None:
    found = last_release(on)
    assert (found.span.ends, found.known_until, found.next_on) == (ends, known_until, next_on)
    assert (found.span.ends - found.span.starts).days in (364, 365)


def test_a_financial_year_begins_in_april() -> None:
    assert financial_years(date(2026, 3, 31), 2) == [
        Span(date(2025, 4, 1), date(2026, 3, 31)),
        Span(date(2024, 4, 1), date(2025, 3, 31)),
    ]
    assert financial_years(date(2026, 4, 1), 1)[0].starts == date(2026, 4, 1)


@pytest.mark.parametrize(
    ("starts", "ends", "problem"),
    [
        (date(2026, 2, 2), date(2026, 2, 1), {"until": "reversed"}),
        (date(1999, 12, 31), date(2026, 2, 1), {"since": "year"}),
        (date(2026, 1, 1), date(2101, 1, 1), {"until": "year"}),
    ],
)
def test_what_is_no_time_is_refused(starts: date, ends: date, problem: dict[str, str]) -> None:
    with pytest.raises(Unfit) as refused:
        chosen(starts, ends)
    assert refused.value.problems == problem


def test_one_day_is_a_time_and_ends_with_the_day() -> None:
    span = chosen(date(2026, 2, 28), date(2026, 2, 28))
    assert (span.over_at - span.begins_at).days == 1

"""Each filter refuses what it should, and an unknown value passes it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from broker.matching import Market
from broker.matching.facts import dates_between, miles_between
from tests.matching.make import ids, meet, need, offer

NORTH: dict[str, Any] = {"lat": 53.480, "lon": -2.240}
SOUTH: dict[str, Any] = {"lat": 53.440, "lon": -2.240}
"""2.76 miles apart."""


def test_a_pair_without_facts_meets() -> None:
    assert meet(need(1), offer(2))


def test_an_organisation_is_never_paired_with_itself() -> None:
    assert not meet(need(1, owner=7), offer(2, owner=7))
    assert meet(need(1, owner=7), offer(2, owner=8))


def test_without_a_shared_word_there_is_no_suggestion() -> None:
    assert not meet(need(1, "laptops"), offer(2, "a minibus"))


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [("goods", "goods", True), ("goods", "skills", False), (None, "skills", True), ("goods", None, True)],
)
def test_kind(ours: str | None, theirs: str | None, expected: bool) -> None:
    assert meet(need(1, kind=ours), offer(2, kind=theirs)) is expected


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [("AB", "BC", True), ("A", "B", False), ("", "B", True), ("A", "", True), ("", "", True)],
)
def test_areas(ours: str, theirs: str, expected: bool) -> None:
    assert meet(need(1, areas=frozenset(ours)), offer(2, areas=frozenset(theirs))) is expected


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (2.7, None, False),
        (2.8, None, True),
        (None, 2.7, False),
        (None, 2.8, True),
        (100.0, 2.7, False),
        (2.7, 100.0, False),
        (0.0, None, False),
        (20_000.0, 20_000.0, True),
        (None, None, True),
    ],
)
def test_the_smaller_reach_decides(ours: float | None, theirs: float | None, expected: bool) -> None:
    assert meet(need(1, reach_miles=ours, **NORTH), offer(2, reach_miles=theirs, **SOUTH)) is expected


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({}, SOUTH),
        (NORTH, {}),
        ({"lat": 53.48}, SOUTH),
        ({"remote": True, **NORTH}, SOUTH),
        (NORTH, {"remote": True, **SOUTH}),
    ],
)
def test_distance_does_not_count_where_a_place_is_unknown_or_none_is_needed(
    ours: dict[str, Any], theirs: dict[str, Any]
) -> None:
    assert meet(need(1, reach_miles=0.5, **ours), offer(2, reach_miles=0.5, **theirs))


def test_a_reach_of_nothing_reaches_the_same_place() -> None:
    assert meet(need(1, reach_miles=0.0, **NORTH), offer(2, **NORTH))


def test_the_filter_and_the_stated_distance_agree() -> None:
    ours, theirs = need(1, **NORTH), offer(2, **SOUTH)
    miles = miles_between(ours, theirs) or 0
    assert miles == pytest.approx(2.7637, abs=1e-4)
    assert meet(need(1, reach_miles=miles + 1e-4, **NORTH), theirs)
    assert not meet(need(1, reach_miles=miles - 1e-4, **NORTH), theirs)


def test_distance_across_the_date_line_and_to_the_antipodes() -> None:
    assert miles_between(need(1, lat=0.0, lon=179.5), offer(2, lat=0.0, lon=-179.5)) == pytest.approx(69.1, abs=0.1)
    far = need(1, lat=90.0, lon=0.0, reach_miles=12_430.0), offer(2, lat=-90.0, lon=0.0)
    assert miles_between(*far) == pytest.approx(12_436.8, abs=0.1)
    assert not meet(*far)


DATES = [
    # ours from, until, theirs from, until (days of June), what is known
    (1, 10, 5, 20, "overlap"),
    (1, 10, 10, 20, "overlap"),
    (1, 9, 10, 20, "apart"),
    (10, 20, 1, 9, "apart"),
    (None, 9, 10, None, "apart"),
    (None, 10, 10, None, "overlap"),
    (5, None, None, 4, "apart"),
    (5, None, 7, None, "unknown"),
    (None, 5, None, 7, "unknown"),
    (None, None, 1, 2, "unknown"),
    (None, None, None, None, "unknown"),
]


def _period(first: int | None, last: int | None) -> dict[str, Any]:
    return {
        "from_date": first and date(2030, 6, first),
        "until_date": last and date(2030, 6, last),
    }


@pytest.mark.parametrize(("first", "last", "from_", "until", "known"), DATES)
def test_dates(first: int | None, last: int | None, from_: int | None, until: int | None, known: str) -> None:
    ours, theirs = need(1, **_period(first, last)), offer(2, **_period(from_, until))
    assert dates_between(ours, theirs) == dates_between(theirs, ours) == known
    assert meet(ours, theirs) is (known != "apart")


@pytest.mark.parametrize(("left", "expected"), [(None, True), ("1", True), ("0.01", True), ("0", False), ("-1", False)])
def test_remaining(left: str | None, expected: bool) -> None:
    remaining = None if left is None else Decimal(left)
    assert meet(need(1, remaining=remaining), offer(2)) is expected
    assert meet(need(1), offer(2, remaining=remaining)) is expected


def test_filters_work_before_the_cut_not_after_it() -> None:
    """Thirty better offers of the wrong kind must not hide the one of the right kind."""
    wrong = [offer(number, "laptops", kind="skills") for number in range(30)]
    right = offer(99, "laptops and a long tale about quite another matter", kind="goods")
    market = Market([need(1, kind="goods")], [*wrong, right])
    assert ids(market.best_for_demand(k=1)[1]) == [99]

"""Honest value, against cases reckoned by hand, and what holds for every value there can be."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.domain.worth import MixedEditions, UnitValue, Worth, roughly, together, worth

amounts = st.decimals("0.01", "1000000", places=2)
pounds = st.decimals("0", "100000", places=2)
percents = st.integers(0, 100)


@st.composite
def values(draw: st.DrawFn, most_years: int = 50) -> UnitValue:
    low, high = sorted([draw(pounds), draw(pounds)])
    off = {name: draw(percents) for name in ("deadweight", "attribution", "displacement", "drop_off")}
    return UnitValue(edition=1, low=low, high=high, years=draw(st.integers(1, most_years)), **off)


@pytest.mark.parametrize(
    ("quantity", "value", "low", "high"),
    [
        # 40 x 10 and 40 x 20, a quarter off, then half, then a tenth: 400 x .75 x .5 x .9
        (
            "40",
            UnitValue(edition=1, low=Decimal(10), high=Decimal(20), deadweight=25, attribution=50, displacement=10),
            "135",
            "270",
        ),
        # 100 in the first year, 80 in the second, 64 in the third
        ("1", UnitValue(edition=1, low=Decimal(100), high=Decimal(100), drop_off=20, years=3), "244", "244"),
        ("2.5", UnitValue(edition=1, low=Decimal("0.01"), high=Decimal("0.03")), "0.025", "0.075"),
        ("7", UnitValue(edition=1, low=Decimal(1), high=Decimal(9), deadweight=100, years=50), "0", "0"),
        # All of it is gone after the first year
        ("3", UnitValue(edition=1, low=Decimal(5), high=Decimal(6), drop_off=100, years=9), "15", "18"),
    ],
)
def test_cases_reckoned_by_hand(quantity: str, value: UnitValue, low: str, high: str) -> None:
    assert worth(Decimal(quantity), value) == Worth(1, Decimal(low), Decimal(high))


@given(amounts, values(1))
def test_a_year_is_never_worth_more_than_the_plain_product(quantity: Decimal, value: UnitValue) -> None:
    found = worth(quantity, value)
    assert 0 <= found.low <= found.high <= quantity * value.high


@given(amounts, values())
def test_years_never_come_to_more_than_that_each(quantity: Decimal, value: UnitValue) -> None:
    assert worth(quantity, value).high <= quantity * value.high * value.years


@given(amounts, amounts, values())
def test_more_is_never_worth_less_and_parts_come_to_the_whole(one: Decimal, other: Decimal, value: UnitValue) -> None:
    first, second = worth(one, value), worth(other, value)
    assert (first.high <= second.high) or one > other
    assert together([first, second]) == worth(one + other, value)


@given(amounts, values(), st.sampled_from(["deadweight", "attribution", "displacement", "drop_off"]))
def test_taking_more_off_never_adds(quantity: Decimal, value: UnitValue, name: str) -> None:
    whole = replace(value, **{name: 100})
    assert worth(quantity, whole).high <= worth(quantity, value).high


@given(amounts, values())
def test_the_range_that_is_told_holds_the_exact_one_and_has_two_digits(quantity: Decimal, value: UnitValue) -> None:
    found = worth(quantity, value)
    low, high = roughly(found)
    assert low <= found.low <= found.high <= high
    for told in (low, high):
        assert len(str(int(told)).rstrip("0")) <= 2


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [("4234.56", "5067", (4200, 5100)), ("0", "0", (0, 0)), ("0.4", "1.2", (0, 2)), ("99.5", "99.5", (99, 100)),
     ("995", "995", (990, 1000)), ("4200", "4200", (4200, 4200)), ("1234567", "1299999.99", (1200000, 1300000))],
)  # fmt: skip
def test_ranges_are_told_in_two_digits(low: str, high: str, told: tuple[int, int]) -> None:
    assert roughly(Worth(1, Decimal(low), Decimal(high))) == told


def test_two_editions_are_never_added() -> None:
    with pytest.raises(MixedEditions):
        together([Worth(1, Decimal(1), Decimal(2)), Worth(2, Decimal(1), Decimal(2))])
    assert together([]) is None

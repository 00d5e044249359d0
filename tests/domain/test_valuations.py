"""Values of an authority's list: amounts and percents as people type them, and what is refused in which words."""

from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from broker.domain.lists import Refused, read_list
from broker.domain.sheets import Unreadable
from broker.domain.valuations import COLUMNS, SHAPE, Brought, values_of, year_of

HEADING = ",".join(COLUMNS) + "\n"


def only(row: str) -> Brought | Refused:
    (found,) = values_of(read_list((HEADING + row).encode(), SHAPE).entries)
    return found


def test_a_value_is_read_as_people_type_it() -> None:
    value = only('BR-17,"£1,012.50",£1050,20%,10,,5,3\n')
    assert isinstance(value, Brought)
    assert (value.low, value.high) == (Decimal("1012.50"), Decimal(1050))
    assert (value.deadweight, value.attribution, value.displacement, value.drop_off, value.years) == (20, 10, 0, 5, 3)


def test_what_is_left_out_changes_nothing() -> None:
    (value,) = values_of(read_list(b"code,low,high\nBR-17,5,5\n", SHAPE).entries)
    assert isinstance(value, Brought)
    assert (value.deadweight, value.attribution, value.displacement, value.drop_off, value.years) == (0, 0, 0, 0, 1)


def test_a_measure_without_amounts_is_passed_over() -> None:
    assert list(values_of(read_list((HEADING + "BR-17,,,20,,,,\n").encode(), SHAPE).entries)) == []


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",5,6,,,,,", '"code" is missing'),
        ("A,,6,,,,,", '"low" is missing'),
        ("A,5,,,,,,", '"high" is missing'),
        ("A,6,5,,,,,", "The low value (6) is above the high one (5)"),
        ("A,-5,6,,,,,", '"-5" is not an amount'),
        ("A,5.123,6,,,,,", '"5.123" is not an amount'),
        ("A,1e5,1e6,,,,,", '"1e5" is not an amount'),
        ("A,5,10000000001,,,,,", "is not an amount"),
        ("A,5,6,101,,,,", '"deadweight" must be a whole number from 0 to 100'),
        ("A,5,6,,-1,,,", '"attribution" must be'),
        ("A,5,6,,,2.5,,", '"displacement" must be'),
        ("A,5,6,,,,x,", '"drop_off" must be'),
        ("A,5,6,,,,,0", '"years" must be a whole number from 1 to 50'),
        ("A,5,6,,,,,51", '"years" must be'),
        ("A,=1+1,6,,,,,", '"=1+1" is not an amount'),
    ],
)
def test_what_cannot_be_a_value_is_told(row: str, reason: str) -> None:
    found = only(f"{row}\n")
    assert isinstance(found, Refused)
    assert reason in found.reason


def test_toml_numbers_stay_exact() -> None:
    text = b'name = "X"\nprice_year = 2026\n[[values]]\ncode = "A"\nlow = 0.10\nhigh = 12.5\ndeadweight = 20\n'
    brought = read_list(text, SHAPE)
    (value,) = values_of(brought.entries)
    assert isinstance(value, Brought)
    assert (value.low, value.high, value.deadweight) == (Decimal("0.10"), Decimal("12.5"), 20)
    assert brought.head["price_year"] == "2026"


@pytest.mark.parametrize(("text", "year"), [("2026", 2026), ("1989", None), ("26", None), ("2101", None), ("x", None)])
def test_a_price_year_is_a_likely_one(text: str, year: int | None) -> None:
    assert year_of(text) == year


@given(st.lists(st.text(max_size=20), min_size=8, max_size=8))
@example(["A", "5", "6", "٣", "", "", "", ""])
@settings(max_examples=80, deadline=None)
def test_nothing_makes_it_fail(cells: list[str]) -> None:
    row = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    try:
        found = list(values_of(read_list((HEADING + row + "\n").encode("utf-8", "replace"), SHAPE).entries))
    except Unreadable:
        return
    for each in found:
        if isinstance(each, Brought):
            assert 0 <= each.low <= each.high
            assert all(0 <= getattr(each, name) <= 100 for name in ("deadweight", "attribution", "displacement"))

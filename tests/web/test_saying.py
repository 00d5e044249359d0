"""How an amount of a measure is said."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from broker.web.saying import counted, days


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("number", "unit", "kind", "said"),
    [
        ("40", "hours", "hours", "40 hours"),
        ("1", "weeks", "weeks", "1 week"),
        ("1", "devices", "count", "1 device"),
        ("2.5", "tonnes", "tonnes", "2.5 tonnes"),
        ("1", "FTE-year", "fte", "1 FTE-year"),
        ("1", "full-time jobs, for a year", "fte", "1 full-time job"),
        ("3", "assets, with before and after", "count", "3 assets"),
        ("1", "sessions, attendances", "count", "1 session"),
        ("6.5", "£", "pounds", "£6.50"),
        ("1200", "£ at fair value and items", "pounds", "£1,200"),
    ],
)
def test_an_amount_is_said_in_the_unit_of_its_measure(number: str, unit: str, kind: str, said: str) -> None:
    assert counted(Decimal(number), SimpleNamespace(unit=unit, unit_kind=kind)) == said


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ((2026, 12, 4), (2026, 12, 4), "4 December 2026"),
        ((2026, 12, 4), (2026, 12, 6), "4 to 6 December 2026"),
        ((2026, 11, 30), (2026, 12, 2), "30 November 2026 to 2 December 2026"),
        ((2025, 12, 4), (2026, 12, 6), "4 December 2025 to 6 December 2026"),
    ],
)
def test_days_of_one_month_name_it_once(first: tuple[int, int, int], last: tuple[int, int, int], said: str) -> None:
    assert days(date(*first), date(*last)) == said

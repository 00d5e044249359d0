"""How an amount of a measure is said."""

from decimal import Decimal
from types import SimpleNamespace

import pytest

from broker.web.saying import counted


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("number", "unit", "kind", "said"),
    [
        ("40", "hours", "hours", "40 hours"),
        ("1", "weeks", "weeks", "1 week"),
        ("1", "devices", "count", "1 device"),
        ("2.5", "tonnes", "tonnes", "2.5 tonnes"),
        ("1", "FTE-year", "fte", "1 FTE-year"),
        ("3", "assets, with before and after", "count", "3 assets"),
        ("1", "sessions, attendances", "count", "1 session"),
        ("6.5", "£", "pounds", "£6.50"),
        ("1200", "£ at fair value and items", "pounds", "£1,200"),
    ],
)
def test_an_amount_is_said_in_the_unit_of_its_measure(number: str, unit: str, kind: str, said: str) -> None:
    assert counted(Decimal(number), SimpleNamespace(unit=unit, unit_kind=kind)) == said

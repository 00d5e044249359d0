"""What is an amount of a measure, and what is none."""

from decimal import Decimal

import pytest

from broker.domain.amounts import amount_problem, undressed

AMOUNTS = [
    (None, "hours", "needed"),
    ("0", "hours", "not_positive"),
    ("-1", "count", "not_positive"),
    ("0.25", "hours", None),
    ("0.255", "hours", "too_fine"),
    ("2.5", "count", "whole"),
    ("2.00", "count", None),
    ("1000000000", "pounds", None),
    ("1000000000.01", "pounds", "too_many"),
]


@pytest.mark.parametrize(("typed", "unit_kind", "problem"), AMOUNTS)
def test_an_amount(typed: str | None, unit_kind: str, problem: str | None) -> None:
    assert amount_problem(Decimal(typed) if typed else None, unit_kind) == problem


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("1,250,000", "1250000"),
        ("£1,250.50", "1250.50"),
        ("1 250", "1250"),
        ("12,5", "12,5"),
        ("1,2500", "1,2500"),
        (",500", ",500"),
        ("40", "40"),
    ],
)
def test_a_comma_is_taken_for_a_thousand_only_where_one_stands(typed: str, plain: str) -> None:
    assert undressed(typed) == plain

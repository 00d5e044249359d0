"""What is an amount of a measure, and what is none."""

from decimal import Decimal

import pytest

from broker.domain.amounts import amount_problem

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

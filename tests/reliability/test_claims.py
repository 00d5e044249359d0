"""Sixty-four people, the same forty hours, one moment, over real connections to the real product."""

from pathlib import Path

import pytest

from tests.reliability.claims import claim_race, lay_out_ledger
from tests.reliability.product import Product, running

pytestmark = pytest.mark.timeout(900)


def test_the_same_hours_are_claimed_once(tmp_path: Path, address: str) -> None:
    product = Product(tmp_path / "host", address)
    ledger = lay_out_ledger(product)
    with running(product):
        wrong = claim_race(product, ledger)
    assert wrong == []

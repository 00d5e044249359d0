"""Sixty-four people, one match, one moment, over real connections to the real product."""

from pathlib import Path

import pytest

from tests.reliability.product import Product, running
from tests.reliability.races import CROWD, race
from tests.reliability.scene import lay_out

pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def product(tmp_path: Path, address: str) -> Product:
    return Product(tmp_path / "host", address)


def test_many_officers_confirm_and_one_partnership_comes_of_it(product: Product) -> None:
    scene = lay_out(product, matches=20)
    with running(product):
        found = race(product, scene)
    assert found.wrong == []
    assert found.confirmed == 20
    assert found.sent == sum(found.statuses.values()) == 20 * CROWD


@pytest.mark.parametrize("rival", ["withdraw", "edit"])
def test_confirmed_or_taken_back_but_never_both(product: Product, rival: str) -> None:
    scene = lay_out(product, matches=4)
    with running(product):
        found = race(product, scene, rival)
    assert found.wrong == []
    assert found.sent == 4 * CROWD

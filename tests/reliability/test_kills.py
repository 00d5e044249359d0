"""The pages are killed with -9 twenty times under eight people who write; by hand it is two hundred times."""

from pathlib import Path

import pytest

from tests.reliability.kills import kill
from tests.reliability.product import Product
from tests.reliability.scene import lay_out

TIMES = 20


@pytest.mark.timeout(900)
def test_what_was_kept_survives_and_nothing_is_half_made(tmp_path: Path) -> None:
    product = Product(tmp_path / "host")
    scene = lay_out(product, matches=8 * (TIMES + 2), officers=8)
    try:
        toll = kill(product, scene, TIMES)
    finally:
        product.stop()
    assert toll.kills == TIMES
    assert toll.log.kept > TIMES, "too little was written to prove anything"
    assert len(toll.log.matches) > TIMES / 2
    assert toll.log.cut_off + toll.log.turned_away > 0, "nobody was cut off, so nobody was there"
    assert (toll.lost, toll.half_made, toll.unsound) == ([], [], 0)
    assert toll.log.odd == []
    assert not [status for status in toll.log.statuses if status >= 500]

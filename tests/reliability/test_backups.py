"""Backups taken while officers confirm matches come back with every partnership whole."""

import time
from pathlib import Path

from broker.actions import backups
from broker.domain.clock import now
from broker.store.base import db
from tests.reliability import scene
from tests.reliability.product import Product, running
from tests.reliability.writers import writing

BACKUPS = 4


def test_a_backup_taken_among_writers_is_whole(tmp_path: Path) -> None:
    product = Product(tmp_path / "live")
    laid = scene.lay_out(product, matches=40)
    files = [tmp_path / f"{number}.tar.gz" for number in range(BACKUPS)]
    with running(product), writing(product.port, laid) as log, product.inside():
        for file in files:
            backups.make_backup(db.engine, product.folder, file, now(), with_key=False)
            time.sleep(1.0)  # for the writers to go on
    assert log.kept > 0
    found = []
    for number, file in enumerate(files):
        restored = Product(tmp_path / f"restored{number}")
        with restored.inside():
            backups.restore(db.engine, restored.folder, file, now(), replace=False)
            assert list(scene.halves()) == []
            assert scene.is_sound()
            found.append(len(scene.notes()))
    assert found == sorted(found)
    assert found[-1] > found[0], "nobody wrote in the meantime"

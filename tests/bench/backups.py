"""python -m tests.bench.backups [ROWS]: how long backup, restore, leaving and joining take, on both databases."""

import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

from sqlalchemy import insert

from broker.actions import backups, exchange
from broker.domain.clock import now
from broker.store.base import db
from broker.store.events import Note
from tests import make
from tests.bench.goals import Line, at_most, table, told
from tests.databases import Files, Server, Shelf, own_cluster
from tests.installations import installation

LONGEST = 60.0  # seconds that a restore of 100,000 rows may take


def main(rows: int = 100_000) -> int:
    """Measures on both databases and prints the table."""
    lines: list[Line] = []
    with tempfile.TemporaryDirectory(dir="/tmp") as folder, own_cluster(("listen_addresses=",)) as cluster:
        place = Path(folder)
        for name in [name for name in os.environ if name.startswith("BROKER_")]:
            del os.environ[name]
        os.environ["BROKER_INSTANCE"] = folder
        lines += measure("SQLite", Files(), place / "sqlite", rows)
        lines += measure("PostgreSQL", Server(cluster.address), place / "postgresql", rows)
    print(table(lines))
    return 0 if all(line.passed is not False for line in lines) else 1


def measure(name: str, shelf: Shelf, place: Path, rows: int) -> Iterator[Line]:
    """One market filled, put into a backup and back, and moved to another installation of the same kind."""
    file, package = place.with_suffix(".tar.gz"), place.with_suffix(".package")
    with installation(shelf, place) as app:
        fill(rows)
        instance = Path(app.instance_path)
        with timed() as seconds:
            backups.make_backup(db.engine, instance, file, now(), with_key=False)
        size = file.stat().st_size / 1e6
        yield told(rows, f"{name}: backup, read back", f"{seconds():.1f} s, {size:.0f} MB")
        db.engine.dispose()
        with timed() as seconds:
            backups.restore(db.engine, instance, file, now(), replace=True)
        yield at_most(rows, f"{name}: restore, looked at first", seconds(), LONGEST, unit=" s")
        with timed() as seconds:
            exchange.leave(db.engine, package, "Bench", now())
        yield told(rows, f"{name}: leave", f"{seconds():.1f} s")
    with installation(shelf, place.with_suffix(".new")):
        with timed() as seconds:
            exchange.join(db.engine, package)
        yield told(rows, f"{name}: join, written out again and compared", f"{seconds():.1f} s")


def fill(rows: int) -> None:
    """Notes of some three hundred letters that do not compress to nothing, about a handful of organisations."""
    area = make.authority()
    for _ in range(5):
        make.organisation(area)
    lots = random.Random(1)  # noqa: S311 - a corpus, the same each time
    words = ["".join(lots.choices("abcdefghijklmnopqrstuvwxyz", k=lots.randint(2, 11))) for _ in range(4_000)]
    facts = {"at": now(), "kind": "note", "audience": "officers", "subject": "organisation", "author_role": "officer"}
    for start in range(0, rows, 1_000):
        texts = [" ".join(lots.choices(words, k=45)) for _ in range(min(1_000, rows - start))]
        db.session.execute(insert(Note), [facts | {"subject_id": n % 5 + 1, "text": t} for n, t in enumerate(texts)])
    db.session.commit()
    db.session.remove()


@contextmanager
def timed() -> Iterator[Callable[[], float]]:
    """How many seconds it took, told when it is over."""
    took = [0.0]
    began = perf_counter()
    yield lambda: took[0]
    took[0] = perf_counter() - began


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))

"""python -m tests.reliability.planted WHAT PYTHON -m MODULE ...: the product with something planted in its SQLite.

`stock` has it do what it does where SQLite is not sound enough for its write-ahead log: it goes back to a rollback
journal. `normal` and `full` take away what the product asks of the disk, on the first and on the second, so that a
trial can be seen to fail.
"""

import runpy
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from sqlalchemy import Engine, event

from broker.store import base

KINDS = ("stock", "normal", "full")
AS_SHIPPED = base._prepare_sqlite


@contextmanager
def planted(what: str) -> Iterator[None]:
    """While this lasts, engines are prepared so."""
    before = base.wal_is_sound
    try:
        if what in ("stock", "full"):
            base.wal_is_sound = lambda version: False
        if what in ("normal", "full"):
            base._prepare_sqlite = partial(_careless, f"PRAGMA synchronous = {what}")
        yield
    finally:
        base._prepare_sqlite, base.wal_is_sound = AS_SHIPPED, before


def planter(what: str) -> list[str]:
    """What to put before the product's command to start it so."""
    return [sys.executable, "-m", "tests.reliability.planted", what] if what else []


def _careless(order: str, engine: Engine) -> None:
    AS_SHIPPED(engine)

    @event.listens_for(engine, "connect")
    def _forget(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(order)


if __name__ == "__main__":
    what, _python, _module, module, *sys.argv[1:] = sys.argv[1:]
    with planted(what):
        runpy.run_module(module, run_name="__main__", alter_sys=True)

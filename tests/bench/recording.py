"""python -m tests.bench.recording [postgresql]: what the record costs a write, and how quickly it is read through."""

import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from flask import Flask
from sqlalchemy import event

from broker import create_app
from broker.actions.audit import check_record
from broker.actions.moving import record
from broker.domain.kinds import Role
from broker.domain.permissions import Action, Actor
from broker.store import audit
from broker.store.authorities import Authority
from broker.store.base import db, reading, set_reading
from tests.databases import Server, own_cluster

BY = Actor(Role.ADMINISTRATOR)
ROUNDS, WRITERS, SECONDS, ROWS = 300, 8, 10, 20_000
KEEPING = ("max_connections=50", "listen_addresses=")  # what is answered is on the disk, as a council has it


@contextmanager
def opened(is_server: bool) -> Iterator[Flask]:
    """The application on an empty database that keeps what it acknowledges."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="recording-")))
        os.environ["BROKER_INSTANCE"] = str(folder)
        address = f"sqlite:///{folder / 'broker.db'}"
        if is_server:
            address = Server(stack.enter_context(own_cluster(KEEPING)).address).make(folder)
        app = create_app({"DATABASE_URL": address, "SECRET_KEY": "t" * 40})
        with app.app_context():
            db.create_all()
            for number in range(WRITERS):
                db.session.add(Authority(code=f"X9900000{number}", name="Elsewhere"))
            db.session.commit()
            yield app
            db.session.remove()
            db.engine.dispose()


def write(code: str, number: int) -> None:
    """One deed: a row changes, and its event stands beside it."""
    row = db.session.query(Authority).filter_by(code=code).one()
    row.region = f"Mereland {number}"
    record(row, Action.ADD_AUTHORITY, BY, "region")
    db.session.commit()


def one_writer() -> float:
    """Milliseconds of one write, the middle one of many."""
    took = []
    for number in range(ROUNDS):
        began = time.perf_counter()
        write("X99000000", number)
        took.append(time.perf_counter() - began)
    return median(took) * 1000


def many_writers(app: Flask) -> float:
    """Writes a second by several that never rest, each on a row of its own."""
    ends, done = time.monotonic() + SECONDS, [0] * WRITERS

    def run(writer: int) -> None:
        with app.app_context():
            set_reading(False)
            while time.monotonic() < ends:
                write(f"X9900000{writer}", done[writer])
                done[writer] += 1
            db.session.remove()

    db.session.remove()
    threads = [threading.Thread(target=run, args=(writer,)) for writer in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / SECONDS


@contextmanager
def unchained() -> Iterator[None]:
    """The same without links, to compare with."""
    event.remove(db.session, "before_commit", audit._seal)
    try:
        yield
    finally:
        db.session.info.clear()
        event.listen(db.session, "before_commit", audit._seal)


def read_through() -> tuple[int, float]:
    """How many rows, and in how many seconds they were checked."""
    for _ in range(ROWS // 1000):
        row = db.session.query(Authority).first()
        for _ in range(1000):
            record(row, Action.ADD_AUTHORITY, BY)
        db.session.commit()
    began = time.perf_counter()
    with reading():
        found = check_record()
    assert found.is_sound, found
    return found.seq, time.perf_counter() - began


def main(is_server: bool) -> None:
    with opened(is_server) as app:
        chained, together = one_writer(), many_writers(app)
        rows, seconds = read_through()
    with opened(is_server) as app, unchained():
        plain, plain_together = one_writer(), many_writers(app)
    print("PostgreSQL" if is_server else "SQLite")
    print(f"one write: {chained:.1f} ms, without the chain {plain:.1f} ms")
    print(f"{WRITERS} writers: {together:.0f} writes a second, without the chain {plain_together:.0f}")
    print(f"read through: {rows:,} rows in {seconds:.2f} s, {rows / seconds:,.0f} a second")


if __name__ == "__main__":
    main("postgresql" in sys.argv[1:])

"""python -m tests.bench.reports [DELIVERIES]: processor time of each report over so many, and statements asked."""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import event

from broker import create_app
from broker.actions.periods import close_period
from broker.domain.clock import now, today
from broker.domain.kinds import Role
from broker.domain.periods import quarters_before
from broker.domain.permissions import Actor
from broker.store.accounts import SignIn, hash_token
from broker.store.base import db
from tests.bench.deliveries import Volume, fill
from tests.bench.goals import Line, at_most, table, told

ROUNDS = 3
MOST_SECONDS, MOST_STATEMENTS = 1.0, 6
TOKEN = "a-token-of-the-measuring"


def measure_reports(size: int) -> Iterator[Line]:
    """Every report of an officer, each asked for a few times by the test client; the middle one counts."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.environ["BROKER_INSTANCE"] = folder
        app = create_app({"SECRET_KEY": "b" * 40, "TESTING": True})
        with app.app_context():
            db.create_all()
            start = time.process_time()
            volume = fill(size)
            _close(volume)
            yield told(size, "filling the tables", f"{time.process_time() - start:.0f} s CPU")
            _sign_in(volume)
            asked = _listen()
        for path in paths(volume):
            yield from _measured(app, path, size, asked)


def paths(volume: Volume) -> list[str]:
    """The reports over deliveries. The year that the pack is asked for holds all of them but the last days'."""
    year = f"from={today() - timedelta(days=400)}&to={today() - timedelta(days=1)}"
    latest, *earlier = quarters_before(today(), 4)
    return [
        f"/reports/pack?{year}",
        f"/reports/pack.csv?{year}",
        f"/reports/pack?from={latest.starts}&to={latest.ends}",
        f"/reports/pack?from={earlier[0].starts}&to={earlier[0].ends}",
        f"/results/{volume.code}",
        f"/results/{volume.code}.csv",
        "/reports/chain",
        f"/contracts/{volume.contract}/chain",
        f"/commitments/{volume.commitment}/chain",
        f"/commitments/{volume.commitment}/claims",
        f"/suppliers/{volume.supplier}/chain",
        "/wards",
        "/wards/E99000001",
        "/fairness",
        "/reports/unmet-needs",
        "/reports/skills",
    ]


def _measured(app: object, path: str, size: int, asked: list[str]) -> Iterator[Line]:
    client = app.test_client()  # type: ignore[attr-defined]
    with client.session_transaction() as session:
        session["_user_id"] = TOKEN
        session["_fresh"] = True
    client.get(path)  # warm
    spent = []
    for _ in range(ROUNDS):
        asked.clear()
        start = time.process_time()
        answer = client.get(path)
        spent.append(time.process_time() - start)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
    name = path.split("?", maxsplit=1)[0]
    yield at_most(size, f"{path}", statistics.median(spent), MOST_SECONDS, unit=" s CPU")
    yield at_most(size, f"{name}: statements", len(asked), MOST_STATEMENTS, unit="")


def _close(volume: Volume) -> None:
    """The three quarters before the last one are closed: the pack says of each what has changed since."""
    officer = Actor(Role.OFFICER, None, None, volume.authority)
    for span in reversed(quarters_before(today(), 4)[1:]):
        close_period(span, officer)
    db.session.commit()


def _sign_in(volume: Volume) -> None:
    soon = now() + timedelta(hours=9)
    db.session.add(
        SignIn(token_hash=hash_token(TOKEN), membership_id=volume.officer, created_at=now(), expires_at=soon)
    )
    db.session.commit()


def _listen() -> list[str]:
    asked: list[str] = []

    def note(_c: object, _cursor: object, text: str, *_rest: object) -> None:
        if not text.startswith(("BEGIN", "PRAGMA")):
            asked.append(text)

    event.listen(db.engine, "before_cursor_execute", note)
    return asked


def main(deliveries: int = 100_000) -> int:
    """Measures on SQLite, whose work is done in this process, and prints the table; 1 where a goal is missed."""
    lines = []
    for line in measure_reports(deliveries):
        lines.append(line)
        print(table([line]).splitlines()[-1], file=sys.stderr, flush=True)
    print(table(lines))
    return 0 if all(line.passed is not False for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))

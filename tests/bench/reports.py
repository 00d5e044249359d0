"""How much work the reports are over 100,000 deliveries: processor time of a whole request, and statements asked."""

import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import event

from broker import create_app
from broker.domain.clock import now, today
from broker.domain.periods import last_quarter
from broker.store.accounts import SignIn, hash_token
from broker.store.base import db
from tests.bench.deliveries import Volume, fill
from tests.bench.goals import Line, at_most, told

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
            yield told(size, "filling the tables", f"{time.process_time() - start:.0f} s CPU")
            _sign_in(volume)
            asked = _listen()
        for path in paths(volume):
            yield from _measured(app, path, size, asked)


def paths(volume: Volume) -> list[str]:
    year = f"from={today() - timedelta(days=365)}&to={today()}"
    quarter = last_quarter(today())
    return [
        f"/reports/pack?{year}",
        f"/reports/pack?from={quarter.starts}&to={quarter.ends}",
        f"/reports/pack.csv?{year}",
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

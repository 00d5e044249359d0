"""python -m tests.bench.market_reports [LISTINGS]: processor time of each report about a market of so many listings."""

import os
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from time import process_time
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Table, insert

from broker.domain.clock import now
from broker.domain.kinds import NodeKind, PostingState
from broker.store.accounts import SignIn, hash_token
from broker.store.authorities import Authority
from broker.store.base import Base, db
from broker.store.frameworks import Framework, Node
from broker.store.places import Ward
from tests import make
from tests.bench.goals import Line, at_most, table, told
from tests.databases import Files
from tests.installations import installation

LONGEST = 1.0  # seconds of the processor that a report may take
ROUNDS = 3
TOKEN = "bench"
KINDS, SUPPORT = (
    ("need", "aspiration", "asset", "offer"),
    ("skills", "volunteering", "goods", "space", "jobs", "funding"),
)
UNIT = {
    "skills": "hours",
    "volunteering": "people",
    "goods": "items",
    "space": "hours",
    "jobs": "places",
    "funding": "pounds",
}
PAGES = (
    "/reports/unmet-needs", "/reports/unmet-needs?support=skills&age=half", "/reports/unmet-needs?whole=y",
    "/reports/skills", "/reports/skills?ward=W3", "/reports/skills/listings?skill=skill+7",
)  # fmt: skip
FILES = ("/reports/unmet-needs.csv", "/reports/skills.csv")  # told only: a file of every need is as long as it is


def main(listings: int = 100_000) -> int:
    """Measures on SQLite, whose work is done in this process, and prints the table."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        for name in [name for name in os.environ if name.startswith("BROKER_")]:
            del os.environ[name]
        os.environ["BROKER_INSTANCE"] = folder
        with installation(Files(), Path(folder) / "sqlite") as app:
            fill(listings)
            lines = list(measured(app, listings))
    print(table(lines))
    return 0 if all(line.passed is not False for line in lines) else 1


def measured(app: Flask, listings: int) -> Iterator[Line]:
    """The best of a few rounds: what else the machine does only ever adds."""
    visitor = app.test_client()
    with visitor.session_transaction() as session:
        session["_user_id"], session["_fresh"] = TOKEN, True
    for path in (*PAGES, *FILES):
        best = min(seconds(visitor, path) for _ in range(ROUNDS))
        yield (
            at_most(listings, path, best, LONGEST, unit=" s CPU")
            if path in PAGES
            else told(listings, path, f"{best:.2f} s CPU")
        )


def seconds(visitor: FlaskClient, path: str) -> float:
    began = process_time()
    answer = visitor.get(path)
    took = process_time() - began
    assert answer.status_code == 200, (path, answer.status_code)
    return took


def fill(listings: int) -> None:
    """One area with twenty wards and fifteen themes; of four listings two ask, a third of them over or old."""
    area, lots = make.authority(), random.Random(1)  # noqa: S311 - a market, the same each time
    nodes = framework(area)
    wards = [Ward(code=f"W{n}", name=f"Ward {n}", authority=area, lat=53.0, lon=-2.0) for n in range(20)]
    db.session.add_all(wards)
    owners = [(make.organisation if n % 4 else make.supplier)(area).id for n in range(1_000)]
    membership = make.officer(area)
    signed = {"membership_id": membership.id, "created_at": now(), "expires_at": now() + timedelta(hours=1)}
    db.session.add(SignIn(token_hash=hash_token(TOKEN), **signed))
    db.session.flush()
    keep("listing", [listing(n, owners) for n in range(1, listings + 1)])
    keep("listing_version", [version(n, wards) for n in range(1, listings + 1)])
    keep("posting", [posting(n, area.id, lots) for n in range(1, listings + 1)])
    keep("event", [opened(n) for n in range(1, listings + 1)])
    named = [
        {"version_id": n, "node_id": nodes[(n + k) % len(nodes)]} for n in range(1, listings + 1) for k in range(2)
    ]
    keep("version_priority", named)
    skills = [
        (n, f"skill {skill}") for n in range(1, listings + 1) for skill in {lots.randrange(200), lots.randrange(200)}
    ]
    keep("listing_skill", [{"listing_id": n, "skill": skill} for n, skill in skills])
    keep("match", [match(n, area.id) for n in range(4, listings, 20)])
    keep("partnership", [partnership(n, area.id) for n in range(1, len(range(4, listings, 20)) + 1)])
    db.session.commit()
    db.session.remove()


def framework(area: Authority) -> list[int]:
    area.framework_code = "BEN"
    frame = Framework(code="BEN", version=1, name="Bench", level="local", status="current", wording="confirmed")
    db.session.add(frame)
    db.session.flush()
    themes = [Node(code=f"BEN-{n}", kind=NodeKind.THEME, label=f"Theme {n}", framework=frame) for n in range(5)]
    db.session.add_all(themes)
    db.session.flush()
    under = [
        Node(
            code=f"BEN-{n}-{k}", kind=NodeKind.PRIORITY, label=f"Priority {n} {k}", framework=frame, parent_id=theme.id
        )
        for n, theme in enumerate(themes)
        for k in range(2)
    ]
    db.session.add_all(under)
    db.session.flush()
    return [node.id for node in under]


def keep(name: str, rows: Sequence[dict[str, Any]]) -> None:
    table: Table = Base.metadata.tables[name]
    for start in range(0, len(rows), 5_000):
        db.session.execute(insert(table), rows[start : start + 5_000])


def listing(n: int, owners: Sequence[int]) -> dict[str, Any]:
    whole = Decimal(10) if KINDS[n % 4] != "aspiration" else None
    return {
        "id": n, "kind": KINDS[n % 4], "organisation_id": owners[n % len(owners)], "quantity": whole,
        "unit": UNIT[SUPPORT[n % 6]], "reserved": Decimal(0), "created_at": now(), "version_number": 1,
        "source_notes": "", "row_version": 1,
    }  # fmt: skip


def version(n: int, wards: Sequence[Ward]) -> dict[str, Any]:
    kind = SUPPORT[n % 6]
    return {
        "id": n, "listing_id": n, "number": 1, "title": f"Listing {n} of many", "body": "What it is about. " * 20,
        "support_kind": kind, "amount": Decimal(10), "unit": UNIT[kind], "lane": "transactional", "created_at": now(),
        "ward_id": wards[n % 20].id if n % 3 else None,
    }  # fmt: skip


def posting(n: int, authority_id: int, lots: random.Random) -> dict[str, Any]:
    states = (PostingState.OPEN,) * 6 + (PostingState.LAPSED, PostingState.WITHDRAWN, PostingState.FILLED)
    state = states[lots.randrange(9)]
    return {
        "id": n, "listing_id": n, "authority_id": authority_id, "state": state, "approved_version_id": n,
        "submitted_at": now(), "approved_at": now(), "stays_public": False, "row_version": 1,
        "closing_reason": ("met_elsewhere", "not_needed", "met_here")[n % 3] if state == PostingState.FILLED else None,
    }  # fmt: skip


def opened(n: int) -> dict[str, Any]:
    return {
        "at": now() - timedelta(days=n % 500), "role": "officer", "action": "approve_listing", "subject": "posting",
        "subject_id": n, "to_state": "open", "fields": [], "changes": {},
    }  # fmt: skip


def match(n: int, authority_id: int) -> dict[str, Any]:
    return {
        "id": (n - 4) // 20 + 1, "demand_id": n, "supply_id": n - 1, "authority_id": authority_id, "state": "confirmed",
        "opened_by": "officer", "demand_amount": Decimal(1), "supply_amount": Decimal(1), "created_at": now(),
        "proposed_at": now(), "demand_accepted_at": now(), "supply_accepted_at": now(), "confirmed_at": now(),
        "row_version": 1,
    }  # fmt: skip


def partnership(n: int, authority_id: int) -> dict[str, Any]:
    return {
        "id": n, "match_id": n, "authority_id": authority_id, "state": "running", "lane": "transactional",
        "what": "Help", "starts_on": now().date(), "ends_on": now().date(), "created_at": now(), "row_version": 1,
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))

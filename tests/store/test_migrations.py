"""The numbered steps build the very tables that the models describe, forth and back, and lose no row."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import MetaData, delete, insert, inspect, select

from broker import create_app
from broker.actions.demonstration import load_city
from broker.actions.frameworks import load_shipped
from broker.domain.clock import now
from broker.domain.kinds import Role
from broker.store import TABLES
from broker.store.accounts import Membership
from broker.store.base import db, reading, set_reading
from broker.store.events import Note
from broker.store.listings import ListingVersion
from broker.store.measures import Measure
from tests import make
from tests.databases import Shelf

STEPS = ["0012", "0011", "0010", "0009", "0008", "0007", "0006", "0005", "0004", "0003", "0002", "0001"]
NOTE = {"kind": "call", "audience": "officers", "subject": "listing", "author_role": "system", "text": "Rang “Édith”."}
CUT_OFF = """
import os, signal, sys
from flask_migrate import upgrade
from sqlalchemy import event
from broker import create_app
from broker.store.base import db

sent = 0

def cut_off(_connection, _cursor, text, *_rest):
    global sent
    sent += text.lstrip().startswith(("CREATE TABLE", "ALTER TABLE"))
    if sent == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)

app = create_app({"SECRET_KEY": "t" * 40})
with app.app_context():
    event.listen(db.engine, "after_cursor_execute", cut_off)
    upgrade()
"""
Contents = dict[str, dict[str, list[object]]]


@pytest.fixture
def empty(shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """An app on a database without a table."""
    address = shelf.make(tmp_path)
    monkeypatch.setenv("BROKER_INSTANCE", str(tmp_path))
    monkeypatch.setenv("BROKER_DATABASE_URL", address)
    set_reading(False)
    app = create_app({"TESTING": True, "SECRET_KEY": "t" * 40})
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    shelf.drop(address)


@pytest.fixture
def stepped(empty: Flask) -> Flask:
    """An app on a database that the steps alone have made."""
    upgrade()
    return empty


def differences() -> list[object]:
    db.session.remove()  # one connection at a time
    with db.engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), TABLES))


def contents() -> Contents:
    """Every value of every column, in the order of the rows' keys."""
    db.session.remove()
    tables = MetaData()
    with reading(), db.engine.connect() as connection:
        tables.reflect(connection)
        found: Contents = {}
        for table in tables.tables.values():
            rows = connection.execute(select(table).order_by(*table.primary_key)).mappings().all()
            found[table.name] = {column.name: [row[column.name] for row in rows] for column in table.columns}
    del found["alembic_version"]
    return found


def changed(before: Contents, after: Contents) -> list[str]:
    """Columns that both know and that hold something else now."""
    both = [(table, column) for table in before.keys() & after.keys() for column in before[table].keys() & after[table]]
    return sorted(f"{table}.{column}" for table, column in both if before[table][column] != after[table][column])


def test_the_steps_make_the_tables_of_the_models(stepped: Flask) -> None:
    assert differences() == []


def test_all_the_way_down_leaves_nothing_and_the_way_up_is_the_same(stepped: Flask) -> None:
    downgrade(revision="base")
    with db.engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    upgrade()
    assert differences() == []


def test_a_step_back_and_forth_loses_no_listing(stepped: Flask) -> None:
    area = make.authority()
    make.need(make.organisation(area), area, title="Ten chairs", background_check="basic")
    db.session.commit()
    db.session.remove()
    downgrade(revision="0002")
    assert any("background_check" in str(each) for each in differences())
    upgrade()
    found = db.session.execute(select(ListingVersion.title, ListingVersion.background_check)).all()
    assert [tuple(row) for row in found] == [("Ten chairs", None)]
    assert differences() == []


def test_a_whole_city_steps_down_and_up_without_losing_a_value(stepped: Flask) -> None:
    load_shipped()
    load_city()
    _leave_what_the_first_steps_knew()
    db.session.execute(insert(Note), [{**NOTE, "at": now(), "subject_id": number} for number in range(7_000)])
    db.session.commit()
    before = contents()
    assert sum(len(next(iter(columns.values()))) for columns in before.values()) > 10_000
    lowest = before
    for revision in STEPS:
        downgrade(revision=revision)
        lowest = contents()
        assert changed(before, lowest) == [], f"after the step down to {revision}"
    upgrade()
    assert differences() == []
    assert changed(lowest, contents()) == []


def _leave_what_the_first_steps_knew() -> None:
    """Without the roles and the lists that came with the chain: an older table has no place for these rows."""
    newer = Membership.role.in_([Role.COLLEAGUE, Role.CONTRACT_MANAGER, Role.COUNCILLOR])
    db.session.execute(delete(Membership).where(newer))
    db.session.execute(delete(Measure).where(Measure.authority_id.is_not(None)))


@pytest.mark.parametrize("statement", [3, 15, 30])
def test_an_upgrade_that_is_killed_has_not_begun(empty: Flask, statement: int) -> None:
    upgrade(revision="0001")
    area = make.authority()
    db.session.commit()
    code = area.code
    before = contents()
    ended = subprocess.run([sys.executable, "-c", CUT_OFF, str(statement)], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert contents() == before
    upgrade()
    assert differences() == []
    assert contents()["authority"]["code"] == [code]

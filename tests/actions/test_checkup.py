"""What the doctor says of an installation that is well, and of each thing that can be amiss."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from broker import create_app
from broker.actions import checkup, facts
from broker.actions.audit import Check, Fault, check_record, note_check
from broker.actions.jobs import owe
from broker.domain.checkup import Finding, Verdict
from broker.domain.clock import now
from broker.store import condition
from broker.store.base import db
from broker.store.jobs import Job
from broker.store.settings import BACKUP, WORKER
from tests.databases import IS_POSTGRESQL

PINS = Path(__file__).parents[2] / "requirements.txt"


@pytest.fixture
def well(database: Flask) -> Iterator[Flask]:
    """An installation with nothing amiss."""
    instance = Path(database.instance_path)
    instance.chmod(0o700)
    at_step(condition.newest_step())
    facts.note(BACKUP, now().isoformat())
    facts.note(WORKER, now().isoformat())
    note_check(check_record())
    db.session.commit()
    yield database
    instance.chmod(0o700)


def at_step(step: str) -> None:
    with db.engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:step)"), {"step": step})


def findings(app: Flask, at: datetime | None = None, pins: Path = PINS) -> dict[str, Finding]:
    found = checkup.look_over(db.engine, Path(app.instance_path), pins, app.config, at or now())
    return {each.what: each for each in found}


def amiss(app: Flask, at: datetime | None = None, pins: Path = PINS) -> dict[str, str]:
    return {what: str(each.verdict) for what, each in findings(app, at, pins).items() if each.verdict != "ok"}


def test_nothing_is_amiss_where_all_is_well(well: Flask) -> None:
    found = findings(well)
    assert {what: each.said for what, each in found.items() if each.verdict != Verdict.OK} == {}
    assert len(found) >= 13


def test_whatever_is_amiss_says_what_to_do(well: Flask) -> None:
    Path(well.instance_path).chmod(0o755)
    at_step("0001")
    odd = [each for each in findings(well, now() + timedelta(days=9)).values() if each.verdict != Verdict.OK]
    assert odd
    assert all(each.do for each in odd)


@pytest.mark.parametrize(
    "taken", ["ix_membership_user_id", "uq_membership_organisation", "event_UPDATE", "event_link_DELETE"]
)
def test_a_part_that_somebody_took_out_is_told(well: Flask, taken: str) -> None:
    is_trigger = taken.startswith("event")
    of_table = f" ON {taken.rpartition('_')[0]}" if is_trigger and IS_POSTGRESQL else ""
    with db.engine.begin() as connection:
        connection.execute(text(f"DROP {'TRIGGER' if is_trigger else 'INDEX'} {taken}{of_table}"))
    found = findings(well)["parts of tables"]
    assert found.verdict == Verdict.WRONG
    assert taken in found.said


@pytest.mark.parametrize(
    ("step", "todo"),
    [("0001", "db upgrade"), ("9999", "newer version")],
)
def test_tables_of_another_version_are_told(well: Flask, step: str, todo: str) -> None:
    at_step(step)
    found = findings(well)["tables"]
    assert found.verdict == Verdict.WRONG
    assert todo in found.do


def test_an_unset_database_is_told(database: Flask) -> None:
    assert "db upgrade" in findings(database)["tables"].do


def test_a_database_that_is_away_is_told_and_the_rest_still_said(well: Flask) -> None:
    gone = create_app({"DATABASE_URL": "sqlite:////nowhere/at/all.db"})
    with gone.app_context():
        found = findings(gone)
    assert found["database"].verdict == Verdict.WRONG
    assert "disk" in found


@pytest.mark.parametrize(("hours", "verdict"), [(20, None), (40, "look"), (24 * 8, "wrong")])
def test_the_age_of_the_last_backup(well: Flask, hours: int, verdict: str | None) -> None:
    facts.note(BACKUP, (now() - timedelta(hours=hours)).isoformat())
    db.session.commit()
    assert amiss(well).get("backup") == verdict


@pytest.mark.parametrize(("minutes", "verdict"), [(2, None), (5, "look"), (30, "wrong")])
def test_a_worker_that_has_gone_quiet(well: Flask, minutes: int, verdict: str | None) -> None:
    facts.note(WORKER, (now() - timedelta(minutes=minutes)).isoformat())
    db.session.commit()
    assert amiss(well).get("worker") == verdict


def test_work_that_waits_too_long_and_work_given_up(well: Flask) -> None:
    job = owe("notice")
    db.session.commit()
    assert "work" not in amiss(well)
    job.created_at = now() - timedelta(hours=2)
    db.session.commit()
    assert amiss(well)["work"] == "wrong"
    db.session.execute(text("UPDATE job SET state = 'failed'"))
    db.session.commit()
    assert amiss(well)["work"] == "look"
    assert db.session.query(Job).count() == 1


def test_a_clock_that_is_apart_from_the_databases(well: Flask) -> None:
    assert amiss(well, now() + timedelta(seconds=10))["clock"] == "look"
    assert amiss(well, now() - timedelta(minutes=10))["clock"] == "wrong"


def test_a_key_that_others_may_read_or_guess(well: Flask) -> None:
    key = Path(well.instance_path) / "secret.key"
    key.write_text("k" * 64)
    key.chmod(0o644)
    assert amiss(well)["key file"] == "wrong"
    key.chmod(0o600)
    well.config["SECRET_KEY"] = "short"
    assert amiss(well)["secret key"] == "wrong"


def test_what_a_restore_left_lying(well: Flask) -> None:
    (Path(well.instance_path) / "broker.db.before_20261123t010203").write_text("")
    assert amiss(well) == {"old copies": "look"}


def test_a_record_that_was_tampered_with(well: Flask) -> None:
    note_check(Check(now(), 3, Fault.CHANGED, 4))
    db.session.commit()
    assert amiss(well) == {"record": "wrong"}


def test_packages_other_than_those_tried(well: Flask, tmp_path: Path) -> None:
    pins = tmp_path / "pins.txt"
    pins.write_text("# a list\nFlask==0.1\nno-such-thing-at-all==1\n")
    found = findings(well, pins=pins)["packages"]
    assert found.verdict == Verdict.LOOK
    assert "no-such-thing-at-all missing" in found.said


def test_orders_are_read_from_a_pooled_connection(well: Flask) -> None:
    """Somebody has told one connection otherwise; the pool hands the same one out again."""
    is_sqlite = db.engine.dialect.name == "sqlite"
    with closing(db.engine.raw_connection()) as connection:
        connection.cursor().execute("PRAGMA synchronous = OFF" if is_sqlite else "SET synchronous_commit = off")
        connection.commit()
    assert amiss(well)["safety of writing"] == "wrong"


def test_the_command_ends_with_1_only_where_something_is_wrong(well: Flask) -> None:
    db.session.remove()
    runner = well.test_cli_runner()
    done = runner.invoke(args=["doctor"])
    assert done.exit_code == 0, done.output
    at_step("0001")
    done = runner.invoke(args=["doctor", "--json"])
    assert done.exit_code == 1
    assert {"what": "tables", "verdict": "wrong"}.items() <= next(
        each for each in json.loads(done.output) if each["what"] == "tables"
    ).items()

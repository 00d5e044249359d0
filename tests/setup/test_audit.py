"""The commands about the record, and the nightly look at it."""

import logging

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import text

from broker.actions.audit import Fault, last_check
from broker.actions.moving import begin
from broker.domain.clock import now
from broker.domain.kinds import Role
from broker.domain.permissions import Action, Actor
from broker.store.audit import head
from broker.store.authorities import Authority
from broker.store.base import db
from broker.work import jobs
from broker.work.worker import let_time_pass


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["audit", *words])


@pytest.fixture
def recorded(app: Flask) -> Flask:
    with app.app_context():
        for number in range(3):
            begin(Authority(code=f"X9900090{number}", name="E"), Action.ADD_AUTHORITY, Actor(Role.ADMINISTRATOR))
        db.session.commit()
    return app


def tamper(app: Flask) -> None:
    """As somebody does who has the database's own password."""
    with app.app_context():
        off = (
            "DROP TRIGGER event_UPDATE"
            if db.engine.dialect.name == "sqlite"
            else "ALTER TABLE event DISABLE TRIGGER USER"
        )
        db.session.execute(text(off))
        db.session.execute(text("UPDATE event SET subject_id = 0 WHERE id = (SELECT max(id) - 1 FROM event)"))
        db.session.commit()


def test_a_whole_record_is_said_to_be_whole(recorded: Flask) -> None:
    answer = run(recorded, "verify")
    assert answer.exit_code == 0
    assert "whole: 3 rows" in answer.output


def test_the_first_broken_row_is_said_and_the_command_fails(recorded: Flask) -> None:
    tamper(recorded)
    answer = run(recorded, "verify")
    assert answer.exit_code == 1
    assert "Row 2 has been changed" in answer.output


def test_a_head_that_was_printed_is_looked_for(recorded: Flask) -> None:
    printed = run(recorded, "head").output.strip()
    with recorded.app_context():
        assert printed == "{}:{}".format(*head())
    assert run(recorded, "verify", "--noted", printed).exit_code == 0
    answer = run(recorded, "verify", "--noted", f"2:{'0' * 64}")
    assert answer.exit_code == 1
    assert "Row 2 is not the one that was noted" in answer.output
    assert run(recorded, "verify", "--noted", "2").exit_code == 2


def test_each_night_looks_at_the_record_and_logs_its_end(recorded: Flask, caplog: pytest.LogCaptureFixture) -> None:
    with recorded.app_context(), caplog.at_level(logging.INFO, "broker.work.jobs"):
        let_time_pass()
        found = last_check()
        assert found is not None
        assert (found.seq, found.is_sound) == (3, True)
        assert head().hash in caplog.text
        jobs_before = caplog.text.count("the record ends at")
        let_time_pass()
        assert caplog.text.count("the record ends at") == jobs_before, "once a night is enough"
        assert found.checked_at <= now()


def test_a_break_found_at_night_is_kept_and_logged_loudly(recorded: Flask, caplog: pytest.LogCaptureFixture) -> None:
    tamper(recorded)
    with recorded.app_context():
        jobs.check_record(None, lambda _done, _total: None)
        found = last_check()
    assert found is not None
    assert (found.fault, found.broken) == (Fault.CHANGED, 2)
    assert any(each.levelno == logging.CRITICAL and "BROKEN" in each.getMessage() for each in caplog.records)

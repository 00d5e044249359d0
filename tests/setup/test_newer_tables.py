"""Tables that a later version has set up are left alone by this one."""

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import text

from broker import create_app
from broker.assembly import COMMAND_LINE
from broker.starting import TablesOfANewerVersion
from broker.store import condition
from broker.store.base import db


@pytest.fixture(params=["9999", None])
def newer(request: pytest.FixtureRequest, database: Flask) -> bool:
    """Whether the tables are newer; else they are at the newest step that this code knows."""
    with db.engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        step = {"step": request.param or condition.newest_step()}
        connection.execute(text("INSERT INTO alembic_version VALUES (:step)"), step)
    return bool(request.param)


def invoke(command: str) -> Result:
    app = create_app()
    done = app.test_cli_runner().invoke(args=[command])
    with app.app_context():
        db.engine.dispose()
    return done


def test_the_pages_do_not_start(newer: bool) -> None:
    if newer:
        with pytest.raises(TablesOfANewerVersion, match="step 9999"):
            create_app()
    else:
        assert create_app()


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_neither_do_pages_and_worker_by_command(newer: bool, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    monkeypatch.setenv(COMMAND_LINE, "true")
    monkeypatch.setattr("broker.work.supervise.run", lambda *_, **__: started.append("serve"))
    monkeypatch.setattr("broker.work.worker.run", lambda *_: started.append("worker"))
    done = invoke(command)
    assert started == ([] if newer else [command])
    assert ("step 9999" in done.output) is newer


def test_the_doctor_still_comes(newer: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(COMMAND_LINE, "true")
    done = invoke("doctor")
    assert ("Install the newer version" in done.output) is newer


def test_steps_are_numbered_so_that_they_can_be_compared() -> None:
    names = sorted(path.name for path in condition.STEPS.glob("[0-9]*.py"))
    assert [name[:4] for name in names] == [f"{number:04}" for number in range(1, len(names) + 1)]

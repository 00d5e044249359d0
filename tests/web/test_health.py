"""The service says whether it lives, whether it can write and how it keeps up, to whom it concerns."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from broker.actions import readiness
from broker.domain.clock import now
from broker.domain.mail import MailKind
from broker.store.base import db, sqlite_module
from broker.store.condition import newest_step
from broker.store.outbox import Outbox
from broker.store.settings import BACKUP, Setting
from broker.web import counters
from tests import make
from tests.conftest import PageChecker
from tests.databases import IS_POSTGRESQL
from tests.web.test_failures import connections_that

SignIn = Callable[[int], PageChecker]
TOKEN = {"Authorization": "Bearer a-token-for-the-watcher"}


@pytest.fixture
def administrator(app: Flask, sign_in: SignIn) -> PageChecker:
    """An administrator's browser."""
    with app.app_context():
        person = make.administrator().id
        db.session.commit()
    return sign_in(person)


def at_step(app: Flask, step: str) -> None:
    """The tables say that they are at this step."""
    with app.app_context():
        db.session.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        db.session.execute(text("INSERT INTO alembic_version VALUES (:step)"), {"step": step})
        db.session.commit()


def test_it_lives_without_a_database(app: Flask, client: PageChecker, statements: list[str]) -> None:
    assert client.get("/healthz").text == "ok\n"
    assert statements == []


def test_it_is_ready_and_leaves_nothing_behind(app: Flask, client: PageChecker) -> None:
    for _ in range(2):
        answer = client.get("/readyz")
        assert (answer.status_code, answer.text) == (200, "ready\n")
        assert answer.headers["Cache-Control"] == "no-store"
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Setting)) == 0


@pytest.mark.skipif(IS_POSTGRESQL, reason="a file's own troubles")
def test_it_is_not_ready_while_it_cannot_write(app: Flask, client: PageChecker) -> None:
    with app.app_context():
        other = sqlite_module().connect(db.engine.url.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with connections_that(app, "PRAGMA busy_timeout = 20"):
        answer = client.get("/readyz")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert answer.mimetype == "text/plain"
        assert client.get("/healthz").status_code == 200
    other.execute("ROLLBACK")
    other.close()
    with connections_that(app, "PRAGMA query_only = ON"):
        assert client.get("/readyz").status_code == 503
    assert client.get("/readyz").status_code == 200


def test_it_is_not_ready_on_a_full_disk(app: Flask, client: PageChecker, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(readiness.os, "posix_fallocate", full)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "not ready: the disk is full\n")


@pytest.mark.parametrize("step", ["0001", "9999"])
def test_it_is_not_ready_on_tables_of_another_version(app: Flask, client: PageChecker, step: str) -> None:
    """Upgraded beneath the pages, or not upgraded yet."""
    at_step(app, step)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "another version" in answer.text
    with app.app_context():
        db.session.execute(text("UPDATE alembic_version SET version_num = :step"), {"step": newest_step()})
        db.session.commit()
    assert client.get("/readyz").text == "ready\n"


def test_figures_are_for_the_machine_with_the_token(service: Callable[..., Flask]) -> None:
    watched = service(METRICS_TOKEN="a-token-for-the-watcher", WTF_CSRF_ENABLED=False)
    browser = watched.test_client()
    with watched.app_context():
        person = make.user()
        for age in (60, 90):
            at = now() - timedelta(seconds=age)
            db.session.add(Outbox(kind=next(iter(MailKind)), user_id=person.id, message_id=f"<{age}>", created_at=at))
        db.session.add(Setting(name=BACKUP, value=(now() - timedelta(hours=3)).isoformat()))
        db.session.commit()
    browser.post("/sign-in", data={"email": "somebody@example.org", "password": "three random words"})
    said = dict(line.rsplit(" ", 1) for line in browser.get("/metrics", headers=TOKEN).text.splitlines())
    assert 90 <= float(said["broker_oldest_letter_seconds"]) < 150
    assert 10_800 <= float(said["broker_last_backup_seconds"]) < 10_900
    assert said["broker_letters_failed"] == "0"
    assert said['broker_answers_total{event="not_signed_in"}'] == "1"
    assert "broker_record_checked_seconds" not in said, "nobody has checked"


@pytest.mark.parametrize("given", [None, "Bearer wrong", "Bearer ", "a-token-for-the-watcher", "Bearer \xff"])
def test_for_everybody_else_there_is_no_such_page(service: Callable[..., Flask], given: str | None) -> None:
    headers = {"Authorization": given} if given is not None else {}
    for settings in ({"METRICS_TOKEN": "a-token-for-the-watcher"}, {}):
        assert service(**settings).test_client().get("/metrics", headers=headers).status_code == 404


def test_an_administrator_sees_how_it_is(app: Flask, administrator: PageChecker) -> None:
    assert "flask --app broker db upgrade" in administrator.get("/administration/condition").text
    at_step(app, newest_step())
    page = administrator.get("/administration/condition").text
    for said in ("Worth a look", "Backup", "None yet", "flask --app broker backup", "Counted on this machine"):
        assert said in page, said
    assert administrator.get("/administration").text.count("/administration/condition") == 1


def test_nobody_else_sees_it(app: Flask, sign_in: SignIn, client: PageChecker) -> None:
    with app.app_context():
        officer = make.officer(make.authority()).id
        db.session.commit()
    assert sign_in(officer).get("/administration/condition").status_code == 403
    assert client.get("/administration/condition").location == "/sign-in"


def test_each_sort_of_answer_is_counted_once(app: Flask, administrator: PageChecker, client: FlaskClient) -> None:
    with app.app_context():
        before = counters.figures()
    administrator.get("/desk")
    client.get("/no-such-page")
    client.get("/")
    with app.app_context():
        after = counters.figures()
    assert {name: after[name] - before[name] for name in after if after[name] != before[name]} == {"denied": 1}


def test_counting_together_loses_nothing(app: Flask) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def count(_number: int) -> None:
        with app.app_context():
            counters.add("conflict")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count, range(400)))
    with app.app_context():
        assert counters.figures()["conflict"] == 400


def test_what_cannot_be_counted_is_no_failure(app: Flask, client: PageChecker) -> None:
    file = Path(app.instance_path) / "counters"
    file.unlink(missing_ok=True)
    file.mkdir()
    assert client.post("/sign-in", data={"email": "", "password": ""}).status_code == 422
    with app.app_context():
        assert counters.figures() == {}

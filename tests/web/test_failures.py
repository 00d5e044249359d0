"""When the database is locked, full, gone, read-only or broken: a page that says so, and nothing half-written."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from psycopg import errors as pg
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from broker.store.authorities import Authority
from broker.store.base import db, sqlite_module
from broker.web import errors, home
from tests import make
from tests.conftest import PageChecker, check_page
from tests.databases import IS_POSTGRESQL
from tests.web.test_headers import check_headers

NEW = {"code": "X99000777", "name": "N" * 190, "region": "Mereland", "framework_code": ""}
SQLITE = sqlite_module()
RESTING = [
    SQLITE.OperationalError("database is locked"),
    SQLITE.OperationalError("database or disk is full"),
    SQLITE.OperationalError("attempt to write a readonly database"),
    SQLITE.OperationalError("disk I/O error"),
    SQLITE.OperationalError("unable to open database file"),
    SQLITE.DatabaseError("database disk image is malformed"),
    pg.LockNotAvailable(),
    pg.QueryCanceled(),
    pg.DiskFull(),
    pg.AdminShutdown(),
    pg.CannotConnectNow(),
    pg.TooManyConnections(),
    pg.ReadOnlySqlTransaction(),
    pg.InFailedSqlTransaction(),
    pg.IoError(),
    pg.FeatureNotSupported("cannot set transaction read-write mode during recovery"),
    pg.DataCorrupted(),
    psycopg.OperationalError("connection refused"),
    psycopg.InterfaceError("the connection is closed"),
]
OURS = [pg.UndefinedTable(), pg.NumericValueOutOfRange(), SQLITE.ProgrammingError("wrong number of bindings")]
CONFLICTS = [
    pg.UniqueViolation(),
    pg.CheckViolation(),
    SQLITE.IntegrityError("UNIQUE constraint failed"),
    pg.SerializationFailure(),
    pg.DeadlockDetected(),
]
ALL = [*((each, 503) for each in RESTING), *((each, 500) for each in OURS), *((each, 409) for each in CONFLICTS)]


def as_told(problem: Exception) -> Exception:
    """A driver's error in the words of the library above it."""
    base = psycopg.Error if isinstance(problem, psycopg.Error) else SQLITE.Error
    return DBAPIError.instance("SELECT 1", {}, problem, base)  # type: ignore[call-overload,no-any-return]


def fail(problem: Exception) -> Callable[..., None]:
    def failing(*_args: object, **_kwargs: object) -> None:
        raise as_told(problem)

    return failing


def told(answer: TestResponse, status: int) -> None:
    assert answer.status_code == status
    assert ("Retry-After" in answer.headers) is (status == 503)
    assert answer.headers["X-Request-Id"] in answer.text
    check_headers(answer)
    check_page(answer.text)


@pytest.fixture
def administrator(app: Flask, sign_in: Callable[[int], PageChecker]) -> PageChecker:
    """A browser that can write: its form adds a council."""
    with app.app_context():
        person = make.administrator().id
        db.session.commit()
    return sign_in(person)


def councils(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count(Authority.id))) or 0


@pytest.mark.parametrize(("problem", "status"), ALL, ids=lambda each: f"{type(each).__name__} {each}"[:50])
def test_each_error_of_either_database_has_its_page(
    client: PageChecker, monkeypatch: pytest.MonkeyPatch, problem: Exception, status: int
) -> None:
    monkeypatch.setattr(home, "render_template", fail(problem))
    told(client.get("/"), status)


@pytest.mark.parametrize(("problem", "status"), ALL, ids=lambda each: f"{type(each).__name__} {each}"[:50])
def test_the_same_at_the_commit(
    app: Flask, administrator: PageChecker, monkeypatch: pytest.MonkeyPatch, problem: Exception, status: int
) -> None:
    before = councils(app)
    with monkeypatch.context() as broken:
        broken.setattr(Session, "commit", fail(problem))
        told(administrator.post("/administration/authorities", data=NEW), status)
    assert councils(app) == before


@pytest.mark.parametrize("problem", RESTING[:2] + RESTING[-2:], ids=str)
def test_the_same_at_the_first_question_of_all(
    administrator: PageChecker, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    """Who is asking cannot be found out, and so nothing else may be tried."""
    monkeypatch.setattr(Session, "execute", fail(problem))
    monkeypatch.setattr(Session, "connection", fail(problem))
    for path in ("/administration", "/listings"):
        answer = administrator.get(path)
        told(answer, 503)
        assert "/sign-in" not in answer.text, "nobody is told to sign in who may have"
    told(administrator.post("/administration/authorities", data=NEW), 503)


def test_no_connection_free_is_a_rest_too(client: PageChecker, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_args: object, **_kwargs: object) -> None:
        raise NoConnectionFree("QueuePool limit")

    monkeypatch.setattr(home, "front_numbers", busy)
    told(client.get("/"), 503)


def test_a_failure_at_the_tidying_up_spoils_no_answer(client: PageChecker, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page was ready when the server went away."""
    monkeypatch.setattr(Session, "rollback", fail(pg.AdminShutdown()))
    assert client.get("/how-it-works").status_code == 200


@contextmanager
def connections_that(app: Flask, *commands: str) -> Iterator[None]:
    """While this lasts every connection begins with these commands."""
    with app.app_context():
        engine = db.engine
        db.session.remove()

    def begin(connection: Any, _record: object) -> None:
        for command in commands:
            connection.execute(command)
        connection.commit()

    engine.dispose()
    event.listen(engine, "connect", begin)
    yield
    event.remove(engine, "connect", begin)
    engine.dispose()


def refused_and_read(app: Flask, browser: PageChecker, *commands: str) -> None:
    """A write is refused with 503 and changes nothing, pages are still read, and all is well again afterwards."""
    before = councils(app)
    with connections_that(app, *commands):
        told(browser.post("/administration/authorities", data=NEW), 503)
        for path in ("/", "/listings", "/administration/authorities"):
            assert browser.get(path).status_code == 200, path
    assert councils(app) == before
    assert browser.post("/administration/authorities", data=NEW).status_code == 303


sqlite_only = pytest.mark.skipif(IS_POSTGRESQL, reason="a file's own troubles")
postgresql_only = pytest.mark.skipif(not IS_POSTGRESQL, reason="a server's own troubles")


@sqlite_only
def test_a_locked_file(app: Flask, administrator: PageChecker) -> None:
    with app.app_context():
        other = SQLITE.connect(db.engine.url.database, isolation_level=None)
    before = councils(app)
    other.execute("BEGIN IMMEDIATE")
    with connections_that(app, "PRAGMA busy_timeout = 20"):
        told(administrator.post("/administration/authorities", data=NEW), 503)
        told(administrator.post("/sign-in", data={"email": "a@example.org", "password": "three random words"}), 503)
        assert administrator.get("/administration/authorities").status_code == 200
    other.execute("ROLLBACK")
    other.close()
    assert councils(app) == before
    assert administrator.post("/administration/authorities", data=NEW).status_code == 303


@sqlite_only
def test_a_full_disk(app: Flask, administrator: PageChecker) -> None:
    """What was acknowledged is there, what was refused is not, and pages are read all the while."""
    before, kept = councils(app), 0
    with app.app_context():
        pages = db.session.execute(text("PRAGMA page_count")).scalar()
    with connections_that(app, f"PRAGMA max_page_count = {pages}"):
        for number in range(100):
            answer = administrator.post("/administration/authorities", data={**NEW, "code": f"X99001{number:03}"})
            if answer.status_code != 303:
                break
            kept += 1
        told(answer, 503)
        for path in ("/", "/listings", "/administration/authorities"):
            assert administrator.get(path).status_code == 200, path
    assert councils(app) == before + kept
    assert administrator.post("/administration/authorities", data=NEW).status_code == 303


@sqlite_only
def test_a_file_that_cannot_be_written(app: Flask, administrator: PageChecker) -> None:
    refused_and_read(app, administrator, "PRAGMA query_only = ON")


@sqlite_only
@pytest.mark.parametrize("content", [None, b"no database at all" * 500], ids=["gone", "broken"])
def test_a_file_that_is_gone_or_broken(app: Flask, administrator: PageChecker, content: bytes | None) -> None:
    with app.app_context():
        file = Path(str(db.engine.url.database))
        db.session.remove()
        db.engine.dispose()
    kept = file.read_bytes()
    file.unlink()
    for more in ("-wal", "-shm"):
        file.with_name(file.name + more).unlink(missing_ok=True)
    if content:
        file.write_bytes(content)
    for path in ("/", "/listings", "/administration"):
        told(administrator.get(path), 503)
    told(administrator.post("/administration/authorities", data=NEW), 503)
    with app.app_context():
        db.engine.dispose()
    file.write_bytes(kept)
    assert administrator.get("/administration").status_code == 200


@postgresql_only
def test_a_table_that_somebody_holds(app: Flask, administrator: PageChecker) -> None:
    with app.app_context():
        other = db.engine.raw_connection()
    other.cursor().execute("LOCK TABLE authority IN EXCLUSIVE MODE")
    refused_while_held(app, administrator, other)


def refused_while_held(app: Flask, administrator: PageChecker, other: object) -> None:
    with connections_that(app, "SET lock_timeout = '50ms'"):
        told(administrator.post("/administration/authorities", data=NEW), 503)
        assert administrator.get("/administration/authorities").status_code == 200
    other.rollback()  # type: ignore[attr-defined]
    other.close()  # type: ignore[attr-defined]
    assert administrator.post("/administration/authorities", data=NEW).status_code == 303


@postgresql_only
def test_a_server_that_hangs_up(app: Flask, administrator: PageChecker) -> None:
    """The next request finds a connection that is alive."""
    with app.app_context(), db.engine.connect() as connection:
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        connection.exec_driver_sql(f"{ended} AND pid <> pg_backend_pid()")
    assert administrator.get("/administration/authorities").status_code == 200
    assert administrator.post("/administration/authorities", data=NEW).status_code == 303


def boom(*_args: object, **_kwargs: object) -> None:
    raise RuntimeError("a template has a slip")


def test_an_error_page_that_fails_is_words_alone(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "render_template", boom)
    told(client.get("/no-such-page"), 404)
    monkeypatch.setattr(home, "render_template", fail(RESTING[0]))
    told(client.get("/"), 503)


def test_a_failure_outside_everything_is_words_alone(
    service: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = service(TESTING=False)
    monkeypatch.setattr(broken, "request_context", boom)
    answer = broken.test_client().get("/")
    assert answer.status_code == 500
    assert "slip" not in answer.text
    assert answer.headers["X-Request-Id"] in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    check_page(answer.text)


def test_a_failure_inside_tells_nothing_of_itself(
    service: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = service(TESTING=False)
    monkeypatch.setattr(home, "render_template", boom)
    answer = broken.test_client().get("/")
    told(answer, 500)
    assert "slip" not in answer.text

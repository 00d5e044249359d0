"""The app on a fresh database for each test, a browser-like client that checks every page, and signing in."""

import os
import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import html5lib
import pytest
from flask import Flask
from flask.testing import FlaskClient
from html5lib.html5parser import ParseError
from sqlalchemy import event
from werkzeug.test import TestResponse

from broker import create_app
from broker.domain.clock import now
from broker.store.accounts import Membership, SignIn, hash_token
from broker.store.base import db, set_reading
from tests import quick
from tests.databases import IS_POSTGRESQL, Shelf, leave_without_postgresql, no_connection_left, open_shelf

HERE = Path(__file__).parent
XHTML = "{http://www.w3.org/1999/xhtml}"
# They start products, servers and browsers. They go first, so that at the end no long file keeps one worker alone.
LONG = {"browser", "reliability", "walk", "work", "bench", "setup", "journeys"}
quick.install()


def pytest_sessionstart() -> None:
    leave_without_postgresql()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: LONG.isdisjoint(item.path.parts[len(HERE.parts) :]))


@pytest.fixture(scope="session")
def shelf() -> Iterator[Shelf]:
    """Where databases are made and copied."""
    with open_shelf() as opened:
        yield opened


@pytest.fixture(scope="session")
def template_database(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of an empty database with every table, made once and copied for each test."""
    address = shelf.make(tmp_path_factory.mktemp("template"))
    app = create_app({"DATABASE_URL": address, "SECRET_KEY": "t" * 40})
    with app.app_context():
        db.create_all()
        db.session.remove()
        db.engine.dispose()
    return address


@pytest.fixture
def own_instance(
    shelf: Shelf, template_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """An instance folder of the test's own, with a database that is set as its operator would set it."""
    for name in [n for n in os.environ if n.startswith("BROKER_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("BROKER_INSTANCE", str(tmp_path))
    address = shelf.copy(template_database, tmp_path)
    if IS_POSTGRESQL:
        monkeypatch.setenv("BROKER_DATABASE_URL", address)
    with no_connection_left():
        yield tmp_path
    shelf.drop(address)


@pytest.fixture
def app(own_instance: Path) -> Iterator[Flask]:
    """The application with its own instance folder and database, no context pushed."""
    made = create_app({"TESTING": True, "WTF_CSRF_ENABLED": False, "SECRET_KEY": "t" * 40})
    yield made
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def database(app: Flask) -> Iterator[Flask]:
    """An app context for tests of store and actions, which make no requests."""
    set_reading(False)
    with app.app_context():
        yield app


class PageChecker(FlaskClient):
    """A client for which every page is valid HTML with a title, one h1, and a token in each POST form."""

    def open(self, *args: object, **kwargs: object) -> TestResponse:
        response = super().open(*args, **kwargs)  # type: ignore[arg-type]
        if response.mimetype == "text/html" and response.status_code not in range(300, 400):
            check_page(response.get_data(as_text=True))
        return response


def check_page(text: str) -> None:
    """Fail unless the page is well made."""
    parser = html5lib.HTMLParser(strict=True)
    try:
        page = parser.parse(text)
    except ParseError as problem:
        line, column = parser.errors[-1][0] if parser.errors else (0, 0)
        around = "\n".join(text.splitlines()[max(0, line - 3) : line + 2])
        raise AssertionError(f"not valid HTML at {line}:{column}: {problem}\n{around}") from problem
    title = page.find(f".//{XHTML}title")
    assert title is not None, "no title"
    assert (title.text or "").strip(), "an empty title"
    assert len(page.findall(f".//{XHTML}h1")) == 1, "not exactly one h1"
    ids = [element.get("id") for element in page.iter() if element.get("id")]
    assert len(ids) == len(set(ids)), f"ids stand twice: {sorted({i for i in ids if ids.count(i) > 1})}"
    for form in page.iter(f"{XHTML}form"):
        if (form.get("method") or "get").lower() == "post":
            names = [field.get("name") for field in form.iter(f"{XHTML}input")]
            assert "csrf_token" in names, f"no token in the form to {form.get('action')}"
    assert " style=" not in text, "an inline style, which the content policy forbids"


@pytest.fixture
def client(app: Flask) -> PageChecker:
    """A visitor who is not signed in."""
    app.test_client_class = PageChecker
    made = app.test_client()
    assert isinstance(made, PageChecker)
    return made


@pytest.fixture
def sign_in(app: Flask) -> Callable[[Membership | int], PageChecker]:
    """A new client, signed in as a membership (or the id of one)."""

    def signed(membership: Membership | int) -> PageChecker:
        membership_id = membership if isinstance(membership, int) else membership.id
        token = secrets.token_urlsafe(32)
        with app.app_context():
            db.session.add(
                SignIn(
                    token_hash=hash_token(token),
                    membership_id=membership_id,
                    created_at=now(),
                    expires_at=now() + timedelta(hours=1),
                )
            )
            db.session.commit()
        app.test_client_class = PageChecker
        made = app.test_client()
        with made.session_transaction() as session:
            session["_user_id"] = token
            session["_fresh"] = True
        assert isinstance(made, PageChecker)
        return made

    return signed


@pytest.fixture
def statements(app: Flask) -> Iterator[list[str]]:
    """Every SQL statement sent from here on; clear it before the request to be counted."""
    sent: list[str] = []

    def note(_c: object, _cursor: object, text: str, *_rest: object) -> None:
        if not text.startswith(("BEGIN", "PRAGMA")):
            sent.append(text)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)

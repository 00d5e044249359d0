"""One line for each thing that happened, with what a person can quote, and never what people typed."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import IntegrityError

from broker import logs
from broker.store.base import db
from broker.web import home
from broker.web.guard import public
from tests import make
from tests.conftest import PageChecker

pytestmark = pytest.mark.any_database

Lines = Callable[[], list[dict[str, Any]]]
SECRETS = ("canary-token", "canary@example.org", "canary words", "canary-name", "canary-agent", "canary-referrer")


@pytest.fixture
def lines(app: Flask) -> Iterator[Lines]:
    """What has been logged since, as a machine reads it."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logs.Json())
    ours, root = logging.getLogger("broker"), logging.getLogger()
    level = ours.level
    ours.setLevel(logging.INFO)
    root.addHandler(handler)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.removeHandler(handler)
    ours.setLevel(level)


@pytest.fixture
def member(app: Flask, sign_in: Callable[[int], PageChecker]) -> tuple[PageChecker, int]:
    """A member's browser, and the member's number."""
    with app.app_context():
        person = make.member(make.organisation(make.authority()))
        membership, user = person.id, person.user_id
        db.session.commit()
    return sign_in(membership), user


def test_a_request_is_one_line_that_names_its_page(client: PageChecker, lines: Lines) -> None:
    answer = client.get("/listings?q=canary+words")
    (line,) = lines()
    assert line["request"] == answer.headers["X-Request-Id"]
    assert (line["event"], line["level"], line["by"]) == ("answered", "info", "broker.web.tracing")
    assert (line["method"], line["route"], line["status"], line["actor"]) == ("GET", "browse.listings", 200, None)
    assert line["at"].endswith("+00:00")
    assert line["ms"] >= 0


def test_who_is_denied_what_is_told(member: tuple[PageChecker, int], lines: Lines) -> None:
    browser, user = member
    browser.get("/desk")
    (line,) = lines()
    assert (line["event"], line["route"], line["status"], line["actor"]) == ("denied", "desk.show", 403, user)
    browser.get("/partnerships/987654")
    assert lines()[-1]["things"] == {"partnership_id": 987654}


def test_a_failed_sign_in_is_told_and_whose_it_was_is_not(client: PageChecker, lines: Lines) -> None:
    client.post("/sign-in", data={"email": "canary@example.org", "password": "canary words"})
    (line,) = lines()
    assert (line["event"], line["route"], line["actor"]) == ("not_signed_in", "accounts.sign_in", None)


def test_who_has_signed_in_is_told(app: Flask, client: PageChecker, lines: Lines) -> None:
    with app.app_context():
        person = make.member(make.organisation(make.authority())).user
        person.email, person.password_hash = "canary@example.org", PasswordHasher().hash("canary words")
        user = person.id
        db.session.commit()
    client.post("/sign-in", data={"email": "canary@example.org", "password": "canary words"})
    client.get("/account")
    assert [(line["event"], line["actor"]) for line in lines()] == [("signed_in", user), ("answered", user)]


@pytest.mark.parametrize("status", [409, 429, 503])
def test_what_is_worth_counting_has_a_name(app: Flask, client: PageChecker, lines: Lines, status: int) -> None:
    from flask import abort

    app.add_url_rule("/refuse", "home.refuse", public(lambda: abort(status)))
    client.get("/refuse")
    (line,) = lines()
    assert line["event"] == {409: "conflict", 429: "too_often", 503: "unavailable"}[status]
    assert line["level"] == ("warning" if status == 503 else "info")


def test_nothing_that_people_typed_is_in_it(client: PageChecker, lines: Lines) -> None:
    headers = {"User-Agent": "canary-agent", "Referer": "http://localhost/canary-referrer"}
    for path in ("/set-password/canary-token", "/listings?q=canary-name", "/no-such/canary-token"):
        client.get(path, headers=headers)
    client.post("/sign-in?next=canary-token", data={"email": "canary@example.org", "password": "canary words"})
    client.post("/set-password/canary-token", data={"password": "canary words"}, headers=headers)
    assert len(lines()) >= 5
    assert not [secret for secret in SECRETS if secret in json.dumps(lines())]


def test_a_failure_is_told_by_its_kind_and_place(
    service: Callable[..., Flask], lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_kwargs: object) -> str:
        try:
            raise ValueError("canary@example.org is no number")
        except ValueError as problem:
            raise RuntimeError("canary words") from problem

    broken = service(TESTING=False)
    monkeypatch.setattr(home, "render_template", fail)
    answer = broken.test_client().get("/?canary-name")
    inside, answered = [line for line in lines() if line["by"].startswith("broker.web")]
    assert inside["problem"] == ["RuntimeError", "ValueError"]
    assert inside["where"][-1].endswith(" fail")
    assert inside["request"] == answered["request"] == answer.headers["X-Request-Id"]
    assert (answered["event"], answered["route"]) == ("failed", "home.front")
    assert not [secret for secret in SECRETS if secret in json.dumps(lines())]


def test_what_the_database_quotes_is_left_out(
    client: PageChecker, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_kwargs: object) -> str:
        raise IntegrityError("INSERT", {"email": "canary@example.org"}, Exception("Key (canary-name) exists"))

    monkeypatch.setattr(home, "render_template", fail)
    assert client.get("/").status_code == 409
    assert not [secret for secret in SECRETS if secret in json.dumps(lines())]


def test_nobody_can_write_a_line_of_their_own(lines: Lines) -> None:
    logging.getLogger("broker.test").warning("said %s", 'x"\n{"event": "forged"}\r\u2028', extra={"note": "a\nb"})
    logging.getLogger("elsewhere").warning("looked for %s", "canary-token")
    ours, other = lines()
    assert ours["note"] == "a\nb"
    assert "event" in ours
    assert other["event"] == "looked for %s", "what other libraries quote is not ours to keep"


@pytest.mark.parametrize(
    ("proxies", "given", "kept"),
    [
        (1, "0123456789abcdef0123456789abcdef", True),
        (0, "0123456789abcdef0123456789abcdef", False),
        (1, "short", False),
        (1, "x" * 65, False),
        (1, 'forged" <script>', False),
        (1, "line%0d%0aline-two", False),
    ],
)
def test_a_reference_comes_from_the_proxy_where_there_is_one(
    service: Callable[..., Flask], proxies: int, given: str, kept: bool
) -> None:
    answer = service(PROXIES=proxies).test_client().get("/no-such-page", headers={"X-Request-Id": given})
    reference = answer.headers["X-Request-Id"]
    assert (reference == given) is kept
    assert reference in answer.text
    assert len(reference) >= 8


def test_two_requests_have_two_references(client: FlaskClient) -> None:
    assert client.get("/").headers["X-Request-Id"] != client.get("/").headers["X-Request-Id"]


@pytest.mark.parametrize(
    ("settings", "is_json"),
    [
        ({}, False),
        ({"LOG": "json"}, True),
        ({"ENV": "production", "LOG": "plain"}, False),
        ({"ENV": "production"}, True),
    ],
)
def test_production_writes_for_machines(settings: dict[str, str], is_json: bool) -> None:
    app = Flask("broker")
    app.config.from_mapping({"ENV": "development", "LOG": None, **settings})
    logs.install(app)
    (handler,) = [each for each in logging.getLogger().handlers if each.get_name() == logs.HANDLER]
    assert isinstance(handler.formatter, logs.Json) is is_json
    assert logging.getLogger("broker").isEnabledFor(logging.INFO) is is_json

"""Every answer, of whatever class and to whomever, tells the browser what it may do with it."""

from collections.abc import Callable

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from broker.store.base import db
from broker.web.guard import public
from broker.web.headers import POLICY, SANDBOX
from tests import make
from tests.city import ROLES, City, counterpart

pytestmark = pytest.mark.any_database

EXACTLY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self';"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none';"
    " manifest-src 'self'"
)
ODD = (400, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503)


def check_headers(answer: TestResponse) -> None:
    """Fail unless the answer carries the whole set."""
    where = f"{answer.request.method} {answer.request.path} gave {answer.status_code}"
    held = answer.headers
    assert {name: held.get(name) for name in EXACTLY} == EXACTLY, where
    is_file = held.get("Content-Disposition", "").startswith("attachment")
    assert held["Content-Security-Policy"] == (SANDBOX if is_file else POLICY), where
    assert held["Referrer-Policy"] in {"same-origin", "no-referrer"}, where
    for name in ("camera", "geolocation", "microphone", "payment"):
        assert f"{name}=()" in held["Permissions-Policy"], where
    assert held["X-Request-Id"], where
    assert len(held.getlist("Content-Security-Policy")) == len(held.getlist("X-Request-Id")) == 1, where
    if not answer.request.path.startswith("/static/"):
        assert "Cookie" in held["Vary"], where
        assert held["Cache-Control"], where
    if answer.status_code >= 400:
        assert "no-store" in held["Cache-Control"], where


def test_the_policy_lets_nothing_inline_and_nothing_from_elsewhere() -> None:
    assert POLICY == STRICT
    assert SANDBOX.startswith("sandbox;")


@pytest.fixture
def odd(app: Flask) -> FlaskClient:
    """A stranger's browser at a service of which every kind of answer can be had."""
    app.config.update(TESTING=False)

    @app.get("/give/<int:status>", endpoint="home.give")
    @public
    def give(status: int) -> str:
        abort(status)

    @app.get("/break/<name>", endpoint="home.break")
    @public
    def broken(name: str) -> str:
        raise {"code": ZeroDivisionError, "database": OperationalError}[name]("x", {}, Exception("disk I/O error"))

    return app.test_client()


@pytest.mark.parametrize("status", ODD)
def test_a_refusal_carries_them(odd: FlaskClient, status: int) -> None:
    answer = odd.get(f"/give/{status}")
    assert answer.status_code == status
    check_headers(answer)


@pytest.mark.parametrize(("name", "status"), [("code", 500), ("database", 503)])
def test_a_failure_carries_them(odd: FlaskClient, name: str, status: int) -> None:
    answer = odd.get(f"/break/{name}")
    assert answer.status_code == status
    check_headers(answer)


def test_what_the_framework_answers_carries_them(odd: FlaskClient) -> None:
    first = odd.get("/static/broker.css", buffered=True)
    found = {
        200: odd.get("/"),
        302: odd.get("/desk"),
        303: odd.post("/sign-out"),
        304: odd.get("/static/broker.css", headers={"If-None-Match": first.headers["ETag"]}, buffered=True),
        400: odd.get("/", environ_overrides={"QUERY_STRING": "q=\xff\xfe"}),
        404: odd.get("/static/no-such.css"),
        405: odd.delete("/sign-in"),
        413: odd.post("/sign-in", data=b"x" * (9 * 1024 * 1024), content_type="application/octet-stream"),
        422: odd.post("/sign-in", data={"email": ""}),
    }
    for status, answer in found.items():
        assert answer.status_code == status
        check_headers(answer)
    check_headers(first)
    assert "max-age" in first.headers["Cache-Control"]
    for method in ("HEAD", "OPTIONS"):
        check_headers(odd.open("/sign-in", method=method))


def test_a_host_that_is_not_ours_is_told_so_with_them(odd: FlaskClient) -> None:
    answer = odd.get("/", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert "evil" not in answer.text
    check_headers(answer)


def test_a_commit_that_fails_carries_them(
    app: Flask, sign_in: Callable[[int], FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        person = make.administrator().id
        db.session.commit()
    browser = sign_in(person)

    def full(_session: Session) -> None:
        raise OperationalError("COMMIT", {}, Exception("database or disk is full"))

    monkeypatch.setattr(Session, "commit", full)
    code = {"code": "X99000777", "name": "New", "region": "Mereland", "framework_code": ""}
    answer = browser.post("/administration/authorities", data=code)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    check_headers(answer)


def test_every_page_to_everybody_carries_them(city: City) -> None:
    files = private = 0
    for method in ("GET", "POST"):
        for rule in city.rules(method):
            for role in ROLES:
                for thing in city.named_by(rule)[:2]:
                    other = next(iter(counterpart(city, thing)), None)
                    answer = city.send(method, city.address(rule, thing, other), city.cookie(rule, role, thing))
                    check_headers(answer)
                    files += "attachment" in answer.headers.get("Content-Disposition", "")
                    if role != "stranger" and answer.status_code == 200 and answer.mimetype == "text/html":
                        assert "no-store" in answer.headers["Cache-Control"], answer.request.path
                        private += 1
    assert files > 3
    assert private > 60


def test_an_address_that_opens_something_is_told_to_nobody(client: FlaskClient) -> None:
    answer = client.get("/set-password/a-token")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer.headers["Cache-Control"]


def test_https_alone_is_asked_for_where_it_is_had(service: Callable[..., Flask], client: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in client.get("/").headers
    behind = service(BASE_URL="https://thread.council.example")
    for path in ("/", "/no-such-page", "/static/broker.css"):
        answer = behind.test_client().get(path, base_url="https://thread.council.example", buffered=True)
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"

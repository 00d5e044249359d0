"""The service answers to its own names only, and believes a proxy only where there is one."""

from collections.abc import Callable

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from broker.web.guard import public

pytestmark = pytest.mark.any_database

BASE = "https://thread.council.example"
FOREIGN = [
    {"Host": "evil.example"},
    {"Host": "evil.example:443"},
    {"Host": "thread.council.example.evil.example"},
    {"Host": "evil.example/thread.council.example"},
    {"Host": "thread.council.example@evil.example"},
    {"Host": "evilthread.council.example"},
    {"Host": "sub.thread.council.example"},
    {"Host": "127.0.0.1.evil.example"},
    {"Host": "thread.council.example,evil.example"},
]
FORWARDED = [
    {"X-Forwarded-Host": "evil.example"},
    {"X-Forwarded-Host": "evil.example, thread.council.example", "X-Forwarded-Proto": "http"},
    {"Forwarded": "host=evil.example;proto=http", "X-Original-Host": "evil.example", "X-Host": "evil.example"},
    {"X-Forwarded-Server": "evil.example", "X-Forwarded-Port": "8443", "X-Forwarded-Prefix": "/evil.example"},
]


Services = Callable[..., Flask]


def seen_by(app: Flask) -> FlaskClient:
    """A browser of this service, which has a page that says from where it was asked, and under which name."""

    @app.get("/seen", endpoint="home.seen")
    @public
    def seen() -> str:
        return f"{request.remote_addr} {request.scheme} {request.host}"

    return app.test_client()


@pytest.fixture
def browser(service: Services) -> FlaskClient:
    """A visitor of a service behind one proxy, which is where hosts can be forged."""
    return seen_by(service(BASE_URL=BASE, PROXIES=1))


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_a_foreign_host_gets_nothing(browser: FlaskClient, headers: dict[str, str]) -> None:
    for path in ("/", "/sign-in", "/desk", "/static/broker.css", "/no-such-page"):
        answer = browser.get(path, base_url=BASE, headers=headers, buffered=True)
        assert answer.status_code == 400, path
        assert "evil" not in answer.text + str(answer.headers), path


@pytest.mark.parametrize("headers", FORWARDED, ids=str)
def test_a_forwarded_host_is_not_believed(browser: FlaskClient, headers: dict[str, str]) -> None:
    for path in ("/", "/sign-in", "/desk", "/no-such-page", "/seen"):
        answer = browser.get(path, base_url=BASE, headers=headers)
        assert answer.status_code in {200, 302, 404}, path
        assert "evil" not in answer.text + str(answer.headers), path
    assert browser.get("/seen", base_url=BASE, headers=headers).text.endswith(" thread.council.example")


@pytest.mark.parametrize("base", [BASE, "http://127.0.0.1:5000", "http://localhost", f"{BASE}:443"])
def test_its_own_names_are_answered(browser: FlaskClient, base: str) -> None:
    assert browser.get("/", base_url=base).status_code == 200


@pytest.mark.parametrize(
    ("proxies", "seen"), [(0, "127.0.0.1 http"), (1, "198.51.100.7 https"), (2, "203.0.113.9 http")]
)
def test_a_proxy_is_believed_where_there_is_one(service: Services, proxies: int, seen: str) -> None:
    """Only what our own proxies wrote counts: the last of the list, or the last but one."""
    headers = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7", "X-Forwarded-Proto": "http, https"}
    answer = seen_by(service(PROXIES=proxies)).get("/seen", base_url="http://localhost", headers=headers)
    assert answer.text == f"{seen} localhost"


def test_the_cookie_belongs_to_the_host_alone_behind_https(service: Services) -> None:
    answer = service(BASE_URL=BASE).test_client().get("/desk", base_url=BASE)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-broker=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def test_the_cookie_is_plain_on_loopback(client: FlaskClient) -> None:
    cookie = client.get("/desk").headers["Set-Cookie"]
    assert cookie.startswith("broker=")
    assert "Secure" not in cookie
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))

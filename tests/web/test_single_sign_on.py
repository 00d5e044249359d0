"""Signing in with a council's own account: the whole way to a provider that runs here, and each way it may go wrong."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from oidc_provider_mock import User as Known
from oidc_provider_mock import run_server_in_thread
from sqlalchemy import func, select
from werkzeug.serving import make_server
from werkzeug.test import TestResponse
from werkzeug.wrappers import Request, Response

from broker.domain.clock import now
from broker.domain.kinds import Role
from broker.domain.single_sign_on import read_providers
from broker.store.accounts import Membership
from broker.store.base import db
from broker.store.single_sign_on import StaffIdentity
from tests import make
from tests.conftest import PageChecker

pytestmark = [
    pytest.mark.any_database,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning"),
]
STAFF = "officer@northmere.example"
CODE = "X99000001"
Describe = Callable[[dict[str, str]], str]


def person(subject: str = "staff-1", **claims: object) -> Known:
    return Known(sub=subject, claims={"email": STAFF, "email_verified": True, **claims})


@contextmanager
def provider(*people: Known, **how: object) -> Iterator[str]:
    with run_server_in_thread(user_claims=people, require_nonce=True, **how) as server:  # type: ignore[arg-type]
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def council(app: Flask) -> Callable[..., FlaskClient]:
    """A council with one officer, whose staff sign in at an issuer; the client of a browser that nobody uses yet."""

    def found(issuer: str, **facts: object) -> FlaskClient:
        wanted = {"issuer": issuer, "client_id": "broker", "client_secret": "s" * 20, "domains": ["northmere.example"]}
        app.extensions["single_sign_on"] = read_providers({CODE: {**wanted, **facts}})
        with app.app_context():
            place = make.officer(make.authority(code=CODE))
            place.user.email = STAFF
            db.session.commit()
        app.test_client_class = PageChecker
        return app.test_client()

    return found


@pytest.fixture
def httpserver() -> Iterator[Describe]:
    """Something that describes itself as a provider, in words that a test changes; its address comes back."""
    said: dict[str, str] = {}

    @Request.application
    def answer(request: Request) -> Response:
        return Response(json.dumps(said), mimetype="application/json")

    server = make_server("127.0.0.1", 0, answer)
    here = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever)
    thread.start()

    def describe(other: dict[str, str]) -> str:
        parts = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        said.update({"issuer": here, **{part: f"{here}/{part}" for part in parts}, **other})
        return here

    yield describe
    server.shutdown()
    thread.join()
    server.server_close()


def go(browser: FlaskClient, subject: str = "staff-1", answer: str = "allow") -> str:
    """To the provider and through its page as this person; the address it sends the browser back to."""
    left = browser.get(way(browser))
    assert left.status_code == 302, left.text
    asked = requests.post(left.location, data={"sub": subject, "action": answer}, allow_redirects=False, timeout=5)
    assert asked.status_code == 302, asked.text
    return asked.headers["Location"]


def way(browser: FlaskClient) -> str:
    found = re.search(r'href="(/sign-in/council/\d+)"', browser.get("/sign-in").text)
    assert found, "no button on the sign-in page"
    return found[1]


def back(browser: FlaskClient, address: str) -> TestResponse:
    parts = urlsplit(address)
    return browser.get(f"{parts.path}?{parts.query}")


def is_in(browser: FlaskClient) -> bool:
    return browser.get("/desk").status_code == 200


def identities(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(StaffIdentity)) or 0


def test_an_officer_signs_in_with_the_councils_account(app: Flask, council: Callable[..., FlaskClient]) -> None:
    with provider(person()) as issuer:
        browser = council(issuer)
        left = browser.get(way(browser))
        asked = {name: values[0] for name, values in parse_qs(urlsplit(left.location).query).items()}
        assert asked["code_challenge_method"] == "S256"
        assert len(asked["code_challenge"]) == 43
        assert asked["nonce"]
        assert asked["state"]
        came = back(browser, go(browser))
        assert (came.status_code, came.location) == (303, "/desk")
        assert is_in(browser)
        browser.post("/sign-out")
        assert not is_in(browser)
        assert back(browser, go(browser)).status_code == 303
    assert identities(app) == 1


def test_the_subject_counts_once_it_is_known_and_not_the_address(
    app: Flask, council: Callable[..., FlaskClient]
) -> None:
    with provider(person(), person("somebody-else")) as issuer:
        browser = council(issuer)
        back(browser, go(browser))
        other = app.test_client()
        refused = back(other, go(other, "somebody-else"))
        assert refused.status_code == 403
        assert not is_in(other)
    assert identities(app) == 1


@pytest.mark.parametrize(
    ("claims", "facts"),
    [
        ({"email_verified": False}, {}),
        ({"email_verified": False}, {"vouches_for_addresses": True}),
        ({"email_verified": None}, {}),
        ({"email": "officer@elsewhere.example"}, {}),
        ({"email": ""}, {}),
        ({"email": "officer@northmere.example.evil.example"}, {}),
        ({"email": "stranger@northmere.example"}, {}),
    ],
)
def test_whoever_the_council_does_not_vouch_for_stays_out(
    app: Flask, council: Callable[..., FlaskClient], claims: dict[str, object], facts: dict[str, object]
) -> None:
    with provider(person(**claims)) as issuer:
        browser = council(issuer, **facts)
        refused = back(browser, go(browser))
        assert refused.status_code == 403
        assert "You are not signed in yet" in refused.text
        assert not is_in(browser)
    assert identities(app) == 0


def test_a_tenant_of_its_own_counts_as_checked(council: Callable[..., FlaskClient]) -> None:
    with provider(Known(sub="staff-1", claims={"email": STAFF})) as issuer:
        browser = council(issuer, vouches_for_addresses=True)
        assert back(browser, go(browser)).status_code == 303


def test_an_account_that_can_do_more_than_the_council_signs_in_with_its_password(
    app: Flask, council: Callable[..., FlaskClient]
) -> None:
    with provider(person()) as issuer:
        browser = council(issuer)
        with app.app_context():
            held = db.session.scalars(select(Membership)).one()
            db.session.add(Membership(user_id=held.user_id, role=Role.ADMINISTRATOR, created_at=held.created_at))
            db.session.commit()
        refused = back(browser, go(browser))
        assert refused.status_code == 403
        assert "password" in refused.text
        assert not is_in(browser)


def test_a_person_who_is_officer_no_longer_stays_out(app: Flask, council: Callable[..., FlaskClient]) -> None:
    with provider(person()) as issuer:
        browser = council(issuer)
        assert back(browser, go(browser)).status_code == 303
        with app.app_context():
            held = db.session.scalars(select(Membership)).one()
            held.authority = make.authority("Westerby")
            db.session.commit()
        other = app.test_client()
        assert back(other, go(other)).status_code == 403


def test_a_person_who_was_switched_off_stays_out(app: Flask, council: Callable[..., FlaskClient]) -> None:
    with provider(person()) as issuer:
        browser = council(issuer)
        assert back(browser, go(browser)).status_code == 303
        with app.app_context():
            db.session.scalars(select(Membership)).one().user.switched_off_at = now()
            db.session.commit()
        other = app.test_client()
        assert back(other, go(other)).status_code == 403


def test_a_way_back_opens_once_and_only_in_the_browser_that_left(
    council: Callable[..., FlaskClient], app: Flask
) -> None:
    with provider(person()) as issuer:
        browser = council(issuer)
        address = go(browser)
        stranger = app.test_client()
        lost = back(stranger, address)
        assert lost.status_code == 400
        assert "another window" in lost.text
        assert not is_in(stranger)
        assert back(browser, address).status_code == 303
        assert back(browser, address).status_code == 400


def test_a_wrong_state_or_code_or_a_refusal_ends_on_a_kind_page(council: Callable[..., FlaskClient]) -> None:
    with provider(person()) as issuer:
        browser = council(issuer)
        here = way(browser)
        for tail in ("", "?state=x&code=y", "?error=access_denied", "?code=" + "9" * 3000, "?state=%00&code=%0d"):
            answer = browser.get(f"{here}/back{tail}")
            assert answer.status_code == 400, tail
            assert "Try again" in answer.text
        assert back(browser, go(browser, answer="deny")).status_code == 400
        parts = urlsplit(go(browser))
        state = parse_qs(parts.query)["state"][0]
        assert browser.get(f"{parts.path}?code=made-up&state={state}").status_code == 400
        assert not is_in(browser)


def test_a_wrong_nonce_is_refused(council: Callable[..., FlaskClient]) -> None:
    with provider(person()) as issuer:
        browser = council(issuer)
        left = browser.get(way(browser))
        swapped = re.sub(r"nonce=[^&]+", "nonce=of-somebody-else", left.location)
        asked = requests.post(swapped, data={"sub": "staff-1"}, allow_redirects=False, timeout=5)
        assert back(browser, asked.headers["Location"]).status_code == 400
        assert not is_in(browser)


@pytest.mark.parametrize(
    "described",
    [
        {"issuer": "https://id.elsewhere.example"},
        {"jwks_uri": "http://id.elsewhere.example/jwks"},
        {"token_endpoint": "file:///etc/passwd"},
        {"authorization_endpoint": ""},
    ],
)
def test_a_provider_that_describes_itself_strangely_is_refused(
    council: Callable[..., FlaskClient], described: dict[str, str], httpserver: Describe
) -> None:
    browser = council(httpserver(described))
    answer = browser.get(way(browser))
    assert answer.status_code == 400
    assert "without signing you in" in answer.text


def test_a_provider_that_is_down_is_said_to_be(council: Callable[..., FlaskClient]) -> None:
    with provider(person()) as issuer:
        pass
    browser = council(issuer)
    answer = browser.get(way(browser))
    assert answer.status_code == 503
    assert "does not answer" in answer.text


def test_without_the_setting_there_is_no_button_and_no_page(app: Flask, client: FlaskClient) -> None:
    assert "council account" not in client.get("/sign-in").text
    assert client.get("/sign-in/council/1").status_code == 404
    assert client.get("/sign-in/council/1/back?code=x").status_code == 404

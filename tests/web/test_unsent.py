"""Whoever was signed out while they wrote is given back what they wrote, and led back to its page."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from broker.domain.clock import now
from tests.conftest import PageChecker
from tests.web.accounts import officer, send, set_back

WROTE = "They rang on Monday. The treasurer is <known> to the library,\nand they have met there for six years."
FORM = "http://localhost/organisations/enter"


@pytest.fixture
def ended(app: Flask, client: PageChecker) -> PageChecker:
    """A browser whose sign-in ended while a form was open in it."""
    officer(app)
    send(client)
    set_back(app, expires_at=now())
    return client


def write(client: FlaskClient, **data: str) -> str:
    answer = client.post("/organisations/enter", data=data, headers={"Referer": FORM})
    assert answer.status_code == 403
    return answer.get_data(as_text=True)


def test_what_was_written_is_given_back_and_never_a_secret(ended: PageChecker) -> None:
    page = write(ended, note=WROTE, contact_email="somebody.with.a.long.name@example.org", name="Knitters")
    assert "You are signed out" in page
    assert "is &lt;known&gt; to the library,\nand they have met there for six years.</textarea>" in page
    assert "somebody.with" not in page
    secret = ended.post("/account", data={"current": "the password of now", "password": "four more random words"})
    assert secret.location == "/sign-in"


def test_the_next_sign_in_leads_back_to_the_page_of_the_form(ended: PageChecker) -> None:
    write(ended, note=WROTE)
    assert "Sign in to go on to the page you asked for" in ended.get("/sign-in").text
    assert send(ended).location == "/organisations/enter"


def test_a_form_without_words_leads_back_too(ended: PageChecker) -> None:
    answer = ended.post("/account/sign-ins/end-others", headers={"Referer": "http://localhost/account/sign-ins"})
    assert answer.location == "/sign-in"
    assert send(ended).location == "/account/sign-ins"


def test_a_stranger_is_asked_to_sign_in(client: PageChecker) -> None:
    assert client.post("/organisations/enter", data={"note": WROTE}).location == "/sign-in"
    assert "go on to the page" not in client.get("/sign-in").text

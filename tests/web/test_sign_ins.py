"""A sign-in ends for good: six ways in which a copied cookie dies, and the page that shows where one is signed in."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from broker.actions import accounts
from broker.domain.clock import now
from broker.domain.kinds import Role
from broker.domain.permissions import Action, Actor
from broker.store.accounts import User, memberships_of, user_by_email
from broker.store.base import db
from broker.store.events import Event
from broker.web.browsers import name_of, place_of
from tests import make
from tests.conftest import PageChecker
from tests.web.accounts import OFFICER, PASSWORD, is_in, officer, send, set_back

ADMINISTRATOR = Actor(Role.ADMINISTRATOR)
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:149.0) Gecko/20100101 Firefox/149.0"
Ending = Callable[[Flask, FlaskClient], object]


def person(email: str = OFFICER) -> User:
    found = user_by_email(email)
    assert found is not None
    return found


def changed_role(app: Flask, _client: FlaskClient) -> None:
    with app.app_context():
        accounts.give_place(person(), Role.ADMINISTRATOR, ADMINISTRATOR, Action.ADD_PERSON)
        db.session.commit()


def role_taken_away(app: Flask, _client: FlaskClient) -> None:
    with app.app_context():
        accounts.take_role_away(memberships_of(person().id)[0], ADMINISTRATOR, now())
        db.session.commit()


def switched_off(app: Flask, _client: FlaskClient) -> None:
    with app.app_context():
        accounts.switch_off(person(), ADMINISTRATOR, now())
        db.session.commit()


ENDINGS: dict[str, Ending] = {
    "signing out": lambda _app, client: client.post("/sign-out"),
    "a new password": lambda _app, client: client.post(
        "/account", data={"current": PASSWORD, "password": "four more random words"}
    ),
    "a new role": changed_role,
    "a role taken away": role_taken_away,
    "switched off": switched_off,
    "left alone": lambda app, _client: set_back(app, last_seen_at=now() - timedelta(minutes=30)),
    "its time is over": lambda app, _client: set_back(app, expires_at=now()),
    "a switch of role": lambda _app, client: client.post("/account/prove", data={"password": PASSWORD}),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_copied_cookie_dies(app: Flask, client: PageChecker, ending: str) -> None:
    officer(app)
    send(client)
    held, copied = client.get_cookie("broker"), app.test_client()
    assert held is not None
    copied.set_cookie("broker", held.value)
    assert is_in(copied)
    ENDINGS[ending](app, client)
    copied.set_cookie("broker", held.value)
    assert copied.get("/account").location == "/sign-in"


def test_the_page_of_ones_sign_ins(app: Flask, client: PageChecker) -> None:
    officer(app)
    client.post(
        "/sign-in",
        data={"email": OFFICER, "password": PASSWORD},
        headers={"User-Agent": FIREFOX},
        environ_overrides={"REMOTE_ADDR": "203.0.113.77"},
    )
    second, third = app.test_client(), app.test_client()
    for other in (second, third):
        send(other)
    page = client.get("/account/sign-ins").text
    assert "Firefox on Windows" in page
    assert "203.0.…" in page
    assert "113.77" not in page
    assert page.count("Sign this one out") == 2
    assert len(re.findall(r"Signed in today at \d\d:\d\d, last used today at \d\d:\d\d", page)) == 3, "look alike"
    assert client.post("/account/sign-ins/3/end").status_code == 303
    assert (is_in(second), is_in(third)) == (True, False)
    assert client.post("/account/sign-ins/3/end").status_code == 404
    assert client.post("/account/sign-ins/end-others").status_code == 303
    assert (is_in(client), is_in(second)) == (True, False)
    assert "You are signed in nowhere else" in client.get("/account/sign-ins").text


def test_nobody_ends_the_sign_in_of_another(app: Flask, client: PageChecker) -> None:
    officer(app)
    officer(app, "other@example.org")
    other = app.test_client()
    send(other, "other@example.org")
    send(client)
    assert client.post("/account/sign-ins/1/end").status_code == 404
    assert client.post("/account/sign-ins/end-others").status_code == 303
    assert is_in(other)


def test_the_record_says_who_came_and_went(app: Flask, client: PageChecker) -> None:
    user_id = officer(app)
    send(client, password="not the right words")
    send(client)
    client.post("/account/prove", data={"password": PASSWORD})
    client.post("/account", data={"current": PASSWORD, "password": "four more random words"})
    client.post("/sign-out")
    with app.app_context():
        events = db.session.scalars(select(Event).order_by(Event.id)).all()
        deeds = [event.action for event in events]
        assert deeds == [
            "fail_sign_in", "sign_in", "prove_identity", "sign_in", "change_password", "sign_in", "end_sign_in",
        ]  # fmt: skip
        assert {event.actor_id for event in events} == {None, user_id}


def test_a_switched_off_account_is_told_only_to_its_owner(app: Flask, client: PageChecker) -> None:
    officer(app)
    switched_off(app, client)
    assert "not right" in send(client, password="not the right words").text
    assert "switched off" in send(client).text
    client.post("/forgotten-password", data={"email": OFFICER})
    with app.app_context():
        accounts.switch_on(person(), ADMINISTRATOR)
        db.session.commit()
    assert send(client).location == "/desk"


def test_a_role_given_back_is_the_same_role(app: Flask) -> None:
    officer(app)
    role_taken_away(app, app.test_client())
    assert send(app.test_client()).status_code == 422
    with app.app_context():
        user = person()
        area = make.authority().id
        assert accounts.give_place(user, Role.OFFICER, ADMINISTRATOR, Action.ADD_PERSON, authority_id=area)
        db.session.commit()
    assert send(app.test_client()).status_code == 303


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604", "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/149.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/149.0 Safari/537.36 Edg/149.0", "Edge on Windows"),
        ("", "Another browser"),
        ("<script>" * 900, "Another browser"),
    ],
)  # fmt: skip
def test_a_browser_is_told_by_its_kind(agent: str, name: str) -> None:
    assert name_of(agent) == name


def test_a_place_is_told_by_its_first_part() -> None:
    assert place_of("203.0.113.77") == place_of("::ffff:203.0.113.77") == "203.0.…"
    assert place_of("2001:db8:1:2:3::4") == "2001:0db8:0001:…"
    assert place_of(None) == place_of("unix:") == ""

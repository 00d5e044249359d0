"""Signing in and out, switching, one-time links, and where a visitor lands afterwards."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from argon2.exceptions import VerificationError
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from broker.actions.accounts import create_user
from broker.actions.passwords import hash_password
from broker.domain.clock import now
from broker.domain.kinds import Role
from broker.domain.permissions import Actor
from broker.store.accounts import Membership, OneTimeLink, SignIn, User
from broker.store.base import db
from broker.web.accounts import is_own_page
from tests import make
from tests.conftest import PageChecker

SignInAs = Callable[[int], PageChecker]
PASSWORD = "three random words"
COMMANDS = Actor(Role.ADMINISTRATOR)


@pytest.fixture
def officer(app: Flask) -> int:
    """An officer of Northmere who is also a member of a group there."""
    with app.app_context():
        area = make.authority()
        membership = make.officer(area)
        membership.user.email = "officer@example.org"
        membership.user.password_hash = hash_password(PASSWORD)
        group = make.organisation(area)
        db.session.add(Membership(user=membership.user, role=Role.MEMBER, organisation=group, created_at=now()))
        db.session.commit()
        return membership.id


def send(client: FlaskClient, email: str = "officer@example.org", password: str = PASSWORD) -> TestResponse:
    return client.post("/sign-in", data={"email": email, "password": password})


def test_sign_in_lands_at_home_and_sign_out_is_final(app: Flask, client: PageChecker, officer: int) -> None:
    assert client.get("/sign-in").status_code == 200
    assert client.get("/account").location == "/sign-in"
    client = app.test_client()  # type: ignore[assignment]
    answer = send(client, " Officer@Example.org ")
    assert (answer.status_code, answer.location) == (303, "/desk")
    cookie = client.get_cookie("broker")
    assert cookie is not None
    assert client.get("/account").status_code == 200
    assert client.get("/sign-in").location == "/desk"
    assert client.get("/sign-out").status_code == 405
    assert client.post("/sign-out").status_code == 303
    client.set_cookie("broker", cookie.value)
    assert client.get("/account").location == "/sign-in", "a copied cookie outlived the sign-out"


def test_each_sign_in_has_a_token_of_its_own_and_an_end(app: Flask, client: PageChecker, officer: int) -> None:
    send(client)
    send(app.test_client())
    with app.app_context():
        rows = db.session.scalars(select(SignIn)).all()
        assert len({row.token_hash for row in rows}) == 2
        assert {row.expires_at - row.created_at for row in rows} == {timedelta(hours=12)}
        db.session.execute(update(SignIn).values(expires_at=now()))
        db.session.commit()
    assert client.get("/account").location == "/sign-in"


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(client: PageChecker, officer: int) -> None:
    wrong = send(client, password="not the right words")
    unknown = send(client, email="nobody@example.org")
    assert wrong.status_code == unknown.status_code == 422
    assert "nobody@example.org" in unknown.text
    # Nothing but the address, the form's own key, which is another one each time, and the token, each second.
    differs = re.compile(r'name="(once|csrf_token)" value="[^"]+"|(officer|nobody)@example.org')
    assert differs.sub("", wrong.text) == differs.sub("", unknown.text)
    assert PASSWORD not in unknown.text


def test_an_unknown_address_costs_as_much_work(
    app: Flask, client: PageChecker, monkeypatch: pytest.MonkeyPatch
) -> None:
    from broker.actions import passwords

    class Hasher:
        """Notes what it is asked to compare with, and says no."""

        def verify(self, kept: str, _password: str) -> bool:
            verified.append(kept)
            raise VerificationError

    verified: list[str] = []
    kept = passwords._nobodys_hash()
    monkeypatch.setattr(passwords, "_HASHER", Hasher())
    send(client, email="nobody@example.org")
    assert verified == [kept]
    assert kept.startswith("$argon2id")


@pytest.mark.parametrize("odd", ["x" * 200, "  blanks at both ends  ", "naïve pässwörd ✓ ✓", "null\x00byte and more"])
def test_a_password_is_kept_exactly_as_typed(app: Flask, client: PageChecker, odd: str) -> None:
    odd = odd + "abcd"
    with app.app_context():
        _, token = create_user("new@example.org", Role.ADMINISTRATOR, None, COMMANDS)
        db.session.commit()
    assert client.post(f"/set-password/{token}", data={"password": odd}).location == "/sign-in"
    assert send(client, "new@example.org", odd.strip(" ") + "!").status_code == 422
    assert send(client, "new@example.org", odd).location == "/administration"


def test_a_one_time_link_works_once(app: Flask, client: PageChecker) -> None:
    with app.app_context():
        area = make.authority()
        _, old = create_user("ann@example.org", Role.OFFICER, area, COMMANDS, name="Ann")
        _, token = create_user("ann@example.org", Role.OFFICER, area, COMMANDS)
        db.session.commit()
        assert len(db.session.scalars(select(Membership)).all()) == 1
    assert client.get(f"/set-password/{old}").status_code == 404, "an older link outlived the newer one"
    assert "ann@example.org" in client.get(f"/set-password/{token}").text
    weak = client.post(f"/set-password/{token}", data={"password": "too short"})
    assert weak.status_code == 422
    assert client.post(f"/set-password/{token}", data={"password": PASSWORD}).status_code == 303
    for again in (client.get(f"/set-password/{token}"), client.post(f"/set-password/{token}", data={"password": "x"})):
        assert again.status_code == 404
        assert "This link no longer works" in again.text
    assert client.get("/account").location == "/sign-in", "a link must not sign anybody in"
    assert send(client, "ann@example.org").location == "/account"


def test_a_link_ends_after_two_days(app: Flask, client: PageChecker) -> None:
    with app.app_context():
        _, token = create_user("ann@example.org", Role.ADMINISTRATOR, None, COMMANDS)
        link = db.session.scalars(select(OneTimeLink)).one()
        assert link.expires_at - link.created_at == timedelta(hours=48)
        link.expires_at = now()
        db.session.commit()
    assert client.get(f"/set-password/{token}").status_code == 404


def test_without_a_password_nobody_signs_in(app: Flask, client: PageChecker) -> None:
    with app.app_context():
        create_user("ann@example.org", Role.ADMINISTRATOR, None, COMMANDS)
        db.session.commit()
    assert send(client, "ann@example.org", "").status_code == 422
    assert send(client, "ann@example.org", "anything at all").status_code == 422


def test_switching_ends_the_old_sign_in(app: Flask, client: PageChecker, officer: int) -> None:
    send(client)
    before = client.get_cookie("broker")
    assert before is not None
    with app.app_context():
        other = db.session.scalars(select(Membership.id).where(Membership.role == Role.MEMBER)).one()
        stranger = make.member(make.organisation(make.authority())).id
        db.session.commit()
    for nonsense in (str(stranger), "", "abc", "999999"):
        assert client.post("/switch", data={"membership": nonsense}).status_code == 404
    assert client.post("/switch", data={"membership": other}).location == "/my-matches"
    assert "My organisation" in client.get("/account").text
    client.set_cookie("broker", before.value)
    assert client.get("/account").location == "/sign-in"


def test_a_changed_password_signs_other_browsers_out(app: Flask, client: PageChecker, officer: int) -> None:
    send(client)
    other = app.test_client()
    send(other)
    wrong = client.post("/account", data={"current": "not mine at all", "password": "four more random words"})
    assert wrong.status_code == 422
    assert "not your password as it is now" in wrong.text
    weak = client.post("/account", data={"current": PASSWORD, "password": "qwertyuiop123"})
    assert weak.status_code == 422
    sent = client.post("/account", data={"current": PASSWORD, "password": "four more random words"})
    assert sent.status_code == 303
    assert client.get("/account").status_code == 200
    assert other.get("/account").location == "/sign-in"
    with app.app_context():
        user = db.session.scalars(select(User).where(User.email == "officer@example.org")).one()
        assert "random" not in (user.password_hash or "")


def test_the_wanted_page_is_opened_after_sign_in(app: Flask, officer: int) -> None:
    client = app.test_client()
    assert client.get("/organisations?state=applied&page=2").location == "/sign-in"
    assert send(client).location == "/organisations?state=applied&page=2"
    assert client.post("/sign-out").location == "/"
    assert send(client).location == "/desk", "a wanted page was remembered twice"


HOSTILE = [
    "https://evil.example/",
    "http:evil.example",
    "//evil.example/",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "javascript:alert(1)",
    "data:text/html,hi",
    "/organisations\r\nSet-Cookie: a=b",
    "/organisations\nLocation: https://evil.example",
    "/organi\tsations",
    "\t//evil.example",
    " //evil.example",
    "/%2f%2fevil.example",
    "/%5cevil.example",
    "/organisations/../../evil",
    "organisations",
    "evil.example",
    "@evil.example",
    "/@evil.example",
    "/sign-out",
    "/switch",
    "/static/broker.css",
    "/static//evil.example",
    "/no-such-page",
    "/organisations/",
    "/administration",
    "/my-organisation",
    "",
    "/organisations?" + "x" * 3000,
    "/organisations?a=b\x00c",
    "/organisations#\\evil",
]


@pytest.mark.parametrize("wanted", HOSTILE)
def test_nothing_but_an_own_page_is_opened_after_sign_in(app: Flask, officer: int, wanted: str) -> None:
    client = app.test_client()
    with client.session_transaction() as session:
        session["wanted"] = wanted
    assert send(client).location == "/desk"


def test_own_pages_are_known(app: Flask) -> None:
    officer = Actor(Role.OFFICER, 1, authority_id=1)
    with app.test_request_context():
        assert is_own_page("/organisations?state=applied", officer)
        assert is_own_page("/registrations/7", officer)
        assert is_own_page("/", officer)
        assert not is_own_page("/registrations/seven", officer)
        assert not is_own_page("/registrations/7/approve", officer), "only POST leads there"


def test_the_account_page_asks_little_of_the_database(
    app: Flask, client: PageChecker, officer: int, statements: list[str]
) -> None:
    send(client)
    client.get("/account")
    statements.clear()
    client.get("/account")
    assert len(statements) <= 5

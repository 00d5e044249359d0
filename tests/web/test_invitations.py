"""Inviting somebody to act for an organisation, and taking it up."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from broker.domain.clock import now
from broker.store.accounts import Membership, OneTimeLink, User
from broker.store.base import db
from broker.store.organisations import Organisation
from tests import make
from tests.conftest import PageChecker
from tests.web.accounts import is_in, letters, member, send, with_password

NEW = {"name": "Nia New", "password": "four more random words"}


@pytest.fixture
def group(app: Flask, client: PageChecker) -> int:
    """A group whose member ann is signed in; gives its id."""
    member(app, "ann@example.org")
    send(client, "ann@example.org")
    with app.app_context():
        return db.session.scalars(select(Organisation.id)).one()


def invite(client: PageChecker, group: int, email: str) -> str:
    return client.post(f"/organisations/{group}/people", data={"email": email}).text


def roles(app: Flask, email: str) -> list[tuple[str, int | None]]:
    with app.app_context():
        found = select(Membership).join(Membership.user).where(User.email == email)
        return [(each.role, each.organisation_id) for each in db.session.scalars(found)]


def test_a_colleague_is_invited_and_comes_in(app: Flask, client: PageChecker, group: int) -> None:
    assert "ann@example.org" in client.get(f"/organisations/{group}/people").text
    invite(client, group, "Nia@Example.org")
    [(kind, token)] = letters(app)
    assert kind == "invitation"
    assert roles(app, "nia@example.org") == [], "nobody acts for anything before they say yes"
    nia = app.test_client()
    assert "Harbour Street Helpers" in nia.get(f"/invitations/{token}").text
    assert nia.post(f"/invitations/{token}", data={**NEW, "password": "short"}).status_code == 422
    for empty in ({"name": "", "password": ""}, {"name": " \t ", "password": ""}):
        page = nia.post(f"/invitations/{token}", data=empty).text
        assert page.index("#name") < page.index("#password"), "all that is missing is said at once"
    assert nia.post(f"/invitations/{token}", data=NEW).location == "/sign-in"
    assert not is_in(nia)
    assert nia.post(f"/invitations/{token}", data=NEW).status_code == 404
    assert roles(app, "nia@example.org") == [("member", group)]
    assert send(nia, "nia@example.org", NEW["password"]).status_code == 303
    assert "Nia New" in client.get(f"/organisations/{group}/people").text


def test_somebody_with_an_account_signs_in_to_take_it_up(app: Flask, client: PageChecker, group: int) -> None:
    member(app, "bob@example.org")
    invite(client, group, "bob@example.org")
    token = letters(app)[0][1]
    stranger = app.test_client()
    assert "Sign in with it" in stranger.get(f"/invitations/{token}").text
    stranger.post(f"/invitations/{token}", data=NEW)
    assert len(roles(app, "bob@example.org")) == 1, "a letter that was passed on opened an account"
    page = client.get(f"/invitations/{token}").text
    assert "somebody else" in page
    assert "Harbour Street Helpers</strong>" not in page, "what it is about is for its person"
    client.post(f"/invitations/{token}")
    assert len(roles(app, "bob@example.org")) == 1
    assert send(stranger, "bob@example.org").location == f"/invitations/{token}"
    assert stranger.post(f"/invitations/{token}").location == "/sign-in"
    assert roles(app, "bob@example.org")[1] == ("member", group)
    assert not is_in(stranger), "a sign-in from before the new role lived on"


def test_an_officer_invites_to_what_has_nobody(app: Flask, client: PageChecker) -> None:
    with app.app_context():
        area, other = make.authority(), make.authority()
        with_password(make.officer(area), "officer@example.org")
        entered = make.organisation(area, claimed_at=None, entered_how="phone").id
        elsewhere = make.organisation(other).id
        db.session.commit()
    send(client)
    assert client.get(f"/organisations/{elsewhere}/people").status_code == 404
    assert "Nobody yet" in client.get(f"/organisations/{entered}/people").text
    invite(client, entered, "nia@example.org")
    app.test_client().post(f"/invitations/{letters(app)[0][1]}", data=NEW)
    with app.app_context():
        assert db.session.get_one(Organisation, entered).claimed_at is not None


def test_two_days_a_newer_letter_and_a_second_place(app: Flask, client: PageChecker, group: int) -> None:
    for _ in range(2):
        invite(client, group, "nia@example.org")
    (_, old), (_, new) = letters(app)
    assert client.get(f"/invitations/{old}").status_code == 404
    assert client.get(f"/invitations/{new}").status_code == 200
    with app.app_context():
        link = db.session.scalars(select(OneTimeLink)).first()
        assert link is not None
        assert link.expires_at - link.created_at <= timedelta(days=2)
        db.session.execute(update(OneTimeLink).values(expires_at=now()))
        db.session.commit()
    assert client.get(f"/invitations/{new}").status_code == 404


def test_who_is_here_and_what_is_no_address(client: PageChecker, group: int) -> None:
    assert "acts for the organisation already" in invite(client, group, "ann@example.org")
    assert "Enter an e-mail address such as" in invite(client, group, "nonsense")

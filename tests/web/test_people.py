"""One person as an administrator sees them, and what an administrator may end."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from broker.domain.clock import now
from broker.store.accounts import Membership
from broker.store.base import db
from tests.conftest import PageChecker
from tests.web.accounts import administrator, is_in, member, officer, send, set_back


@pytest.fixture
def person(app: Flask, client: PageChecker) -> int:
    """An officer; the client is signed in as an administrator."""
    administrator(app)
    send(client, "administrator@example.org")
    return officer(app)


def test_an_administrator_signs_somebody_out(app: Flask, client: PageChecker, person: int) -> None:
    other = app.test_client()
    send(other)
    assert "In one browser" in client.get(f"/administration/people/{person}").text
    assert client.post(f"/administration/people/{person}/end-sign-ins").status_code == 303
    assert not is_in(other)
    assert is_in(client)
    assert "Nowhere" in client.get(f"/administration/people/{person}").text


def test_an_account_is_switched_off_and_on(app: Flask, client: PageChecker, person: int) -> None:
    other = app.test_client()
    send(other)
    assert client.post(f"/administration/people/{person}/switch-off").status_code == 303
    assert not is_in(other)
    assert send(other).status_code == 422
    page = client.get(f"/administration/people/{person}").text
    assert "Switched off" in page
    assert "Switch the account on" in page
    assert client.post(f"/administration/people/{person}/switch-on").status_code == 303
    assert send(other).status_code == 303


def test_a_role_is_taken_away(app: Flask, client: PageChecker, person: int) -> None:
    with app.app_context():
        role = db.session.scalars(select(Membership.id).where(Membership.user_id == person)).one()
        own = db.session.scalars(select(Membership.id).where(Membership.user_id != person)).one()
    assert client.post(f"/administration/people/{person}/roles/{own}/take-away").status_code == 404
    assert client.post(f"/administration/people/{person}/roles/{role}/take-away").status_code == 303
    assert "None now" in client.get(f"/administration/people/{person}").text
    assert "not linked to an organisation" in send(app.test_client()).text
    assert client.post(f"/administration/people/{person}/roles/{role}/take-away").status_code == 404


def test_nobody_switches_themselves_off(app: Flask, client: PageChecker, person: int) -> None:
    with app.app_context():
        me = db.session.scalars(select(Membership).where(Membership.user_id != person)).one()
        own, role = me.user_id, me.id
    assert "This is you" in client.get(f"/administration/people/{own}").text
    for deed in ("switch-off", f"roles/{role}/take-away"):
        assert client.post(f"/administration/people/{own}/{deed}").status_code == 403
    assert is_in(client)


def test_what_cuts_somebody_off_asks_for_a_fresh_proof(app: Flask, client: PageChecker, person: int) -> None:
    set_back(app, proved_at=now() - timedelta(minutes=10))
    for deed in ("switch-off", "switch-on", "reset-codes", "roles/1/take-away"):
        assert client.post(f"/administration/people/{person}/{deed}").location == "/account/prove", deed


def test_whoever_signs_in_is_found_by_their_address(app: Flask, client: PageChecker, person: int) -> None:
    """Members too, whom the list of staff does not show."""
    somebody = member(app, "ann@example.org")
    assert "ann@example.org" not in client.get("/administration/people").text
    found = client.post("/administration/people/link", data={"lost": " Ann@example.org", "look": "yes"})
    assert found.location == f"/administration/people/{somebody}"
    assert "Switch the account off" in client.get(found.location).text
    assert client.post("/administration/people/link", data={"lost": "bo@example.org", "look": "yes"}).status_code == 422


def test_what_lets_somebody_in_or_ends_them_asks_for_a_fresh_proof(
    app: Flask, client: PageChecker, person: int
) -> None:
    set_back(app, proved_at=now() - timedelta(minutes=10))
    for path in ("people", "people/link", f"erasures/{person}"):
        assert client.post(f"/administration/{path}").location == "/account/prove", path


def test_somebody_who_is_not_here(client: PageChecker, person: int) -> None:
    assert client.get("/administration/people/999").status_code == 404
    assert client.post("/administration/people/999/switch-off").status_code == 404

"""One's own data: a copy to take away, and the way out."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from broker.domain.clock import now, today
from broker.domain.kinds import MatchState
from broker.domain.retention import ANSWER_WITHIN
from broker.store.accounts import SignIn, User
from broker.store.base import Base, db
from broker.store.privacy import is_erased, people_who_asked
from broker.web.own_data import TITLES
from broker.web.saying import day
from tests import make
from tests.conftest import PageChecker

SignIns = Callable[[int], PageChecker]


@pytest.fixture
def member_id(app: Flask) -> int:
    with app.app_context():
        area = make.authority()
        membership = make.member(make.organisation(area))
        membership.user.email, membership.user.name = "canary@example.org", "Canary <b>Bird</b>"
        make.need(membership.organisation, area, title="A canary is wanted", author_id=membership.user_id)
        db.session.commit()
        return membership.id


def test_a_copy_is_a_page_and_the_same_for_computers(member_id: int, sign_in: SignIns) -> None:
    client = sign_in(member_id)
    assert "Take a copy" in client.get("/account/data").text
    answer = client.post("/account/data")
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    packed = zipfile.ZipFile(io.BytesIO(answer.data))
    page, held = packed.read("my-data.html").decode(), json.loads(packed.read("my-data.json"))
    assert held["user"][0]["email"] == "canary@example.org"
    assert "A canary is wanted" in page
    assert "Canary &lt;b&gt;Bird&lt;/b&gt;" in page
    assert f"<strong>Created at:</strong> {day(today())}, " in page
    assert "<strong>Is group:</strong> Yes" in page
    assert "<strong>Action:</strong> Take copy" in page
    assert not re.search(r"\bNone\b|\bTrue\b|\d{4}-\d\d-\d\dT|[\[{]&#39;", page), "a person has to read it"


def test_whatever_points_to_a_person_is_named_in_words() -> None:
    tables = Base.metadata.sorted_tables
    keys = {(table.name, key.target_fullname) for table in tables for key in table.foreign_keys}
    assert {name for name, aim in keys if aim in ("user.id", "membership.id")} <= set(TITLES)


@pytest.mark.parametrize("path", ["/account/data", "/account/erase"])
def test_whoever_left_the_screen_is_asked_again(app: Flask, member_id: int, sign_in: SignIns, path: str) -> None:
    client = sign_in(member_id)
    with app.app_context():
        db.session.execute(update(SignIn).values(proved_at=now() - timedelta(hours=1)))
        db.session.commit()
    for answer in (client.get(path), client.post(path, data={"sure": "y"})):
        assert (answer.status_code, answer.location) == (303, "/account/prove")
    with app.app_context():
        assert not is_erased(db.session.scalars(select(User)).one())


def test_strangers_are_asked_to_sign_in(client: PageChecker) -> None:
    for path in ("/account/data", "/account/erase"):
        assert client.get(path).location == "/sign-in"
        assert client.post(path).location == "/sign-in"


def test_a_member_erases_the_account_at_once_and_is_signed_out(app: Flask, member_id: int, sign_in: SignIns) -> None:
    client = sign_in(member_id)
    page = client.get("/account/erase").text
    assert "What goes, for good" in page
    assert "has no other member" in page
    refused = client.post("/account/erase")
    assert refused.status_code == 422
    assert "Tick the box" in refused.text
    done = client.post("/account/erase", data={"sure": "y"})
    assert (done.status_code, done.location) == (303, "/")
    assert "Your account is erased" in client.get("/").text
    assert client.get("/account").location == "/sign-in"
    with app.app_context():
        assert is_erased(db.session.scalars(select(User)).one())


def test_what_others_count_on_goes_to_an_administrator_and_can_be_taken_back(app: Flask, sign_in: SignIns) -> None:
    with app.app_context():
        area = make.authority()
        group = make.organisation(area)
        membership = make.member(group)
        make.match(make.need(group, area), make.offer(make.supplier(area), area), area, MatchState.AGREED)
        administrator = make.administrator()
        db.session.commit()
        member_id, user_id, name = membership.id, membership.user_id, membership.user.name
        administrator_id = administrator.id
    client = sign_in(member_id)
    assert "Why somebody looks at it first" in client.get("/account/erase").text
    assert client.post("/account/erase", data={"sure": "y"}).location == "/account/erase"
    page = client.get("/account/erase").text
    assert f"answers by {day(today() + ANSWER_WITHIN)}" in page
    assert "Erase my account" not in page
    office = sign_in(administrator_id)
    assert name in office.get("/administration/erasures").text
    assert "Waiting for an answer now: 1." in office.get("/administration").text
    client.post("/account/stay")
    assert "Nobody waits now" in office.get("/administration/erasures").text
    client.post("/account/erase", data={"sure": "y"})
    path = f"/administration/erasures/{user_id}"
    assert "Settle these first" in office.get(path).text
    assert office.post(path).status_code == 422
    assert office.post(path, data={"sure": "y"}).location == "/administration/erasures"
    assert office.get(path).status_code == 404
    assert client.get("/account").location == "/sign-in"
    with app.app_context():
        assert people_who_asked() == []
        assert is_erased(db.session.get_one(User, user_id))


def test_an_administrator_finds_whoever_wrote_in(app: Flask, member_id: int, sign_in: SignIns) -> None:
    with app.app_context():
        administrator_id = make.administrator().id
        db.session.commit()
    office = sign_in(administrator_id)
    unknown = office.post("/administration/erasures", data={"email": "nobody@example.org"})
    assert unknown.status_code == 422
    assert "nobody@example.org" in unknown.text
    found = office.post("/administration/erasures", data={"email": "Canary@example.org"})
    assert "Canary &lt;b&gt;Bird&lt;/b&gt;" in office.get(found.location).text


def test_the_only_administrator_is_told_why_not(app: Flask, sign_in: SignIns) -> None:
    with app.app_context():
        membership = make.administrator()
        db.session.commit()
        ids = membership.id, membership.user_id
    answer = sign_in(ids[0]).post(f"/administration/erasures/{ids[1]}", data={"sure": "y"})
    assert answer.status_code == 422
    assert "You are the only administrator" in answer.text

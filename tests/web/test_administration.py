"""The administrator's pages: councils, people and their links, and the table of rights."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from broker.domain.kinds import Role
from broker.domain.permissions import GRANTS
from broker.store.accounts import Membership, User
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.outbox import Outbox
from broker.web import words
from tests import make
from tests.conftest import PageChecker
from tests.web.accounts import with_password


@pytest.fixture
def administrator(app: Flask, sign_in: Callable[[int], PageChecker]) -> PageChecker:
    with app.app_context():
        make.authority("Northmere", code="X99000001")
        membership = make.administrator()
        db.session.commit()
        membership_id = membership.id
    return sign_in(membership_id)


PATHS = ("/administration", "/administration/authorities", "/administration/people", "/administration/access")


def test_only_an_administrator_comes_in(
    app: Flask, client: PageChecker, administrator: PageChecker, sign_in: Callable[[int], PageChecker]
) -> None:
    with app.app_context():
        area = make.authority()
        others = [make.officer(area), make.member(make.organisation(area))]
        db.session.commit()
        ids = [other.id for other in others]
    visitors = [sign_in(i) for i in ids]
    for path in PATHS:
        assert administrator.get(path).status_code == 200
        assert client.get(path).location == "/sign-in"
        assert [visitor.get(path).status_code for visitor in visitors] == [403, 403]


def test_a_council_is_added_once(app: Flask, administrator: PageChecker) -> None:
    data = {"code": "e08000009", "name": "Trafford", "region": "Greater Manchester", "framework_code": ""}
    assert administrator.post("/administration/authorities", data=data).status_code == 303
    with app.app_context():
        assert db.session.scalars(select(Authority.code).order_by(Authority.id)).all() == ["X99000001", "E08000009"]
    assert "Trafford" in administrator.get("/administration/authorities").text
    again = administrator.post("/administration/authorities", data={**data, "name": "Trafford again"})
    assert again.status_code == 422
    assert "This council is here already" in again.text
    assert "Trafford again" in again.text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"code": ""}, "Enter the council"),
        ({"code": "12345"}, "one letter and eight figures"),
        ({"name": " "}, "Enter the council"),
        ({"framework_code": "none such"}, "Choose one from the list"),
    ],
)
def test_a_bad_council_is_refused_and_kept(administrator: PageChecker, changed: dict[str, str], said: str) -> None:
    data = {"code": "E08000009", "name": "Trafford", "region": "Greater Somewhere", "framework_code": "", **changed}
    page = administrator.post("/administration/authorities", data=data)
    assert page.status_code == 422
    assert said in page.text
    assert "Greater Somewhere" in page.text


def test_an_officer_is_added_and_comes_in_by_the_link(
    app: Flask, administrator: PageChecker, client: PageChecker
) -> None:
    with app.app_context():
        area = str(db.session.scalars(select(Authority.id)).one())
    data = {"email": "New@Example.org", "name": "Nia New", "role": "officer", "authority": area}
    page = administrator.post("/administration/people", data=data)
    assert page.status_code == 200
    with app.app_context():
        assert [letter.kind for letter in db.session.scalars(select(Outbox))] == ["invitation"]
    link = page.text.split("http://localhost")[1].split("<")[0].strip()
    assert client.post(link, data={"password": "three random words"}).status_code == 303
    assert "Nia New" in administrator.get("/administration/people").text
    with app.app_context():
        user = db.session.scalars(select(User).where(User.email == "new@example.org")).one()
        user_id = user.id
        assert [m.role for m in db.session.scalars(select(Membership).where(Membership.user_id == user_id))] == [
            "officer"
        ]
    newer = administrator.post("/administration/people/link", data={"lost": " NEW@example.org"}).text
    assert "/set-password/" in newer
    for lost, said in (("nobody@example.org", "Nobody signs in with this address"), ("", "Enter their e-mail address")):
        page = administrator.post("/administration/people/link", data={"lost": lost})
        assert page.status_code == 422
        assert said in page.text
        assert lost in page.text


@pytest.mark.parametrize(("role", "home"), [("councillor", "/wards"), ("contract_manager", "/contracts")])
def test_a_councillor_and_a_contract_manager_come_in_and_stand_at_their_own_page(
    app: Flask, administrator: PageChecker, client: PageChecker, role: str, home: str
) -> None:
    with app.app_context():
        area = db.session.scalars(select(Authority.id)).one()
    data = {"email": "new@example.org", "name": "Nia New", "role": role, "authority": str(area)}
    link = administrator.post("/administration/people", data=data).text.split("http://localhost")[1].split("<")[0]
    assert client.post(link.strip(), data={"password": "three random words"}).location == "/sign-in"
    came = client.post("/sign-in", data={"email": "new@example.org", "password": "three random words"})
    assert came.location == home
    assert client.get(home).status_code == 200
    assert client.get("/desk").status_code == 403


def test_somebody_who_has_a_password_keeps_it(app: Flask, administrator: PageChecker) -> None:
    """A link that sets a new one is not what an administrator has in mind who gives them one more role."""
    with app.app_context():
        area = str(db.session.scalars(select(Authority.id)).one())
        with_password(make.member(make.organisation(make.authority())), "ann@example.org")
    data = {"email": "ann@example.org", "name": "Ann", "role": "officer", "authority": area}
    assert administrator.post("/administration/people", data=data).location == "/administration/people"
    page = administrator.get("/administration/people").text
    assert "ann@example.org has an account here already and keeps its password" in page
    assert "/set-password/" not in page
    with app.app_context():
        assert [letter.kind for letter in db.session.scalars(select(Outbox))] == ["invitation"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"email": "nonsense"}, "Enter an e-mail address such as"),
        ({"name": ""}, "Enter their name"),
        ({"role": "member"}, "Choose what they are"),
        ({"role": "system"}, "Choose what they are"),
        ({"authority": "0"}, "Choose the council this officer works for"),
        ({"authority": "999"}, "Choose the council this officer works for"),
    ],
)
def test_a_bad_person_is_refused_and_kept(
    app: Flask, administrator: PageChecker, changed: dict[str, str], said: str
) -> None:
    data = {"email": "new@example.org", "name": "Nia New", "role": "officer", "authority": "1", **changed}
    page = administrator.post("/administration/people", data=data)
    assert page.status_code == 422
    assert said in page.text
    assert data["email"] in page.text
    with app.app_context():
        assert len(db.session.scalars(select(User)).all()) == 1


def test_the_table_of_rights_is_the_one_that_is_used(administrator: PageChecker) -> None:
    page = administrator.get("/administration/access").text
    for action in GRANTS:
        assert words.deed(action) in page
    assert page.count('<td class="govuk-table__cell">') == len(Role) * len(GRANTS)


def test_pages_ask_little_of_the_database(administrator: PageChecker, statements: list[str]) -> None:
    for path in PATHS:
        administrator.get(path)
        statements.clear()
        administrator.get(path)
        assert len(statements) <= 5, path

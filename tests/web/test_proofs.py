"""A page that matters is for somebody who has just shown who they are, and a sign-in ends when it is left alone."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask, Response
from sqlalchemy import select, update

from broker.actions.passwords import hash_password
from broker.domain.clock import now
from broker.domain.permissions import Action
from broker.domain.sign_ins import LIMITS, Way
from broker.store.accounts import Membership, SignIn
from broker.store.base import db
from broker.web.guard import allow, fresh
from tests import make
from tests.conftest import PageChecker

PASSWORD = "three random words"
SignInAs = Callable[[Membership], PageChecker]


@pytest.fixture
def officer(app: Flask) -> Membership:
    @allow(Action.SEE_DESK)
    @fresh
    def private() -> Response:
        return Response("private", mimetype="text/plain")

    app.add_url_rule("/private", "desk.private", private, methods=["GET", "POST"])
    with app.app_context():
        officer = make.officer(make.authority())
        officer.user.password_hash = hash_password(PASSWORD)
        db.session.commit()
        db.session.refresh(officer)
        db.session.expunge(officer)
    return officer


def set_back(app: Flask, **columns: object) -> None:
    with app.app_context():
        db.session.execute(update(SignIn).values(**columns))
        db.session.commit()


def sign_ins(app: Flask) -> list[SignIn]:
    with app.app_context():
        return list(db.session.scalars(select(SignIn).order_by(SignIn.id)))


def test_after_ten_minutes_a_private_page_asks_once_more(app: Flask, officer: Membership, sign_in: SignInAs) -> None:
    client = sign_in(officer)
    assert client.get("/account").status_code == 200
    set_back(app, proved_at=now() - timedelta(minutes=9))
    assert client.post("/private").text == "private"
    set_back(app, proved_at=now() - timedelta(minutes=10))
    assert client.post("/private").location == "/account/prove"
    asked = client.get("/account/prove")
    assert "we ask for your password again" in asked.text
    wrong = client.post("/account/prove", data={"password": "not it at all"})
    assert wrong.status_code == 422
    assert "That is not your password" in wrong.text
    before = client.get_cookie("broker")
    assert client.post("/account/prove", data={"password": PASSWORD}).location == "/private"
    assert client.post("/private").text == "private"
    assert before is not None
    client.set_cookie("broker", before.value)
    assert client.get("/account").location == "/sign-in", "the sign-in from before the proof lives on"


def test_after_the_proof_one_is_back_where_the_button_was(app: Flask, officer: Membership, sign_in: SignInAs) -> None:
    client = sign_in(officer)
    set_back(app, proved_at=now() - timedelta(minutes=10))
    for came_from, back in (
        ("http://localhost/account/codes", "/account/codes"),
        ("http://evil.example//evil", "/desk"),
        ("http://[", "/private"),
    ):
        set_back(app, proved_at=now() - timedelta(minutes=10))
        client.post("/private", headers={"Referer": came_from})
        assert client.post("/account/prove", data={"password": PASSWORD}).location == back


def test_a_proof_makes_no_sign_in_longer(app: Flask, officer: Membership, sign_in: SignInAs) -> None:
    client = sign_in(officer)
    ends = sign_ins(app)[0].expires_at
    client.post("/account/prove", data={"password": PASSWORD})
    old, new = sign_ins(app)
    assert old.ended_at is not None
    assert new.expires_at == ends


def test_who_came_through_a_council_is_sent_there_again(app: Flask, officer: Membership, sign_in: SignInAs) -> None:
    client = sign_in(officer)
    set_back(app, way=Way.SINGLE_SIGN_ON)
    page = client.get("/account/prove").text
    assert "sign in again" in page
    assert 'type="password"' not in page


@pytest.mark.parametrize("minutes", [29, 30])
def test_a_sign_in_left_alone_ends(app: Flask, officer: Membership, sign_in: SignInAs, minutes: int) -> None:
    client = sign_in(officer)
    set_back(app, last_seen_at=now() - timedelta(minutes=minutes))
    assert (client.get("/account").status_code == 200) is (minutes < 30)


def test_members_may_leave_it_alone_for_a_day(app: Flask, officer: Membership, sign_in: SignInAs) -> None:
    with app.app_context():
        group = make.organisation(make.authority())
        member = make.member(group).id
        db.session.commit()
    client = sign_in(member)  # type: ignore[arg-type]
    set_back(app, last_seen_at=now() - timedelta(hours=23, minutes=59))
    assert client.get("/account").status_code == 200
    set_back(app, last_seen_at=now() - timedelta(hours=24))
    assert client.get("/account").location == "/sign-in"


def test_being_seen_is_written_down_once_a_minute(
    app: Flask, officer: Membership, sign_in: SignInAs, statements: list[str]
) -> None:
    client = sign_in(officer)
    client.get("/account")
    statements.clear()
    client.get("/account")
    assert not [text for text in statements if text.startswith("UPDATE")]
    set_back(app, last_seen_at=now() - timedelta(minutes=2))
    statements.clear()
    client.get("/account")
    assert len([text for text in statements if text.startswith("UPDATE")]) == 1
    assert now() - sign_ins(app)[0].last_seen_at < timedelta(minutes=1)


def test_staff_are_asked_sooner(app: Flask) -> None:
    hours = {
        str(role): (limit.idle / timedelta(hours=1), limit.at_most / timedelta(hours=1))
        for role, limit in LIMITS.items()
    }
    own, staff = (24, 168), (0.5, 12)
    assert hours == {
        **dict.fromkeys(("member", "colleague", "councillor"), own),
        **dict.fromkeys(("officer", "contract_manager", "administrator"), staff),
    }

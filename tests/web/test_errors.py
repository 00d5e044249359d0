"""A refusal is a page that says what happened and what to do; a failure of ours says so and loses nothing."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from broker.domain.refusals import AlreadyThere, NotAllowed, QuantityTaken, WrongState
from broker.store.accounts import Membership
from broker.store.base import db
from broker.web import home
from tests import make

PROBLEMS = [
    (NotAllowed("x"), 403),
    (WrongState("match", "lapsed", "confirm_match"), 409),
    (QuantityTaken("supply", Decimal(4)), 409),
    (AlreadyThere("partnership", 7), 409),
    (StaleDataError(), 409),
    (OperationalError("x", {}, Exception("database is locked")), 503),
]


@pytest.fixture
def officer(app: Flask, sign_in: Callable[[Membership], FlaskClient]) -> FlaskClient:
    """An officer's browser."""
    with app.app_context():
        person = make.officer(make.authority())
        db.session.commit()
        db.session.refresh(person)
        db.session.expunge(person)
    return sign_in(person)


@pytest.mark.parametrize(("problem", "status"), PROBLEMS, ids=lambda p: type(p).__name__)
def test_each_refusal_has_its_page(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, problem: Exception, status: int
) -> None:
    def fail(*_args: object, **_kwargs: object) -> str:
        raise problem

    monkeypatch.setattr(home, "render_template", fail)
    answer = client.get("/")
    assert answer.status_code == status
    assert ("Retry-After" in answer.headers) is (status == 503)
    assert "Nothing was lost" not in answer.get_data(as_text=True), "what was typed was not kept"
    if isinstance(problem, AlreadyThere):
        assert "/partnerships/7" in answer.get_data(as_text=True)


def test_a_missing_database_is_said_kindly(officer: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_args: object, **_kwargs: object) -> None:
        raise OperationalError("SELECT", {}, Exception("unable to open database file"))

    monkeypatch.setattr(Session, "execute", gone)
    answer = officer.get("/desk")
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers


def test_unknown_pages_and_wrong_methods_are_kind(client: FlaskClient) -> None:
    assert client.get("/no-such-page").status_code == 404
    assert client.post("/healthz").status_code == 405
    assert client.get("/static/../config.py").status_code == 404


def test_every_answer_carries_the_headers(client: FlaskClient) -> None:
    for path in ("/", "/no-such-page", "/desk", "/static/broker.css"):
        answer = client.get(path, buffered=True)
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"], path
        assert "unsafe" not in answer.headers["Content-Security-Policy"], path
        assert answer.headers["X-Content-Type-Options"] == "nosniff", path
        answer.close()


def test_what_was_written_is_given_back_where_it_cannot_be_taken(officer: FlaskClient) -> None:
    """A group of needs is worked out anew each night: whoever writes about it then loses no word; no secret shows."""
    wrote = "<b>Laptops</b> for nine groups,\nand somebody who looks after them"
    answer = officer.post(
        "/fairness/needs/999",
        data={
            "body": wrote,
            "lead": "council",
            "text": "The keys are with the library",
            "email": "somebody.with.a.long.name@example.org",
            "password": "a secret of twenty and more",
        },
    )
    assert answer.status_code == 404
    page = answer.get_data(as_text=True)
    assert "&lt;b&gt;Laptops&lt;/b&gt; for nine groups,\nand somebody who looks after them</textarea>" in page
    assert ">Your words</label>" in page
    assert "a secret of" not in page
    assert "somebody.with" not in page, "nobody has to copy their own address"
    assert ">Lead<" not in page
    assert "What you wrote" not in officer.get("/fairness/needs/999").get_data(as_text=True)

"""The page that takes a file of contracts: shown first, then let in, and nothing lost on the way."""

import re
from collections.abc import Callable
from html import unescape
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from broker.store.accounts import Membership
from broker.store.base import db
from broker.store.contracts import Contract
from tests import make
from tests.conftest import PageChecker

SignIn = Callable[[Membership], PageChecker]
FILE = (
    "title,supplier,starts_on,ends_on,value\r\n"
    '"=Homes & ""gardens""",Quayside Builders,2027-01-01,2029-12-31,250000\r\n'
    "Roads,Nobody Ltd,2027-01-01,2029-12-31,\r\n"
)


@pytest.fixture
def officer(app: Flask, sign_in: SignIn) -> PageChecker:
    with app.app_context():
        area = make.authority()
        make.supplier(area, name="Quayside Builders")
        made = make.officer(area)
        db.session.commit()
        db.session.refresh(made)
        db.session.expunge(made)
    return sign_in(made)


def send(client: PageChecker, content: bytes) -> TestResponse:
    return client.post("/contracts/import", data={"file": (BytesIO(content), "contracts.csv")})


def number(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Contract)) or 0


def test_a_file_is_shown_then_let_in(officer: PageChecker, app: Flask) -> None:
    page = send(officer, FILE.encode("utf-16"))
    assert page.status_code == 200
    assert "knows no supplier called &#34;Nobody Ltd&#34;" in page.text
    assert "Register 1 contract" in page.text
    assert number(app) == 0
    kept = re.search(r'name="text" type="hidden" value="([^"]*)"', page.text)
    assert kept is not None
    answer = officer.post("/contracts/import/confirm", data={"text": unescape(kept.group(1))})
    assert answer.status_code == 303
    assert "1 contract is registered, 1 row was left out." in officer.get("/contracts").text
    with app.app_context():
        assert db.session.scalars(select(Contract.title)).one() == '=Homes & "gardens"'
    again = send(officer, FILE.encode())
    assert "There is nothing new to bring in" in again.text


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"a,b\n1,2", b"\xff\xfe\x00"])
def test_a_file_that_cannot_be_read_gets_a_kind_word(officer: PageChecker, content: bytes) -> None:
    answer = send(officer, content)
    assert answer.status_code == 422
    assert "There is a problem" in answer.text


def test_no_file_and_no_text(officer: PageChecker) -> None:
    assert officer.post("/contracts/import").status_code == 422
    for text in ("", "nonsense"):
        answer = officer.post("/contracts/import/confirm", data={"text": text})
        assert (answer.status_code, "Send the file again" in answer.text) == (422, True)


def test_a_file_to_fill_in_can_be_sent_as_it_is(officer: PageChecker) -> None:
    template = officer.get("/contracts/template.csv")
    assert template.mimetype == "text/csv"
    assert "knows no supplier called" in send(officer, template.data).text

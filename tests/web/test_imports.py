"""The pages that bring in a list: sending it, watching it, its report, and whose they are."""

import csv
from collections.abc import Callable
from io import BytesIO, StringIO
from typing import NamedTuple

import pytest
from flask import Flask
from sqlalchemy import select, update

from broker.actions.imports import run
from broker.domain.clock import now
from broker.store.base import db, set_reading
from broker.store.imports import Import, count
from broker.store.jobs import Job
from tests import make
from tests.conftest import PageChecker

FILE = b"id,kind,title,phone\n1,need,Ten chairs,01632 960001\n=2,wish,Tea,\n3,need,ten  CHAIRS,\n"


class Town(NamedTuple):
    officer: PageChecker
    stranger: PageChecker
    member: PageChecker
    authority_id: int


@pytest.fixture
def town(app: Flask, sign_in: Callable[..., PageChecker]) -> Town:
    with app.app_context():
        here, there = make.authority(), make.authority("Westerby")
        people = [make.officer(here), make.officer(there), make.member(make.organisation(here))]
        ids, here_id = [person.id for person in people], here.id
        db.session.commit()
    officer, stranger, member = (sign_in(membership_id) for membership_id in ids)
    return Town(officer, stranger, member, here_id)


def send(client: PageChecker, content: bytes = FILE, **more: str) -> int:
    """Send a file; gives the id of its import."""
    sent = client.post("/imports", data={"file": (BytesIO(content), "list.csv"), **more})
    assert sent.status_code == 302, sent.get_data(as_text=True)
    return int(sent.location.rsplit("/", 1)[1])


def bring_in(app: Flask, import_id: int) -> None:
    set_reading(False)
    with app.app_context():
        run(import_id, lambda _done, _total: None, db.session.commit)


def test_a_list_from_sending_to_its_report(app: Flask, town: Town, client: PageChecker) -> None:
    assert "No list has been brought in yet" in town.officer.get("/imports").text
    import_id = send(town.officer)
    waiting = town.officer.get(f"/imports/{import_id}").text
    assert "waiting for its turn" in waiting
    assert 'http-equiv="refresh"' in waiting
    assert "Check again" in waiting
    bring_in(app, import_id)
    report = town.officer.get(f"/imports/{import_id}").text
    assert 'http-equiv="refresh"' not in report
    assert "is not a kind of listing" in report
    assert "Texts we had already" in report
    assert "list.csv" in town.officer.get("/imports").text


def test_progress_is_read_from_the_job(app: Flask, town: Town) -> None:
    import_id = send(town.officer)
    with app.app_context():
        db.session.execute(update(Job).where(Job.argument == import_id).values(state="running", done=400, total=905))
        db.session.commit()
    assert "400 of 905 rows are in." in town.officer.get(f"/imports/{import_id}").text


def test_a_list_that_stopped_can_go_on(app: Flask, town: Town) -> None:
    import_id = send(town.officer)
    with app.app_context():
        db.session.execute(update(Job).where(Job.argument == import_id).values(state="failed", finished_at=now()))
        db.session.commit()
    page = town.officer.get(f"/imports/{import_id}").text
    assert "stopped part of the way" in page
    assert town.officer.post(f"/imports/{import_id}/again").status_code == 302
    with app.app_context():
        assert db.session.scalars(select(Job).where(Job.argument == import_id, Job.state == "waiting")).one()


def test_the_refused_rows_as_a_file_that_no_spreadsheet_runs(app: Flask, town: Town) -> None:
    import_id = send(town.officer)
    bring_in(app, import_id)
    answer = town.officer.get(f"/imports/{import_id}/refused.csv")
    rows = list(csv.DictReader(StringIO(answer.get_data().decode("utf-8-sig"))))
    assert answer.mimetype == "text/csv"
    assert [(row["line"], row["id"], row["field"]) for row in rows] == [("3", "'=2", "kind")]


def test_all_or_nothing_says_why_nothing_came_in(app: Flask, town: Town) -> None:
    import_id = send(town.officer, all_or_nothing="y")
    bring_in(app, import_id)
    assert (
        "Nothing came in, because you asked for everything or nothing" in town.officer.get(f"/imports/{import_id}").text
    )
    with app.app_context():
        assert count() == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "This file is empty"), (b"PK\x03\x04", "spreadsheet workbook"), (b"x\n1\n", "does not name")],
)
def test_a_file_that_is_no_list_is_refused_at_its_field(app: Flask, town: Town, content: bytes, words: str) -> None:
    answer = town.officer.post("/imports", data={"file": (BytesIO(content), "list.csv")})
    assert answer.status_code == 422
    assert words in answer.text
    assert 'href="#file"' in answer.text
    with app.app_context():
        assert db.session.scalars(select(Import)).all() == []


def test_no_file_at_all(town: Town) -> None:
    answer = town.officer.post("/imports", data={"all_or_nothing": "y"})
    assert answer.status_code == 422
    assert "Choose a file to bring in" in answer.text
    assert "checked" in answer.text


def test_lists_are_for_the_officers_of_the_authority(app: Flask, town: Town, client: PageChecker) -> None:
    import_id = send(town.officer)
    for path in (f"/imports/{import_id}", f"/imports/{import_id}/refused.csv"):
        assert town.stranger.get(path).status_code == 404
        assert town.member.get(path).status_code == 403
        assert client.get(path).status_code == 302
    assert town.stranger.post(f"/imports/{import_id}/again").status_code == 404
    assert "list.csv" not in town.stranger.get("/imports").text
    assert town.member.post("/imports").status_code == 403


def test_few_statements_whatever_the_number_of_rows(app: Flask, town: Town, statements: list[str]) -> None:
    for number in range(3):
        import_id = send(
            town.officer, b"id,kind,title\n" + b"".join(b"%d-%d,need,x\n" % (number, n) for n in range(30))
        )
        bring_in(app, import_id)
    town.officer.get("/imports")
    for path in ("/imports", f"/imports/{import_id}"):
        statements.clear()
        town.officer.get(path)
        assert len(statements) <= 5, statements

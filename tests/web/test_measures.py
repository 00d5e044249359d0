"""The measures on the screen: the shared ones for everyone, an authority's own for its officers alone."""

import csv
from collections.abc import Callable
from io import BytesIO, StringIO
from typing import Any, NamedTuple

import pytest
from flask import Flask

from broker.actions.frameworks import load_shipped
from broker.store.base import db
from tests import make
from tests.conftest import PageChecker

SECRET = "Licensed words of ours alone"
ROWS = f"code,label,unit,unit_kind,evidence_min\nNT29,{SECRET},hours,hours,\nOUR-1,=SUM(A1),hours,hours,@x\n"
TYPED = {"name": "Our list", "edition": "2026", "licence": "Ours until 2030", "scheme": "TOMs"}


class World(NamedTuple):
    officer: PageChecker
    colleague: PageChecker
    stranger: PageChecker
    member: PageChecker
    administrator: PageChecker


@pytest.fixture
def world(app: Flask, sign_in: Callable[..., PageChecker]) -> World:
    with app.app_context():
        load_shipped()
        here, there = make.authority("Northmere"), make.authority("Westerby")
        people = [
            make.officer(here), make.officer(here), make.officer(there), make.member(make.organisation(here)),
            make.administrator(),
        ]  # fmt: skip
        ids = [person.id for person in people]
        db.session.commit()
    return World(*(sign_in(each) for each in ids))


def test_the_shared_ones_say_what_counts_only_once(client: PageChecker, world: World) -> None:
    page = client.get("/measures").text
    assert "BR\u201117 Volunteering for a community project" in page
    assert "one for each hour, pound or thing given" in page
    assert "/measures/own" not in page
    assert "/measures/own" in world.officer.get("/measures").text


def test_an_officer_brings_a_list_and_only_the_own_council_sees_it(client: PageChecker, world: World) -> None:
    assert "Your council has no list of its own" in world.officer.get("/measures/own").text
    answer = world.officer.post("/measures/load", data=TYPED | {"file": (BytesIO(ROWS.encode()), "ours.csv")})
    assert (answer.status_code, answer.location) == (302, "/measures/own")
    page = world.colleague.get("/measures/own").text
    assert SECRET in page
    assert "2 measures are here now. 1 of 2 counts" in world.officer.get("/measures/own").text
    address = "/measures/own.csv?list=Our+list&edition=2026"
    for visitor in (client, world.stranger, world.member, world.administrator):
        assert SECRET not in visitor.get("/measures").text
        for path in ("/measures/own", address):
            assert SECRET not in visitor.get(path).text
    rows = list(csv.reader(StringIO(world.officer.get(address).text.lstrip("\ufeff"))))
    assert rows[1][:2] == ["NT29", SECRET]
    assert rows[1][6] == "BR-17"
    assert (rows[2][1], rows[2][4]) == ("'=SUM(A1)", "'@x"), "no cell is a formula"


def test_a_bad_list_is_told_row_by_row_and_what_was_typed_stays(world: World) -> None:
    answer = world.officer.post("/measures/load", data=TYPED | {"text": ROWS + "A,A,weeks,parrots,x\nB\n"})
    assert answer.status_code == 422
    for words in ("Line 4", "is not a kind of unit", "Line 5", "This row has 1 cells", SECRET, "Ours until 2030"):
        assert words in answer.text
    assert SECRET not in world.officer.get("/measures/own").text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Choose a file, or paste its text"),
        ({"text": ROWS, "edition": ""}, "Fill this in"),
        ({"text": ROWS, "licence": "x" * 2001}, "Keep this under 2,000 characters"),
        ({"text": ROWS, "scheme": "Made up"}, "Choose one from the list"),
        ({"file": (BytesIO(b"PK\x03\x04"), "list.xlsx")}, "spreadsheet workbook"),
        ({"text": "a\nb"}, "does not name the columns"),
    ],
)
def test_what_cannot_be_a_list_is_refused_in_words(world: World, data: dict[str, Any], words: str) -> None:
    answer = world.officer.post("/measures/load", data=TYPED | data)
    assert answer.status_code == 422
    assert words in answer.text


def test_a_list_is_offered_no_more(world: World) -> None:
    world.officer.post("/measures/load", data=TYPED | {"text": ROWS})
    assert world.officer.post("/measures/retire", data={"list": "Our list"}).status_code == 302
    assert "Not offered since" in world.officer.get("/measures/own").text
    assert world.stranger.post("/measures/retire", data={"list": "Our list"}).status_code == 302, "it has none"


def test_few_statements(world: World, statements: list[str]) -> None:
    world.officer.post("/measures/load", data=TYPED | {"text": ROWS})
    for path in ("/measures", "/measures/own", "/measures/load"):
        statements.clear()
        assert world.officer.get(path).status_code == 200
        assert len(statements) <= 5, statements

"""Values on the screen: brought in by a form, shown with everything that is taken off, and worked out in words."""

import csv
import re
from collections.abc import Callable
from html import unescape
from io import BytesIO, StringIO
from typing import Any, NamedTuple

import pytest
from flask import Flask

from broker.actions.frameworks import load_shipped
from broker.store.base import db
from broker.store.valuations import ValuationEdition
from tests import make
from tests.conftest import PageChecker

LABELS = {
    "BR-17": "Volunteering for a community project",
    "BR-15": "Goods or equipment given",
    "BR-14": "Expert advice to community groups",
}
TYPED = {"name": "March 2026", "price_year": "2026", "source": "The city region", "licence": "Ours until 2030"}
VALUES = "code,low,high,deadweight,attribution,drop_off,years\nBR-17,10,12,20,50,50,2\nBR-14,40,60,,,,\n"


class World(NamedTuple):
    officer: PageChecker
    stranger: PageChecker
    member: PageChecker
    administrator: PageChecker


@pytest.fixture
def world(app: Flask, sign_in: Callable[..., PageChecker]) -> World:
    with app.app_context():
        load_shipped()
        here, there = make.authority("Northmere"), make.authority("Westerby")
        people = [
            make.officer(here), make.officer(there), make.member(make.organisation(here)), make.administrator(),
        ]  # fmt: skip
        ids = [person.id for person in people]
        db.session.commit()
    return World(*(sign_in(each) for each in ids))


def brought(world: World, **typed: str) -> str:
    """The address of an edition that the officer brings in."""
    answer = world.officer.post("/valuations/load", data=TYPED | {"text": VALUES} | typed)
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def test_without_values_reports_are_complete(world: World) -> None:
    assert "Your reports count, and are complete as they are" in world.officer.get("/valuations").text


def test_a_figure_is_worked_out_step_by_step(world: World) -> None:
    page = world.officer.get(brought(world)).text
    for step in (
        "Take 10 hours of “Volunteering for a community project”. At £10 to £12 for one that is £100 to £120.",
        "20 in 100 would have happened anyway (deadweight), so £80 to £96 is left.",
        "50 in 100 is due to others (attribution), so £40 to £48 is left.",
        "It does good for 2 years, fading by 50 in 100 each year: £60 to £72 in all.",
        "Reports say: about £60 to £72.",
        "The city region",
        "Ours until 2030",
        "Pounds of 2026",
    ):
        assert step in page
    assert "displacement), so" not in page, "nothing is taken off where nothing is said"


def test_pence_are_pence(world: World) -> None:
    page = world.officer.get(brought(world, text="code,low,high,deadweight\nBR-15,0.80,1,10\n")).text
    assert "At £0.80 to £1 for one that is £8 to £10." in page
    assert "so £7.20 to £9 is left." in page


def test_a_new_edition_takes_its_place_and_the_old_one_is_still_there(world: World) -> None:
    old = brought(world)
    brought(world, name="June 2026")
    page = world.officer.get("/valuations").text
    assert page.count("In use") == 1
    assert "Not used since" in world.officer.get(old).text
    assert "Stop using" not in world.officer.get(old).text


def test_an_edition_is_used_no_more(world: World) -> None:
    address = brought(world)
    assert world.stranger.post(f"{address}/retire").status_code == 404
    assert world.administrator.post(f"{address}/retire").status_code == 403
    assert world.officer.post(f"{address}/retire").status_code == 302
    assert "In use" not in world.officer.get("/valuations").text


def test_it_is_the_own_councils(client: PageChecker, world: World) -> None:
    address = brought(world)
    assert world.stranger.get(address).status_code == 404
    assert "March 2026" not in world.stranger.get("/valuations").text
    assert world.member.get(address).status_code == 403
    assert world.member.get("/valuations").status_code == 403
    assert client.get(address).status_code == 302
    assert world.administrator.get(address).status_code == 200


def test_bad_rows_are_told_and_what_was_typed_stays(world: World) -> None:
    answer = world.officer.post("/valuations/load", data=TYPED | {"text": VALUES + "BR-16,5,4,,,,\nBR-99,1,1,,,,\n"})
    assert answer.status_code == 422
    for words in ("Line 4", "above the high one", "Line 5", "No measure that is offered here", "Ours until 2030"):
        assert words in answer.text
    assert "No values are loaded" in world.officer.get("/valuations").text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"text": ""}, "Choose a file, or paste its text"),
        ({"licence": ""}, "Fill this in"),
        ({"price_year": "soon"}, "Give a year, such as 2026"),
        ({"file": (BytesIO(b"%PDF"), "list.pdf")}, "This is not a CSV file"),
        ({"text": "code,low,high\nBR-17,,\n"}, "None of its entries has an amount"),
    ],
)
def test_what_is_no_edition_is_refused_in_words(world: World, data: dict[str, Any], words: str) -> None:
    answer = world.officer.post("/valuations/load", data=TYPED | {"text": VALUES} | data)
    assert answer.status_code == 422
    assert words in answer.text


def test_the_sheet_that_we_hand_out_can_be_filled_in_and_sent_back(world: World) -> None:
    rows = list(csv.reader(StringIO(world.officer.get("/valuations/sheet.csv").text.lstrip("\ufeff"))))
    low, high = rows[0].index("low"), rows[0].index("high")
    rows[1][low], rows[1][high] = "100", "200"
    out = StringIO()
    csv.writer(out).writerows(rows)
    sent = {"file": (BytesIO(out.getvalue().encode("utf-8-sig")), "values.csv"), "text": ""}
    answer = world.officer.post("/valuations/load", data=TYPED | sent)
    assert answer.status_code == 302
    assert "BR-01" in world.officer.get(answer.location).text


def test_few_statements(world: World, statements: list[str]) -> None:
    address = brought(world)
    world.officer.get("/valuations")
    for path in ("/valuations", address, "/valuations/load"):
        statements.clear()
        assert world.officer.get(path).status_code == 200
        assert len(statements) <= 5, statements


ONE = {"low": "10", "high": "£12.50", "deadweight": "20%", "attribution": "50", "years": "2", "drop_off": "50"}


def on_the_list(page: str) -> str:
    return unescape(page.split('name="text" type="hidden" value="')[1].split('"', maxsplit=1)[0])


def test_values_typed_one_by_one_are_the_same_edition_as_a_file(world: World, app: Flask) -> None:
    page = world.officer.get("/valuations/type").text
    ids = {code: re.search(rf'<option value="(\d+)">{label}', page)[1] for code, label in LABELS.items()}  # type: ignore[index]

    def typed(**facts: str) -> Any:
        return world.officer.post("/valuations/type", data=facts)

    first = typed(add="y", measure=ids["BR-17"], **ONE)
    assert (first.status_code, 'value="£12.50"' in first.text) == (200, False), "room for the next"
    so_far = {"text": on_the_list(first.text)}
    twice = typed(add="y", measure=ids["BR-17"], low="1", high="1", **so_far)
    assert (twice.status_code, "counts the same things as BR-17" in twice.text) == (422, True)
    assert on_the_list(twice.text) == so_far["text"], "and nothing is lost"
    more = on_the_list(typed(add="y", measure=ids["BR-15"], low="1", high="2", **so_far).text)
    less = on_the_list(typed(off="BR-15", text=more).text)
    assert less == so_far["text"]
    unnamed = typed(bring="y", text=less)
    assert (unnamed.status_code, on_the_list(unnamed.text)) == (422, less)
    answer = typed(bring="y", measure=ids["BR-14"], low="40", high="60", text=less, **TYPED)
    assert answer.status_code == 302
    same = "code,low,high,deadweight,attribution,drop_off,years\nBR-17,10,12.50,20,50,50,2\nBR-14,40,60,,,,\n"
    file = brought(world, name="The same as a file", text=same)
    with app.app_context():
        by_hand, of_file = (
            db.session.get_one(ValuationEdition, int(at.rsplit("/", 1)[1])) for at in (answer.location, file)
        )
        number = of_file.id
        columns = ("measure_id", "low", "high", "deadweight", "attribution", "displacement", "drop_off", "years")
        assert [[getattr(each, name) for name in columns] for each in by_hand.values] == [
            [getattr(each, name) for name in columns] for each in of_file.values
        ]

    nonsense = typed(off="BR-15", text="x" * 200_000)
    assert (nonsense.status_code, on_the_list(nonsense.text)) == (200, "")
    begun = world.officer.get(f"/valuations/type?edition={number}").text
    again = typed(bring="y", text=on_the_list(begun), **TYPED | {"name": "Begun with the last"})
    assert again.status_code == 302
    assert world.officer.get(again.location).text.count("£12.50") == world.officer.get(file).text.count("£12.50")
    assert world.stranger.get(f"/valuations/type?edition={number}").status_code == 404


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, "Put at least one measure on the list"),
        ({"low": "5", "high": "6"}, "Choose the measure"),
        ({"measure": "0", "low": "5", "high": "6"}, "Choose the measure"),
        ({"measure": "1", "low": "5"}, "the same twice where there is no range"),
        ({"measure": "1", "low": "-5", "high": "6"}, "Enter pounds from 0 to"),
        ({"measure": "1", "low": "6", "high": "5.99"}, "below the lower end"),
        ({"measure": "1", "low": "5", "high": "6", "deadweight": "12.5"}, "Enter a whole number from 0 to 100"),
        ({"measure": "1", "low": "5", "high": "6", "attribution": "101"}, "Enter a whole number from 0 to 100"),
        ({"measure": "1", "low": "5", "high": "6", "years": "0"}, "Enter a whole number from 1 to 50"),
        ({"text": "code,low\n<script>", "measure": "1", "low": "5", "high": "6"}, "There is a problem"),
    ],
)
def test_what_cannot_be_a_value(world: World, facts: dict[str, str], said: str) -> None:
    answer = world.officer.post("/valuations/type", data={"add": "y", **facts})
    assert (answer.status_code, said in answer.text) == (422, True)
    for name, word in facts.items():
        assert name in ("text", "measure") or f'value="{word}"' in answer.text, "what was typed is there"

"""Officers find, add, change and switch off words that mean the same, and are told what happens next."""

import re
from collections.abc import Callable
from typing import NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient

from broker.domain.clock import now
from broker.domain.kinds import Telling
from broker.store.accounts import Membership
from broker.store.base import db
from broker.store.frameworks import Framework, Node
from broker.store.synonyms import Synonym, SynonymPhrase, open_entries
from broker.web.forms.synonyms import PROBLEMS
from tests import make

SignIn = Callable[[Membership | int], FlaskClient]
GOOD = {
    "name": "help with homework", "say": "homework club\nafter-school learning", "hint": "pupils, school",
    "kinds": ["skills"], "themes": ["H09"],
}  # fmt: skip


class Desk(NamedTuple):
    officer: FlaskClient
    far_officer: FlaskClient
    member: FlaskClient
    administrator: FlaskClient
    computers: int


@pytest.fixture
def desk(app: Flask, sign_in: SignIn) -> Desk:
    with app.app_context():
        hub = Framework(code="HUB", version=1, name="Hub", level="national", status="current", wording="confirmed")
        hub.nodes = [Node(code="H09", kind="hub", label="Digital inclusion", order=9)]
        shipped = Synonym(name="computers", themes=["H09"], kinds=["goods"], is_shipped=True, changed_at=now())
        for text, telling in (("laptop", Telling.SAY), ("chromebook", Telling.SAY), ("tablet", Telling.HINT)):
            shipped.phrases.append(SynonymPhrase(text=text, telling=telling, is_shipped=True, added_at=now()))
        db.session.add_all([hub, shipped])
        area = make.authority()
        people = make.officer(area), make.officer(make.authority()), make.member(make.organisation(area))
        people = (*people, make.administrator())
        db.session.commit()
        ids, computers = [person.id for person in people], shipped.id
    return Desk(*(sign_in(person) for person in ids), computers)


def text(browser: FlaskClient, url: str) -> str:
    answer = browser.get(url)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def entries(app: Flask) -> dict[object, dict[str, object]]:
    with app.app_context():
        return {row["name"]: row for row in open_entries()}


def test_an_officer_adds_words_and_hears_what_to_expect(app: Flask, desk: Desk) -> None:
    answer = desk.officer.post("/synonyms/new", data=GOOD)
    page = text(desk.officer, answer.location)
    assert "Suggestions are being worked out again" in page
    assert entries(app)["help with homework"] == {
        "name": "help with homework", "kinds": ["skills"], "themes": ["H09"],
        "say": ["homework club", "after-school learning"], "hint": ["pupils", "school"],
    }  # fmt: skip
    assert "All councils share" in text(desk.officer, "/synonyms/new")
    assert "Help with homework" in text(desk.far_officer, "/synonyms?which=officers")


def test_an_officer_of_anywhere_changes_it(app: Flask, desk: Desk) -> None:
    url = desk.officer.post("/synonyms/new", data=GOOD).location
    page = text(desk.far_officer, url)
    assert "homework club\nafter-school learning" in page
    answer = desk.far_officer.post(url, data={**GOOD, "say": "homework club\nstudy group", "themes": [], "kinds": []})
    assert answer.location == url
    assert entries(app)["help with homework"]["say"] == ["homework club", "study group"]
    assert entries(app)["help with homework"]["themes"] == []
    desk.officer.post(f"{url}/remove")
    assert "help with homework" not in entries(app)
    assert desk.officer.get(url).status_code == 404


def test_what_ships_is_added_to_and_switched_off_never_removed(app: Flask, desk: Desk) -> None:
    url = f"/synonyms/{desk.computers}"
    page = text(desk.officer, url)
    assert "Comes with the service" in page
    assert "Remove for good" not in page
    assert 'name="name"' not in page
    desk.officer.post(url, data={"say": "desktop PC", "hint": "", "name": "smuggled", "themes": ["H01"]})
    assert entries(app)["computers"] == {
        "name": "computers", "kinds": ["goods"], "themes": ["H09"], "say": ["laptop", "chromebook", "desktop PC"],
        "hint": ["tablet"],
    }  # fmt: skip
    assert "1 added by officers" in text(desk.officer, "/synonyms")
    desk.officer.post(f"{url}/switch-off")
    assert entries(app) == {}
    assert "switched off. The computer does not go by it" in text(desk.officer, url)
    assert "Computers" in text(desk.officer, "/synonyms?which=off")
    desk.officer.post(f"{url}/switch-on")
    assert list(entries(app)) == ["computers"]
    assert desk.officer.post(f"{url}/remove").status_code == 409


def test_the_page_says_where_the_words_stand(app: Flask, desk: Desk) -> None:
    url = f"/synonyms/{desk.computers}"
    assert "No open listing has these words" in text(desk.officer, url)
    with app.app_context():
        area = make.authority()
        make.need(make.organisation(area), area, title="Two laptops")
        db.session.commit()
    page = " ".join(text(desk.officer, url).split())
    assert "laptop</th><td" in page.replace("> <", "><")
    assert "chromebook</th>" not in page


def test_saving_nothing_new_says_so(desk: Desk) -> None:
    url = f"/synonyms/{desk.computers}"
    desk.officer.post(url, data={"say": "", "hint": ""})
    assert "Nothing was changed." in text(desk.officer, url)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": ""}, "Give it a name"),
        ({"name": "COMPUTERS"}, "There is an entry of this name already"),
        ({"name": "x" * 61}, "Keep the name under 60 characters"),
        ({"say": ""}, "Write at least two ways to say it"),
        ({"say": "homework club", "hint": ""}, "Write one more way to say it"),
        ({"say": "homework\nthe and of"}, "“the and of” has no word that says what it is about"),
        ({"say": "homework\nHomework"}, "“Homework” stands here twice"),
        ({"hint": "homework club"}, "“homework club” stands here twice"),
        ({"say": "homework\n" + "y" * 80}, "is too long. Keep each phrase under 60 characters"),
        ({"say": "\n".join(f"word {chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(70))}, "60 phrases"),
        ({"say": "{phrase} {0}\nthe"}, "“the” has no word"),
        ({"say": "long " * 2000}, "Keep this under 5,000 characters"),
    ],
)
def test_what_does_not_do_is_said_kindly_and_nothing_typed_is_lost(
    app: Flask, desk: Desk, change: dict[str, str], said: str
) -> None:
    answer = desk.officer.post("/synonyms/new", data={**GOOD, **change})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in page
    assert (change.get("hint") or "pupils, school").split(",")[0] in page
    assert 'value="H09" checked' in page
    assert list(entries(app)) == ["computers"]


def test_every_refusal_has_its_words() -> None:
    assert {"name:missing", "name:long", "name:taken", "missing", "few", "many", "long", "empty", "twice"} == set(
        PROBLEMS
    )


def test_unknown_kinds_and_outcomes_are_not_kept(app: Flask, desk: Desk) -> None:
    desk.officer.post("/synonyms/new", data={**GOOD, "kinds": ["gold", "goods"], "themes": ["H99", "H09"]})
    kept = entries(app)["help with homework"]
    assert (kept["kinds"], kept["themes"]) == (["goods"], ["H09"])


@pytest.mark.parametrize("path", ["", "/new", "/1", "/1/remove", "/1/switch-off", "/1/switch-on"])
def test_it_is_for_officers(desk: Desk, client: FlaskClient, path: str) -> None:
    method = "post" if path.count("/") == 2 else "get"
    assert getattr(desk.member, method)(f"/synonyms{path}").status_code == 403
    assert getattr(desk.administrator, method)(f"/synonyms{path}").status_code == 403
    assert getattr(client, method)(f"/synonyms{path}").status_code == 302


def test_the_list_is_searched_and_turned(app: Flask, desk: Desk) -> None:
    with app.app_context():
        for n in range(30):
            phrases = [SynonymPhrase(text=f"thing {n}", telling=Telling.SAY, added_at=now())]
            db.session.add(Synonym(name=f"entry {n:02}", phrases=phrases, changed_at=now()))
        db.session.commit()
    first = text(desk.officer, "/synonyms?which=officers")
    assert "Entry 00" in first
    assert "Entry 29" not in first
    following = re.search(r'href="(/synonyms\?[^"]*page=2)"', first)
    assert following
    assert "Entry 29" in text(desk.officer, following[1].replace("&amp;", "&"))
    assert "Computers" in text(desk.officer, "/synonyms?q=chrome")
    assert "No entry has these words" in text(desk.officer, "/synonyms?q=zebra")
    assert "Computers" in text(desk.officer, "/synonyms?which=nonsense&page=0")


def test_an_empty_list_says_what_to_do(app: Flask, desk: Desk) -> None:
    assert "Nothing here yet" in text(desk.officer, "/synonyms?which=off")
    with app.app_context():
        db.session.delete(db.session.get_one(Synonym, desk.computers))
        db.session.commit()
    assert "Add the first" in text(desk.officer, "/synonyms")


def test_few_statements(desk: Desk, statements: list[str]) -> None:
    desk.officer.get("/synonyms")
    for path in ("/synonyms", "/synonyms?q=lap&which=officers", "/synonyms/new", f"/synonyms/{desk.computers}"):
        statements.clear()
        text(desk.officer, path)
        assert len(statements) <= 5, (path, statements)

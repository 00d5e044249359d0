"""The pages of frameworks: open to everyone, marked where provisional, edited as drafts by those whose they are."""

from collections.abc import Callable
from io import BytesIO
from typing import NamedTuple

import pytest
from flask import Flask
from sqlalchemy import select

from broker import policy
from broker.actions.frameworks import add_framework, load_shipped
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.frameworks import Framework, current_framework
from tests import make
from tests.actions.test_frameworks import ADMINISTRATOR, frame
from tests.conftest import PageChecker

MARK = "Provisional wording"


class World(NamedTuple):
    officer: PageChecker
    stranger: PageChecker
    administrator: PageChecker
    member: PageChecker
    authority_id: int
    framework_id: int


@pytest.fixture
def world(app: Flask, sign_in: Callable[..., PageChecker]) -> World:
    with app.app_context():
        load_shipped()
        here, there = make.authority("Northmere", region="Mereland"), make.authority("Westerby", region="Mereland")
        here.rules = []
        framework = add_framework(frame(level="local", more=f'authority = "{here.code}"'), "a.toml", ADMINISTRATOR)
        people = [
            make.officer(here), make.officer(there), make.administrator(), make.member(make.organisation(here)),
        ]  # fmt: skip
        ids = [person.id for person in people]
        here_id, framework_id = here.id, framework.id
        db.session.commit()
    clients = [sign_in(each) for each in ids]
    return World(clients[0], clients[1], clients[2], clients[3], here_id, framework_id)


def draft_of(world: World) -> int:
    """The id of a draft that the officer starts."""
    answer = world.officer.post(f"/frameworks/{world.framework_id}/drafts")
    assert answer.status_code == 302
    return int(answer.location.split("/")[-2])


def typed(app: Flask, draft_id: int, **more: str) -> dict[str, str]:
    """What the edit page would send if only `more` were typed."""
    with app.app_context():
        draft = db.session.get_one(Framework, draft_id)
        sent = {"name": draft.name, "row_version": str(draft.row_version)}
        for node in draft.nodes:
            sent |= {f"label_{node.id}": node.label, f"summary_{node.id}": node.summary}
            if node.parent_id:
                sent[f"parent_{node.id}"] = str(node.parent_id)
    return sent | more


def node_id(app: Flask, draft_id: int, label: str) -> int:
    with app.app_context():
        return next(n.id for n in db.session.get_one(Framework, draft_id).nodes if n.label == label)


def test_every_framework_can_be_read_and_a_provisional_one_is_marked(
    app: Flask, client: PageChecker, world: World
) -> None:
    with app.app_context():
        frames = {each.id: (each.name, each.is_provisional) for each in db.session.scalars(select(Framework))}
    listed = client.get("/frameworks").text
    for framework_id, (name, is_provisional) in frames.items():
        page = client.get(f"/frameworks/{framework_id}")
        assert page.status_code == 200
        assert (MARK in page.text) == is_provisional, name
        assert f'href="/frameworks/{framework_id}"' in listed
    assert MARK in listed


def test_a_page_tells_the_nodes_the_mappings_and_how_the_authority_works(client: PageChecker, world: World) -> None:
    page = client.get(f"/frameworks/{world.framework_id}").text
    assert "Warm homes" in page
    assert "close to “Jobs for local people”" in page
    assert "How Northmere works" in page
    assert "Time to answer a match" in page
    assert "What it does not count" in page


def test_the_measures_point_elsewhere_by_bare_codes(client: PageChecker, world: World) -> None:
    page = client.get("/measures").text
    assert "TOMs NT1" in page
    assert "under a licence" in page


def test_the_file_of_a_framework_reads_as_the_same(client: PageChecker, world: World) -> None:
    answer = client.get(f"/frameworks/{world.framework_id}.toml")
    assert policy.parse(answer.get_data(), "x.toml").reference == "TRY1 v1"


def test_an_officer_edits_and_publishes_a_new_version(app: Flask, client: PageChecker, world: World) -> None:
    assert "Open the draft" in world.officer.get(f"/frameworks/{world.framework_id}/edit").text
    draft_id = draft_of(world)
    assert MARK in world.officer.get(f"/frameworks/{draft_id}/edit").text
    theme = node_id(app, draft_id, "Warm homes")
    sent = typed(app, draft_id, **{f"label_{theme}": "Homes for all", f"added_{theme}": "Damp", "new_theme": "Rivers"})
    assert world.officer.post(f"/frameworks/{draft_id}/edit", data=sent).status_code == 302
    confirm = world.officer.get(f"/frameworks/{draft_id}/publish").text
    assert "“Warm homes” becomes “Homes for all”" in confirm
    assert "Rivers" in confirm
    assert world.officer.post(f"/frameworks/{draft_id}/publish").status_code == 302
    page = client.get(f"/frameworks/{draft_id}").text
    assert "Homes for all" in page
    assert MARK not in page
    assert "Warm homes" in client.get(f"/frameworks/{world.framework_id}").text
    with app.app_context():
        now_used = current_framework(db.session.get_one(Authority, world.authority_id))
        assert now_used is not None
        assert now_used.id == draft_id


def test_a_placeholder_keeps_the_mark(app: Flask, world: World) -> None:
    draft_id = draft_of(world)
    theme = node_id(app, draft_id, "Warm homes")
    world.officer.post(
        f"/frameworks/{draft_id}/edit", data=typed(app, draft_id, **{f"label_{theme}": "[placeholder] Homes"})
    )
    assert "It stays marked as provisional" in world.officer.get(f"/frameworks/{draft_id}/publish").text


def test_an_error_keeps_what_was_typed(app: Flask, world: World) -> None:
    draft_id = draft_of(world)
    theme, priority = node_id(app, draft_id, "Warm homes"), node_id(app, draft_id, "Fewer draughts")
    sent = typed(
        app, draft_id, **{f"label_{theme}": "", f"summary_{priority}": "Typed with care", "new_theme": "x" * 201}
    )
    answer = world.officer.post(f"/frameworks/{draft_id}/edit", data=sent)
    assert answer.status_code == 422
    assert "Typed with care" in answer.text
    assert f'href="#label_{theme}"' in answer.text
    assert 'href="#new_theme"' in answer.text


def test_the_slower_of_two_officers_keeps_the_words_and_is_told(app: Flask, world: World) -> None:
    draft_id = draft_of(world)
    theme = node_id(app, draft_id, "Warm homes")
    late = typed(app, draft_id, **{f"label_{theme}": "My words"})
    world.officer.post(f"/frameworks/{draft_id}/edit", data=typed(app, draft_id, **{f"label_{theme}": "Their words"}))
    answer = world.officer.post(f"/frameworks/{draft_id}/edit", data=late)
    assert answer.status_code == 422
    assert "Somebody else saved this draft" in answer.text
    assert 'value="My words"' in answer.text
    assert "Saved by a colleague: Their words" in answer.text
    with app.app_context():
        fresh = str(db.session.get_one(Framework, draft_id).row_version)
    assert f'value="{fresh}"' in answer.text
    assert world.officer.post(f"/frameworks/{draft_id}/edit", data=late | {"row_version": fresh}).status_code == 302


def test_a_draft_is_hidden_from_everybody_else(client: PageChecker, world: World) -> None:
    draft_id = draft_of(world)
    for path in (f"/frameworks/{draft_id}", f"/frameworks/{draft_id}.toml"):
        for visitor in (client, world.stranger, world.member):
            assert visitor.get(path).status_code == 404
    for path in (f"/frameworks/{draft_id}/edit", f"/frameworks/{draft_id}/publish"):
        assert world.stranger.get(path).status_code == 404
        assert world.member.get(path).status_code == 403
        assert world.administrator.get(path).status_code == 200
    assert world.stranger.post(f"/frameworks/{draft_id}/publish").status_code == 404
    assert world.stranger.post(f"/frameworks/{draft_id}/edit", data={}).status_code == 404
    for visitor in (client, world.stranger):
        assert f"/frameworks/{draft_id}" not in visitor.get("/frameworks").text
        assert f"/frameworks/{draft_id}" not in visitor.get(f"/frameworks/{world.framework_id}").text


def test_another_councils_published_framework_is_read_but_not_edited(world: World) -> None:
    path = f"/frameworks/{world.framework_id}"
    assert "Edit the names" not in world.stranger.get(path).text
    assert world.stranger.get(f"{path}/edit").status_code == 403
    assert world.stranger.post(f"{path}/drafts").status_code == 403
    assert world.stranger.post(f"{path}/use").status_code == 403
    assert world.officer.post(f"{path}/edit", data={"name": "x"}).status_code in (409, 422)


def test_an_officer_takes_a_shared_framework_and_makes_it_its_own(app: Flask, world: World) -> None:
    with app.app_context():
        shared_id = db.session.scalars(
            select(Framework.id).where(Framework.level == "regional", Framework.status == "current")
        ).one()
    assert "Use this framework in our council" in world.stranger.get(f"/frameworks/{shared_id}").text
    assert world.stranger.post(f"/frameworks/{shared_id}/use").status_code == 302
    assert "Edit the names" in world.stranger.get(f"/frameworks/{shared_id}").text
    assert "belongs to Westerby" in world.stranger.get(f"/frameworks/{shared_id}/edit").text.replace("\n", " ")
    answer = world.stranger.post(f"/frameworks/{shared_id}/drafts")
    assert answer.status_code == 302
    assert world.stranger.get(answer.location).status_code == 200


def test_an_administrator_adds_a_framework_by_file_or_by_text(world: World) -> None:
    text = frame(level="national").replace("TRY1", "TRY2")
    assert world.administrator.get("/frameworks/add").status_code == 200
    sent = world.administrator.post("/frameworks/add", data={"file": (BytesIO(text.encode()), "x.toml")})
    assert sent.status_code == 302
    again = world.administrator.post("/frameworks/add", data={"text": text})
    assert again.status_code == 422
    assert "TRY2 v1 is already here" in again.text
    assert "Warm homes" in again.text, "what was pasted is kept"
    assert world.officer.get("/frameworks/add").status_code == 403


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Choose a file, or paste its text"),
        ({"text": "a = "}, "not written as TOML wants it"),
        ({"text": 'code = "X"'}, "must say"),
    ],
)
def test_a_file_that_is_no_framework_is_refused_in_words(world: World, data: dict[str, str], words: str) -> None:
    answer = world.administrator.post("/frameworks/add", data=data)
    assert answer.status_code == 422
    assert words in answer.text


def test_few_statements_on_each_page(app: Flask, world: World, statements: list[str]) -> None:
    draft_id = draft_of(world)
    world.officer.get("/frameworks")
    for path, most in (
        ("/frameworks", 5),
        (f"/frameworks/{world.framework_id}", 5),
        ("/measures", 5),
        (f"/frameworks/{draft_id}/edit", 5),
        (f"/frameworks/{draft_id}/publish", 6),
    ):
        statements.clear()
        assert world.officer.get(path).status_code == 200
        assert len(statements) <= most, (path, len(statements), statements)

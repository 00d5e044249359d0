"""Writing a listing: the form keeps what was typed, says what is missing, and loses no race."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from broker.domain.kinds import NodeKind, PostingState
from broker.store.accounts import Membership
from broker.store.base import db
from broker.store.frameworks import Framework, Node
from broker.store.listings import Listing, wording_of
from broker.store.places import Postcode
from tests import make

SignIn = Callable[[Membership | int], FlaskClient]
TYPED = {
    "title": "Ten laptops",
    "body": "For our homework club & <friends>.",
    "support_kind": "goods",
    "amount": "10",
    "unit": "items",
    "roughly": "y",
    "until_date-day": "27",
    "until_date-month": "3",
    "until_date-year": "2190",
    "place_kind": "postcode",
    "postcode": "qm11aa",
    "lane": "transactional",
    "safeguarding": "Children are in the room.",
}


class Scene(NamedTuple):
    member: FlaskClient
    officer: FlaskClient
    stranger: FlaskClient
    organisation_id: int
    node_ids: list[int]
    frame_id: int


@pytest.fixture
def scene(app: Flask, sign_in: SignIn) -> Scene:
    with app.app_context():
        north = make.authority("Northmere", framework_code="NOR")
        frame = Framework(
            code="NOR", version=1, name="Northmere Together", level="local", status="current", wording="provisional"
        )
        nodes = [Node(framework=frame, code=f"N{n}", kind=NodeKind.THEME, label=f"Theme {n}") for n in range(4)]
        db.session.add_all([*nodes, Postcode(code="QM1 1AA", lat=53.7, lon=-4.9)])
        group, other = make.organisation(north), make.organisation(north)
        people = [made.id for made in (make.member(group), make.officer(north), make.member(other))]
        ids = group.id, [node.id for node in nodes], frame.id
        db.session.commit()
    return Scene(*(sign_in(person) for person in people), *ids)


def the_listing(app: Flask) -> dict[str, Any]:
    with app.app_context():
        listing = db.session.scalars(select(Listing)).one()
        return {
            "id": listing.id,
            "states": [posting.state for posting in listing.postings],
            "posting": listing.postings[0].id,
            "said": wording_of(listing.versions[-1]),
            "versions": len(listing.versions),
            "how": listing.entered_how,
        }


def approve(scene: Scene, app: Flask) -> int:
    found = the_listing(app)
    answer = scene.officer.post(f"/postings/{found['posting']}/approve", data={"seen": found["versions"]})
    assert answer.status_code == 303
    return int(found["id"])


@pytest.mark.parametrize("kind", ["need", "asset", "aspiration", "offer"])
def test_every_kind_can_be_posted(app: Flask, scene: Scene, kind: str) -> None:
    assert scene.member.get(f"/listings/new/{kind}").status_code == 200
    answer = scene.member.post(f"/listings/new/{kind}", data={**TYPED, "deed": "send"})
    assert (answer.status_code, answer.location) == (303, f"/my-listings#listing-{the_listing(app)['id']}")
    found = the_listing(app)
    assert found["states"] == [PostingState.SUBMITTED]
    assert (found["said"].postcode, found["said"].lat) == ("QM1 1AA", 53.7)
    assert (found["said"].amount is None) is (kind == "aspiration")


@pytest.mark.parametrize(
    ("kind", "typed", "asked", "told"),
    [
        ("need", "enhanced", "Do helpers need a background check (DBS)?", "Enhanced DBS check needed"),
        ("offer", "basic", "What background check (DBS) do your people have?", "Basic DBS check"),
        ("need", "none", "No, none needed", "None needed"),
        ("asset", "", "I do not know", None),
        ("need", "police", "I do not know", None),
    ],
)
def test_a_background_check_is_asked_kindly_and_told_to_all(
    app: Flask, scene: Scene, kind: str, typed: str, asked: str, told: str | None
) -> None:
    assert asked in scene.member.get(f"/listings/new/{kind}").get_data(as_text=True)
    scene.member.post(f"/listings/new/{kind}", data={**TYPED, "background_check": typed, "deed": "send"})
    page = scene.stranger.get(f"/listings/{approve(scene, app)}").get_data(as_text=True)
    assert the_listing(app)["said"].background_check == (typed if told else None)
    assert ("Background check" in page) is (told is not None)
    assert told is None or f">{told}</dd>" in page
    again = scene.member.get(f"/listings/{the_listing(app)['id']}/edit").get_data(as_text=True)
    assert again.count(f'name="background_check" type="radio" value="{typed if told else ""}" checked') == 1


def test_a_half_finished_draft_is_kept_and_finished_later(app: Flask, scene: Scene) -> None:
    scene.member.post("/listings/new/need", data={"title": "Laptops", "body": "Some.", "deed": "draft"})
    found = the_listing(app)
    assert found["states"] == [PostingState.DRAFT]
    page = scene.member.get(f"/listings/{found['id']}/edit").get_data(as_text=True)
    assert 'value="Laptops"' in page
    seen = found["said"].fingerprint
    answer = scene.member.post(f"/listings/{found['id']}/edit", data={**TYPED, "deed": "send", "seen": seen})
    assert answer.status_code == 303
    assert the_listing(app)["states"] == [PostingState.SUBMITTED]


def test_a_form_with_errors_keeps_everything_typed(scene: Scene) -> None:
    typed = {
        **TYPED,
        "amount": "lots",
        "until_date-day": "31",
        "until_date-month": "2",
        "postcode": "nowhere",
        f"priorities_{scene.frame_id}": scene.node_ids[:1],
        "deed": "send",
    }
    answer = scene.member.post("/listings/new/offer", data=typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for kept in (
        'value="lots"',
        'value="31"',
        'value="nowhere"',
        "homework club &amp; &lt;friends&gt;",
        "Children are",
    ):
        assert kept in page, kept
    for message in ("Enter a number, such as 10 or 2.5", "Enter a real date", "Enter a whole postcode"):
        assert page.count(message) == 2, message  # in the summary, and at the field
    assert f'value="{scene.node_ids[0]}" checked' in page


@pytest.mark.parametrize(
    ("change", "message", "field"),
    [
        ({"title": ""}, "Give it a title", "title"),
        ({"title": " \t "}, "Give it a title", "title"),
        ({"body": ""}, "Tell us more about it", "body"),
        ({"support_kind": "gold"}, "Choose the kind of support", "support_kind"),
        ({"unit": "hours"}, "Goods is counted in items", "unit"),
        ({"unit": ""}, "Choose what the number counts", "unit"),
        ({"until_date-year": "2020"}, "This day has passed", "until_date-day"),
        ({"place_kind": "moon"}, "Choose where it is", "place_kind"),
        ({"place_kind": "ward", "ward": "999"}, "Choose a ward", "ward"),
        ({"reach_miles": "900"}, "Enter 500 miles or less", "reach_miles"),
    ],
)
def test_what_is_missing_is_said_at_its_field(
    app: Flask, scene: Scene, change: dict[str, str], message: str, field: str
) -> None:
    answer = scene.member.post("/listings/new/need", data={**TYPED, **change, "deed": "send"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f'<a href="#{field}">{message}' in page
    with app.app_context():
        assert db.session.scalars(select(Listing)).all() == []


def test_at_most_three_priorities(scene: Scene) -> None:
    typed = {**TYPED, f"priorities_{scene.frame_id}": scene.node_ids, "deed": "send"}
    answer = scene.member.post("/listings/new/need", data=typed)
    assert answer.status_code == 422
    assert "Choose no more than 3" in answer.get_data(as_text=True)


def test_provisional_themes_are_marked(scene: Scene) -> None:
    assert "Provisional wording" in scene.member.get("/listings/new/need").get_data(as_text=True)


def test_pressing_send_twice_posts_once(app: Flask, scene: Scene) -> None:
    for _ in range(2):
        assert scene.member.post("/listings/new/need", data={**TYPED, "deed": "send"}).status_code == 303
    assert the_listing(app)["versions"] == 1


def test_an_edit_from_an_old_tab_is_told_and_kept(app: Flask, scene: Scene) -> None:
    scene.member.post("/listings/new/need", data={**TYPED, "deed": "send"})
    found = the_listing(app)
    url, seen = f"/listings/{found['id']}/edit", found["said"].fingerprint
    assert scene.member.post(url, data={**TYPED, "title": "First tab", "seen": seen}).status_code == 303
    answer = scene.member.post(url, data={**TYPED, "title": "Second tab", "seen": seen})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "was changed after you opened the page" in page
    assert 'value="Second tab"' in page
    assert the_listing(app)["said"].title == "First tab"
    fresh = the_listing(app)["said"].fingerprint
    assert f'value="{fresh}"' in page
    assert scene.member.post(url, data={**TYPED, "title": "Second tab", "seen": fresh}).status_code == 303
    assert scene.member.post(url, data={**TYPED, "title": "Second tab", "seen": fresh}).status_code == 303
    assert the_listing(app)["versions"] == 3


def test_an_officer_enters_by_phone_and_approves_right_away(app: Flask, scene: Scene) -> None:
    url = f"/listings/new/need?organisation={scene.organisation_id}"
    assert scene.officer.get(url).status_code == 200
    answer = scene.officer.post(url, data={**TYPED, "deed": "send"})
    assert answer.status_code == 422
    assert "Choose how it reached you" in answer.get_data(as_text=True)
    answer = scene.officer.post(url, data={**TYPED, "entered_how": "phone", "deed": "send"})
    found = the_listing(app)
    assert (answer.location, found["how"]) == (f"/postings/{found['posting']}", "phone")
    approve(scene, app)
    for path in ("/listings", f"/listings/{found['id']}", "/my-listings"):
        assert "Entered by an officer by phone" in scene.member.get(path).get_data(as_text=True), path


def test_an_officer_first_chooses_the_organisation(scene: Scene) -> None:
    assert "Choose the organisation" in scene.officer.get("/listings/new").get_data(as_text=True)
    assert scene.officer.get("/listings/new/need").location == "/listings/new"
    assert scene.officer.get("/listings/new/need?organisation=9999").status_code == 404
    assert scene.officer.get("/listings/new/need?organisation=x%00").location == "/listings/new"


def test_a_member_cannot_post_for_somebody_else(app: Flask, scene: Scene) -> None:
    url = f"/listings/new/need?organisation={scene.organisation_id}"
    scene.stranger.post(url, data={**TYPED, "deed": "send"})
    with app.app_context():
        assert db.session.scalars(select(Listing)).one().organisation_id != scene.organisation_id


def test_an_aspiration_grows_without_typing_it_again(app: Flask, scene: Scene) -> None:
    scene.member.post("/listings/new/aspiration", data={**TYPED, "title": "Swim", "deed": "send"})
    dream = approve(scene, app)
    page = scene.member.get(f"/listings/{dream}/grow").get_data(as_text=True)
    for carried in ('value="Swim"', "homework club", 'value="QM1 1AA"'):
        assert carried in page, carried
    answer = scene.member.post(f"/listings/{dream}/grow", data={**TYPED, "title": "A coach", "deed": "send"})
    assert answer.status_code == 303
    assert "A coach" in scene.member.get(f"/listings/{dream}").get_data(as_text=True)
    with app.app_context():
        need = db.session.scalars(select(Listing).where(Listing.grown_from_id == dream)).one()
        need_id, kind = need.id, need.kind
    assert kind == "need"
    assert "Swim" in scene.member.get(f"/listings/{need_id}").get_data(as_text=True)
    assert scene.member.get(f"/listings/{need_id}/grow").status_code == 404


def test_an_offer_can_answer_a_need_or_a_priority(app: Flask, scene: Scene) -> None:
    scene.member.post("/listings/new/need", data={**TYPED, "deed": "send"})
    need = approve(scene, app)
    url = f"/listings/new/offer?answers={need}"
    assert "Ten laptops" in scene.stranger.get(url).get_data(as_text=True)
    scene.stranger.post(url, data={**TYPED, "title": "Laptops to lend", "answers_node": scene.node_ids[0]})
    with app.app_context():
        offer = db.session.scalars(select(Listing).where(Listing.kind == "offer")).one()
        assert (offer.answers_id, offer.answers_node_id) == (need, scene.node_ids[0])
    hostile = scene.stranger.post(
        "/listings/new/offer?answers=999", data={**TYPED, "title": "Mine", "answers_node": "77"}
    )
    assert hostile.status_code == 303


@pytest.mark.parametrize("path", ["edit", "grow", "withdraw", "close"])
def test_a_stranger_finds_nothing_to_change(app: Flask, scene: Scene, path: str) -> None:
    scene.member.post("/listings/new/aspiration", data={**TYPED, "deed": "draft"})
    url = f"/listings/{the_listing(app)['id']}/{path}"
    assert scene.stranger.get(url).status_code == 404
    assert scene.stranger.post(url, data={**TYPED, "deed": "send"}).status_code == 404
    assert the_listing(app)["states"] == [PostingState.DRAFT]


def test_the_form_asks_few_questions_of_the_database(scene: Scene, app: Flask, statements: list[str]) -> None:
    scene.member.post("/listings/new/need", data={**TYPED, "deed": "draft"})
    listing = the_listing(app)["id"]
    for path in ("/listings/new", "/listings/new/offer", f"/listings/{listing}/edit"):
        scene.member.get(path)
        statements.clear()
        scene.member.get(path)
        assert len(statements) <= 6, (path, statements)

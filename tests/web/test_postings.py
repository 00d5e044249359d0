"""An officer checks a listing in the browser."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient

from broker.actions import listings
from broker.domain.kinds import ListingKind, NodeKind, PostingState, RegistrationState
from broker.store.accounts import Membership, actor_of
from broker.store.base import db
from broker.store.frameworks import Framework, Node
from broker.store.listings import Listing, Posting
from broker.store.organisations import Registration
from broker.store.places import Ward
from tests import make
from tests.town import WORDING

SignIn = Callable[[Membership | int], FlaskClient]


class Scene(NamedTuple):
    officer: FlaskClient
    member: FlaskClient
    far_officer: FlaskClient
    posting_id: int
    listing_id: int
    member_id: int
    ward_id: int
    node_id: int


@pytest.fixture
def scene(app: Flask, sign_in: SignIn) -> Scene:
    with app.app_context():
        north, west = make.authority("Northmere", framework_code="NOR"), make.authority("Westerby")
        group = make.organisation(north)
        member = make.member(group)
        listing = listings.post_listing(ListingKind.NEED, group, [north], WORDING, actor_of(member), send=True)
        ward = Ward(code="W1", name="Saltgate", authority=north, lat=53.7, lon=-4.9)
        frame = Framework(
            code="NOR", version=1, name="Northmere Together", level="local", status="current", wording="provisional"
        )
        node = Node(framework=frame, code="N1", kind=NodeKind.THEME, label="Homes and streets")
        db.session.add_all([ward, node])
        people = [each.id for each in (make.officer(north), member, make.officer(west))]
        ids = listing.postings[0].id, listing.id, member.id, ward.id, node.id
        db.session.commit()
    return Scene(*(sign_in(each) for each in people), *ids)


def posting_of(app: Flask, scene: Scene) -> tuple[str, int]:
    """Its state, and how many wordings the listing has."""
    with app.app_context():
        posting = db.session.get(Posting, scene.posting_id)
        assert posting is not None
        return posting.state, len(posting.listing.versions)


def read(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_reading_and_approving(app: Flask, scene: Scene) -> None:
    page = read(scene.officer, f"/postings/{scene.posting_id}")
    for shown in (WORDING.title, WORDING.body, WORDING.safeguarding, "10 items", "Approved"):
        assert shown in page, shown
    answer = scene.officer.post(f"/postings/{scene.posting_id}/approve", data={"seen": "1", "next": "/desk"})
    assert (answer.status_code, answer.location) == (303, "/desk")
    assert posting_of(app, scene) == (PostingState.OPEN, 1)
    again = scene.officer.post(f"/postings/{scene.posting_id}/approve", data={"seen": "1"})
    assert again.status_code == 409


@pytest.mark.parametrize("place", ["https://example.org/", "//example.org", "/\\example.org", "javascript:alert(1)"])
def test_the_way_on_leads_only_to_pages_we_know(scene: Scene, place: str) -> None:
    answer = scene.officer.post(f"/postings/{scene.posting_id}/approve", data={"seen": "1", "next": place})
    assert answer.location == "/desk"


def test_not_before_the_organisation(app: Flask, scene: Scene) -> None:
    with app.app_context():
        registration = db.session.query(Registration).first()
        assert registration is not None
        registration.state = RegistrationState.APPLIED
        registration_id = registration.id
        db.session.commit()
    page = read(scene.officer, f"/postings/{scene.posting_id}")
    assert f'href="/registrations/{registration_id}"' in page
    assert "/approve" not in page
    answer = scene.officer.post(f"/postings/{scene.posting_id}/approve", data={"seen": "1"})
    assert answer.status_code == 422
    assert "The organisation is not approved here yet" in answer.get_data(as_text=True)


def test_a_change_meanwhile_is_told(app: Flask, scene: Scene) -> None:
    with app.app_context():
        listing = db.session.get(Listing, scene.listing_id)
        member = db.session.get(Membership, scene.member_id)
        assert listing is not None
        assert member is not None
        listings.edit_listing(listing, actor_of(member), wording=replace(WORDING, amount=Decimal(12)))
        db.session.commit()
    answer = scene.officer.post(f"/postings/{scene.posting_id}/approve", data={"seen": "1"})
    assert answer.status_code == 422
    assert "changed while you were reading it" in answer.get_data(as_text=True)
    assert posting_of(app, scene) == (PostingState.SUBMITTED, 2)


def test_returning_with_a_kind_reason(app: Flask, scene: Scene) -> None:
    url = f"/postings/{scene.posting_id}/return"
    empty = scene.officer.post(url, data={"reason": "", "own_words": ""})
    assert empty.status_code == 422
    assert "Choose a reason, or write one" in empty.get_data(as_text=True)
    answer = scene.officer.post(url, data={"reason": "dates", "own_words": "Is it this year?"})
    assert answer.status_code == 303
    page = read(scene.member, "/my-listings")
    for shown in ("An officer asked you to change something", "Please check the dates.", "Is it this year?"):
        assert shown in page, shown


def test_a_question_goes_out_and_its_answer_comes_back(app: Flask, scene: Scene) -> None:
    ask, answer = f"/postings/{scene.posting_id}/ask", f"/postings/{scene.posting_id}/answer"
    for nothing in ("", " ", "\ufdd0\U0010ffff"):  # the last are no characters at all, and are taken out
        empty = scene.officer.post(ask, data={"question": nothing})
        assert (empty.status_code, "Write your question" in empty.text) == (422, True)
    assert scene.officer.post(ask, data={"question": "In the evening?"}).status_code == 303
    again = scene.officer.post(ask, data={"question": "And when?"})
    assert (again.status_code, "And when?" in again.get_data(as_text=True)) == (422, True)
    assert f'href="{answer}"' in read(scene.member, "/my-listings")
    assert "In the evening?" in read(scene.member, answer)
    for nothing in (" ", "\ufdd0\U0010ffff"):
        empty = scene.member.post(answer, data={"answer": nothing})
        assert (empty.status_code, "Write your answer" in empty.text) == (422, True)
    assert scene.member.post(answer, data={"answer": "Evenings are best."}).status_code == 303
    assert "Evenings are best." in read(scene.officer, f"/postings/{scene.posting_id}")
    assert f'href="{answer}"' not in read(scene.member, "/my-listings")
    assert scene.member.post(answer, data={"answer": "Twice."}).status_code == 409
    assert posting_of(app, scene)[0] == PostingState.SUBMITTED


def test_correcting_tags_keeps_the_original(app: Flask, scene: Scene) -> None:
    url = f"/postings/{scene.posting_id}/tags"
    assert "Homes and streets" in read(scene.officer, url)
    typed = {"support_kind": "space", "unit": "days", "amount": "4", "lane": "systemic", "safeguarding": "Two checked."}
    typed |= {"background_check": "enhanced"}
    with app.app_context():
        field = f"priorities_{db.session.query(Framework).first().id}"  # type: ignore[union-attr]
    bad = scene.officer.post(url, data={**typed, "amount": "few"})
    assert (bad.status_code, 'value="few"' in bad.get_data(as_text=True)) == (422, True)
    answer = scene.officer.post(url, data={**typed, field: str(scene.node_id)})
    assert answer.location == f"/postings/{scene.posting_id}"
    page = read(scene.officer, f"/postings/{scene.posting_id}")
    for shown in (
        "4 days",
        "Homes and streets",
        "Two checked.",
        "Enhanced DBS check needed",
        "before an officer corrected them",
        "10 items",
    ):
        assert shown in page, shown
    assert posting_of(app, scene) == (PostingState.SUBMITTED, 2)
    assert "changed by an officer" not in read(scene.member, f"/listings/{scene.listing_id}")
    assert "Earlier wordings (1)" in read(scene.member, f"/listings/{scene.listing_id}")


def test_equal_texts_are_flagged_not_dropped(app: Flask, scene: Scene) -> None:
    with app.app_context():
        listing = db.session.get(Listing, scene.listing_id)
        assert listing is not None
        area = listing.postings[0].authority
        twin = make.need(make.organisation(area), area, title="A twin")
        abroad = make.need(make.organisation(), make.authority("Harrowdene"), title="Elsewhere")
        twin.text_hash = abroad.text_hash = listing.text_hash
        db.session.commit()
    page = read(scene.officer, f"/postings/{scene.posting_id}")
    assert "The same text stands here already" in page
    assert "A twin" in page
    assert "Elsewhere" not in page


def test_what_changed_since_it_was_approved(app: Flask, scene: Scene) -> None:
    scene.officer.post(f"/postings/{scene.posting_id}/approve", data={"seen": "1"})
    scene.officer.post(
        f"/postings/{scene.posting_id}/tags", data={"support_kind": "goods", "unit": "items", "amount": "9"}
    )
    assert "Changed since you approved it" not in read(scene.officer, f"/postings/{scene.posting_id}")
    typed = {"title": "Laptops", "body": WORDING.body, "support_kind": "goods", "unit": "items", "amount": "8"}
    scene.member.post(f"/listings/{scene.listing_id}/edit", data={**typed, "place_kind": "authority", "deed": "send"})
    page = read(scene.officer, f"/postings/{scene.posting_id}")
    for shown in ("Changed since you approved it", "9 items", "8 items", WORDING.title, "Laptops"):
        assert shown in page, shown


@pytest.mark.parametrize("deed", ["", "/approve", "/return", "/ask", "/tags"])
def test_others_do_not_check(scene: Scene, deed: str) -> None:
    url = f"/postings/{scene.posting_id}{deed}"
    method = "get" if deed in ("", "/tags") else "post"
    assert getattr(scene.member, method)(url).status_code == 403
    assert getattr(scene.far_officer, method)(url).status_code == 404


def test_a_neighbour_answers_nothing(app: Flask, scene: Scene, sign_in: SignIn) -> None:
    with app.app_context():
        neighbour = make.member(make.organisation()).id
        db.session.commit()
    assert sign_in(neighbour).get(f"/postings/{scene.posting_id}/answer").status_code == 404


def test_few_statements(scene: Scene, statements: list[str]) -> None:
    for path, most in ((f"/postings/{scene.posting_id}", 5), (f"/postings/{scene.posting_id}/tags", 6)):
        scene.officer.get(path)
        statements.clear()
        scene.officer.get(path)
        assert len(statements) <= most, (path, statements)

"""The public list and a listing's page: who sees what, whatever is asked for."""

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient

from broker.domain.clock import now
from broker.domain.kinds import Audience, NodeKind, NoteKind, PlaceKind, PostingState, Role
from broker.store.accounts import Membership
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.events import Note
from broker.store.frameworks import Framework, Node
from broker.store.listings import Listing, ListingVersion, Posting
from broker.store.places import Postcode, Ward
from tests import make

SignIn = Callable[[Membership | int], FlaskClient]
CANARIES = (
    "SAFEGUARDINGCANARY",
    "QM1 1AA",
    "QM11AA",
    "CONTACTCANARY",
    "canary@example.org",
    "01632 960999",
    "REFEREECANARY",
    "DRAFTCANARY",
    "ORIGINALCANARY",
    "NOTECANARY",
    "EDITCANARY",
)


class Scene(NamedTuple):
    member: FlaskClient
    neighbour: FlaskClient
    officer: FlaskClient
    far_officer: FlaskClient
    code: str
    open_id: int
    draft_id: int


@pytest.fixture
def scene(app: Flask, sign_in: SignIn) -> Scene:
    """One open listing with everything private about it, whose edit is being checked, and a draft."""
    with app.app_context():
        north, west = make.authority("Northmere", framework_code="NOR"), make.authority("Westerby")
        group = make.organisation(
            north,
            name="Harbour Street Helpers",
            contact_name="CONTACTCANARY",
            contact_email="canary@example.org",
            contact_phone="01632 960999",
            referee_name="REFEREECANARY",
            referee_contact="REFEREECANARY",
        )
        listing = make.need(group, north, title="Ten laptops", **private(north))
        _edit(listing)
        draft = make.need(group, north, title="DRAFTCANARY", state=PostingState.DRAFT)
        people = make.member(group), make.member(make.supplier(north)), make.officer(north), make.officer(west)
        ids, code = [person.id for person in people], north.code
        open_id, draft_id = listing.id, draft.id
        db.session.commit()
    return Scene(*(sign_in(each) for each in ids), code, open_id, draft_id)


def private(area: Authority) -> dict[str, object]:
    frame = Framework(
        code="NOR", version=1, name="Northmere Together", level="local", status="current", wording="provisional"
    )
    theme = Node(framework=frame, code="N1", kind=NodeKind.THEME, label="Homes and streets")
    ward = Ward(code="W1", name="Saltgate", authority=area, lat=53.7, lon=-4.9)
    db.session.add_all([theme, ward, Postcode(code="QM1 1AA", lat=53.7, lon=-4.9)])
    db.session.flush()
    return {
        "safeguarding": "SAFEGUARDINGCANARY",
        "place_kind": PlaceKind.POSTCODE,
        "postcode": "QM1 1AA",
        "ward_id": ward.id,
        "lat": 53.7,
        "lon": -4.9,
        "priorities": [theme],
    }


def _edit(listing: Listing) -> None:
    """An original before an officer's edit, an approved wording, an edit under check, and notes."""
    approved = listing.versions[0]
    approved.number, listing.version_number = 2, 3
    db.session.flush()
    for number, title in ((1, "ORIGINALCANARY"), (3, "EDITCANARY")):
        words = {"title": title, "safeguarding": "SAFEGUARDINGCANARY"}
        db.session.add(ListingVersion(listing=listing, number=number, created_at=now(), submitted_at=now(), **words))
    posting = listing.postings[0]
    posting.state, posting.stays_public = PostingState.SUBMITTED, True
    for audience in Audience:
        db.session.add(
            Note(
                at=now(),
                kind=NoteKind.QUESTION,
                audience=audience,
                subject="posting",
                subject_id=posting.id,
                author_role=Role.OFFICER,
                text=f"NOTECANARY {audience}",
            )
        )
    db.session.flush()


def text(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.get_data(as_text=True)


def test_strangers_and_neighbours_read_the_approved_words_and_nothing_private(
    client: FlaskClient, scene: Scene
) -> None:
    for reader in (client, scene.neighbour, scene.far_officer):
        for path in ("/listings", f"/listings/{scene.open_id}"):
            page = text(reader, path)
            assert "Ten laptops" in page
            assert "Saltgate, QM1" in page
            for canary in CANARIES:
                assert canary not in page, (path, canary)


def test_the_owner_and_the_officer_read_what_is_theirs(scene: Scene) -> None:
    for reader in (scene.member, scene.officer):
        page = text(reader, f"/listings/{scene.open_id}")
        for canary in ("SAFEGUARDINGCANARY", "QM1 1AA", "ORIGINALCANARY", "EDITCANARY", "NOTECANARY owner"):
            assert canary in page, canary
        assert "CONTACTCANARY" not in page
    assert "NOTECANARY officers" in text(scene.officer, f"/listings/{scene.open_id}")
    assert "NOTECANARY officers" not in text(scene.member, f"/listings/{scene.open_id}")
    assert "DRAFTCANARY" in text(scene.member, f"/listings/{scene.draft_id}")


def test_what_is_not_shown_does_not_exist_for_others(client: FlaskClient, scene: Scene) -> None:
    for reader in (client, scene.neighbour, scene.far_officer):
        assert reader.get(f"/listings/{scene.draft_id}").status_code == 404
        assert reader.get("/listings/999999").status_code == 404
    assert client.get(f"/listings/{'9' * 30}").status_code == 404


@pytest.mark.parametrize("state", [s for s in PostingState if s is not PostingState.OPEN])
def test_only_open_listings_are_public(app: Flask, client: FlaskClient, scene: Scene, state: PostingState) -> None:
    with app.app_context():
        posting = db.session.get(Listing, scene.open_id).postings[0]  # type: ignore[union-attr]
        posting.state, posting.stays_public = state, False
        db.session.commit()
    assert client.get(f"/listings/{scene.open_id}").status_code == 404
    assert "Ten laptops" not in text(client, "/listings")
    assert "Ten laptops" in text(scene.member, f"/listings/{scene.open_id}")


def test_others_are_offered_a_next_step(client: FlaskClient, scene: Scene) -> None:
    ask = f'href="/listings/{scene.open_id}/ask"'
    assert ask in text(client, f"/listings/{scene.open_id}")
    assert ask in text(scene.neighbour, f"/listings/{scene.open_id}")
    for reader in (scene.member, scene.officer, scene.far_officer):
        assert ask not in text(reader, f"/listings/{scene.open_id}")


def test_a_member_reads_how_far_it_is(app: Flask, scene: Scene) -> None:
    assert "less than a mile away" in text(scene.neighbour, f"/listings/{scene.open_id}")
    assert "mile" not in text(scene.far_officer, f"/listings/{scene.open_id}")


def test_provisional_themes_are_marked_wherever_they_stand(client: FlaskClient, scene: Scene) -> None:
    for path in ("/listings", f"/listings?authority={scene.code}", f"/listings/{scene.open_id}"):
        page = text(client, path)
        assert "Homes and streets" in page
        assert "Provisional wording" in page


@pytest.mark.parametrize(
    "query",
    [
        "q=laptops",
        "kind=need&support=goods&lane=transactional",
        "authority={code}&ward=W1&theme=N1",
        "near=qm1%201aa&within=5&order=nearest",
        "since=1+1+2026&until=2190-01-01",
        "led=n&order=soonest",
    ],
)
def test_searches_that_find(client: FlaskClient, scene: Scene, query: str) -> None:
    assert "Ten laptops" in text(client, f"/listings?{query.format(code=scene.code)}")


@pytest.mark.parametrize(
    "query", ["q=tractors", "kind=offer", "support=space", "lane=systemic", "led=y", "since=1/1/2195"]
)
def test_searches_that_find_nothing_say_what_to_do(client: FlaskClient, scene: Scene, query: str) -> None:
    page = text(client, f"/listings?{query}")
    assert "Ten laptops" not in page
    assert "Nothing fits all of that" in page


def test_behind_the_end_of_the_list_a_link_leads_back(client: FlaskClient, scene: Scene) -> None:
    page = text(client, "/listings?kind=need&page=7")
    assert "There are no more" in page
    assert 'href="/listings?kind=need&amp;page=6"' in page


def test_an_empty_market_says_what_to_do(client: FlaskClient) -> None:
    assert "Be the first" in text(client, "/listings")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("near=ZZ9", "We do not know this postcode"),
        ("near=nowhere", "We do not know this postcode"),
        ("since=31+2+2027", "Enter a real date"),
        ("until=soon", "Enter a real date"),
    ],
)
def test_what_is_not_understood_is_said_at_its_field(
    client: FlaskClient, scene: Scene, query: str, message: str
) -> None:
    page = text(client, f"/listings?{query}")
    name = query.split("=", maxsplit=1)[0]
    assert f'<a href="#{name}">{message}' in page
    assert f'id="{name}-error"' in page
    assert "Ten laptops" in page


@pytest.mark.parametrize(
    "name", ["q", "kind", "authority", "ward", "theme", "near", "within", "since", "order", "page"]
)
@pytest.mark.parametrize(
    "value", ["%00", "'%22%3E%3Cscript%3E", "-1", "99999999999999999999", "%F0%9F%92%A9", "%25_", "a" * 3000, "٣٤", "²"]
)
def test_hostile_searches_are_pages(client: FlaskClient, scene: Scene, name: str, value: str) -> None:
    page = text(client, f"/listings?authority={scene.code}&{name}={value}")
    assert "<script>" not in page


def test_pages_keep_the_search(app: Flask, client: FlaskClient, scene: Scene) -> None:
    many(app, scene, 25)
    page = text(client, "/listings?kind=need&q=ten+laptops")
    assert 'href="/listings?q=ten+laptops&amp;kind=need&amp;page=2"' in page
    assert 'href="/listings?q=ten+laptops&amp;kind=need"' in text(client, "/listings?q=ten+laptops&kind=need&page=2")


def many(app: Flask, scene: Scene, number: int) -> None:
    with app.app_context():
        first = db.session.get(Listing, scene.open_id)
        assert first is not None
        area, node = first.postings[0].authority, first.versions[1].priorities[0]
        for _ in range(number):
            listing = make.need(make.organisation(area), area, priorities=[node])
            listing.grown_from_id = scene.open_id
            listing.postings[0].approved_at = now() - timedelta(days=1)
        db.session.commit()


@pytest.mark.parametrize("who", ["member", "neighbour", "officer"])
def test_the_number_of_statements_does_not_grow(app: Flask, scene: Scene, statements: list[str], who: str) -> None:
    reader: FlaskClient = getattr(scene, who)
    search = f"/listings?authority={scene.code}&near=QM1+1AA&within=25&q=laptops&theme=N1&order=nearest"
    paths = ("/listings", search, f"/listings/{scene.open_id}", "/my-listings")
    counted: list[list[int]] = []
    for _ in range(2):
        counted.append([])
        for path in paths:
            reader.get(path)
            statements.clear()
            reader.get(path)
            counted[-1].append(len(statements))
        many(app, scene, 40)
    assert counted[0] == counted[1]
    assert max(counted[1]) <= 5, dict(zip(paths, counted[1], strict=True))


def test_a_card_tells_of_a_background_check_that_is_there(app: Flask, client: FlaskClient, scene: Scene) -> None:
    with app.app_context():
        area = make.authority("Checkham")
        for check in ("none", "basic", "enhanced", None):
            make.need(make.organisation(area), area, title=f"Helpers {check}", background_check=check)
        db.session.commit()
    page = text(client, "/listings?q=helpers")
    assert all(f">Helpers {check}</a>" in page for check in ("none", "basic", "enhanced", None))
    assert [page.count(f"{check} DBS check needed") for check in ("Basic", "Enhanced")] == [1, 1]
    assert page.count("Background check") == 2


def test_the_approved_posting_decides_between_areas(app: Flask, client: FlaskClient, scene: Scene) -> None:
    with app.app_context():
        west = make.authority("Harrowdene")
        listing = db.session.get(Listing, scene.open_id)
        assert listing is not None
        db.session.add(Posting(listing=listing, authority=west, state=PostingState.SUBMITTED, submitted_at=now()))
        db.session.commit()
    assert "Harrowdene" not in text(client, f"/listings/{scene.open_id}")
    assert "Harrowdene" in text(scene.member, f"/listings/{scene.open_id}")

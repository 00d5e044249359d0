"""The public list's questions: what is shown, what each filter keeps, and in which order."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from broker.domain.clock import now, today
from broker.domain.kinds import Lane, NodeKind, PlaceKind, PostingState, SupportKind, Unit
from broker.domain.listings import Wording, plain_words
from broker.domain.places import Point
from broker.store.accounts import actor_of
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.frameworks import Framework, Node
from broker.store.listings import Listing
from broker.store.market import NEAREST, SOONEST, Filters, browse, choices, open_by_ward, related_to
from broker.store.places import Ward
from tests import make


@pytest.fixture
def north(database: Flask) -> Authority:
    return make.authority("Northmere", framework_code="NOR")


def titles(**facts: Any) -> list[str]:
    found, _ = browse(Filters(**facts), 1)
    return [posting.approved.title for posting in found if posting.approved]


def need(area: Authority, title: str, **facts: Any) -> Listing:
    listing = make.need(make.organisation(area), area, title=title, **facts)
    version = listing.versions[0]
    version.searchable = Wording(title=version.title, body=version.body).searchable
    db.session.flush()
    return listing


@pytest.mark.parametrize("state", PostingState)
@pytest.mark.parametrize("stays", [False, True])
def test_only_what_is_open_or_stays_public_is_listed(north: Authority, state: PostingState, stays: bool) -> None:
    listing = need(north, "Laptops", state=state)
    posting = listing.postings[0]
    if stays and posting.approved is None:
        posting.approved = listing.versions[0]
    posting.stays_public = stays
    db.session.flush()
    assert titles() == ["Laptops"] * posting.is_shown


def test_open_in_two_authorities_is_listed_once(north: Authority) -> None:
    west = make.authority("Westerby")
    group = make.organisation(north, west)
    make.need(group, north, west, title="Laptops")
    assert titles() == titles(authority=north.code) == titles(authority=west.code) == ["Laptops"]


def test_open_in_the_second_authority_only_is_still_listed(north: Authority) -> None:
    west = make.authority("Westerby")
    listing = make.need(make.organisation(north, west), north, west, title="Laptops")
    listing.postings[0].state = PostingState.PAUSED
    db.session.flush()
    assert titles() == ["Laptops"]
    assert titles(authority=north.code) == []


def test_every_word_has_to_be_there_from_its_beginning(north: Authority) -> None:
    need(north, "Café chairs", body="Thirty of them.")
    for words, found in (("cafe", 1), ("CHAIR", 1), ("Café thirty", 1), ("chairs tables", 0), ("hairs", 0), ("%", 1)):
        assert len(titles(words=tuple(plain_words(words)))) == found, words


def test_plain_filters(north: Authority) -> None:
    need(north, "Laptops")
    need(north, "A room", support_kind=SupportKind.SPACE, unit=Unit.DAYS, lane=Lane.SYSTEMIC, community_led=True)
    make.offer(make.supplier(north), north, title="Computers")
    assert titles(kind="offer") == ["Computers"]
    assert titles(support="space") == titles(lane="systemic") == titles(community_led=True) == ["A room"]
    assert set(titles(kind="need")) == {"Laptops", "A room"}


def test_a_period_keeps_what_overlaps_it_and_what_says_nothing(north: Authority) -> None:
    def on(days: int) -> Any:
        return today() + timedelta(days=days)

    need(north, "early", from_date=on(0), until_date=on(9))
    need(north, "late", from_date=on(20), until_date=on(30))
    need(north, "whenever", until_date=None)
    assert set(titles(since=on(10))) == {"late", "whenever"}
    assert set(titles(until=on(19))) == {"early", "whenever"}
    assert titles(since=on(10), until=on(19)) == ["whenever"]


def test_a_theme_finds_its_priorities_in_every_version_of_the_frame(north: Authority) -> None:
    for version, status in ((1, "superseded"), (2, "current")):
        frame = Framework(code="NOR", version=version, name="N", level="local", status=status, wording="provisional")
        theme = Node(framework=frame, code="A", kind=NodeKind.THEME, label="Homes")
        db.session.add(theme)
        db.session.flush()
        priority = Node(framework=frame, code="A1", kind=NodeKind.PRIORITY, label="Warm homes", parent_id=theme.id)
        db.session.add(priority)
        need(north, f"version {version}").versions[0].priorities = [priority]
    need(north, "without")
    db.session.flush()
    for code in ("A", "A1"):
        assert set(titles(authority=north.code, node=code)) == {"version 1", "version 2"}
    assert titles(authority=north.code, node="B") == []
    known = [(c.what, c.key, c.wording) for c in choices(north.code) if c.what == "node"]
    assert known == [("node", "A", "provisional"), ("node", "A1", "provisional")]


def test_near_keeps_what_is_close_online_or_anywhere_in_that_area(north: Authority) -> None:
    west = make.authority("Westerby")
    here = Point(53.5, -2.3)
    need(north, "next door", place_kind=PlaceKind.POSTCODE, lat=53.51, lon=-2.3)
    need(north, "far", place_kind=PlaceKind.POSTCODE, lat=53.7, lon=-2.3)
    need(north, "online", place_kind=PlaceKind.REMOTE)
    need(north, "anywhere", place_kind=PlaceKind.AUTHORITY)
    need(west, "anywhere else", place_kind=PlaceKind.AUTHORITY)
    need(north, "unknown", place_kind=None)
    near = Filters(point=here, point_authority=north.code, miles=5, order=NEAREST)
    found = [posting.approved.title for posting in browse(near, 1)[0] if posting.approved]
    assert found[0] == "next door"
    assert set(found) == {"next door", "online", "anywhere"}
    assert titles(point=here, order=NEAREST)[:2] == ["next door", "far"]


def test_orders(north: Authority) -> None:
    for title, days in (("later", 50), ("sooner", 5), ("never", None)):
        listing = need(north, title, until_date=today() + timedelta(days=days) if days else None)
        listing.postings[0].approved_at = now() - timedelta(days=days or 0)
    db.session.flush()
    assert titles() == ["never", "sooner", "later"]
    assert titles(order=SOONEST) == ["sooner", "later", "never"]


def test_pages_of_twenty(north: Authority) -> None:
    for number in range(41):
        need(north, f"Need {number}")
    seen = [posting.id for page in (1, 2, 3) for posting in browse(Filters(), page)[0]]
    assert len(seen) == len(set(seen)) == 41
    assert [browse(Filters(), page)[1] for page in (1, 2, 3, 4)] == [True, True, False, False]


def test_wards_count_what_is_shown(north: Authority) -> None:
    ward = Ward(code="W1", name="Saltgate", authority=north, lat=53.7, lon=-4.9)
    db.session.add(ward)
    db.session.flush()
    need(north, "Laptops", ward_id=ward.id)
    need(north, "Chairs", ward_id=ward.id, state=PostingState.PAUSED)
    assert open_by_ward(north.code) == {ward.id: 1}
    assert titles(authority=north.code, ward="W1") == ["Laptops"]


def test_relations_show_what_the_reader_may_see(north: Authority) -> None:
    group = make.organisation(north)
    dream = make.aspiration(group, north, title="Swim")
    for title, state in (("Lessons", PostingState.OPEN), ("A coach", PostingState.DRAFT)):
        make.need(group, north, title=title, state=state).grown_from_id = dream.id
    make.offer(make.supplier(north), north, title="A pool", state=PostingState.DRAFT).answers_id = dream.id
    db.session.flush()
    member, officer = actor_of(make.member(group)), actor_of(make.officer(north))
    assert {each.title for each in related_to(dream, None)} == {"Lessons"}
    assert {each.title for each in related_to(dream, member)} == {"Lessons", "A coach"}
    assert {(each.title, each.how) for each in related_to(dream, officer)} == {
        ("Lessons", "grown"),
        ("A coach", "grown"),
        ("A pool", "answer"),
    }

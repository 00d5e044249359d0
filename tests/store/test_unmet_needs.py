"""Which needs count as unmet, and that every way of counting them comes to the list itself."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

import pytest
from flask import Flask

from broker.domain.clock import now, today
from broker.domain.kinds import Lane, ListingKind, MatchState, NodeKind, PartnershipState, PostingState, SupportKind
from broker.domain.permissions import Action
from broker.domain.places import ELSEWHERE, NOWHERE
from broker.domain.unmet_needs import Age, Outcome, days_given
from broker.store.authorities import Authority, AuthorityRule
from broker.store.base import db
from broker.store.events import Event
from broker.store.frameworks import Framework, Node
from broker.store.listings import Listing
from broker.store.partnerships import Partnership
from broker.store.places import Ward
from broker.store.unmet_needs import (
    Area,
    Filters,
    area_of,
    choices_in,
    themes_of_unmet,
    unmet_cells,
    unmet_rows,
)
from tests import make

ALL = Filters()


class Scene(NamedTuple):
    """An area with a framework of two themes, and its needs by name."""

    area: Area
    needs: dict[str, Listing]


@pytest.fixture
def north(database: Flask) -> Authority:
    area = make.authority("Northmere")
    area.framework_code = "NRT"
    frame = Framework(code="NRT", version=1, name="North", level="local", status="current", wording="confirmed")
    work = Node(code="NRT-W", kind=NodeKind.THEME, label="Work", framework=frame)
    home = Node(code="NRT-H", kind=NodeKind.THEME, label="Home", framework=frame)
    db.session.add_all([frame, work, home, Ward(code="E05", name="Dale", authority=area, lat=53.0, lon=-2.0)])
    db.session.flush()
    db.session.add(Node(code="NRT-W1", kind=NodeKind.PRIORITY, label="First jobs", framework=frame, parent_id=work.id))
    db.session.flush()
    return area


def asked(area: Authority, title: str, days: int, state: PostingState = PostingState.OPEN, **facts: object) -> Listing:
    """A need that was first sent so many days ago."""
    kind = facts.pop("kind", ListingKind.NEED)
    reason, nodes = facts.pop("closing_reason", None), facts.pop("nodes", ())
    made = make.listing(kind, make.organisation(area), [area], state, title=title, **facts)  # type: ignore[arg-type]
    posting = made.postings[0]
    posting.submitted_at, posting.closing_reason = now() - timedelta(days=days), reason
    if state != PostingState.DRAFT:
        posting.approved, posting.approved_at = made.latest, now()
        posting.approved.priorities = [node for node in db.session.query(Node) if node.code in nodes]
    return made


@pytest.fixture
def scene(north: Authority) -> Scene:
    ward, westerby = db.session.query(Ward).one(), make.authority("Westerby")
    needs = [
        asked(north, "Old", 200, ward_id=make.ward(westerby).id, nodes=("NRT-W1", "NRT-H")),
        asked(north, "Young", 20),
        asked(north, "Paused", 61, PostingState.PAUSED, ward_id=ward.id, nodes=("NRT-W",)),
        asked(north, "Lapsed", 400, PostingState.LAPSED, support_kind=SupportKind.SKILLS),
        asked(north, "Withdrawn", 3, PostingState.WITHDRAWN),
        asked(north, "Elsewhere", 100, PostingState.FILLED, closing_reason="met_elsewhere"),
        asked(north, "Not needed", 100, PostingState.FILLED, closing_reason="not_needed"),
        asked(north, "Met here", 100, PostingState.FILLED, closing_reason="met_here"),
        asked(north, "Hope", 90, kind=ListingKind.ASPIRATION),
        asked(north, "Draft", 300, PostingState.DRAFT),
        asked(north, "Partner", 300),
        asked(north, "Ended early", 300),
    ]
    asked(north, "An offer", 300, kind=ListingKind.OFFER)
    asked(westerby, "Far away", 300)
    found = {need.latest.title: need for need in needs}
    partnered(north, found["Partner"], PartnershipState.RUNNING)
    partnered(north, found["Ended early"], PartnershipState.ENDED_EARLY)
    db.session.flush()
    return Scene(area_of(north.id, now()), found)


def partnered(area: Authority, need: Listing, state: PartnershipState) -> None:
    match = make.match(need, make.offer(make.supplier(area), area), area, MatchState.CONFIRMED)
    db.session.add(
        Partnership(
            match=match, authority_id=area.id, state=state, lane=Lane.TRANSACTIONAL, what="Help", starts_on=today(),
            ends_on=today(), created_at=now(),
        )
    )  # fmt: skip


def titles(scene: Scene, wanted: Filters = ALL) -> set[str]:
    return {row.title for row in unmet_rows(scene.area, wanted)}


def test_a_need_counts_that_was_on_the_list_and_got_no_partnership(scene: Scene) -> None:
    assert titles(scene) == {
        "Old", "Paused", "Lapsed", "Withdrawn", "Elsewhere", "Not needed", "Hope", "Ended early"
    }  # fmt: skip


def test_the_oldest_stands_first_and_pages_follow_each_other(scene: Scene) -> None:
    every = [row.title for row in unmet_rows(scene.area, ALL)]
    assert every[:2] == ["Lapsed", "Ended early"]
    assert every[-1] == "Withdrawn"
    pages = [[row.title for row in unmet_rows(scene.area, ALL, page, 3)] for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [4, 4, 2]
    assert [title for page in pages for title in page[:3]] == every


def test_it_counts_from_the_first_day_on_the_list_whatever_was_sent_since(scene: Scene) -> None:
    posting = scene.needs["Young"].postings[0]
    for days in (10, 80):
        db.session.add(
            Event(
                at=now() - timedelta(days=days), role="officer", action=Action.APPROVE_LISTING, subject="posting",
                subject_id=posting.id, to_state="open",
            )
        )  # fmt: skip
    db.session.flush()
    row = next(row for row in unmet_rows(scene.area, ALL) if row.title == "Young")
    assert (now() - row.asked_at).days == 80
    assert row.age == Age.QUARTER


def test_a_hope_that_led_to_something_is_not_left_alone(scene: Scene) -> None:
    hope = scene.needs["Hope"]
    child = make.need(make.organisation())
    child.grown_from_id = hope.id
    db.session.flush()
    assert "Hope" not in titles(scene)
    child.grown_from_id, child.answers_id = None, hope.id
    db.session.flush()
    assert "Hope" not in titles(scene)
    child.answers_id = scene.needs["Old"].id
    db.session.flush()
    assert {"Hope", "Old"} <= titles(scene), "an offer made for a need is not yet a partnership"


def test_an_authority_says_how_long_is_too_long(scene: Scene) -> None:
    db.session.add(AuthorityRule(authority_id=scene.area.authority_id, name="unmet_days", value="15"))
    db.session.flush()
    area = area_of(scene.area.authority_id, now())
    assert area.days == 15
    assert "Young" in {row.title for row in unmet_rows(area, ALL)}


@pytest.mark.parametrize(("rule", "days"), [(None, 60), ("90", 90), ("soon", 60), ("-3", 60), ("9" * 30, 60)])
def test_a_rule_that_is_no_number_of_days_is_not_used(rule: str | None, days: int) -> None:
    assert days_given(rule) == days


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Filters(outcome=Outcome.MET_ELSEWHERE), {"Elsewhere"}),
        (Filters(outcome=Outcome.OPEN), {"Old", "Paused", "Hope", "Ended early"}),
        (Filters(outcome=Outcome.YOUNG), {"Young"}),
        (Filters(age=Age.LONGER), {"Lapsed"}),
        (Filters(age=Age.MONTH), {"Withdrawn"}),
        (Filters(kind=ListingKind.ASPIRATION), {"Hope"}),
        (Filters(support=SupportKind.SKILLS), {"Lapsed"}),
        (Filters(ward="E05"), {"Paused"}),
        (Filters(theme="NRT-W"), {"Old", "Paused"}),
        (Filters(theme="NRT-W1"), {"Old"}),
        (Filters(theme="NRT-H", ward="E05"), set()),
    ],
)
def test_each_filter_leaves_what_it_says(scene: Scene, wanted: Filters, expected: set[str]) -> None:
    assert titles(scene, wanted) == expected


def test_what_names_nothing_can_be_looked_at_too(scene: Scene) -> None:
    assert titles(scene, Filters(ward=NOWHERE)) == titles(scene) - {"Old", "Paused"}
    assert titles(scene, Filters(ward=ELSEWHERE)) == {"Old"}
    assert titles(scene, Filters(theme=NOWHERE)) == titles(scene) - {"Old", "Paused"}


def test_every_count_is_the_length_of_its_list(scene: Scene) -> None:
    cells = unmet_cells(scene.area, ALL)
    assert sum(cell.number for cell in cells) == len(titles(scene))
    for name in ("ward", "kind", "support", "age", "outcome"):
        counts = Counter[str]()
        for cell in cells:
            counts[getattr(cell, name)] += cell.number
        assert counts == {
            key: len(titles(scene, replace(ALL, **{name: str(key)}))) for key in counts
        }, name  # fmt: skip
    themes = Counter[str]()
    for cell in cells:
        themes.update(dict.fromkeys(cell.themes or (NOWHERE,), cell.number))
    assert themes == {"NRT-W": 2, "NRT-H": 1, NOWHERE: len(titles(scene, Filters(theme=NOWHERE)))}


def test_the_file_can_say_what_each_is_for(scene: Scene) -> None:
    themes = themes_of_unmet(scene.area, ALL)
    assert themes == {scene.needs["Old"].id: ["First jobs", "Home"], scene.needs["Paused"].id: ["Work"]}


def test_an_area_offers_its_own_wards_and_themes(scene: Scene) -> None:
    assert [choice.label for choice in choices_in(scene.area.authority_id)] == ["Dale", "First jobs", "Home", "Work"]

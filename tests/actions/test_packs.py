"""The figures of a committee pack, against a quarter of which every number is known."""

from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask

from broker.actions.packs import STANDINGS, STEPS, Figures, figures_for
from broker.domain.clock import today
from broker.domain.kinds import DeliveryState
from broker.domain.periods import Span
from broker.store.base import db
from broker.store.chains import lines_in, of_authority
from tests import make
from tests.quarter import Quarter, edition, quarter


@pytest.fixture
def scene(database: Flask) -> Quarter:
    return quarter()


def figures(scene: Quarter) -> Figures:
    return figures_for(scene.area.id, scene.span)


def row(rows: list[dict[str, object]], **facts: object) -> dict[str, object]:
    found = [each for each in rows if facts.items() <= each.items()]
    assert len(found) == 1, rows
    return found[0]


def test_each_step_is_counted_in_its_own_unit(scene: Quarter) -> None:
    found = figures(scene)["measures"]
    hours = row(found, label=scene.hours.label)
    # 100 freely, and 3 for each 10,000 pounds of the 25,000 that are spent
    assert (hours["promised"], hours["matched"]) == ("107.5", "60")
    assert (hours["delivered"], hours["verified"], hours["claimed"]) == ("58", "50", "25")
    assert hours["inherent"] == "30"
    laptops = row(found, label="Laptops")
    assert (laptops["promised"], laptops["delivered"], laptops["verified"]) == ("0", "9", "7")


def test_a_promise_counts_while_it_is_to_be_kept(scene: Quarter) -> None:
    """A quarter later the promise that was due is over, and the one that runs on still counts."""
    later = Span(scene.span.ends + timedelta(days=1), scene.span.ends + timedelta(days=50))
    hours = row(figures_for(scene.area.id, later)["measures"], label=scene.hours.label)
    assert (hours["promised"], hours["matched"], hours["delivered"]) == ("7.5", "0", "0")
    before = Span(scene.span.starts - timedelta(days=50), scene.span.starts - timedelta(days=1))
    assert figures_for(scene.area.id, before)["measures"] == []


def test_a_promise_is_as_old_as_its_contract(scene: Quarter) -> None:
    """Or a council that writes its contracts down today would have told of claims for which nothing was promised."""
    contract = make.contract(scene.area, scene.giver, starts_on=scene.span.ends, ends_on=today() + timedelta(days=9))
    make.commitment(scene.area, scene.giver, scene.laptops, contract=contract, quantity=Decimal(12))
    make.commitment(scene.area, scene.giver, scene.laptops, quantity=Decimal(500))
    assert row(figures(scene)["measures"], label="Laptops")["promised"] == "12"
    earlier = Span(scene.span.starts, scene.span.ends - timedelta(days=1))
    assert row(figures_for(scene.area.id, earlier)["measures"], label="Laptops")["promised"] == "0"


def test_it_says_the_same_as_the_chain_of_the_area(scene: Quarter) -> None:
    """Everything of the scene lies in the quarter, and the chain counts everything."""
    told = {row["measure"]: row for row in figures(scene)["measures"]}
    lines = lines_in(of_authority(scene.area.id))
    assert lines
    for line in lines:
        row = told.pop(line.unit.id)
        assert [Decimal(row[step]) for step in STEPS] == [line.at(step) for step in STEPS]
        assert Decimal(row["inherent"]) == line.inherent
    assert not told


def test_one_off_and_lasting_stand_apart(scene: Quarter) -> None:
    found = figures(scene)["lanes"]
    assert row(found, lane="systemic", label=scene.hours.label)["verified"] == "10"
    assert row(found, lane="transactional", label=scene.hours.label)["verified"] == "40"


def test_what_is_not_proven_is_told_and_the_parts_come_to_the_whole(scene: Quarter) -> None:
    found = figures(scene)
    for each in found["standing"]:
        assert sum(Decimal(each[name]) for name in STANDINGS) == Decimal(each["delivered"])
    assert row(found["standing"], label="Laptops")["not_received"] == "2"
    assert row(found["standing"], label=scene.hours.label)["disputed"] == "2"
    assert found["deliveries"][DeliveryState.UNCONFIRMED] == 1


def test_themes_come_through_the_crosswalk_and_what_has_none_is_said(scene: Quarter) -> None:
    found = figures(scene)
    assert row(found["themes"], theme="Good neighbours")["verified"] == "50"
    assert row(found["themes"], theme="")["label"] == "Laptops"
    assert found["provisional"]


def test_wards_are_those_of_the_delivery_or_else_of_the_listing(scene: Quarter) -> None:
    found = figures(scene)["wards"]
    assert row(found, ward="Dale")["verified"] == "40"
    need = scene.partnership.match.demand
    need.postings[0].approved.ward_id = scene.ward.id
    db.session.flush()
    assert row(figures(scene)["wards"], ward="Dale", label="Laptops")["verified"] == "7"


def test_needs_are_told_by_what_became_of_them(scene: Quarter) -> None:
    assert figures(scene)["needs"]["met"] == 2
    assert figures(scene)["needs"]["open"] == 1


def test_promises_that_fell_due_show_what_was_kept(scene: Quarter) -> None:
    found = figures(scene)["due"]
    assert row(found, promised="100", claimed="25", number=1, kept=0, part=1, none=0)


def test_money_comes_with_an_edition_and_shows_what_it_is_reckoned_from(scene: Quarter) -> None:
    assert figures(scene)["value"] is None
    edition(scene.area, scene.hours)
    value = figures(scene)["value"]
    # 50 x 10 and 50 x 20, a quarter off: 375 to 750, in two digits
    assert value["total"] == {"from": "370", "to": "750"}
    assert row(value["rows"], low="10", high="20", deadweight=25)["verified"] == "50"
    assert value["only_counted"] == ["Laptops"]


def test_another_area_and_another_time_have_nothing_of_it(scene: Quarter) -> None:
    other = make.authority("Westerby")
    db.session.flush()
    assert figures_for(other.id, scene.span)["measures"] == []
    before = Span(scene.span.starts - timedelta(days=90), scene.span.starts - timedelta(days=1))
    found = figures_for(scene.area.id, before)
    assert (found["measures"], found["wards"], found["stories"]) == ([], [], [])


def test_an_own_measure_counts_as_what_it_stands_for(scene: Quarter) -> None:
    own = make.measure("NT29", authority=scene.area, list_name="Ours", edition="1", stands_for=scene.hours)
    make.delivery(scene.partnership, own, quantity=Decimal(5), started_on=scene.span.starts, ended_on=scene.span.starts)
    assert row(figures(scene)["measures"], label=scene.hours.label)["verified"] == "55"


def test_stories_are_told_only_with_consent(scene: Quarter) -> None:
    assert [each["id"] for each in figures(scene)["stories"]] == [scene.story.id]
    scene.story.story_consent = False
    db.session.flush()
    assert figures(scene)["stories"] == []
    assert today() > scene.span.ends

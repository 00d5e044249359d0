"""Editions of values: one in use at a time, whole or not at all, and never changed."""

from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select

from broker.actions.frameworks import load_shipped
from broker.actions.measures import ListFacts, load_measures
from broker.actions.valuations import EditionFacts, load_valuation, retire_valuation
from broker.domain.kinds import Role
from broker.domain.permissions import Action, Actor
from broker.domain.refusals import BadEntries, NotAllowed, Unfit
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.events import events_of
from broker.store.valuations import ValuationEdition, edition_in_use
from tests import make

FACTS = EditionFacts("March 2026", "2026", "Worked out by the city region", "Ours until 2030")
VALUES = "code,low,high,deadweight,years\nBR-17,10,12.50,20,1\nBR-14,40,60,,\n"


@pytest.fixture
def area(database: Flask) -> Authority:
    load_shipped()
    return make.authority("Northmere")


def officer(area: Authority) -> Actor:
    return Actor(Role.OFFICER, user_id=None, authority_id=area.id)


def load(area: Authority, text: str = VALUES, **facts: str) -> ValuationEdition:
    said = EditionFacts(**{name: facts.get(name, getattr(FACTS, name)) for name in FACTS.__slots__})
    return load_valuation(area, text.encode(), officer(area), facts=said)


def reasons(area: Authority, row: str) -> list[str]:
    with pytest.raises(BadEntries) as caught:
        load(area, VALUES + row)
    assert db.session.scalar(select(func.count()).select_from(ValuationEdition)) == 0, "nothing is half loaded"
    return [f"{each.where}: {each.reason}" for each in caught.value.refused]


def test_an_edition_is_in_use_and_in_the_record(area: Authority) -> None:
    made = load(area)
    assert edition_in_use(area.id) is made
    assert (made.price_year, made.source, made.licence_note) == (2026, FACTS.source, FACTS.licence)
    first, second = made.values
    assert (first.measure.code, first.low, first.high, first.deadweight) == ("BR-17", Decimal(10), Decimal("12.5"), 20)
    assert (second.deadweight, second.years) == (0, 1)
    assert [event.action for event in events_of("valuation_edition", made.id)] == [Action.LOAD_VALUATION]


def test_a_new_edition_retires_the_one_before_which_stays(area: Authority) -> None:
    old = load(area)
    new = load(area, name="June 2026")
    assert edition_in_use(area.id) is new
    assert old.retired_at is not None
    assert [each.low for each in old.values] == [10, 40], "an edition is never changed"
    assert Action.RETIRE_VALUATION in [event.action for event in events_of("valuation_edition", old.id)]


def test_an_edition_that_is_used_no_more_leaves_counts_alone(area: Authority) -> None:
    made = load(area)
    retire_valuation(made, officer(area))
    when = made.retired_at
    retire_valuation(made, officer(area))
    assert edition_in_use(area.id) is None
    assert made.retired_at == when, "a second time changes nothing"


@pytest.mark.parametrize("missing", ["name", "price_year", "source", "licence"])
def test_an_edition_says_where_it_comes_from(area: Authority, missing: str) -> None:
    with pytest.raises(Unfit) as caught:
        load(area, **{missing: ""})
    assert caught.value.problems == {missing: "missing"}


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        ({"price_year": "26"}, {"price_year": "no_year"}),
        ({"price_year": "2099"}, {"price_year": "to_come"}),
        ({"source": "x" * 2001}, {"source": "too_long"}),
        ({"name": "March 2026"}, {"name": "known"}),
    ],
)
def test_what_an_edition_cannot_say(area: Authority, facts: dict[str, str], problem: dict[str, str]) -> None:
    before = load(area)
    with pytest.raises(Unfit) as caught:
        load(area, **{"name": "Another", **facts})
    assert caught.value.problems == problem
    assert edition_in_use(area.id) is before


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("BR-99,1,2,,\n", "No measure that is offered here has this code"),
        ("br-17,1,2,,\n", "This counts the same things as BR-17 (line 2)"),
        ("BR-16,3,2,,\n", "above the high one"),
    ],
)
def test_a_row_that_does_not_fit_is_told(area: Authority, row: str, reason: str) -> None:
    (said,) = reasons(area, row)
    assert said.startswith("Line 4: ")
    assert reason in said


def test_two_names_of_one_thing_get_one_value(area: Authority) -> None:
    own = "code,label,unit,unit_kind\nNT29,Hours,hours,hours\n"
    load_measures(area, own.encode(), officer(area), facts=ListFacts("Ours", "1", "L", "TOMs"))
    (said,) = reasons(area, "NT29,1,2,,\n")
    assert "BR-17 (line 2)" in said


def test_a_list_without_amounts_is_no_edition(area: Authority) -> None:
    with pytest.raises(Unfit) as caught:
        load(area, "code,low,high\nBR-17,,\n")
    assert caught.value.problems == {"file": "no_values"}


def test_only_the_own_council_may(area: Authority) -> None:
    made = load(area)
    other = officer(make.authority("Westerby"))
    with pytest.raises(NotAllowed):
        load_valuation(area, VALUES.encode(), other, facts=FACTS)
    with pytest.raises(NotAllowed):
        retire_valuation(made, other)

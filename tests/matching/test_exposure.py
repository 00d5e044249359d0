"""Who is seen: shares that add up, evenness, and why a listing stands in nobody's list."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.matching.exposure import FILTERS, Exposure, Listed, Place, attention, gini, measure, why_unseen
from broker.matching.records import Record
from tests.matching.make import meet, need, offer

HERE, THERE = frozenset({"here"}), frozenset({"there"})
LONG = "laptops for our homework club on Tuesdays"


def exposure(*places: Place) -> Exposure:
    """Of four listings: 1 and 2 of organisation 10, 3 of 20 and 4 of 30."""
    wards = {1: "Hill", 2: "Vale", 3: "Hill", 4: ""}
    owners = {1: 10, 2: 10, 3: 20, 4: 30}
    return measure([Listed(each, owners[each], {"ward": wards[each]}) for each in owners], places)


def test_attention_falls_with_the_rank() -> None:
    assert attention(1) == 1
    assert attention(3) == 0.5
    assert [attention(rank) for rank in range(1, 21)] == sorted(map(attention, range(1, 21)), reverse=True)


def test_places_first_places_and_shares_are_those_of_the_organisation() -> None:
    told = exposure(Place(1, 1), Place(1, 3), Place(2, 3), Place(3, 1))
    first, second, last = told.organisations
    assert (first.name, first.listings, first.places, first.firsts, first.unseen) == ("10", 2, 3, 1, 0)
    assert first.share_of_attention == pytest.approx(2 / 3)
    assert first.share_of_places == pytest.approx(3 / 4)
    assert first.share_of_listings == pytest.approx(1 / 2)
    assert (second.name, last.name, last.places, last.unseen) == ("20", "30", 0, 1)
    assert (told.places, told.unseen, told.top, told.top_tenth, told.half) == (
        4,
        1,
        first.share_of_attention,
        told.top,
        1,
    )


def test_groups_are_counted_by_the_listing_not_by_its_owner() -> None:
    hill, vale = exposure(Place(1, 1), Place(2, 1), Place(3, 1)).bands["ward"][1:]
    assert (hill.name, hill.organisations, hill.listings, hill.places) == ("Hill", 2, 2, 2)
    assert (vale.name, vale.organisations, vale.listings, vale.places) == ("Vale", 1, 1, 1)


def test_a_place_of_what_is_not_listed_counts_for_nothing() -> None:
    assert exposure(Place(1, 1), Place(99, 1)) == exposure(Place(1, 1))


def test_nothing_at_all_is_no_error() -> None:
    told = measure([], [])
    assert (told.listings, told.places, told.half, told.top, told.gini) == (0, 0, 0, 0.0, 0.0)
    assert exposure().half == 0
    assert json.loads(json.dumps(exposure().to_json()))["unseen"] == 4


def test_evenness() -> None:
    assert gini([1, 1, 1, 1]) == pytest.approx(0)
    assert gini([0, 0, 0, 1]) == pytest.approx(0.75)
    assert gini([1, 3]) == pytest.approx(0.25)


@given(st.lists(st.builds(Place, st.integers(1, 4), st.integers(1, 20)), max_size=40), st.randoms())
def test_shares_add_up_in_whatever_order_places_are_told(places: list[Place], random: Random) -> None:
    told = exposure(*places)
    shuffled = list(places)
    random.shuffle(shuffled)
    assert exposure(*shuffled) == told
    for part in (told.organisations, *told.bands.values()):
        assert sum(each.places for each in part) == len(places)
        assert sum(each.share_of_listings for each in part) == pytest.approx(1)
        assert sum(each.share_of_attention for each in part) == pytest.approx(1 if places else 0)
    assert 0 <= told.gini < 1


@pytest.mark.parametrize(
    ("why", "ours", "theirs"),
    [
        ("spent", {"remaining": Decimal(0)}, {}),
        ("short", {"title": "Help!"}, {}),
        ("nobody", {"areas": HERE}, {"areas": THERE}),
        ("nobody", {"owner": 5}, {"owner": 5}),
        ("nobody", {}, {"remaining": Decimal(0)}),
        ("kind", {"kind": "goods"}, {"kind": "space"}),
        ("far", {"lat": 53.0, "lon": -2.0, "reach_miles": 5.0}, {"lat": 54.0, "lon": -2.0}),
        ("dates", {"until_date": date(2027, 1, 1)}, {"from_date": date(2027, 2, 1)}),
    ],
)
def test_why_nobody_sees_it(why: str, ours: dict[str, object], theirs: dict[str, object]) -> None:
    demand, supply = need(1, **{"title": LONG, **ours}), offer(2, LONG, **theirs)
    assert why_unseen(demand, [supply], True) == why
    assert why == "short" or not meet(demand, supply)


def test_who_passes_every_filter_and_stands_nowhere_is_outranked_or_unlike_all() -> None:
    assert why_unseen(need(1, LONG), [offer(2, "somebody to mend a boiler")], True) == "unlike"
    assert why_unseen(need(1, LONG), [offer(2, LONG)], False) == "outranked"
    assert why_unseen(need(1, LONG), [], True) == "nobody"


FACTS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from([None, "goods", "space"]),
        "areas": st.sampled_from([frozenset(), HERE, THERE]),
        "lat": st.sampled_from([None, 53.0, 53.4]),
        "lon": st.just(-2.0),
        "reach_miles": st.sampled_from([None, 5.0, 50.0]),
        "remote": st.booleans(),
        "from_date": st.sampled_from([None, date(2027, 2, 1)]),
        "until_date": st.sampled_from([None, date(2027, 3, 1), date(2027, 2, 2)]),
        "remaining": st.sampled_from([None, Decimal(0), Decimal(3)]),
        "owner": st.integers(1, 2),
    }
)


@given(FACTS, FACTS)
def test_the_filters_told_one_by_one_are_those_of_the_matcher(
    ours: dict[str, object], theirs: dict[str, object]
) -> None:
    demand: Record = replace(need(1, LONG), **ours)  # type: ignore[arg-type]
    supply: Record = replace(offer(2, LONG), **theirs)  # type: ignore[arg-type]
    has_some = demand.remaining is None or demand.remaining > 0
    assert meet(demand, supply) == (has_some and all(passes(demand, supply) for _, passes in FILTERS))

"""An authority's own measures: whole or not at all, beside ours without counting twice, and never edited."""

from datetime import date

import pytest
from flask import Flask

from broker.actions.frameworks import load_shipped
from broker.actions.measures import ListFacts, load_measures, retire_measures
from broker.domain.kinds import Role
from broker.domain.permissions import Actor
from broker.domain.refusals import BadEntries, NotAllowed, Unfit
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.measures import Measure, all_measures, measures_for, own_measures
from tests import make

HEAD = "code,label,unit,unit_kind,evidence_min,exclusive_group,stands_for,outcomes\n"
OURS = HEAD + "NT29,Time our people give,hours,hours,,,,\nOUR-7,Trees planted,trees,count,a photo,,,H12\n"
FACTS = ListFacts("Our list", "2026", "Licensed to us until 2030", "TOMs")


@pytest.fixture
def area(database: Flask) -> Authority:
    load_shipped()
    return make.authority("Northmere")


def officer(area: Authority) -> Actor:
    return Actor(Role.OFFICER, user_id=None, authority_id=area.id)


def load(area: Authority, text: str = OURS, **facts: str) -> list[Measure]:
    said = ListFacts(**{name: facts.get(name, getattr(FACTS, name)) for name in FACTS.__slots__})
    return load_measures(area, text.encode(), officer(area), facts=said)


def reasons(area: Authority, row: str) -> list[str]:
    with pytest.raises(BadEntries) as caught:
        load(area, OURS + row)
    assert own_measures(area.id) == [], "nothing is half loaded"
    return [f"{each.where}: {each.reason}" for each in caught.value.refused]


@pytest.mark.parametrize("text", [OURS, OURS.replace("NT29", "nt29")])
def test_a_licensed_code_counts_the_same_as_ours_that_points_to_it(area: Authority, text: str) -> None:
    time, trees = load(area, text)
    ours = next(each for each in all_measures() if each.code == "BR-17")
    assert time.root_id == ours.id
    assert (time.exclusive_group, time.hubs) == (ours.exclusive_group, ours.hubs)
    assert time.evidence_min == ours.evidence_min
    assert (trees.stands_for_id, trees.root_id, trees.hubs) == (None, trees.id, ["H12"])


def test_another_scheme_or_another_unit_is_another_thing(area: Authority) -> None:
    row = "NT29,Weeks given,weeks,weeks,group confirms,,,\n"
    assert load(area, HEAD + row)[0].stands_for is None
    assert load(area, OURS.replace("hours,hours,,", "hours,hours,x,"), name="B", scheme="")[0].stands_for is None


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("BR-17,Ours,hours,hours,x,,,\n", "the code of a shared measure"),
        ("br-17,Ours,hours,hours,x,,,\n", "the code of a shared measure"),
        ("A,A,hours,hours,x,,BR-99,\n", '"BR-99" is not the code'),
        ("A,A,weeks,weeks,x,,BR-17,\n", "BR-17 is counted in hours, this one in weeks"),
        ("A,A,hours,hours,x,mine,BR-17,\n", "in the group “community”"),
        ("A,A,hours,hours,,,,\n", '"evidence_min" is missing'),
        ("A,A,hours,hours,x,,,H99\n", '"H99" is not the code of a shared outcome'),
        ("A,A\n", "This row has 2 cells"),
    ],
)
def test_a_row_that_cannot_stand_beside_ours_is_told_and_nothing_comes_in(
    area: Authority, row: str, reason: str
) -> None:
    (said,) = reasons(area, row)
    assert said.startswith("Line 4: ")
    assert reason in said


def test_all_that_is_wrong_is_told_at_once(area: Authority) -> None:
    assert len(reasons(area, "A,A,hours,hours,,,,\nB,B,parrots,parrots,x,,,\n")) == 2


@pytest.mark.parametrize("missing", ["name", "edition", "licence"])
def test_a_list_says_whose_it_is(area: Authority, missing: str) -> None:
    with pytest.raises(Unfit) as caught:
        load(area, **{missing: " "})
    assert caught.value.problems == {missing: "missing"}


def test_a_toml_file_may_say_it_itself(area: Authority) -> None:
    text = 'name = "T"\nedition = "1"\nlicence = "L"\n[[measures]]\ncode = "A"\nlabel = "A"\nunit = "hours"\n'
    text += 'unit_kind = "hours"\nevidence_min = "x"\n'
    (made,) = load(area, text, name="", edition="", licence="")
    assert (made.list_name, made.edition, made.licence) == ("T", "1", "L")


def test_a_new_edition_takes_the_place_of_the_older_one_and_goes_on_counting_the_same(area: Authority) -> None:
    old = load(area)
    promise = make.commitment(area, make.supplier(area), old[1])
    new = load(area, OURS.replace("Trees planted", "Trees planted and watered"), edition="2027")
    offered = {each.id for each in measures_for(area.id)}
    assert offered.isdisjoint({each.id for each in old})
    assert offered >= {each.id for each in new}
    assert promise.measure.label == "Trees planted", "what was promised keeps its words"
    assert new[1].root_id == old[1].root_id, "a tree of the new edition serves a promise of the old one"
    assert load(area, edition="2028")[1].root_id == old[1].id, "and so on, edition by edition"


def test_an_edition_is_put_right_only_while_nothing_counts_by_it(area: Authority) -> None:
    load(area)
    put_right = load(area, OURS.replace("Trees", "Trees and hedges"))
    assert [each.label for each in own_measures(area.id)][1] == "Trees and hedges planted"
    make.commitment(area, make.supplier(area), put_right[1], due_on=date(2031, 1, 1))
    with pytest.raises(Unfit) as caught:
        load(area)
    assert caught.value.problems == {"edition": "used"}
    assert put_right[1].retired_at is None


def test_a_list_that_is_offered_no_more_is_still_there(area: Authority) -> None:
    made = load(area)
    assert retire_measures(area, FACTS.name, officer(area)) == 2
    assert {each.id for each in measures_for(area.id)}.isdisjoint({each.id for each in made})
    assert len(own_measures(area.id)) == 2


def test_another_authority_neither_sees_it_nor_offers_it(area: Authority) -> None:
    made = {each.id for each in load(area)}
    other = make.authority("Westerby")
    assert made.isdisjoint({each.id for each in [*measures_for(other.id), *own_measures(other.id), *all_measures()]})
    with pytest.raises(NotAllowed):
        load_measures(area, OURS.encode(), officer(other), facts=FACTS)
    with pytest.raises(NotAllowed):
        retire_measures(area, FACTS.name, officer(other))


def test_a_shipped_catalogue_that_comes_again_leaves_it_alone(area: Authority) -> None:
    load(area)
    load_shipped()
    db.session.flush()
    assert [each.code for each in own_measures(area.id)] == ["NT29", "OUR-7"]

"""Who may be the same organisation twice."""

import pytest
from flask import Flask

from broker.actions.duplicates import ALIKE, likely_duplicates, plain_name
from broker.store.base import db
from broker.store.organisations import Identifier
from tests import make


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("The Moss Lane Scout Group CIC", "moss lane scout"),
        ("St. Anne's Hall", "st annes hall"),
        ("Community Group Ltd", "community group ltd"),
        ("???", ""),
    ],
)
def test_names_without_their_form(name: str, plain: str) -> None:
    assert plain_name(name) == plain


@pytest.mark.parametrize(
    ("other", "alike"),
    [
        ("1st Moss Lane Scout Group", True),
        ("MOSS LANE SCOUTS (cic)", True),
        ("Scouts of Moss Lane", True),
        ("Moss Lane Singers", False),
        ("Quayside Builders", False),
        ("???", False),
    ],
)
def test_alike_in_name(database: Flask, other: str, alike: bool) -> None:
    area = make.authority()
    here = make.organisation(area, name="Moss Lane Scouts", postcode="QM1 1AA")
    make.organisation(area, name=other, postcode="QM2 2BB")
    found = likely_duplicates(here, area.id)
    assert [like.name for like in found] == ([other] if alike else [])
    assert all(like.alike >= ALIKE for like in found)


def test_equal_number_comes_first_and_postcode_counts_in_the_own_area_only(database: Flask) -> None:
    area, elsewhere = make.authority("Northmere"), make.authority("Westerby")
    here = make.organisation(area, name="Moss Lane Scouts", postcode="QM1 1AA")
    number = make.organisation(elsewhere, name="Other name", postcode="QM1 1AA")
    near = make.organisation(area, elsewhere, name="Third name", postcode="QM1 1AA")
    make.organisation(elsewhere, name="Fourth name", postcode="QM1 1AA")
    make.organisation(area, name="Fifth name", postcode="")
    for owner in (here, number):
        db.session.add(Identifier(organisation=owner, scheme="GB-CHC", number="1234567"))
    db.session.add(Identifier(organisation=near, scheme="GB-COH", number="01234567"))
    db.session.flush()
    first, second = likely_duplicates(here, area.id)
    assert (first.organisation_id, first.same_number, first.same_postcode) == (number.id, True, False)
    assert (second.organisation_id, second.same_postcode) == (near.id, True)
    assert second.authorities == {area.id: "Northmere", elsewhere.id: "Westerby"}


def test_the_list_is_short_and_costs_one_statement(database: Flask, statements: list[str]) -> None:
    area = make.authority()
    here = make.organisation(area, name="Moss Lane Scouts")
    for _ in range(30):
        make.organisation(area, name="Moss Lane Scouts")
    assert here.identifiers == []
    statements.clear()
    assert len(likely_duplicates(here, area.id)) == 8
    assert len(statements) == 1

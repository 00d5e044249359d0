"""What a listing must say, which changes matter, and how words are made plain."""

from dataclasses import fields, replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from broker.domain.kinds import UNITS, Lane, ListingKind, PlaceKind, PostingState, SupportKind, Unit
from broker.domain.listings import (
    MATERIAL,
    Wording,
    are_material,
    changes,
    expiry,
    gaps,
    may_rest,
    plain_words,
    quantity_problem,
    renewal_problem,
)

TODAY = date(2026, 6, 1)
WHOLE = Wording(
    title="Ten laptops",
    body="For the homework club.",
    support_kind=SupportKind.GOODS,
    amount=Decimal(10),
    unit=Unit.ITEMS,
    until_date=TODAY + timedelta(days=30),
    place_kind=PlaceKind.REMOTE,
)


def test_a_whole_listing_lacks_nothing() -> None:
    assert gaps(ListingKind.NEED, WHOLE, TODAY) == {}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"title": ""}, {"title": "missing"}),
        ({"body": ""}, {"body": "missing"}),
        ({"support_kind": None}, {"support_kind": "missing"}),
        ({"unit": None}, {"unit": "missing"}),
        ({"amount": None}, {"amount": "unit_alone"}),
        ({"unit": Unit.HOURS}, {"unit": "unfit_goods"}),
        ({"until_date": TODAY - timedelta(days=1)}, {"until_date": "past"}),
        ({"from_date": TODAY + timedelta(days=40)}, {"until_date": "before_start"}),
        ({"place_kind": None}, {"place_kind": "missing"}),
        ({"place_kind": PlaceKind.POSTCODE}, {"postcode": "missing"}),
        ({"place_kind": PlaceKind.WARD}, {"ward": "missing"}),
        ({"amount": None, "unit": None}, {}),
        ({"until_date": TODAY}, {}),
        ({"until_date": None}, {}),
    ],
)
def test_gaps(change: dict[str, object], problem: dict[str, str]) -> None:
    assert gaps(ListingKind.NEED, replace(WHOLE, **change), TODAY) == problem  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", SupportKind)
@pytest.mark.parametrize("unit", Unit)
def test_every_kind_of_support_takes_its_own_units_only(kind: SupportKind, unit: Unit) -> None:
    found = gaps(ListingKind.OFFER, replace(WHOLE, support_kind=kind, unit=unit), TODAY)
    assert found == ({} if unit in UNITS[kind] else {"unit": f"unfit_{kind}"})


def test_an_aspiration_is_not_counted() -> None:
    assert gaps(ListingKind.ASPIRATION, replace(WHOLE, unit=Unit.HOURS), TODAY) == {}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({}, {}),
        ({"amount": Decimal(6)}, {}),
        ({"amount": Decimal(5)}, {"amount": "below_promised"}),
        ({"unit": Unit.DAYS}, {"unit": "unit_promised"}),
        ({"amount": None, "unit": None}, {}),
    ],
)
def test_the_whole_covers_what_is_promised(change: dict[str, object], problem: dict[str, str]) -> None:
    wording = replace(WHOLE, **change)  # type: ignore[arg-type]
    assert quantity_problem(ListingKind.NEED, wording, Decimal(6), Unit.ITEMS) == problem


def test_nothing_promised_leaves_every_amount_free() -> None:
    assert quantity_problem(ListingKind.NEED, replace(WHOLE, amount=Decimal(1)), Decimal(0), Unit.DAYS) == {}


def test_changes_names_each_field_but_not_the_point() -> None:
    after = replace(WHOLE, title="Twelve laptops", amount=Decimal(12), lat=53.0, lon=-2.0)
    assert changes(WHOLE, after) == {"title", "amount"}


def test_only_quantity_dates_place_and_kind_are_material() -> None:
    said = {field.name for field in fields(Wording)}
    assert said >= MATERIAL
    assert {"title", "body", "lane", "priorities", "safeguarding", "community_led"}.isdisjoint(MATERIAL)
    assert are_material(["title", "amount"])
    assert not are_material(["title", "body", "lane"])


def test_a_fingerprint_follows_the_wording_and_nothing_else() -> None:
    assert WHOLE.fingerprint == replace(WHOLE).fingerprint
    assert WHOLE.fingerprint != replace(WHOLE, lane=Lane.SYSTEMIC).fingerprint
    one, other = (replace(WHOLE, priorities=frozenset(ids)).fingerprint for ids in ([8, 16, 1], [1, 16, 8]))
    assert one == other != WHOLE.fingerprint


def test_equal_texts_have_one_hash_whatever_their_blanks_and_capitals() -> None:
    assert WHOLE.text_hash == replace(WHOLE, title=" ten  LAPTOPS ").text_hash
    assert WHOLE.text_hash != replace(WHOLE, body="For the club.").text_hash


def test_words_lose_capitals_accents_and_marks() -> None:
    assert plain_words("Café, naïve_ÉCOLE: 3½ straße!") == ["cafe", "naive", "ecole", "31", "2", "strasse"]
    assert replace(WHOLE, title="Café", body="").searchable == " cafe "


def test_renewal() -> None:
    assert renewal_problem(TODAY - timedelta(days=1), TODAY) == {"until_date": "past"}
    assert renewal_problem(TODAY, TODAY) == renewal_problem(None, TODAY) == {}
    assert expiry(TODAY, 90) == date(2026, 8, 30)


@pytest.mark.parametrize("state", PostingState)
def test_only_what_nobody_waits_for_may_rest(state: PostingState) -> None:
    rests = state in (PostingState.DRAFT, PostingState.RETURNED, PostingState.WITHDRAWN)
    assert may_rest([state, PostingState.DRAFT]) is rests

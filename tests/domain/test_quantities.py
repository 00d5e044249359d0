"""How much goes into a match: rules for one unit, two units, and for what is not counted."""

from decimal import Decimal as D

import pytest

from broker.domain.kinds import Unit
from broker.domain.quantities import Stock, fits, missing, one_number, paired_amounts, problems, usual_amounts

ITEMS_10 = Stock(Unit.ITEMS, D(10))
ITEMS_4 = Stock(Unit.ITEMS, D(4))
HOURS_20 = Stock(Unit.HOURS, D(20))
LOOSE = Stock(Unit.ITEMS)
HOPE = Stock(None)


@pytest.mark.parametrize(
    ("demand", "supply", "one"),
    [(ITEMS_10, ITEMS_4, True), (ITEMS_10, HOURS_20, False), (HOPE, ITEMS_4, False), (HOPE, HOPE, False)],
)
def test_one_number_serves_where_the_unit_is_the_same(demand: Stock, supply: Stock, one: bool) -> None:
    assert one_number(demand, supply) is one


@pytest.mark.parametrize(
    ("demand", "supply", "amounts"),
    [
        (ITEMS_10, ITEMS_4, (D(4), D(4))),
        (ITEMS_10, LOOSE, (D(10), D(10))),
        (LOOSE, LOOSE, (None, None)),
        (ITEMS_10, HOURS_20, (D(10), D(20))),
        (HOPE, ITEMS_4, (None, D(4))),
    ],
)
def test_to_begin_with_as_much_as_both_can_take(
    demand: Stock, supply: Stock, amounts: tuple[D | None, D | None]
) -> None:
    assert usual_amounts(demand, supply) == amounts


def test_the_amount_stated_speaks_for_both_in_one_unit() -> None:
    assert paired_amounts(ITEMS_10, ITEMS_4, D(3), None) == (D(3), D(3))
    assert paired_amounts(ITEMS_10, ITEMS_4, None, D(3)) == (D(3), D(3))
    assert paired_amounts(ITEMS_10, HOURS_20, D(3), None) == (D(3), None)
    assert paired_amounts(ITEMS_10, ITEMS_4, None, None) == (None, None)


@pytest.mark.parametrize(
    ("pair", "amounts", "found"),
    [
        ((ITEMS_10, ITEMS_4), (D(4), D(4)), {}),
        ((ITEMS_10, ITEMS_4), (None, None), {}),
        ((ITEMS_10, ITEMS_4), (D("4.01"), D("4.01")), {"supply_amount": "more_than_left"}),
        ((ITEMS_10, ITEMS_4), (D(3), D(4)), {"supply_amount": "differ"}),
        ((ITEMS_10, HOURS_20), (D(3), D(19)), {}),
        ((ITEMS_10, HOURS_20), (D(11), D(21)), {"demand_amount": "more_than_left", "supply_amount": "more_than_left"}),
        ((LOOSE, LOOSE), (D(9999), D(9999)), {}),
        ((HOPE, ITEMS_4), (D(1), D(1)), {"demand_amount": "not_counted"}),
        ((ITEMS_10, HOURS_20), (D(0), D(-1)), {"demand_amount": "not_positive", "supply_amount": "not_positive"}),
    ],
)
def test_what_is_wrong_with_two_amounts(
    pair: tuple[Stock, Stock], amounts: tuple[D | None, D | None], found: dict[str, str]
) -> None:
    assert problems(*pair, *amounts) == found


def test_a_side_that_can_run_out_must_say_how_much() -> None:
    assert missing(ITEMS_10, HOPE, None, None) == {"demand_amount": "needed"}
    assert missing(LOOSE, HOURS_20, None, D(2)) == {}


def test_a_part_fits_into_what_is_left() -> None:
    assert fits(D(4), D(4))
    assert fits(None, D(0))
    assert fits(D(400), None)
    assert not fits(D("4.01"), D(4))

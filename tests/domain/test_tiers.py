"""Tiers: from where on a receiver's word is not enough by itself."""

from decimal import Decimal

import pytest

from broker.domain.tiers import FIRST, SECOND, Limits, Stake, Why, tier_of

USUAL = Limits()


def hours(number: str) -> Stake:
    return Stake("hours", Decimal(number))


@pytest.mark.parametrize(
    ("stake", "others", "apart", "tier", "why"),
    [
        (hours("40"), (), "", FIRST, Why.SMALL),
        (hours("40.01"), (), "", SECOND, Why.LARGE),
        (hours("25"), (hours("15"),), "", FIRST, Why.SMALL),
        (hours("25"), (hours("15.5"),), "", SECOND, Why.LARGE_TOGETHER),
        (hours("2"), (), "Two other people, in the kitchen", SECOND, Why.APART),
        (hours("2"), (), "  ", FIRST, Why.SMALL),
        (Stake("pounds", Decimal(500)), (), "", FIRST, Why.SMALL),
        (Stake("pounds", Decimal("500.01")), (), "", SECOND, Why.LARGE),
        (Stake("count", Decimal(3)), (), "", SECOND, Why.UNKNOWN),
        (Stake("count", Decimal(3), Decimal(499)), (), "", FIRST, Why.SMALL),
        (Stake("count", Decimal(3), Decimal(501)), (), "", SECOND, Why.LARGE),
        (Stake("weeks", Decimal(1), Decimal(9)), (Stake("weeks", Decimal(1)),), "", SECOND, Why.LARGE_TOGETHER),
        (Stake("tonnes", Decimal(1), Decimal(250)), (Stake("tonnes", Decimal(1), Decimal(250)),), "", FIRST, Why.SMALL),
    ],
)
def test_the_tier_follows_what_is_at_stake(
    stake: Stake, others: tuple[Stake, ...], apart: str, tier: int, why: Why
) -> None:
    assert tier_of(stake, others, USUAL, apart) == (tier, why)


def test_an_authority_draws_the_line_elsewhere() -> None:
    assert tier_of(hours("8"), (), Limits(hours=Decimal(7)))[0] == SECOND
    assert tier_of(Stake("pounds", Decimal(900)), (), Limits(pounds=Decimal(1000)))[0] == FIRST

"""Tiers: from where on a receiver's word is not enough by itself."""

from decimal import Decimal

import pytest

from broker.domain.tiers import FIRST, SECOND, Grounds, Limits, Stake, tier_of

USUAL = Limits()


def hours(number: str) -> Stake:
    return Stake("hours", Decimal(number))


@pytest.mark.parametrize(
    ("stake", "others", "apart", "tier", "why"),
    [
        (hours("40"), (), "", FIRST, Grounds.SMALL),
        (hours("40.01"), (), "", SECOND, Grounds.LARGE),
        (hours("25"), (hours("15"),), "", FIRST, Grounds.SMALL),
        (hours("25"), (hours("15.5"),), "", SECOND, Grounds.LARGE_TOGETHER),
        (hours("2"), (), "Two other people, in the kitchen", SECOND, Grounds.APART),
        (hours("2"), (), "  ", FIRST, Grounds.SMALL),
        (Stake("pounds", Decimal(500)), (), "", FIRST, Grounds.SMALL),
        (Stake("pounds", Decimal("500.01")), (), "", SECOND, Grounds.LARGE),
        (Stake("count", Decimal(3)), (), "", SECOND, Grounds.UNKNOWN),
        (Stake("count", Decimal(3), Decimal(499)), (), "", FIRST, Grounds.SMALL),
        (Stake("count", Decimal(3), Decimal(501)), (), "", SECOND, Grounds.LARGE),
        (Stake("weeks", Decimal(1), Decimal(9)), (Stake("weeks", Decimal(1)),), "", SECOND, Grounds.LARGE_TOGETHER),
        (
            Stake("tonnes", Decimal(1), Decimal(250)),
            (Stake("tonnes", Decimal(1), Decimal(250)),),
            "",
            FIRST,
            Grounds.SMALL,
        ),
    ],
)
def test_the_tier_follows_what_is_at_stake(
    stake: Stake, others: tuple[Stake, ...], apart: str, tier: int, why: Grounds
) -> None:
    assert tier_of(stake, others, USUAL, apart) == (tier, why)


def test_an_authority_draws_the_line_elsewhere() -> None:
    assert tier_of(hours("8"), (), Limits(hours=Decimal(7)))[0] == SECOND
    assert tier_of(Stake("pounds", Decimal(900)), (), Limits(pounds=Decimal(1000)))[0] == FIRST

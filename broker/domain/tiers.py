"""Tiers: what a receiver's word can carry alone, and from where on a document and a second person are asked for.

The tier is fixed when a delivery is logged. What is at stake is told in hours, in pounds, or in what it is worth.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

USUAL_HOURS, USUAL_POUNDS = Decimal(40), Decimal(500)
FIRST, SECOND = 1, 2


class Grounds(StrEnum):
    """Why a delivery stands in its tier."""

    SMALL = "small"
    LARGE = "large"
    LARGE_TOGETHER = "large_together"  # with others of the same days
    UNKNOWN = "unknown"  # what is at stake cannot be told in hours or pounds
    APART = "apart"  # said not to be the same hours as another line


@dataclass(frozen=True, slots=True)
class Limits:
    """Up to how much the receiver's word is enough, by an authority's rules."""

    hours: Decimal = USUAL_HOURS
    pounds: Decimal = USUAL_POUNDS


@dataclass(frozen=True, slots=True)
class Stake:
    """What is at stake in a delivery: so much of its measure, and its worth where that says nothing of itself."""

    unit_kind: str
    quantity: Decimal
    worth: Decimal | None = None

    @property
    def pounds(self) -> Decimal | None:
        return self.quantity if self.unit_kind == "pounds" else self.worth


def tier_of(stake: Stake, others: Iterable[Stake], limits: Limits, apart: str = "") -> tuple[int, Grounds]:
    """The tier, and why. `others` are of the same partnership, measure and days: together they count as one."""
    if apart.strip():
        return SECOND, Grounds.APART
    alone = _above(stake, (), limits)
    if alone is None:
        return SECOND, Grounds.UNKNOWN
    if alone:
        return SECOND, Grounds.LARGE
    return (SECOND, Grounds.LARGE_TOGETHER) if _above(stake, others, limits) is not False else (FIRST, Grounds.SMALL)


def _above(stake: Stake, others: Iterable[Stake], limits: Limits) -> bool | None:
    """Whether so much is above the limit; None where it cannot be told."""
    together = [stake, *others]
    if stake.unit_kind == "hours":
        return sum(each.quantity for each in together) > limits.hours
    known = [each.pounds for each in together if each.pounds is not None]
    return sum(known) > limits.pounds if len(known) == len(together) else None

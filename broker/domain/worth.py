"""Honest value: what verified units are reckoned to be worth, as a range, with everything taken off that should be.

Exact to the last digit. One edition of values is never added to another: their pounds are not the same pounds.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, Inexact, localcontext
from functools import wraps
from typing import NamedTuple, ParamSpec, TypeVar

SIGNIFICANT = 2  # digits: more would promise what nobody knows
_DIGITS = 250  # fifty years of whole percents, and all that they are multiplied with
P = ParamSpec("P")
T = TypeVar("T")


class MixedEditions(ValueError):
    """Values of two editions were to be added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitValue:
    """The worth of one unit in the first year, in the pounds of its edition, and what is taken off, in percents."""

    edition: int
    low: Decimal
    high: Decimal
    deadweight: int = 0
    attribution: int = 0
    displacement: int = 0
    drop_off: int = 0
    years: int = 1


class Worth(NamedTuple):
    """From so many pounds to so many, of one edition."""

    edition: int
    low: Decimal
    high: Decimal


def _exactly(reckon: Callable[P, T]) -> Callable[P, T]:
    """Refuse to lose a digit: what cannot be told exactly is a fault, not a figure."""

    @wraps(reckon)
    def reckoned(*args: P.args, **kwargs: P.kwargs) -> T:
        with localcontext(Context(prec=_DIGITS, traps=[Inexact])):
            return reckon(*args, **kwargs)

    return reckoned


@_exactly
def worth(quantity: Decimal, value: UnitValue) -> Worth:
    """What so many units are worth, over all the years in which they do any good."""
    counts = quantity * _left(value.deadweight) * _left(value.attribution) * _left(value.displacement) * _lasting(value)
    return Worth(value.edition, counts * value.low, counts * value.high)


@_exactly
def together(parts: Iterable[Worth]) -> Worth | None:
    """The sum of them; None of nothing. Raises MixedEditions."""
    total: Worth | None = None
    for part in parts:
        if total is not None and total.edition != part.edition:
            raise MixedEditions(f"{total.edition} and {part.edition}")
        total = part if total is None else Worth(part.edition, total.low + part.low, total.high + part.high)
    return total


def roughly(found: Worth) -> tuple[Decimal, Decimal]:
    """The range as it is told, in two digits: the low end rounded down and the high end up, so that it still holds."""
    return _rounded(found.low, ROUND_FLOOR), _rounded(found.high, ROUND_CEILING)


def _left(percent: int) -> Decimal:
    return Decimal(100 - percent) / 100


def _lasting(value: UnitValue) -> Decimal:
    """How many first years all the years come to, each after the first fading by the drop-off."""
    stays = _left(value.drop_off)
    return sum((stays**year for year in range(1, value.years)), start=Decimal(1))


def _rounded(pounds: Decimal, how: str) -> Decimal:
    """To two digits, or to whole pounds where there are no more."""
    if not pounds:
        return Decimal(0)
    place = max(0, pounds.adjusted() - SIGNIFICANT + 1)
    with localcontext(Context(prec=_DIGITS)):
        return Decimal(int(pounds.quantize(Decimal(1).scaleb(place), rounding=how)))

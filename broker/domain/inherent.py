"""What a group does anyway, as it tells it year by year: never claimed, and shown in a column of its own."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from broker.domain.amounts import MANY, amount_problem
from broker.domain.refusals import Refusal

YEARS_BACK = 2  # how long ago a year may lie that is still told


class ToldBefore(Refusal):
    """The same was told for the same year; `first` is that one."""

    def __init__(self, first: int) -> None:
        super().__init__(f"it was told in {first}")
        self.first = first


@dataclass(frozen=True, slots=True)
class Told:
    """So much of a measure in one year, and in the group's own words what it is."""

    measure_id: int
    quantity: Decimal | None
    year: int
    note: str = ""


def years(on: date) -> list[int]:
    """The years that can be told, this one first."""
    return [on.year - back for back in range(YEARS_BACK + 1)]


def span(year: int, on: date) -> tuple[date, date]:
    """The days that a year stands for; of this year those that have come."""
    return date(year, 1, 1), min(date(year, 12, 31), on)


def problems(told: Told, unit_kind: str, on: date) -> dict[str, str]:
    """What is wrong with it, as field name to code."""
    found = {}
    if code := amount_problem(told.quantity, unit_kind):
        found["quantity"] = code
    elif told.quantity is not None and told.quantity > MANY:
        found["quantity"] = "too_many"
    if told.year not in years(on):
        found["year"] = "not_offered"
    return found

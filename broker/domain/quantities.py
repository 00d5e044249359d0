"""How much of a listing goes into a match: only what is left, and nothing is counted that was never stated."""

from dataclasses import dataclass
from decimal import Decimal

from broker.domain.kinds import Side, Unit

FIELD = {Side.DEMAND: "demand_amount", Side.SUPPLY: "supply_amount"}


@dataclass(frozen=True, slots=True)
class Stock:
    """What one side of a pairing counts. `unit` None: it is not counted at all (an aspiration, a loose promise).

    `remaining` None: the whole was never stated, so nothing of it can run out.
    """

    unit: Unit | None
    remaining: Decimal | None = None


def one_number(demand: Stock, supply: Stock) -> bool:
    """True where both sides count in the same unit, so that one amount is both amounts."""
    return demand.unit is not None and demand.unit == supply.unit


def usual_amounts(demand: Stock, supply: Stock) -> tuple[Decimal | None, Decimal | None]:
    """The amounts to begin with: as much as both can take where one number serves, else what each side has left."""
    if not one_number(demand, supply):
        return demand.remaining, supply.remaining
    left = [each.remaining for each in (demand, supply) if each.remaining is not None]
    most = min(left) if left else None
    return most, most


def paired_amounts(
    demand: Stock, supply: Stock, demand_amount: Decimal | None, supply_amount: Decimal | None
) -> tuple[Decimal | None, Decimal | None]:
    """The amounts as they will stand: the one stated speaks for both where one number serves."""
    if one_number(demand, supply):
        return demand_amount or supply_amount, supply_amount or demand_amount
    return demand_amount, supply_amount


def problems(
    demand: Stock, supply: Stock, demand_amount: Decimal | None, supply_amount: Decimal | None
) -> dict[str, str]:
    """What is wrong with two amounts, as field name to code; empty when they fit.

    Codes: not_counted, not_positive, more_than_left, differ.
    """
    pairs = ((Side.DEMAND, demand, demand_amount), (Side.SUPPLY, supply, supply_amount))
    found = {FIELD[side]: code for side, stock, amount in pairs if (code := _problem(stock, amount))}
    if not found and one_number(demand, supply) and demand_amount != supply_amount:
        found[FIELD[Side.SUPPLY]] = "differ"
    return found


def missing(
    demand: Stock, supply: Stock, demand_amount: Decimal | None, supply_amount: Decimal | None
) -> dict[str, str]:
    """Which amounts a confirmation still lacks: a side that can run out must say how much goes."""
    pairs = ((Side.DEMAND, demand, demand_amount), (Side.SUPPLY, supply, supply_amount))
    return {FIELD[side]: "needed" for side, stock, amount in pairs if stock.remaining is not None and amount is None}


def fits(amount: Decimal | None, remaining: Decimal | None) -> bool:
    """True where the part does not exceed what is left of the whole."""
    return amount is None or remaining is None or amount <= remaining


def _problem(stock: Stock, amount: Decimal | None) -> str | None:
    if amount is None:
        return None
    if amount <= 0:
        return "not_positive"
    if stock.unit is None:
        return "not_counted"
    return None if fits(amount, stock.remaining) else "more_than_left"

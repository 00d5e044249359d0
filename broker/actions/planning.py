"""From the store to the planner and back: a plan of everything that is open in an area. It runs in the background.

Two steps, as for suggestions: `draw` only reads, `keep` only writes.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from math import gcd
from typing import cast

from sqlalchemy import insert

from broker.domain.clock import now
from broker.domain.kinds import DEMAND, Unit
from broker.domain.quantities import Stock, usual_amounts
from broker.matching.planning.case import Case, Line, Pair
from broker.matching.planning.plan import Mode, Yield, make_plan, one_by_one, outcome
from broker.store.base import db
from broker.store.planning import OpenListing, Spoken, open_listings, open_pairs, spoken_for
from broker.store.plans import Plan, PlanLine

HUNDREDTHS = 100  # amounts have two decimals; the planner counts in whole numbers
STEPS = 3

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Drawn:
    """A plan as it was worked out, with what it chose from and what picking by hand would give."""

    plan_id: int
    listings: dict[int, OpenListing]
    pairs: int
    lines: list[Line]
    lots: dict[str, int]
    got: Yield
    by_hand: Yield


def draw(plan_id: int, progress: Progress) -> Drawn | None:
    """Work a plan out; None where that is done already. Writes nothing."""
    plan = db.session.get(Plan, plan_id)
    if plan is None or plan.finished_at is not None:
        return None
    mode, cap = cast(Mode, str(plan.mode)), plan.cap
    listings = {each.id: each for each in open_listings(plan.authority_id)}
    pairs, spoken = open_pairs(plan.authority_id), spoken_for()
    progress(1, STEPS)
    left = _left(listings, spoken)
    lots = _lots(listings, left)
    case = _case(listings, pairs, left, lots)
    lines = make_plan(case, mode, cap=cap)
    progress(2, STEPS)
    got, by_hand = outcome(case, lines), outcome(case, one_by_one(case))
    progress(3, STEPS)
    return Drawn(plan_id, listings, len(pairs), lines, lots, got, by_hand)


def keep(drawn: Drawn) -> None:
    """Write what `draw` worked out, once."""
    plan = db.session.get(Plan, drawn.plan_id)
    if plan is None or plan.finished_at is not None:
        return
    plan.finished_at = now()
    plan.needs = sum(each.kind in DEMAND for each in drawn.listings.values())
    plan.offers, plan.pairs = len(drawn.listings) - plan.needs, drawn.pairs
    plan.served, plan.total, plan.busiest = drawn.got.needs, drawn.got.total, drawn.got.busiest
    plan.hand_served, plan.hand_total = drawn.by_hand.needs, drawn.by_hand.total
    plan.hand_busiest = drawn.by_hand.busiest
    plan.wards = _wards(drawn)
    rows = [{"plan_id": plan.id, **_row(drawn, line)} for line in _in_order(drawn.lines)]
    if rows:
        db.session.execute(insert(PlanLine), rows)


def _left(listings: dict[int, OpenListing], spoken: Iterable[Spoken]) -> dict[int, Decimal | None]:
    """How much of each listing is still to be had, less what people are talking about; None where nobody can say.

    A listing that does not say how much is one whole: while people talk about it, nothing of it is left.
    """
    left = {each.id: each.remaining for each in listings.values()}
    for talk in spoken:
        sides = ((talk.demand_id, talk.demand_amount), (talk.supply_id, talk.supply_amount))
        stocks = [Stock(_unit(listings.get(number)), left.get(number)) for number, _ in sides]
        usual = usual_amounts(stocks[0], stocks[1])
        for (number, said), otherwise in zip(sides, usual, strict=True):
            if number in left:
                whole = left[number]
                left[number] = Decimal(0) if whole is None else max(whole - (said or otherwise or whole), Decimal(0))
    return left


def _unit(listing: OpenListing | None) -> Unit | None:
    return listing.unit if listing else None


def _lots(listings: dict[int, OpenListing], left: dict[int, Decimal | None]) -> dict[str, int]:
    """For each unit the largest step, in hundredths, in which all its amounts can be counted: pounds go by the fifty,
    where all do.
    """
    steps: dict[str, int] = {}
    for each in listings.values():
        if each.unit is not None and (amount := left[each.id]):
            steps[each.unit] = gcd(steps.get(each.unit, 0), int(amount * HUNDREDTHS))
    return steps


def _case(
    listings: dict[int, OpenListing],
    pairs: Iterable[tuple[int, int, float]],
    left: dict[int, Decimal | None],
    lots: dict[str, int],
) -> Case:
    """The market as the planner sees it: whole numbers of lots, and one where nobody says how much."""

    def counted(listing: OpenListing) -> bool:
        return listing.unit is not None and left[listing.id] is not None

    amounts: dict[int, int] = {}
    for each in listings.values():
        amount = left[each.id]
        amounts[each.id] = 1 if amount is None else int(amount * HUNDREDTHS) // lots.get(each.unit or "", HUNDREDTHS)
    owners = {each.id: each.organisation_id for each in listings.values()}
    both = [(listings[demand], listings[supply], score) for demand, supply, score in pairs]
    return Case.of(
        (Pair(d.id, s.id, score, d.unit == s.unit and counted(d) and counted(s)) for d, s, score in both),
        amounts,
        amounts,
        demand_owners=owners,
        supply_owners=owners,
        small=frozenset(each.organisation_id for each in listings.values() if each.is_small),
    )


def _in_order(lines: list[Line]) -> list[Line]:
    """The likeliest need first, and a need's lines together."""
    best: dict[int, float] = {}
    for line in lines:
        best[line.demand] = max(best.get(line.demand, 0.0), line.score)
    return sorted(lines, key=lambda line: (-best[line.demand], line.demand, -line.score, line.supply))


def _row(drawn: Drawn, line: Line) -> dict[str, object]:
    """A line as it is stored: its amount in the unit that both count in."""
    unit = drawn.listings[line.demand].unit if line.counted else None
    amount = Decimal(line.amount * drawn.lots[unit]) / HUNDREDTHS if unit else None
    return {
        "demand_id": line.demand,
        "supply_id": line.supply,
        "amount": amount,
        "unit": unit,
        "part": line.part,
        "score": line.score,
    }


def _wards(drawn: Drawn) -> list[dict[str, int | None]]:
    """How many needs are open in each ward, and how many of them the plan serves."""
    needs = [each for each in drawn.listings.values() if each.kind in DEMAND]
    chosen = {line.demand for line in drawn.lines}
    there = Counter(each.ward_id for each in needs)
    served = Counter(each.ward_id for each in needs if each.id in chosen)
    return [
        {"ward_id": ward, "open": number, "served": served[ward]} for ward, number in sorted(there.items(), key=str)
    ]

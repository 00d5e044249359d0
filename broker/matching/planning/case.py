"""A market to plan, as columns of whole numbers: who could help whom, how well, and how much each wants and has.

Amounts are whole numbers of a unit. Where two listings count in different units, or one does not say how much, a
pair takes one whole of each: one help, its size to be agreed by people. A listing has at most one such pair. Beside
pairs that are counted it stands for one unit, so that no need is ever met more than once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from broker.matching.planning.flow import Whole

Parts = NDArray[np.float64]
Yes = NDArray[np.bool_]
SCALE = 1_000_000  # a score of 1 as a whole number
TRIFLES = 10_000  # steps between two such numbers, to tell equal plans apart


class Pair(NamedTuple):
    """Two listings that may be paired. `counted`: both say how much, in the same unit."""

    demand: int
    supply: int
    score: float
    counted: bool = True


class Line(NamedTuple):
    """One pair of a plan. `part`: how much of the need the amount meets."""

    demand: int
    supply: int
    amount: int
    part: float
    score: float
    counted: bool


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A market to plan: the pairs as columns, how much each listing wants or has, and whose it is."""

    demand: Whole
    supply: Whole
    score: Parts
    counted: Yes
    wants: Mapping[int, int]
    stocks: Mapping[int, int]
    demand_owners: Mapping[int, int] = field(default_factory=dict)
    supply_owners: Mapping[int, int] = field(default_factory=dict)
    small: frozenset[int] = frozenset()
    """The organisations that choose first when the load is spread."""

    @classmethod
    def of(cls, pairs: Iterable[Pair], wants: Mapping[int, int], stocks: Mapping[int, int], **more: Any) -> "Case":
        rows = [Pair(*row) for row in pairs]
        return cls(
            np.array([row.demand for row in rows], np.int64),
            np.array([row.supply for row in rows], np.int64),
            np.array([row.score for row in rows], np.float64),
            np.array([row.counted for row in rows], np.bool_),
            wants,
            stocks,
            **more,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A case in order of demand and supply, with places (from 0) for ids. Pairs that cannot be are left out."""

    demand_ids: Whole
    supply_ids: Whole
    want: Whole
    stock: Whole
    demand_owner: Whole
    supply_owner: Whole
    d: Whole
    s: Whole
    score: Parts
    counted: Yes

    @classmethod
    def of(cls, case: Case) -> "Table":
        kept = np.flatnonzero((case.score > 0) & _some(case.demand, case.wants) & _some(case.supply, case.stocks))
        kept = kept[np.lexsort((case.supply[kept], case.demand[kept]))]
        demand_ids, d = np.unique(case.demand[kept], return_inverse=True)
        supply_ids, s = np.unique(case.supply[kept], return_inverse=True)
        counted = case.counted[kept]
        return cls(
            demand_ids,
            supply_ids,
            _amounts(demand_ids, case.wants, d[counted]),
            _amounts(supply_ids, case.stocks, s[counted]),
            _looked_up(demand_ids, case.demand_owners),
            _looked_up(supply_ids, case.supply_owners),
            d,
            s,
            case.score[kept],
            counted,
        )

    @property
    def most(self) -> Whole:
        """How much each pair can take at most."""
        return np.where(self.counted, np.minimum(self.want[self.d], self.stock[self.s]), 1)

    @property
    def need(self) -> Whole:
        """How much would meet each pair's need in full."""
        return self.want[self.d]

    def worth(self, part: Parts) -> Whole:
        """The gain of each pair where it meets this part of its need."""
        trifle = _trifle(self.demand_ids[self.d], self.supply_ids[self.s])
        return np.maximum(np.rint(TRIFLES * (SCALE * self.score + trifle) * part), 1).astype(np.int64)

    def picked(self, order: NDArray[np.intp]) -> Whole:
        """The amounts where each pair, in this order, takes as much as is left."""
        want, stock = self.want.tolist(), self.stock.tolist()
        whole: tuple[set[int], set[int]] = (set(), set())
        amounts = np.zeros(len(self.d), np.int64)
        columns = (self.d[order].tolist(), self.s[order].tolist(), self.counted[order].tolist())
        for number, d, s, counted in zip(order.tolist(), *columns, strict=True):
            amount = min(want[d], stock[s])
            if not counted:
                amount = 0 if d in whole[0] or s in whole[1] else min(amount, 1)
                if amount:
                    whole[0].add(d)
                    whole[1].add(s)
            if amount:
                amounts[number] = amount
                want[d] -= amount
                stock[s] -= amount
        return amounts

    def lines(self, amounts: Whole) -> list[Line]:
        used = np.flatnonzero(amounts)
        return [
            Line(*row)
            for row in zip(
                self.demand_ids[self.d[used]].tolist(),
                self.supply_ids[self.s[used]].tolist(),
                amounts[used].tolist(),
                (amounts[used] / self.need[used]).tolist(),
                self.score[used].tolist(),
                self.counted[used].tolist(),
                strict=True,
            )
        ]


def _looked_up(ids: Whole, values: Mapping[int, int]) -> Whole:
    """The value of each id, or else the id itself."""
    return np.fromiter((values.get(each, each) for each in ids.tolist()), np.int64, len(ids))


def _some(ids: Whole, amounts: Mapping[int, int]) -> Yes:
    """Whether there is anything of each listing."""
    known, place = np.unique(ids, return_inverse=True)
    return np.fromiter((amounts.get(each, 0) > 0 for each in known.tolist()), np.bool_, len(known))[place]


def _amounts(ids: Whole, values: Mapping[int, int], counted: Whole) -> Whole:
    """How much each listing wants or has: one whole where none of its pairs is counted."""
    return np.where(np.bincount(counted, minlength=len(ids)) > 0, _looked_up(ids, values), 1)


def _trifle(demand: Whole, supply: Whole) -> Parts:
    """A number from 0 to 1 that looks like chance but is always the same for the same two ids."""
    mixed = demand.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + supply.astype(np.uint64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return (mixed >> np.uint64(11)).astype(np.float64) / 2.0**53

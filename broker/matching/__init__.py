"""The matcher's front door: a Market of demand and supply, ranked both ways, each pair explained.

A small library that never hears of web pages, tables or people:

    market = Market(demand, supply)
    market.best_for_demand(k=20)[need_id]           # [Scored(id, score), ...], best first
    market.explain(need_id, offer_id).reason        # the facts of why, shares adding up to the score
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from broker.matching.explain import reason_for
from broker.matching.facts import Facts
from broker.matching.index import Index
from broker.matching.rank import Pool, Progress
from broker.matching.records import Dates, Reason, Record, Scored, Suggestion, WordShare

__all__ = [
    "Dates",
    "Market",
    "Progress",
    "Reason",
    "Record",
    "Scored",
    "Suggestion",
    "WordShare",
]


class Market:
    """All open demand and supply at one moment: it never changes; make a new one when listings do."""

    def __init__(self, demand: Sequence[Record], supply: Sequence[Record]) -> None:
        """Reads and weighs all texts, once. ValueError where an id occurs twice on one side."""
        self._records = [*demand, *supply]
        self._demand = _positions(demand, 0)
        self._supply = _positions(supply, len(demand))
        ids = np.array([record.id for record in self._records], dtype=np.int64)
        self._index = Index([record.words for record in self._records])
        self._pool = Pool(self._index, Facts(self._records), ids)

    def best_for_demand(
        self, k: int = 20, ids: Iterable[int] | None = None, progress: Progress | None = None
    ) -> dict[int, list[Scored]]:
        """For each demand (or each of ids), its up to k best supplies: all filters passed, a word shared.

        Best score first, equal scores by id; the same whatever the order of the input. A demand that
        nothing fits has an empty list. KeyError for an id that is no demand, ValueError where k is below 1.
        """
        return self._best(self._demand, self._supply, k, ids, progress)

    def best_for_supply(
        self, k: int = 20, ids: Iterable[int] | None = None, progress: Progress | None = None
    ) -> dict[int, list[Scored]]:
        """As best_for_demand, the other way round: for each supply its best demands."""
        return self._best(self._supply, self._demand, k, ids, progress)

    def score(self, demand_id: int, supply_id: int) -> float:
        """The score of any pair, refused by a filter or not: 0 (no word shared) to 1. KeyError as in explain."""
        score, _ = self._index.shares(self._demand[demand_id], self._supply[supply_id])
        return score

    def explain(self, demand_id: int, supply_id: int) -> Suggestion:
        """Any pair, refused by a filter or not, with its score and reason. KeyError: no such id."""
        row, col = self._demand[demand_id], self._supply[supply_id]
        score, shares = self._index.shares(row, col)
        return Suggestion(demand_id, supply_id, score, reason_for(self._records[row], self._records[col], shares))

    def _best(
        self,
        ours: dict[int, int],
        theirs: dict[int, int],
        k: int,
        ids: Iterable[int] | None,
        progress: Progress | None,
    ) -> dict[int, list[Scored]]:
        asked = list(ours if ids is None else dict.fromkeys(ids))
        rows, cols = _array(ours[each] for each in asked), _array(theirs.values())
        return dict(zip(asked, self._pool.best(rows, cols, k, progress), strict=True))


def _positions(side: Sequence[Record], start: int) -> dict[int, int]:
    """Each id with the position of its record."""
    positions = {record.id: start + number for number, record in enumerate(side)}
    if len(positions) < len(side):
        raise ValueError("an id occurs twice on one side of the market")
    return positions


def _array(positions: Iterable[int]) -> NDArray[np.intp]:
    return np.fromiter(positions, dtype=np.intp)

"""The best k for each row: filters inside the ranking, exact scores, one order whatever the input's order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from broker.matching.facts import Facts
from broker.matching.index import Index
from broker.matching.records import Scored

Progress = Callable[[int, int], None]
"""Called with (rows done, rows in all) after each block."""

# A block holds a score and some facts for each of its pairs: about 60 MB.
_PAIRS_IN_BLOCK = 1_000_000
# The fast scores are true to about 1e-15; whoever is this close to the k-th is scored exactly before the cut.
_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Pool:
    """What a ranking needs of both sides; row i of each part is the same record."""

    index: Index
    facts: Facts
    ids: NDArray[np.int64]

    def best(
        self, rows: NDArray[np.intp], cols: NDArray[np.intp], k: int, progress: Progress | None = None
    ) -> list[list[Scored]]:
        """For each of rows, its up to k best of cols that pass the filters and score above 0.

        Best score first, equal scores by id. Memory is bounded by one block of pairs. ValueError: k below 1.
        """
        if k < 1:
            raise ValueError(f"k must be at least 1, not {k}")
        found: list[list[Scored]] = []
        for block in _blocks(rows, len(cols)):
            found += self._best_in_block(block, cols, k)
            if progress:
                progress(len(found), len(rows))
        return found

    def _best_in_block(self, rows: NDArray[np.intp], cols: NDArray[np.intp], k: int) -> list[list[Scored]]:
        found: list[list[Scored]] = [[] for _ in rows]
        if not len(cols):
            return found
        scores = self.index.scores(rows, cols)
        scores *= self.facts.allowed(rows, cols)
        across, down = _finalists(scores, k)
        exact, named = self.index.pair_scores(rows[across], cols[down]), self.ids[cols[down]]
        order = np.lexsort((named, -exact, across))
        finalists = zip(across[order].tolist(), named[order].tolist(), exact[order].tolist(), strict=True)
        for row, other, score in finalists:
            if len(found[row]) < k and score > 0:
                found[row].append(Scored(other, score))
        return found


def _blocks(rows: NDArray[np.intp], width: int) -> Iterator[NDArray[np.intp]]:
    """The rows, cut so that each block times width stays within bounds."""
    height = max(1, _PAIRS_IN_BLOCK // max(1, width))
    for start in range(0, len(rows), height):
        yield rows[start : start + height]


def _finalists(scores: NDArray[np.float64], k: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Row and column of every score that could be among the k best of its row."""
    down = [_hopeful(row, k) for row in scores]
    return np.repeat(np.arange(len(down)), [len(columns) for columns in down]), np.concatenate(down)


def _hopeful(scores: NDArray[np.float64], k: int) -> NDArray[np.intp]:
    """The columns of one row that could be among its k best."""
    # Most scores are 0, and numpy's partition is tens of times slower on a row full of equal numbers.
    columns = np.flatnonzero(scores)
    if len(columns) <= k:
        return columns
    positive = scores[columns]
    hopeful: NDArray[np.intp] = columns[positive >= np.partition(positive, -k)[-k] - _SLACK]
    return hopeful

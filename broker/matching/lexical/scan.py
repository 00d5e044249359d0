"""The scan with numpy and scipy alone: a query's sums over all slots of a side, and who could be among its best."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

from broker.matching.lexical.blocks import Block
from broker.matching.lexical.postings import Postings

Mask = NDArray[np.bool_]


class Row(NamedTuple):
    """A listing or a query as columns, each at most once, and their weights."""

    columns: NDArray[np.int32]
    weights: NDArray[np.float64]


class Rows(NamedTuple):
    """Many rows, one after another: row i stands from pointers[i] up to pointers[i + 1]."""

    pointers: NDArray[np.intp]
    columns: NDArray[np.int32]
    weights: NDArray[np.float64]

    def row(self, number: int) -> Row:
        """One of them, without copying."""
        span = slice(self.pointers[number], self.pointers[number + 1])
        return Row(self.columns[span], self.weights[span])

    def part(self, span: slice) -> "Rows":
        """Some rows that follow one another, without copying."""
        pointers = self.pointers[span.start : span.stop + 1]
        inside = slice(pointers[0], pointers[-1])
        return Rows(pointers - pointers[0], self.columns[inside], self.weights[inside])

    def some(self, chosen: Mask) -> "Rows":
        """Those chosen, one after another."""
        lengths = np.diff(self.pointers)
        inside = np.repeat(chosen, lengths)
        pointers = np.concatenate(([0], np.cumsum(lengths[chosen])))
        return Rows(pointers, self.columns[inside], self.weights[inside])

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.pointers) - 1


def one(row: Row) -> Rows:
    """A single row as rows."""
    return Rows(np.array([0, len(row.columns)], dtype=np.intp), row.columns, row.weights)


class Finalists(NamedTuple):
    """Those who could be among the best: slots with their exact score, for each query of a batch."""

    owner: NDArray[np.intp]
    slots: NDArray[np.intp]
    scores: NDArray[np.float64]


def slack(words: Any) -> Any:
    """More than two fast scores of a query with so many words can be wrong together: they are added in 32 bits."""
    return 1.2e-7 * (words + 16)


@dataclass(slots=True)
class NumpyScan:
    """Needs nothing beyond numpy and scipy. Not for several threads at once."""

    name = "numpy"
    _ones: NDArray[np.float64]
    _dense: NDArray[np.float64]

    def __init__(self) -> None:
        self._ones = np.ones(0)
        self._dense = np.zeros(0)

    def sums(self, postings: Postings, row: Row) -> NDArray[np.float64]:
        """For each slot the sum of products of its weights with the row's, true to about 1e-7 of it."""
        vocabulary = postings.vocabulary
        worth = row.weights * vocabulary.idf[row.columns]
        found = np.empty(postings.slots)
        for number, block in enumerate(postings.blocks):
            first = number * postings.block
            size = min(postings.block, postings.slots - first)
            found[first : first + size] = self._block(block, row.columns, worth, vocabulary.repeat_weights.values, size)
        found[len(postings.blocks) * postings.block :] = 0
        found *= postings.scale
        if len(postings.tail):
            dense = self._spread(len(vocabulary), row.columns, worth)
            slots, sums = postings.tail_scores(dense)
            found[slots] = sums
            dense[row.columns] = 0
        return found

    def _block(
        self,
        block: Block,
        columns: NDArray[np.int32],
        worth: NDArray[np.float64],
        repeats: NDArray[np.float64],
        size: int,
    ) -> NDArray[np.float64]:
        """The sums over one block, before scaling: a product of a matrix of ones, a column for each run."""
        at = np.searchsorted(block.columns, columns)
        at[at == len(block.columns)] = 0
        here = block.columns[at] == columns if len(block.columns) else np.zeros(len(at), dtype=np.bool_)
        at, worth = at[here], worth[here]
        first, last = block.first_run[at], block.first_run[at + 1]
        runs = _ranges(first, last)
        lengths = block.starts[runs + 1] - block.starts[runs]
        pieces = zip(block.starts[first].tolist(), block.starts[last].tolist(), strict=True)
        slots = [block.slots[start:end] for start, end in pieces]
        if not slots:
            return np.zeros(size)
        indices = np.concatenate(slots, dtype=np.int32, casting="unsafe")
        if len(indices) > len(self._ones):
            self._ones = np.ones(2 * len(indices))
        indptr = np.concatenate(([0], np.cumsum(lengths)), dtype=np.int32, casting="unsafe")
        table = csc_array((self._ones[: len(indices)], indices, indptr), shape=(size, len(runs)))
        found: NDArray[np.float64] = table @ (np.repeat(worth, last - first) * repeats[block.levels[runs]])
        return found

    def finalists(self, postings: Postings, rows: Rows, k: int, allowed: Mask | None = None) -> Finalists:
        """For each row every slot that could be among its k best (of those allowed[row]), with its exact score."""
        owner, slots, scores = [np.empty(0, np.intp)], [np.empty(0, np.intp)], [np.empty(0)]
        for number in range(rows.size):
            row = rows.row(number)
            sums = self.sums(postings, row)
            if allowed is not None:
                sums *= allowed[number]
            hopeful = hopefuls(sums, k, slack(len(row.columns)))
            owner.append(np.full(len(hopeful), number))
            slots.append(hopeful)
            scores.append(self.exact(postings, row, hopeful))
        return Finalists(np.concatenate(owner), np.concatenate(slots), np.concatenate(scores))

    def exact(self, postings: Postings, row: Row, slots: NDArray[np.intp]) -> NDArray[np.float64]:
        """The exact sum of products for each of these slots, added in the order of the slot's words."""
        dense = self._spread(len(postings.vocabulary), row.columns, row.weights)
        scores = postings.exact(dense, slots)
        dense[row.columns] = 0
        return scores

    def _spread(self, size: int, columns: NDArray[np.int32], weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Weights as a table by column. Whoever asks for it empties it again: a new one would cost more."""
        if size > len(self._dense):
            self._dense = np.zeros(2 * size)
        self._dense[columns] = weights
        return self._dense


def hopefuls(scores: NDArray[np.floating], k: int, slack: float) -> NDArray[np.intp]:
    """Where scores above 0 stand that could be among the k best, if each may be wrong by half the slack."""
    found: NDArray[np.intp] = np.flatnonzero(scores > max(_bound(scores, k) - slack, 0))
    return found


# Scores of which only the greatest is looked at to bound the k-th best.
_STRIDE = 64


def _bound(scores: NDArray[np.floating], k: int) -> float:
    """At most the k-th best score: the k-th best of the greatest of each 64, which costs far less to find."""
    whole = len(scores) - len(scores) % _STRIDE
    greatest = scores[:whole].reshape(-1, _STRIDE).max(axis=1) if whole else scores
    if len(greatest) < k:
        greatest = scores
    return float(np.partition(greatest, -k)[-k]) if len(greatest) >= k else 0.0


def _ranges(first: NDArray[np.int32], last: NDArray[np.int32]) -> NDArray[np.intp]:
    """All numbers from first up to last, one range after another."""
    lengths = last - first
    before = np.cumsum(lengths) - lengths
    numbers: NDArray[np.intp] = np.arange(int(lengths.sum())) + np.repeat(first - before, lengths)
    return numbers

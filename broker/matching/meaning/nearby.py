"""Which words stand near which: by meaning (laptops, computers) and by spelling (sheild, shield).

A property of two words alone, whatever else is on the market, so that no list depends on the order in which words
came. Meaning counts between words that the table knows; spelling only where at least one is in no table, since two
real words that look alike (grant, grand) are strangers.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from broker.matching.growing import Growing
from broker.matching.lexical.scan import Row
from broker.matching.meaning.table import SCALE, Table, direction

LEAST_SPELLING = 0.6
"""The share of letter triples in common (Dice) from which two words count as one word spelled twice."""
_LEAST_LETTERS = 5

Near = tuple[NDArray[np.int32], NDArray[np.float64]]
"""Columns, and how near each is: above 0, at most 1."""


class Nearby:
    """The neighbours of the words of a vocabulary that only grows, found when first asked and remembered."""

    def __init__(self, table: Table | None, least: float) -> None:
        self._table, self._least = table, least
        self._words: list[str] = []
        self._width = table.size if table else 1
        self._meant: Growing[np.void] = Growing(np.dtype([("column", "i4"), ("direction", "f4", self._width)]))
        self._place: dict[int, int] = {}
        self._spelled: dict[str, Growing[np.int32]] = {}
        self._letters: Growing[np.int32] = Growing(np.int32)
        self._known: Growing[np.bool_] = Growing(np.bool_)
        self._long: Growing[np.bool_] = Growing(np.bool_)
        self._related: dict[int, tuple[int, Near]] = {}
        self._misspelled: dict[int, tuple[int, Near]] = {}

    def learn(self, words: Sequence[str]) -> None:
        """The words of the next columns."""
        start = len(self._words)
        for column, word in enumerate(words, start):
            self._words.append(word)
            triples = _triples(word)
            for triple in triples:
                self._spelled.setdefault(triple, Growing(np.int32)).extend(column, 1)
            self._letters.extend(len(triples), 1)
            self._known.extend(bool(self._table and self._table.knows(word)), 1)
            self._long.extend(len(word) >= _LEAST_LETTERS, 1)
            if self._table and self._known[column]:
                row = np.array((column, direction(self._table.of(word))), dtype=self._meant.values.dtype)
                self._place[column] = self._meant.extend(row, 1)

    @property
    def size(self) -> int:
        """How many columns it knows."""
        return len(self._words)

    def related(self, row: Row) -> Row:
        """What a listing's words lend to others of near meaning: a row of those, each with all that it is lent."""
        return self._lent(row, self.related_to)

    def misspelled(self, row: Row) -> Row:
        """As related, to words that may be a listing's own in another spelling."""
        return self._lent(row, self.misspelled_for)

    def towards(self, row: Row) -> NDArray[np.float32]:
        """The direction of a whole listing: those of its words together, each as heavy as it weighs."""
        total = np.zeros(self._width)
        for column, weight in zip(row.columns.tolist(), row.weights.tolist(), strict=True):
            if self._table:
                total += weight * self._table.of(self._words[column])
        return direction(total)

    def related_to(self, column: int) -> Near:
        """The other words whose meaning is near."""
        return self._remembered(self._related, column, self._find_related)

    def misspelled_for(self, column: int) -> Near:
        """The other words that may be this one in another spelling."""
        return self._remembered(self._misspelled, column, self._find_misspelled)

    def _lent(self, row: Row, near: Callable[[int], Near]) -> Row:
        found = [near(column) for column in row.columns.tolist()]
        if not found:
            return row
        columns, place = np.unique(np.concatenate([others for others, _ in found]), return_inverse=True)
        # Added in the order of the row's words, whatever the order in which the others came to the market.
        shares = [nearness * weight for (_, nearness), weight in zip(found, row.weights.tolist(), strict=True)]
        lent = np.bincount(place, weights=np.concatenate(shares), minlength=len(columns)).astype(np.float64)
        return Row(columns.astype(np.int32), lent)

    def _remembered(self, memory: dict[int, tuple[int, Near]], column: int, find: Callable[[int, int], Near]) -> Near:
        start, near = memory.get(column, (0, (np.zeros(0, dtype=np.int32), np.zeros(0))))
        if start < self.size:
            more = find(column, start)
            near = (np.concatenate([near[0], more[0]]), np.concatenate([near[1], more[1]]))
            memory[column] = (self.size, near)
        return near

    def _find_related(self, column: int, start: int) -> Near:
        if column not in self._place:
            return np.zeros(0, dtype=np.int32), np.zeros(0)
        rows = self._meant.values[self._meant["column"].searchsorted(start) :]
        others, own = rows["column"], self._meant["direction"][self._place[column]]
        # Not a matrix product, whose threads wait for one another on a busy machine; the numbers are exact either way.
        products = np.einsum("ij,j->i", rows["direction"], own)
        likeness = products / np.float32(SCALE**2)
        found = np.flatnonzero((likeness > self._least) & (others != column))
        ramp = (likeness[found].astype(np.float64) - self._least) / (1 - self._least)
        return others[found], np.minimum(ramp, 1.0)

    def _find_misspelled(self, column: int, start: int) -> Near:
        if not self._long[column]:
            return np.zeros(0, dtype=np.int32), np.zeros(0)
        ours = _triples(self._words[column])
        sharing = [self._spelled[triple].values for triple in ours]
        both = np.bincount(np.concatenate([others[others.searchsorted(start) :] for others in sharing]) - start)
        found = np.flatnonzero(both)
        both, found = both[found], found + start
        likeness = 2 * both / (len(ours) + self._letters[found])
        near = (likeness > LEAST_SPELLING) & self._long[found] & (found != column)
        if self._known[column]:
            near &= ~self._known[found]
        return found[near].astype(np.int32), (likeness[near] - LEAST_SPELLING) / (1 - LEAST_SPELLING)


def _triples(word: str) -> frozenset[str]:
    marked = f"<{word}>"
    return frozenset(marked[at : at + 3] for at in range(len(marked) - 2))

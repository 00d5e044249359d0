"""Which words stand near which: by meaning (laptops, computers) and by spelling (sheild, shield).

A property of two words alone, whatever else is on the market, so that no list depends on the order in which words
came. Meaning counts between words that the table knows; spelling only where at least one is in no table, since two
real words that look alike (grant, grand) are strangers.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from broker.matching.growing import Growing
from broker.matching.lexical.scan import Row, Rows
from broker.matching.meaning.spelling import LEAST_SPELLING, Spelling
from broker.matching.meaning.table import SCALE, Table, Vectors, Whole, add_up, directions, products

Near = tuple[NDArray[np.int32], NDArray[np.float64]]
"""Columns, and how near each is: above 0, at most 1."""
NOBODY: Near = (np.zeros(0, dtype=np.int32), np.zeros(0))


class Nearby:
    """The neighbours of the words of a vocabulary that only grows, found when first asked and remembered."""

    def __init__(self, table: Table | None, least: float) -> None:
        self._table, self._least = table, least
        self.width = table.size if table else 1
        self._words: list[str] = []
        self._pieces: Growing[np.int32] = Growing(np.int32)
        self._first: Growing[np.int32] = Growing(np.int32)
        self._first.extend(0, 1)
        self._known: Growing[np.bool_] = Growing(np.bool_)
        self._meant: Growing[np.int32] = Growing(np.int32)
        self._directions: Growing[np.float32] = Growing(np.float32, self.width)
        self._related: dict[int, tuple[int, Near]] = {}
        self._spelling = Spelling()
        self._misspelled: dict[int, tuple[int, Near]] = {}

    def learn(self, words: Sequence[str]) -> None:
        """The words of the next columns."""
        start = len(self._words)
        self._words += words
        self._spelling.learn(words)
        if not self._table or not words:
            self._known.extend(False, len(words))
            return
        pieces = [self._table.pieces_of(word) for word in words]
        ends = np.cumsum([len(each) for each in pieces]) + len(self._pieces)
        self._pieces.extend([number for each in pieces for number in each], int(ends[-1]) - len(self._pieces))
        self._first.extend(ends, len(ends))
        known = np.array([self._table.knows(word) for word in words])
        self._known.extend(known, len(known))
        meant = start + np.flatnonzero(known)
        self._meant.extend(meant, len(meant))
        self._directions.extend(directions(self._vectors(self._table, meant)), len(meant))

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

    def towards(self, rows: Rows) -> Whole:
        """The directions of whole listings: those of their words together, each as heavy as it weighs."""
        total = np.zeros((rows.size, self.width))
        if not self._table:
            return directions(total)
        columns, place = np.unique(rows.columns, return_inverse=True)
        vectors, weights = self._vectors(self._table, columns), rows.weights.astype(np.float32)

        def term(at: NDArray[np.intp]) -> Vectors:
            return vectors[place[at]] * weights[at, None]

        return directions(add_up(total, rows.pointers[:-1], np.diff(rows.pointers), term))

    def _vectors(self, table: Table, columns: NDArray[np.integer]) -> Vectors:
        """How far the words of columns reach, and where to."""
        first = self._first[columns]
        return table.sums(self._pieces.values, first, self._first[columns + 1] - first)

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
        start, near = memory.get(column, (0, NOBODY))
        if start < self.size:
            more = find(column, start)
            near = (np.concatenate([near[0], more[0]]), np.concatenate([near[1], more[1]]))
            memory[column] = (self.size, near)
        return near

    def _find_related(self, column: int, start: int) -> Near:
        if not self._known[column]:
            return NOBODY
        first = int(self._meant.values.searchsorted(start))
        others, own = self._meant[first:], self._directions[self._meant.values.searchsorted(column)]
        likeness = products(self._directions[first:], own) / np.float32(SCALE**2)
        found = np.flatnonzero((likeness > self._least) & (others != column))
        ramp = (likeness[found].astype(np.float64) - self._least) / (1 - self._least)
        return others[found], np.minimum(ramp, 1.0)

    def _find_misspelled(self, column: int, start: int) -> Near:
        found, likeness = self._spelling.alike(self._words[column], start)
        near = found != column
        if self._known[column]:
            near &= ~self._known[found]
        return found[near].astype(np.int32), (likeness[near] - LEAST_SPELLING) / (1 - LEAST_SPELLING)

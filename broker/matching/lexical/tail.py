"""Listings put since the last merge: few enough to multiply every one of them with each query."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from broker.matching.growing import Growing

_NOBODY = -1


class TailRows(NamedTuple):
    """The slot of each row (below 0: nobody's); for each word of all rows its row, its column and 1 + ln(count)."""

    slots: NDArray[np.intp]
    owner: NDArray[np.intp]
    columns: NDArray[np.int32]
    repeats: NDArray[np.float64]


class Tail:
    """Rows one after another, each with its slot. A row that was replaced or removed belongs to nobody."""

    def __init__(self) -> None:
        self._row_of: dict[int, int] = {}
        self._slots: Growing[np.intp] = Growing(np.intp)
        self._columns: Growing[np.int32] = Growing(np.int32)
        self._repeats: Growing[np.float64] = Growing(np.float64)
        self._owner: Growing[np.intp] = Growing(np.intp)

    def __len__(self) -> int:
        """All rows, nobody's too: they are scanned like the others."""
        return len(self._slots)

    def add(self, slot: int, columns: NDArray[np.int32], repeats: NDArray[np.float64]) -> None:
        """Appends the row of a slot that is not here: its columns and for each 1 + ln(count)."""
        row = self._row_of[slot] = self._slots.extend(slot, 1)
        self._columns.extend(columns, len(columns))
        self._repeats.extend(repeats, len(columns))
        self._owner.extend(row, len(columns))

    def drop(self, slot: int) -> None:
        """Forgets the row of a slot, if it is here."""
        row = self._row_of.pop(slot, None)
        if row is not None:
            self._slots[row] = _NOBODY

    @property
    def rows(self) -> TailRows:
        """All rows as arrays, for a kernel."""
        return TailRows(self._slots.values, self._owner.values, self._columns.values, self._repeats.values)

    def sums(self, worth: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """The slots that are here and for each the sum of worth x repeats over its columns."""
        products = worth[self._columns.values] * self._repeats.values
        sums = np.bincount(self._owner.values, products, minlength=len(self._slots))
        here = self._slots.values != _NOBODY
        return self._slots[here], sums[here]

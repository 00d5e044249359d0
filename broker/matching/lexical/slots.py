"""Which slot holds which id: sorted arrays, a fifth of a dictionary's memory, a small dictionary for what is new."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from broker.matching.growing import Growing

NOWHERE = -1


class Slots:
    """Ids by slot. A slot stays with its id until that is removed; then another id may get it."""

    def __init__(self) -> None:
        self.ids: Growing[np.int64] = Growing(np.int64)
        self.alive: Growing[np.bool_] = Growing(np.bool_)
        self._free: list[int] = []
        self._recent: dict[int, int] = {}
        self._sorted: NDArray[np.int64] = np.empty(0, np.int64)
        self._order: NDArray[np.int32] = np.empty(0, np.int32)
        self.held = 0
        """How many ids there are."""

    def find(self, id: int) -> int:
        """The slot of an id; NOWHERE if it has none."""
        recent = self._recent.get(id)
        if recent is not None:
            return recent
        at = int(self._sorted.searchsorted(id))
        if at == len(self._sorted) or self._sorted[at] != id:
            return NOWHERE
        slot = int(self._order[at])
        # The arrays are as old as the last settling: since then the id may have left, and its slot got another.
        return slot if self.alive[slot] and self.ids[slot] == id else NOWHERE

    def __getitem__(self, id: int) -> int:
        slot = self.find(id)
        if slot == NOWHERE:
            raise KeyError(id)
        return slot

    def of(self, ids: Iterable[int]) -> NDArray[np.intp]:
        """The slots of ids, in the order asked. KeyError: no such id."""
        asked = np.fromiter(ids, dtype=np.int64)
        at = np.minimum(self._sorted.searchsorted(asked), len(self._sorted) - 1)
        slots = self._order[at].astype(np.intp) if len(self._sorted) else np.zeros(len(asked), dtype=np.intp)
        # What came or left since the last settling is looked for one by one.
        settled = self.alive[slots] & (self.ids[slots] == asked) if len(self.ids) else np.zeros(len(asked), np.bool_)
        for number in np.flatnonzero(~settled).tolist():
            slots[number] = self[int(asked[number])]
        return slots

    def take(self, id: int) -> int:
        """A slot for an id that has none: one that was left, else a new one."""
        slot = self._free.pop() if self._free else self._new()
        self.ids[slot], self.alive[slot] = id, True
        self._recent[id] = slot
        self.held += 1
        return slot

    def leave(self, id: int) -> int:
        """Frees the slot of an id and returns it. KeyError: no such id."""
        slot = self[id]
        self._recent.pop(id, None)
        self.alive[slot] = False
        self._free.append(slot)
        self.held -= 1
        return slot

    def settle(self) -> None:
        """Sorts what is new into the arrays."""
        if self._recent:
            used = np.flatnonzero(self.alive.values)
            order = np.argsort(self.ids[used], kind="stable")
            self._order = used[order].astype(np.int32)
            self._sorted = self.ids[self._order]
            self._recent = {}

    @property
    def nbytes(self) -> int:
        """The memory of all arrays."""
        return self.ids.nbytes + self.alive.nbytes + self._sorted.nbytes + self._order.nbytes

    def _new(self) -> int:
        self.alive.extend(0, 1)
        return self.ids.extend(0, 1)

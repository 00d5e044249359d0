"""One side's listings by slot: their words with counts, and for each word the slots that have it, up to date at once.

Two forms are kept. Rows (the words of each slot) give exact scores. Blocks of postings (the slots of each word) give
fast ones; a listing put since the last merge stands in the tail instead, and is added to what the blocks say.
Counts are kept, never weights, so that a re-weighing has only the lengths of rows to refresh.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from broker.matching.growing import Growing
from broker.matching.lexical.blocks import BLOCK, Block, block_of
from broker.matching.lexical.slots import NOWHERE, Slots
from broker.matching.lexical.tail import Tail
from broker.matching.lexical.vocabulary import Vocabulary

# The tail is scanned whole for each query: a fiftieth of all listings, within these bounds.
_TAIL_LEAST, _TAIL_MOST, _TAIL_SHARE = 256, 2_000, 50


class Forward(NamedTuple):
    """Columns and codes of counts of all rows; for each slot where its row begins, its number of words, its norm."""

    columns: NDArray[np.int32]
    levels: NDArray[np.integer[Any]]
    start: NDArray[np.int64]
    length: NDArray[np.int32]
    norm: NDArray[np.float64]


class Postings:
    """The listings of one side. A slot stays with its id until that id is removed; then another may get it."""

    def __init__(self, vocabulary: Vocabulary, block: int = BLOCK) -> None:
        self.vocabulary, self.block = vocabulary, block
        self.held = Slots()
        self._start: Growing[np.int64] = Growing(np.int64)
        self._length: Growing[np.int32] = Growing(np.int32)
        self._norm: Growing[np.float64] = Growing(np.float64)
        self._scale: Growing[np.float32] = Growing(np.float32)
        self._columns: Growing[np.int32] = Growing(np.int32)
        self._levels: Growing[np.integer] = Growing(np.uint8)
        self.blocks: list[Block] = []
        self.tail = Tail()
        self._changed: set[int] = set()
        self._wasted = 0

    def __len__(self) -> int:
        return self.held.held

    @property
    def slots(self) -> int:
        """How many slots there are, empty ones included."""
        return len(self.held.ids)

    @property
    def ids(self) -> NDArray[np.int64]:
        """The id in each slot; meaningless where nothing is alive."""
        return self.held.ids.values

    @property
    def alive(self) -> NDArray[np.bool_]:
        """Whether each slot holds a listing."""
        return self.held.alive.values

    @property
    def scale(self) -> NDArray[np.float32]:
        """What a slot's sum over the blocks is multiplied by: 1 / length of its row, 0 if the blocks do not hold it."""
        return self._scale.values

    @property
    def norm(self) -> NDArray[np.float64]:
        """The length of each slot's row before scaling."""
        return self._norm.values

    @property
    def forward(self) -> "Forward":
        """All rows as arrays, for a kernel."""
        return Forward(
            self._columns.values, self._levels.values, self._start.values, self._length.values, self._norm.values
        )

    def put(self, id: int, columns: Sequence[int], levels: Sequence[int]) -> int:
        """Adds or replaces a listing, given its columns in the order of its words, and returns its slot."""
        slot = self._slot_for(id)
        self._start[slot] = self._columns.extend(columns, len(columns))
        self._widen(max(levels, default=0))
        self._levels.extend(levels, len(levels))
        self._length[slot] = len(columns)
        ours = np.asarray(columns, dtype=np.int32)
        repeats = self.vocabulary.repeat_weights[list(levels)]
        self._norm[slot] = _lengths(ours, repeats, np.zeros(len(ours), dtype=np.intp), 1, self.vocabulary.idf)[0]
        self._changed.add(slot)
        self.tail.add(slot, ours, repeats)
        return slot

    def put_bulk(
        self, ids: Sequence[int], columns: NDArray[np.int32], levels: NDArray[np.intp], lengths: NDArray[np.intp]
    ) -> None:
        """As put for many different listings, given one after another, straight into the blocks."""
        slots = np.array([self._slot_for(id) for id in ids])
        self._start[slots] = self._columns.extend(columns, len(columns)) + np.cumsum(lengths) - lengths
        self._widen(int(levels.max(initial=0)))
        self._levels.extend(levels, len(levels))
        self._length[slots] = lengths
        owner = np.repeat(np.arange(len(slots)), lengths)
        repeats = self.vocabulary.repeat_weights[levels]
        self._norm[slots] = _lengths(columns, repeats, owner, len(slots), self.vocabulary.idf)
        self._changed.update(slots.tolist())
        self.merge()

    def remove(self, id: int) -> int:
        """Takes a listing out and returns the slot that it had. KeyError: no such id."""
        slot = self.held.leave(id)
        self._forget(slot)
        self._length[slot], self._norm[slot] = 0, 0.0
        self._changed.add(slot)
        return slot

    def weighed(self, slots: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.int32], NDArray[np.float64]]:
        """The rows of these slots one after another: where each begins, columns in the order of words, and weights."""
        at, owner = self.rows(slots)
        pointers = np.concatenate(([0], np.cumsum(self._length[slots], dtype=np.intp)))
        return pointers, self._columns[at], self._weights(at, owner, slots)

    def columns(self, slot: int) -> NDArray[np.int32]:
        """The columns of a listing, in the order of its words."""
        found: NDArray[np.int32] = self._columns[self._start[slot] : self._start[slot] + self._length[slot]]
        return found

    def exact(self, dense: NDArray[np.float64], slots: NDArray[np.intp]) -> NDArray[np.float64]:
        """The sum of products of each slot's weights with a table of weights by column, in the order of its words."""
        at, owner = self.rows(slots)
        products = dense[self._columns[at]] * self._weights(at, owner, slots)
        sums: NDArray[np.float64] = np.bincount(owner, products, minlength=len(slots)).astype(np.float64, copy=False)
        return sums

    def rows(self, slots: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Where the words of these slots stand, one slot after another, and for each the number of its slot."""
        lengths = self._length[slots]
        owner = np.repeat(np.arange(len(slots)), lengths)
        before = np.cumsum(lengths) - lengths
        return np.arange(len(owner)) + (self._start[slots] - before)[owner], owner

    def _weights(self, at: NDArray[np.intp], owner: NDArray[np.intp], slots: NDArray[np.intp]) -> NDArray[np.float64]:
        repeats = self.vocabulary.repeat_weights[self._levels[at]]
        weights: NDArray[np.float64] = repeats * self.vocabulary.idf[self._columns[at]] / self._norm[slots][owner]
        return weights

    def reweigh(self) -> None:
        """Refreshes the length of every row, and what blocks and tail say, after the weighing changed."""
        # Rows stand one after another but for gaps that nobody owns: read as they stand, which is several times faster.
        order = np.argsort(self._start.values, kind="stable")
        order = order[self._length[order] > 0]
        for first in range(0, len(order), self.block):
            self._reweigh(order[first : first + self.block])
        held = np.flatnonzero(self.scale)
        self._scale[held] = 1 / self._norm[held]

    def _reweigh(self, slots: NDArray[np.intp]) -> None:
        """Refreshes the lengths of these rows, given in the order in which they stand."""
        starts, lengths = self._start[slots], self._length[slots]
        span = slice(int(starts[0]), int(starts[-1] + lengths[-1]))
        owner, counts = np.arange(2 * len(slots) - 1), np.empty(2 * len(slots) - 1, dtype=np.int64)
        # Between the rows, which have the even numbers, are the gaps with the odd ones.
        counts[::2], counts[1::2] = lengths, starts[1:] - starts[:-1] - lengths[:-1]
        repeats = self.vocabulary.repeat_weights[self._levels[span]]
        owner = np.repeat(owner, counts)
        found = _lengths(self._columns[span], repeats, owner, len(counts), self.vocabulary.idf)
        self._norm[slots] = found[::2]

    def tail_scores(self, worth: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """The slots in the tail and the sum for each, from a table of weight x idf by column."""
        slots, sums = self.tail.sums(worth)
        return slots, sums / np.where(self._norm[slots] > 0, self._norm[slots], 1)

    def full(self) -> bool:
        """Whether the tail has grown past its bound, or too much of what is kept belongs to nobody."""
        bound = min(_TAIL_MOST, max(_TAIL_LEAST, len(self) // _TAIL_SHARE))
        return max(len(self._changed), len(self.tail)) > bound or self._wasted > len(self._columns) // 4 + _TAIL_MOST

    def merge(self) -> None:
        """Brings the blocks up to date and empties the tail; the same answers after as before."""
        if self._wasted > len(self._columns) // 8:
            self._compact()
        for number in sorted({slot // self.block for slot in self._changed}):
            self._merge_block(number)
        self._changed.clear()
        self.tail = Tail()
        self.held.settle()

    def _merge_block(self, number: int) -> None:
        slots = np.arange(number * self.block, min((number + 1) * self.block, self.slots))
        at, owner = self.rows(slots)
        block = block_of(owner, self._columns[at], self._levels[at])
        self.blocks[number : number + 1] = [block]
        norms = self._norm[slots]
        self._scale[slots] = np.divide(1, norms, out=np.zeros(len(slots)), where=norms > 0)

    def _compact(self) -> None:
        slots = np.arange(self.slots)
        at, _ = self.rows(slots)
        self._columns.values, self._levels.values = self._columns[at], self._levels[at]
        lengths = self._length.values
        self._start[:] = np.cumsum(lengths) - lengths
        self._wasted = 0

    def _slot_for(self, id: int) -> int:
        """The slot of an id, emptied, or one that it gets."""
        slot = self.held.find(id)
        if slot == NOWHERE:
            slot = self.held.take(id)
            if slot == len(self._start):
                self._new_slot()
        else:
            self._forget(slot)
        return slot

    def _forget(self, slot: int) -> None:
        """What blocks and tail hold of a slot counts no more."""
        self._wasted += int(self._length[slot])
        self._scale[slot] = 0
        self.tail.drop(slot)

    def _new_slot(self) -> None:
        for column in (self._start, self._length, self._norm, self._scale):
            column.extend(0, 1)

    def _widen(self, level: int) -> None:
        if level > np.iinfo(self._levels.values.dtype).max:
            self._levels.values = self._levels.values.astype(np.uint16)

    @property
    def nbytes(self) -> int:
        """The memory of all arrays."""
        kept = (self._start, self._length, self._norm, self._scale, self._columns, self._levels)
        return self.held.nbytes + sum(column.nbytes for column in kept) + sum(block.nbytes for block in self.blocks)


def _lengths(
    columns: NDArray[np.int32],
    repeats: NDArray[np.float64],
    owner: NDArray[np.intp],
    count: int,
    idf: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The length of each row before scaling: squares added one by one, so a row alone gives the same digits."""
    weights = repeats * idf[columns]
    lengths: NDArray[np.float64] = np.sqrt(np.bincount(owner, weights * weights, minlength=count))
    return lengths

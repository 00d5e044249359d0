"""Postings of up to 65,536 slots: for each word and count the slots that have it, two bytes each."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

# Small enough for a slot to fit two bytes and for the sums of a block to stay in the processor's own memory.
BLOCK = 1 << 16
_LOCAL_BITS = 16


class Block(NamedTuple):
    """Runs of slots. All slots of a run have the same word the same number of times, so a run needs no weights."""

    columns: NDArray[np.int32]
    """The words of this block, ascending."""
    first_run: NDArray[np.int32]
    """Where the runs of each word begin; one more entry than there are words."""
    levels: NDArray[np.integer[Any]]
    """The code of the count of each run."""
    starts: NDArray[np.int32]
    """Where each run begins in slots; one more entry than there are runs."""
    slots: NDArray[np.uint16]
    """Counted from the first slot of the block."""

    @property
    def nbytes(self) -> int:
        """The memory that it takes."""
        return sum(part.nbytes for part in self)


def block_of(owner: NDArray[np.intp], columns: NDArray[np.int32], levels: NDArray[np.integer[Any]]) -> Block:
    """The block of these words, given for each the slot that has it, its column and the code of its count."""
    level_bits = 8 * levels.dtype.itemsize
    # Column, level and slot in one number: sorting numbers is far faster than sorting by three keys.
    keys = columns.astype(np.int64) << (level_bits + _LOCAL_BITS)
    keys |= levels.astype(np.int64) << _LOCAL_BITS
    keys |= owner
    keys.sort()
    slots = keys.astype(np.uint16)
    keys >>= _LOCAL_BITS
    starts = _starts(keys)
    runs = keys[starts]
    columns_of_runs = runs >> level_bits
    first_run = _starts(columns_of_runs)
    return Block(
        columns=columns_of_runs[first_run].astype(np.int32),
        first_run=np.append(first_run, len(runs)).astype(np.int32),
        levels=runs.astype(levels.dtype),
        starts=np.append(starts, len(slots)).astype(np.int32),
        slots=slots,
    )


def _starts(values: NDArray[np.int64]) -> NDArray[np.intp]:
    """Where a new value begins in a sorted array."""
    return np.flatnonzero(np.diff(values, prepend=-1))

"""The inner loops of the fast scan: numba compiles them where it is installed, and plain Python runs them where not.

Imported by the process that matches alone: importing numba takes half a second and 100 MB. In plain Python they give
the same answers, far too slowly for work; the tests run them so, and compiled where requirements-fast.txt is installed.
Numbers of slots are unsigned and taken from slices: numba then leaves out its test for indices counted from the end.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from broker.matching.lexical.blocks import Block
from broker.matching.lexical.postings import Forward
from broker.matching.lexical.tail import TailRows

F = TypeVar("F", bound=Callable[..., Any])

try:
    from numba import njit
except ImportError:

    def njit(**_options: Any) -> Callable[[F], F]:
        """Leaves a function as it is."""
        return lambda function: function


Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Whole = NDArray[np.integer[Any]]
Mask = NDArray[np.bool_]

# A chunk of sums is looked at closely only if one of them passes.
_CHUNK = 64


class Queries(NamedTuple):
    """A batch of queries: query i has the columns from pointers[i] up to pointers[i + 1]."""

    k: int
    pointers: Whole
    columns: Whole
    worth: Doubles
    """Weight x idf of each column."""
    slacks: Doubles
    """For each query how far two fast scores can be wrong together."""


class Candidates(NamedTuple):
    """Filled for each query of a batch: who could be among its k best."""

    slots: NDArray[np.intp]
    scores: Floats
    counts: NDArray[np.intp]
    """How many there are; -1 where there are more than fit."""
    bars: Floats
    """The fast score that the next one has to pass."""


@njit(nogil=True, cache=True)
def scatter(sums: Floats, block: Block, columns: Whole, worth: Doubles, repeats: Doubles) -> None:
    """Adds to each slot of a block what each word of a query is worth there: one addition for each shared word."""
    for number in range(len(columns)):
        column = columns[number]
        at = np.searchsorted(block.columns, column)
        if at == len(block.columns) or block.columns[at] != column:
            continue
        for run in range(block.first_run[at], block.first_run[at + 1]):
            more = np.float32(worth[number] * repeats[block.levels[run]])
            for slot in block.slots[block.starts[run] : block.starts[run + 1]]:
                sums[slot] += more


@njit(nogil=True, cache=True)
def drop_worst(found: Candidates, query: int, k: int, slack: float) -> None:
    """Keeps of a query's candidates those that may be among its k best, and raises its bar."""
    count = found.counts[query]
    slots, scores = found.slots[query], found.scores[query]
    if count <= k:
        return
    bar = np.partition(scores[:count], count - k)[count - k] - np.float32(slack)
    kept = 0
    for number in range(count):
        if scores[number] >= bar:
            slots[kept] = slots[number]
            scores[kept] = scores[number]
            kept += 1
    found.counts[query] = kept
    found.bars[query] = max(found.bars[query], bar)


@njit(nogil=True, cache=True)
def add(found: Candidates, query: int, slot: int, score: float, k: int, slack: float) -> None:
    """One candidate more; where there is no room even without the worst, the query is given up."""
    count = found.counts[query]
    found.slots[query, count] = slot
    found.scores[query, count] = score
    found.counts[query] = count + 1
    if count + 1 == found.slots.shape[1]:
        drop_worst(found, query, k, slack)
        if found.counts[query] == found.slots.shape[1]:
            found.counts[query] = -1


@njit(nogil=True, cache=True)
def collect(
    sums: Floats, scale: Floats, allowed: Mask, first: int, found: Candidates, query: int, k: int, slack: float
) -> None:
    """Adds to a query's candidates the slots of a block whose sums, scaled, pass its bar."""
    masked = len(allowed) > 0
    for start in range(0, len(sums), _CHUNK):
        piece, by = sums[start : start + _CHUNK], scale[start : start + _CHUNK]
        bar = found.bars[query]
        passing = False
        for i in range(len(piece)):
            piece[i] *= by[i]
            passing |= piece[i] > bar
        if passing and masked:
            may = allowed[start : start + _CHUNK]
            passing = False
            for i in range(len(piece)):
                passing |= may[i] & (piece[i] > bar)
        if not passing:
            continue
        for i in range(len(piece)):
            if piece[i] > found.bars[query] and (not masked or allowed[start + i]):
                add(found, query, first + start + i, piece[i], k, slack)
                if found.counts[query] < 0:
                    return


@njit(nogil=True, cache=True)
def scan_block(
    block: Block, repeats: Doubles, scale: Floats, allowed: Mask, first: int, queries: Queries, found: Candidates
) -> None:
    """Looks for the candidates of a batch of queries in one block, whose first slot is given."""
    sums = np.zeros(len(scale), dtype=np.float32)
    everyone = np.zeros(0, dtype=np.bool_)
    for query in range(len(found.counts)):
        if found.counts[query] >= 0:
            low, high = queries.pointers[query], queries.pointers[query + 1]
            scatter(sums, block, queries.columns[low:high], queries.worth[low:high], repeats)
            mask = allowed[query, first : first + len(scale)] if len(allowed) else everyone
            collect(sums, scale, mask, first, found, query, queries.k, queries.slacks[query])
            sums[:] = 0


@njit(nogil=True, cache=True)
def scan_tail(tail: TailRows, norm: Doubles, allowed: Mask, width: int, queries: Queries, found: Candidates) -> None:
    """As scan_block, for the rows of the tail; one whose slot is below 0 belongs to nobody."""
    dense = np.zeros(width)
    totals = np.zeros(len(tail.slots))
    for query in range(len(found.counts)):
        for j in range(queries.pointers[query], queries.pointers[query + 1]):
            dense[queries.columns[j]] = queries.worth[j]
        for j in range(len(tail.owner)):
            totals[tail.owner[j]] += dense[tail.columns[j]] * tail.repeats[j]
        for row in range(len(tail.slots)):
            slot = tail.slots[row]
            if found.counts[query] >= 0 and slot >= 0 and (len(allowed) == 0 or allowed[query, slot]):
                score = np.float32(totals[row] / norm[slot]) if totals[row] > 0 else np.float32(0)
                if score > found.bars[query]:
                    add(found, query, slot, score, queries.k, queries.slacks[query])
        for j in range(queries.pointers[query], queries.pointers[query + 1]):
            dense[queries.columns[j]] = 0.0
        totals[:] = 0


@njit(nogil=True, cache=True)
def settle(queries: Queries, found: Candidates) -> None:
    """Drops the worst of every query's candidates once more, so that few are left to score exactly."""
    for query in range(len(found.counts)):
        drop_worst(found, query, queries.k, queries.slacks[query])


@njit(nogil=True, cache=True)
def exact(
    pointers: Whole,
    columns: Whole,
    weights: Doubles,
    owner_starts: Whole,
    slots: Whole,
    rows: Forward,
    repeats: Doubles,
    idf: Doubles,
) -> Doubles:
    """The exact score of each candidate with its query, added in the order of the candidate's words."""
    dense = np.zeros(len(idf))
    totals = np.zeros(len(slots))
    for query in range(len(pointers) - 1):
        for j in range(pointers[query], pointers[query + 1]):
            dense[columns[j]] = weights[j]
        for number in range(owner_starts[query], owner_starts[query + 1]):
            slot = slots[number]
            total = 0.0
            for at in range(rows.start[slot], rows.start[slot] + rows.length[slot]):
                column = rows.columns[at]
                total += dense[column] * (repeats[rows.levels[at]] * idf[column] / rows.norm[slot])
            totals[number] = total
        for j in range(pointers[query], pointers[query + 1]):
            dense[columns[j]] = 0.0
    return totals

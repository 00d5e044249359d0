"""The scan with compiled kernels: the plain scan's lists, four times sooner. Imported only where numba is wanted."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from broker.matching.lexical import kernels
from broker.matching.lexical.postings import Postings
from broker.matching.lexical.scan import Finalists, Mask, Row, Rows, hopefuls, one, slack

# Candidates of a query before the worst of them are dropped: room for ties and for a few times k.
_ROOM, _ROOM_PER_K = 192, 4
# Fewer queries than this are not worth a thread.
_LEAST_FOR_A_THREAD = 16


class CompiledScan:
    """The same lists over any number of threads: each query is one thread's alone."""

    name = "numba"

    def __init__(self, threads: int = 1, room: int = _ROOM) -> None:
        self._threads, self._room = threads, room

    def sums(self, postings: Postings, row: Row) -> NDArray[np.float32]:
        """For each slot the sum of products of its weights with the row's, true to about 1e-6 of it."""
        vocabulary = postings.vocabulary
        worth = row.weights * vocabulary.idf[row.columns]
        repeats = vocabulary.repeat_weights.values
        found = np.zeros(postings.slots, dtype=np.float32)
        for number, block in enumerate(postings.blocks):
            piece = found[number * postings.block : (number + 1) * postings.block]
            kernels.scatter(piece, block, row.columns, worth, repeats)
        found *= postings.scale
        if len(postings.tail):
            dense = np.zeros(len(vocabulary))
            dense[row.columns] = worth
            slots, sums = postings.tail_scores(dense)
            found[slots] = sums
        return found

    def finalists(self, postings: Postings, rows: Rows, k: int, allowed: Mask | None = None) -> Finalists:
        """For each row every slot that could be among its k best (of those allowed[row]), with its exact score."""
        threads = max(1, min(self._threads, rows.size // _LEAST_FOR_A_THREAD))
        if threads == 1:
            return self._finalists(postings, rows, k, allowed)
        cuts = [rows.size * part // threads for part in range(threads + 1)]
        spans = [slice(start, end) for start, end in pairwise(cuts)]

        def part(span: slice) -> Finalists:
            found = self._finalists(postings, rows.part(span), k, None if allowed is None else allowed[span])
            return found._replace(owner=found.owner + span.start)

        with ThreadPoolExecutor(threads) as pool:
            return Finalists(*map(np.concatenate, zip(*pool.map(part, spans), strict=True)))

    def exact(self, postings: Postings, row: Row, slots: NDArray[np.intp]) -> NDArray[np.float64]:
        """The exact sum of products for each of these slots, added in the order of the slot's words."""
        return self._exact(postings, one(row), np.array([len(slots)]), slots)

    def _finalists(self, postings: Postings, rows: Rows, k: int, allowed: Mask | None) -> Finalists:
        candidates = self._candidates(postings, rows, k, allowed)
        found, counts = candidates.slots, candidates.counts
        if (counts >= 0).all():
            slots = found[np.arange(found.shape[1]) < counts[:, None]]
        else:
            pieces = [
                found[number, :count] if count >= 0 else self._crowd(postings, rows.row(number), k, allowed, number)
                for number, count in enumerate(counts.tolist())
            ]
            slots, counts = np.concatenate(pieces), np.array([len(piece) for piece in pieces])
        owner = np.repeat(np.arange(rows.size), counts)
        return Finalists(owner, slots, self._exact(postings, rows, counts, slots))

    def _candidates(self, postings: Postings, rows: Rows, k: int, allowed: Mask | None) -> kernels.Candidates:
        """For each row some slots, all that could be among its k best with them."""
        vocabulary, scale = postings.vocabulary, postings.scale
        room = max(self._room, _ROOM_PER_K * k)
        found = kernels.Candidates(
            np.empty((rows.size, room), np.intp),
            np.empty((rows.size, room), np.float32),
            np.zeros(rows.size, np.intp),
            np.zeros(rows.size, np.float32),
        )
        worth, slacks = rows.weights * vocabulary.idf[rows.columns], slack(np.diff(rows.pointers))
        queries = kernels.Queries(k, rows.pointers, rows.columns, worth, slacks)
        mask = np.empty((0, 0), np.bool_) if allowed is None else allowed
        for number, block in enumerate(postings.blocks):
            first = number * postings.block
            here = scale[first : first + postings.block]
            kernels.scan_block(block, vocabulary.repeat_weights.values, here, mask, first, queries, found)
        if len(postings.tail):
            kernels.scan_tail(postings.tail.rows, postings.norm, mask, len(vocabulary), queries, found)
        kernels.settle(queries, found)
        return found

    def _crowd(self, postings: Postings, row: Row, k: int, allowed: Mask | None, number: int) -> NDArray[np.intp]:
        """Every slot that could be among the k best of a row, where so many score alike that there was no room."""
        sums = self.sums(postings, row)
        if allowed is not None:
            sums *= allowed[number]
        return hopefuls(sums, k, float(slack(len(row.columns))))

    def _exact(
        self, postings: Postings, rows: Rows, counts: NDArray[np.intp], slots: NDArray[np.intp]
    ) -> NDArray[np.float64]:
        vocabulary = postings.vocabulary
        starts = np.concatenate(([0], np.cumsum(counts)))
        scores: NDArray[np.float64] = kernels.exact(
            *rows, starts, slots, postings.forward, vocabulary.repeat_weights.values, vocabulary.idf
        )
        return scores

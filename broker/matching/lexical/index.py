"""The lexical core: live, exact, drift-free TF-IDF over two sides, demand and supply, weighed together.

A word weighs (1 + ln count) x (1 + ln((1 + n) / (1 + df))), a listing's weights are scaled to length 1, and a score is
the sum of products: scikit-learn's sublinear, smooth TF-IDF and its cosine. Words are added as they come; counts are
kept, not weights, so after a reweigh() everything equals a fresh fit on the listings of now. Between two, everything
equals a full recompute under the last weighing: a word that it does not know counts as found in no listing.

    core = Lexical()
    core.put("supply", 7, Counter(stems(text)))
    core.reweigh()
    core.best_for_text("demand", Counter(stems(need)), k=20)     # a new demand's best supplies
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.util import find_spec
from itertools import islice
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from broker.matching.lexical.blocks import BLOCK
from broker.matching.lexical.postings import Postings
from broker.matching.lexical.scan import Finalists, Mask, NumpyScan, Row, Rows, one
from broker.matching.lexical.slots import NOWHERE
from broker.matching.lexical.vocabulary import Vocabulary, Weighing
from broker.matching.records import Scored

__all__ = ["Allowed", "Counts", "Lexical", "Progress", "Row", "Side", "Weighing", "best_scan"]

Side = Literal["demand", "supply"]
OTHER: dict[Side, Side] = {"demand": "supply", "supply": "demand"}
Counts = Mapping[str, int]
Progress = Callable[[int, int], None]
"""Called with (listings done, listings in all) after each block."""
Allowed = Callable[[NDArray[np.intp]], Mask]
"""For slots of the asking side, which slots of the other side may be paired with each: a table of yes and no."""

# Sums of the same products in another order differ in the 16th digit; twelve make equal scores equal.
DIGITS = 12
# Listings asked about at once: their table of what is allowed stays within bounds.
_PAIRS_AT_ONCE = 20_000_000
_ROWS_AT_ONCE = 512
# Listings taken into the postings at once.
_BULK = BLOCK


class Scan(Protocol):
    """How postings are read: all ways give the same lists."""

    name: str

    def sums(self, postings: Postings, row: Row) -> NDArray[np.floating]: ...
    def finalists(self, postings: Postings, rows: Rows, k: int, allowed: Mask | None = None) -> Finalists: ...
    def exact(self, postings: Postings, row: Row, slots: NDArray[np.intp]) -> NDArray[np.float64]: ...


class Lexical:
    """Both sides' listings by their words. Ids are unique on a side; slots are where arrays over a side hold them."""

    def __init__(self, weighing: Weighing | None = None, scan: Scan | None = None, block: int = BLOCK) -> None:
        """Of nothing yet. Neither the scan nor the size of a block of postings changes any answer."""
        self._vocabulary = Vocabulary()
        self._sides: dict[Side, Postings] = {side: Postings(self._vocabulary, block) for side in OTHER}
        self.scan = scan or best_scan()
        if weighing:
            self._vocabulary.weigh_by(weighing)

    # Changing

    def put(self, side: Side, id: int, counts: Counts) -> int:
        """Adds a listing or replaces its words, weighed as all others are by now; returns its slot."""
        slot = self._put(side, id, counts)
        self._merge_when_full(side)
        return slot

    def put_all(self, side: Side, listings: Iterable[tuple[int, Counts]]) -> None:
        """As put for each, faster where there are many."""
        rest = iter(listings)
        while bulk := dict(islice(rest, _BULK)):
            self._put_bulk(side, bulk)

    def remove(self, side: Side, id: int) -> None:
        """Takes a listing out. KeyError: no such id."""
        postings = self._sides[side]
        self._vocabulary.count(postings.columns(postings.held[id]), -1)
        postings.remove(id)
        self._merge_when_full(side)

    def merge(self) -> None:
        """Takes recent changes into the postings, as happens by itself now and then: no answer changes by it."""
        for postings in self._sides.values():
            postings.merge()

    def reweigh(self) -> None:
        """Weighs by the listings of now: from here on everything equals a fresh fit on them."""
        self._vocabulary.reweigh()
        for postings in self._sides.values():
            postings.reweigh()

    @property
    def weighing(self) -> Weighing:
        """What words are weighed by now: number of listings, and in how many each word was found."""
        return self._vocabulary.weighing

    @weighing.setter
    def weighing(self, weighing: Weighing) -> None:
        self._vocabulary.weigh_by(weighing)
        for postings in self._sides.values():
            postings.reweigh()

    # What is here

    def ids(self, side: Side) -> NDArray[np.int64]:
        """The id in each slot of a side; where nothing is alive the number means nothing."""
        return self._sides[side].ids

    def alive(self, side: Side) -> Mask:
        """Which slots of a side hold a listing."""
        return self._sides[side].alive

    def slot(self, side: Side, id: int) -> int:
        """The slot of a listing, the same until it is removed. KeyError: no such id."""
        return self._sides[side].held[id]

    def slots(self, side: Side, ids: Iterable[int]) -> NDArray[np.intp]:
        """The slots of listings, in the order asked. KeyError: no such id."""
        return self._sides[side].held.of(ids)

    def column(self, word: str) -> int | None:
        """The column of a word, the same for ever; None where no listing ever had it."""
        return self._vocabulary.column(word)

    def words(self, columns: Iterable[int]) -> list[str]:
        """The words of columns."""
        return self._vocabulary.words(columns)

    @property
    def idf(self) -> NDArray[np.float64]:
        """What the word of each column is worth under the weighing."""
        return self._vocabulary.idf

    @property
    def found(self) -> NDArray[np.int32]:
        """In how many listings the word of each column was found at the last weighing."""
        return self._vocabulary.found

    def row(self, side: Side, id: int) -> Row:
        """The columns of a listing, in the alphabetical order of their words, with their weights."""
        return self._rows(side, np.array([self.slot(side, id)])).row(0)

    def rows(self, side: Side, ids: Iterable[int]) -> Rows:
        """As row for many, one after another in the order asked."""
        return self._rows(side, self.slots(side, ids))

    def row_of(self, counts: Counts) -> Row:
        """As row, for a text that is no listing here: words without a column only make the others weigh less."""
        names = sorted(counts)
        columns = [self._vocabulary.column(word) for word in names]
        repeats = self._vocabulary.repeats(counts[word] for word in names)
        idf = np.array([self._vocabulary.unknown_idf if c is None else self.idf[c] for c in columns])
        known = np.array([c is not None for c in columns], dtype=np.bool_)
        weights = repeats * idf
        length = np.sqrt(np.bincount(np.zeros(len(names), dtype=np.intp), weights**2, minlength=1))[0]
        found = np.array([c for c in columns if c is not None], dtype=np.int32)
        return Row(found, (weights / (length or 1.0))[known])

    @property
    def nbytes(self) -> tuple[int, int]:
        """The memory that it holds: of arrays, and of words with their look-up."""
        arrays = sum(postings.nbytes for postings in self._sides.values())
        return arrays + self._vocabulary.nbytes, self._vocabulary.names_nbytes

    # Scores

    def score(self, demand_id: int, supply_id: int) -> float:
        """The exact score of a pair. KeyError: no such id."""
        slots = self.slots("supply", [supply_id])
        return float(self._exact("supply", self.row("demand", demand_id), slots)[0])

    def scores(self, side: Side, id: int, slots: NDArray[np.intp]) -> NDArray[np.float64]:
        """The exact scores of a listing with those in these slots of the other side."""
        return self._exact(OTHER[side], self.row(side, id), slots)

    def products(self, side: Side, query: Row) -> NDArray[np.floating]:
        """For every slot of a side the sum of its weights times the query's: fast, true to about 1e-6 of the sum.

        For any query, not only a listing's own row, of any weights; a column may be in it once. Slots without a
        listing have 0.
        """
        return self.scan.sums(self._sides[side], query)

    def exact_products(self, side: Side, query: Row, slots: NDArray[np.intp]) -> NDArray[np.float64]:
        """As products, exact and for a few slots only: the same digits whatever else is asked, in 64 bits."""
        return self.scan.exact(self._sides[side], query, slots)

    # Rankings

    def best(
        self, side: Side, ids: Sequence[int], k: int, allowed: Allowed | None = None, progress: Progress | None = None
    ) -> dict[int, list[Scored]]:
        """For each of these listings of a side, its up to k best of the other side with a score above 0.

        Best first, equal scores by id, the same whatever the order in which anything came. KeyError: no such id.
        """
        slots = self.slots(side, ids)
        found: list[list[Scored]] = []
        for start in range(0, len(slots), self._height(side, allowed)):
            batch = slots[start : start + self._height(side, allowed)]
            found += self._ranked(OTHER[side], self._rows(side, batch), k, allowed and allowed(batch))
            if progress:
                progress(len(found), len(slots))
        return dict(zip(ids, found, strict=True))

    def best_for_all(
        self, side: Side, k: int, allowed: Allowed | None = None, progress: Progress | None = None
    ) -> dict[int, list[Scored]]:
        """As best, for every listing of a side, in the order of their ids."""
        return self.best(side, sorted(self.ids(side)[self.alive(side)].tolist()), k, allowed, progress)

    def best_for_text(self, side: Side, counts: Counts, k: int, allowed: Mask | None = None) -> list[Scored]:
        """As best, for a text that would stand on this side but is no listing yet. Allowed: the other side's slots."""
        return self._ranked(OTHER[side], one(self.row_of(counts)), k, None if allowed is None else allowed[None, :])[0]

    def _ranked(self, side: Side, rows: Rows, k: int, allowed: Mask | None) -> list[list[Scored]]:
        if k < 1:
            raise ValueError(f"k must be at least 1, not {k}")
        found = self.scan.finalists(self._sides[side], rows, k, allowed)
        ids, scores = self._sides[side].ids[found.slots], found.scores.round(DIGITS)
        order = np.lexsort((ids, -scores, found.owner))
        lists: list[list[Scored]] = [[] for _ in range(rows.size)]
        best = zip(found.owner[order].tolist(), ids[order].tolist(), scores[order].tolist(), strict=True)
        for owner, id, score in best:
            if len(lists[owner]) < k and score > 0:
                lists[owner].append(Scored(id, score))
        return lists

    def _exact(self, side: Side, row: Row, slots: NDArray[np.intp]) -> NDArray[np.float64]:
        return self.scan.exact(self._sides[side], row, slots).round(DIGITS)

    def _rows(self, side: Side, slots: NDArray[np.intp]) -> Rows:
        return Rows(*self._sides[side].weighed(slots))

    def _height(self, side: Side, allowed: Allowed | None) -> int:
        """How many listings to ask about at once."""
        width = self._sides[OTHER[side]].slots if allowed else 1
        return max(1, min(_ROWS_AT_ONCE, _PAIRS_AT_ONCE // max(1, width)))

    def _put(self, side: Side, id: int, counts: Counts) -> int:
        names = sorted(counts)
        columns = self._vocabulary.learn(names)
        levels = self._vocabulary.levels(counts[word] for word in names)
        postings = self._sides[side]
        old = postings.held.find(id)
        if old != NOWHERE:
            self._vocabulary.count(postings.columns(old), -1)
        self._vocabulary.count(np.array(columns, dtype=np.int32), 1)
        return postings.put(id, columns, levels)

    def _put_bulk(self, side: Side, listings: Mapping[int, Counts]) -> None:
        """Many listings at once, straight into the blocks."""
        postings = self._sides[side]
        for old in map(postings.held.find, listings):
            if old != NOWHERE:
                self._vocabulary.count(postings.columns(old), -1)
        rows = [sorted(counts) for counts in listings.values()]
        columns = np.array(self._vocabulary.learn([word for row in rows for word in row]), dtype=np.int32)
        counted = zip(listings.values(), rows, strict=True)
        repeats = np.array([count for counts, row in counted for count in map(counts.__getitem__, row)], dtype=np.int64)
        different = np.flatnonzero(np.bincount(repeats))
        codes = np.zeros(int(repeats.max(initial=0)) + 1, dtype=np.intp)
        codes[different] = self._vocabulary.levels(different.tolist())
        self._vocabulary.count(columns, 1, len(rows))
        postings.put_bulk(list(listings), columns, codes[repeats], np.array([len(row) for row in rows]))

    def _merge_when_full(self, side: Side) -> None:
        if self._sides[side].full():
            self._sides[side].merge()


def best_scan(threads: int = 1) -> Scan:
    """The fastest way to scan that is installed."""
    if find_spec("numba") is None:
        return NumpyScan()
    from broker.matching.lexical.fastscan import CompiledScan

    return CompiledScan(threads)

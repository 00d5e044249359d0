"""Where listings stand: what each is scored by, worked out for many at once and kept in columns.

A listing's facts and the phrases found in it are its own. All else follows the weighing, and is worked out again when
words are weighed anew. What is needed only of the one that asks is not kept at all.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from broker.matching.facts import Codes, Facts
from broker.matching.growing import Columns
from broker.matching.lexical.index import OTHER, Lexical, Row
from broker.matching.lexical.scan import Rows
from broker.matching.meaning.encoder import DIMENSIONS, Encoder
from broker.matching.meaning.nearby import Nearby
from broker.matching.meaning.table import directions
from broker.matching.records import Record, Side
from broker.matching.subjects import Said, Subjects, Touch, touches
from broker.matching.synonyms import Synonyms, Use
from broker.matching.weights import Weights

Floats = NDArray[np.floating]

DIGITS = 10
_SHUT = 0.05  # a text so long that less than this is left of the help is left alone
_AT_ONCE = 2_000


class Gates(NamedTuple):
    """How much of what is found counts for a demand, each 0 to 1: of its own words, of help, of what its field says."""

    own: float
    help: float
    known: float


_NO_GATES = Gates(0.0, 0.0, 0.0)


class Listing(NamedTuple):
    """One listing, and the phrases of entries that stand in it."""

    record: Record
    uses: tuple[Use, ...]


class Held(NamedTuple):
    """One listing as it is scored. All but the first two follow the weighing; only a demand has gates."""

    record: Record
    slot: int
    row: Row
    found: Mapping[str, Touch]
    gates: Gates

    @property
    def weights(self) -> dict[int, float]:
        """Column to weight."""
        return dict(zip(self.row.columns.tolist(), self.row.weights.tolist(), strict=True))


class Placed:
    """One side's listings, and their columns: the same slots as in the words' index."""

    def __init__(self, facts: Facts, subjects: Subjects, size: int, encoded: int) -> None:
        self.facts, self.subjects = facts, subjects
        self.listings: dict[int, Listing] = {}
        gates = dict.fromkeys(Gates._fields, np.float64)
        self.columns = Columns({"direction": (np.int16, size), "encoded": (np.int16, encoded), **gates})


class Placing:
    """Both sides, and how a listing gets its place."""

    def __init__(
        self, words: Lexical, nearby: Nearby, encoder: Encoder | None, synonyms: Synonyms, weights: Weights
    ) -> None:
        self._words, self._nearby, self._encoder = words, nearby, encoder
        self._synonyms, self._weights = synonyms, weights
        named, areas, names, phrases = Codes[str](), Codes[frozenset[str]](), Codes[str](), Codes[tuple[str, ...]]()
        encoded = DIMENSIONS if encoder else 1
        self.sides: dict[Side, Placed] = {
            side: Placed(Facts(named, areas), Subjects(names, phrases), nearby.width, encoded) for side in OTHER
        }

    def put(self, side: Side, records: Sequence[Record], reads: Iterable[Sequence[str]]) -> None:
        """Listings that the words' index has by now, each with the stems of its text; they are to be placed next."""
        placed = self.sides[side]
        for record, read in zip(records, reads, strict=True):
            placed.listings[record.id] = Listing(record, tuple(self._synonyms.uses_of(read)))
        if records:
            placed.facts.put(self._words.slots(side, [record.id for record in records]), records)

    def remove(self, side: Side, id: int) -> None:
        """Takes a listing out. KeyError: no such id."""
        del self.sides[side].listings[id]

    def place_all(self) -> None:
        """As place, for every listing."""
        for side, placed in self.sides.items():
            self.place(side, placed.listings)

    def place(self, side: Side, ids: Iterable[int]) -> None:
        """Works out what follows the weighing, for listings that were put."""
        self._nearby.learn(self._words.words(range(self._nearby.size, len(self._words.idf))))
        rest = iter(ids)
        while some := list(islice(rest, _AT_ONCE)):
            self._place(side, some)

    def held(self, side: Side, id: int) -> Held:
        """A listing as it is scored. KeyError: no such id."""
        placed = self.sides[side]
        record, uses = placed.listings[id]
        slot, row = self._words.slot(side, id), self._words.row(side, id)
        gates = Gates(*(float(placed.columns[gate][slot]) for gate in Gates._fields))
        return Held(record, slot, row, touches(uses, self.said(row)), gates)

    def said(self, row: Row) -> dict[str, Said]:
        """What a listing says, by stem."""
        return dict(self._all_said(row.columns, row.weights))

    def _place(self, side: Side, ids: Sequence[int]) -> None:
        placed, slots, rows = self.sides[side], self._words.slots(side, ids), self._words.rows(side, ids)
        listings = [placed.listings[id] for id in ids]
        placed.subjects.put(slots, [listing.record for listing in listings], self._founds(listings, rows))
        gates = self._gates(rows) if side == "demand" else [_NO_GATES] * rows.size
        # A demand without help is not asked where it points.
        asked = np.array([side == "supply" or gate.help > 0 for gate in gates])
        columns = dict(zip(Gates._fields, zip(*gates, strict=True), strict=True))
        placed.columns.put(slots, columns | {"direction": 0, "encoded": 0})
        placed.columns.put(slots[asked], {"direction": self._nearby.towards(rows.some(asked))})
        if self._encoder:
            for at in np.flatnonzero(asked).tolist():
                encoded = directions(self._encoder.vectors([listings[at].record.words]))
                placed.columns.put(slots[at : at + 1], {"encoded": encoded})

    def _rareness(self, columns: NDArray[np.int32], few: float) -> Floats:
        """Of words: 1 for one that no listing has, one half for one in `few`, near 0 for one in very many."""
        rareness: Floats = few / (few + self._words.found[columns])
        return rareness

    def _all_said(self, columns: NDArray[np.int32], weights: Floats) -> Iterator[tuple[str, Said]]:
        """Words by their columns, each with its weight, in the same order."""
        rareness = self._rareness(columns, self._weights.common)
        return zip(self._words.words(columns.tolist()), map(Said, weights.tolist(), rareness.tolist()), strict=True)

    def _founds(self, listings: Sequence[Listing], rows: Rows) -> list[dict[str, Touch]]:
        """The entries that each listing touches."""
        said = self._all_said(rows.columns, rows.weights)
        sizes = zip(listings, np.diff(rows.pointers).tolist(), strict=True)
        return [touches(listing.uses, dict(islice(said, size))) for listing, size in sizes]

    def _gates(self, rows: Rows) -> list[Gates]:
        """How much help each demand gets: the less, the more words it has and the more listings use them.

        What help brings is then evened out, or a short need would stand above all long ones in an offer's list.
        """
        weights, rareness = self._weights, rows.weights**2 * self._rareness(rows.columns, self._weights.few)
        gates = []
        for start, end in pairwise(rows.pointers.tolist()):
            short = 1 / (1 + ((end - start) / weights.short) ** weights.steep)
            rare = float(rareness[start:end].sum())
            help = short * rare if short >= _SHUT else 0.0
            known = rare * (weights.long + (1 - weights.long) * short)
            even = 1 / (1 + weights.even * help)
            gates.append(Gates(*(round(gate * even, DIGITS) for gate in (1 - weights.ease * help, help, known))))
        return gates

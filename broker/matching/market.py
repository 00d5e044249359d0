"""The market: demand and supply, live, each pair scored as a sum of parts and explained by them.

A score is the sum, over the parts of weights.Weights, of a multiplier, a gate and what the two listings have in
common in that respect. It depends on the two listings, the weights and the last weighing alone, never on what else is
on the market, which is why stored lists can be patched. Every part is rounded to ten digits, so that the order in
which numbers were added cannot be seen.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from broker.matching.explain import SHUT, Gates, Held, Pairing
from broker.matching.facts import Codes, Facts, Slots
from broker.matching.growing import Growing
from broker.matching.lexical.index import OTHER, Lexical, Progress, Row, Weighing
from broker.matching.meaning.encoder import DIMENSIONS, Encoder
from broker.matching.meaning.nearby import Nearby
from broker.matching.meaning.table import SCALE, Table, Vector, direction
from broker.matching.meaning.table import shipped as shipped_table
from broker.matching.records import Guess, PartName, Record, Scored, Side, Suggestion
from broker.matching.subjects import Subjects, guesses, kinds_of, themes_of, touches
from broker.matching.synonyms import Synonyms
from broker.matching.synonyms import shipped as shipped_synonyms
from broker.matching.text import stems
from broker.matching.weights import HELPED, KNOWN, SHIPPED, TEXT_PARTS, Weights

Floats = NDArray[np.float64]
Parts = dict[PartName, Floats]
Bars = Callable[[NDArray[np.int64]], Floats]

DIGITS = 10
_SHUT = 0.02  # a text so long that less than this is left of the help is left alone
_SLACK = 1e-5  # fast sums are true to about a tenth of this


class _Side:
    """One side's columns: the same slots as in the words' index."""

    def __init__(self, facts: Facts, subjects: Subjects, size: int, encoded: int) -> None:
        self.facts, self.subjects = facts, subjects
        self.held: dict[int, Held] = {}
        self.columns: Growing[np.void] = Growing(
            np.dtype([("direction", "f4", size), ("encoded", "f4", encoded), ("help", "f8"), ("known", "f8")])
        )

    def put(self, slot: int, held: Held, towards: Vector, encoded: Vector) -> None:
        if slot >= len(self.columns):
            self.columns.extend(np.zeros(1, dtype=self.columns.values.dtype)[0], slot + 1 - len(self.columns))
        self.columns[slot] = (towards, encoded, *held.gates)
        self.facts.put(slot, held.record)
        self.subjects.put(slot, held.record, held.found)
        self.held[held.record.id] = held


class Market:
    """All open demand and supply. A listing is known by its id, unique on its side."""

    def __init__(
        self,
        demand: Iterable[Record],
        supply: Iterable[Record],
        *,
        weights: Weights = SHIPPED,
        synonyms: Synonyms | None = None,
        table: Table | Literal["shipped"] | None = "shipped",
        encoder: Encoder | None = None,
        weighing: Weighing | None = None,
        read: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """synonyms: None for those that ship. table: of word meanings; None to do without. encoder: None does without.

        weighing: the last one, to score as before; None weighs by the listings given. read: the stems of texts that
        were read before. ValueError where an id occurs twice on one side.
        """
        self.weights = weights
        self._synonyms = synonyms or shipped_synonyms()
        table = shipped_table() if table == "shipped" else table
        self._words, self._encoder = Lexical(weighing), encoder
        self._nearby = Nearby(table, weights.near_words)
        self._pairing = Pairing(self._words, self._nearby)
        words, areas, names, phrases = Codes[str](), Codes[frozenset[str]](), Codes[str](), Codes[tuple[str, ...]]()
        size = table.size if table else 1
        self._sides: dict[Side, _Side] = {
            side: _Side(Facts(words, areas), Subjects(names, phrases), size, DIMENSIONS if encoder else 1)
            for side in OTHER
        }
        self._fill("demand", list(demand), read or {})
        self._fill("supply", list(supply), read or {})
        if weighing is None:
            self._words.reweigh()
        self._place_all()

    def _fill(self, side: Side, records: Sequence[Record], read: Mapping[str, Sequence[str]]) -> None:
        texts = {record.id: read.get(record.words) or stems(record.words) for record in records}
        if len(texts) < len(records):
            raise ValueError("an id occurs twice on one side of the market")
        self._words.put_all(side, ((id, _counts(text)) for id, text in texts.items()))
        empty = Row(np.zeros(0, dtype=np.int32), np.zeros(0))
        self._sides[side].held = {r.id: Held(r, texts[r.id], empty, {}, SHUT) for r in records}

    # Changing

    def put(self, side: Side, record: Record, read: Sequence[str] | None = None) -> None:
        """Adds a listing or replaces it, scored under the last weighing. read: its stems, where they are at hand."""
        text = stems(record.words) if read is None else read
        self._words.put(side, record.id, _counts(text))
        self._place(side, record, text)

    def remove(self, side: Side, id: int) -> None:
        """Takes a listing out. KeyError: no such id."""
        del self._sides[side].held[id]
        self._words.remove(side, id)

    def reweigh(self) -> None:
        """Weighs words by the listings of now."""
        self._words.reweigh()
        self._place_all()

    @property
    def weighing(self) -> Weighing:
        """What words are weighed by: to be stored, and given back to a market that is to score as this one."""
        return self._words.weighing

    def _place_all(self) -> None:
        for side, columns in self._sides.items():
            for held in list(columns.held.values()):
                self._place(side, held.record, held.read)

    def _place(self, side: Side, record: Record, read: Sequence[str]) -> None:
        row = self._words.row(side, record.id)
        self._learn_words()
        found = touches(self._synonyms.uses_of(read), self._weights_of(row))
        gates = self._gates(row) if side == "demand" else SHUT
        held = Held(record, read, row, found, gates)
        slot = self._words.slot(side, record.id)
        self._sides[side].put(slot, held, self._nearby.towards(row), self._encoded(side, held))

    def _encoded(self, side: Side, held: Held) -> Vector:
        """Where the encoder, if there is one, sees the whole text; a demand without help is not asked about."""
        if self._encoder is None or (side == "demand" and not held.gates.help):
            return np.zeros(1, dtype=np.float32)
        return direction(self._encoder.vectors([held.record.words])[0])

    def _gates(self, row: Row) -> Gates:
        """How much help a demand gets: the less, the more words it has and the more listings use them."""
        weights = self.weights
        short = 1 / (1 + (len(row.columns) / weights.short) ** weights.steep)
        rare = float((row.weights**2 * weights.few / (weights.few + self._words.found[row.columns])).sum())
        help = short * rare if short >= _SHUT else 0.0
        return Gates(round(help, DIGITS), round(rare * (weights.long + (1 - weights.long) * short), DIGITS))

    def _weights_of(self, row: Row) -> dict[str, float]:
        """Each stem of a listing with its weight."""
        return dict(zip(self._words.words(row.columns.tolist()), row.weights.tolist(), strict=True))

    def _learn_words(self) -> None:
        self._nearby.learn(self._words.words(range(self._nearby.size, len(self._words.idf))))

    # Rankings

    def best_for_demand(
        self, k: int = 20, ids: Iterable[int] | None = None, progress: Progress | None = None
    ) -> dict[int, list[Scored]]:
        """As best, for demand."""
        return self.best("demand", k, ids, progress)

    def best_for_supply(
        self, k: int = 20, ids: Iterable[int] | None = None, progress: Progress | None = None
    ) -> dict[int, list[Scored]]:
        """As best, for supply."""
        return self.best("supply", k, ids, progress)

    def best(
        self, side: Side, k: int = 20, ids: Iterable[int] | None = None, progress: Progress | None = None
    ) -> dict[int, list[Scored]]:
        """For each listing of a side (or each of ids) its up to k best of the other: filters passed, texts that meet.

        Best score first, equal scores by id; the same whatever the order of the input. What nothing fits has an
        empty list. KeyError for an unknown id, ValueError where k is below 1.
        """
        if k < 1:
            raise ValueError(f"k must be at least 1, not {k}")
        held = self._sides[side].held
        asked = list(held if ids is None else dict.fromkeys(ids))
        found: dict[int, list[Scored]] = {}
        for id in asked:
            found[id] = self._best(side, held[id], k)
            if progress and (len(found) % 100 == 0 or len(found) == len(asked)):
                progress(len(found), len(asked))
        return found

    def _best(self, side: Side, held: Held, k: int) -> list[Scored]:
        ids, scores = self._scored(side, held, self._hopeful(side, held, k))
        order = np.lexsort((ids, -scores))[:k]
        return [Scored(id, score) for id, score in zip(ids[order].tolist(), scores[order].tolist(), strict=True)]

    def _hopeful(self, side: Side, held: Held, k: int, bars: Bars | None = None) -> NDArray[np.intp]:
        """The slots of the other side that may be among the k best of a listing, or score what their own bar asks."""
        ids = self._words.ids(OTHER[side])
        told = self._gated(side, held, slice(None), self._told(side, held, slice(None), exact=False))
        ground = self._ground(side, held, slice(None), told)
        near = np.flatnonzero(self._open(side, held) & (ground >= self.weights.least - _SLACK))
        beside = self._gated(side, held, near, self._beside(side, held, near))
        total = reduce(np.add, [part[near] for part in told.values()] + list(beside.values()))
        sure = total[ground[near] >= self.weights.least + _SLACK]
        needed = np.partition(sure, -k)[-k] if len(sure) > k else -np.inf
        if bars is not None:
            needed = np.minimum(needed, bars(ids[near]))
        hopeful: NDArray[np.intp] = near[total >= needed - _SLACK]
        return hopeful

    def scored(self, side: Side, id: int, k: int = 20, bars: Bars | None = None) -> tuple[NDArray[np.int64], Floats]:
        """Everything that this listing may be suggested to: ids of the other side, and the exact scores.

        bars: by ids of the other side, what a score must reach to matter there. Then only those that reach it are
        given, and the k best in any case, which is far quicker in a large market.
        """
        held = self._sides[side].held[id]
        slots = np.flatnonzero(self._open(side, held)) if bars is None else self._hopeful(side, held, k, bars)
        return self._scored(side, held, slots)

    def scores(self, side: Side, id: int) -> dict[int, float]:
        """As scored, by id."""
        ids, scores = self.scored(side, id)
        return dict(zip(ids.tolist(), scores.tolist(), strict=True))

    def table(self, demand_ids: Sequence[int], supply_ids: Sequence[int]) -> Floats:
        """The score of every pair, whatever the filters say: one row for each demand, one column for each supply."""
        slots = self._words.slots("supply", supply_ids)
        held = self._sides["demand"].held
        return np.array([self._sum(self._parts("demand", held[id], slots), len(slots)) for id in demand_ids])

    def score(self, demand_id: int, supply_id: int) -> float:
        """The score of any pair, refused by a filter or not. KeyError as in explain."""
        return float(self.table([demand_id], [supply_id])[0, 0])

    def explain(self, demand_id: int, supply_id: int) -> Suggestion:
        """Any pair, refused by a filter or not: its score and the parts that add up to it. KeyError: no such id."""
        ours, theirs = self._sides["demand"].held[demand_id], self._sides["supply"].held[supply_id]
        parts = self._parts("demand", ours, self._words.slots("supply", [supply_id]))
        shares = {name: float(values[0]) for name, values in parts.items() if values[0] > 0}
        score = float(self._sum(parts, 1)[0])
        return Suggestion(demand_id, supply_id, score, self._pairing.reason(ours, theirs, shares))

    def guess(self, side: Side, id: int) -> tuple[Guess, ...]:
        """What the listing seems to be about, as its text says. KeyError: no such id."""
        held = self._sides[side].held[id]
        written = touches(self._synonyms.uses(held.record.words), self._weights_of(held.row))
        return guesses(held.record, written)

    # Scores

    def _open(self, side: Side, held: Held) -> NDArray[np.bool_]:
        """Which slots of the other side hold a listing that the filters pass."""
        alive = self._words.alive(OTHER[side])
        return alive & self._sides[OTHER[side]].facts.allowed(held.record)[: len(alive)]

    def _parts(self, side: Side, held: Held, slots: NDArray[np.intp]) -> Parts:
        """What each part brings a listing of a side with those in slots of the other, to the last of DIGITS."""
        evidence = self._told(side, held, slots, exact=True) | self._beside(side, held, slots)
        return {name: values.round(DIGITS) for name, values in self._gated(side, held, slots, evidence).items()}

    def _gated(self, side: Side, held: Held, slots: Slots, evidence: Parts) -> Parts:
        """Evidence with its multipliers, and with the gates of the demand."""
        weights, columns = self.weights, self._sides[OTHER[side]].columns
        help, known = held.gates if side == "demand" else (columns[gate][slots] for gate in Gates._fields)
        gates = {"words": 1 - weights.ease * help} | dict.fromkeys(HELPED, help) | dict.fromkeys(KNOWN, known)
        return {name: weights.of(name) * gates.get(name, 1.0) * values for name, values in evidence.items()}

    def _told(self, side: Side, held: Held, slots: Slots, exact: bool) -> Parts:
        """What the two texts have in common, part by part: exact, or true to _SLACK and faster for many slots."""
        other = self._sides[OTHER[side]]
        told: Parts = {
            "words": self._products(side, held.row, slots, exact),
            "synonyms": other.subjects.shared(held.found, slots, exact),
        }
        if side == "supply" or held.gates.help:
            told["related"] = self._products(side, self._nearby.related(held.row), slots, exact)
            told["spelling"] = self._products(side, self._nearby.misspelled(held.row), slots, exact)
            own = self._sides[side].columns.values[self._words.slot(side, held.record.id)]
            told["meaning"] = np.maximum(_cosines(other.columns["direction"][slots], own["direction"]), 0.0)
            if self._encoder:
                likeness = _cosines(other.columns["encoded"][slots], own["encoded"])
                told["encoder"] = np.maximum(likeness - self.weights.near_texts, 0.0)
        return told

    def _products(self, side: Side, query: Row, slots: Slots, exact: bool) -> Floats:
        if not len(query.columns):
            return np.zeros(len(self._words.alive(OTHER[side])))[slots]
        if exact and not isinstance(slots, slice):
            return self._words.exact_products(OTHER[side], query, slots)
        return self._words.products(OTHER[side], query)[slots].astype(np.float64)

    def _beside(self, side: Side, held: Held, slots: Slots) -> Parts:
        """What the two have in common beside their texts, part by part."""
        other, record = self._sides[OTHER[side]], held.record
        facts, themes = other.facts, themes_of(record, held.found)
        return {
            "kind": other.subjects.same_kinds(kinds_of(record, held.found), slots),
            "theme": np.maximum(other.subjects.same_themes(themes, slots), facts.same_priority(record, slots)),
            "place": facts.nearness(record, slots, self.weights.near_miles),
            "dates": facts.dates_meet(record, slots),
            "lane": facts.same_lane(record, slots),
            "led": facts.led(record, slots),
            "checks": facts.checks_met(side, record, slots),
            "boost": facts.boost(record, slots),
        }

    def _scored(self, side: Side, held: Held, slots: NDArray[np.intp]) -> tuple[NDArray[np.int64], Floats]:
        parts = self._parts(side, held, slots)
        told = {name: values for name, values in parts.items() if name in TEXT_PARTS}
        enough = self._ground(side, held, slots, told).round(DIGITS) >= self.weights.least
        return self._words.ids(OTHER[side])[slots[enough]], self._sum(parts, len(slots))[enough]

    def _ground(self, side: Side, held: Held, slots: Slots, told: Parts) -> Floats:
        """What the texts bring in favour of suggesting the pair at all: any two texts are a little alike."""
        help = held.gates.help if side == "demand" else self._sides["demand"].columns["help"][slots]
        ground: Floats = reduce(np.add, [part for name, part in told.items() if name != "meaning"])
        if "meaning" in told:
            ground = ground + np.maximum(told["meaning"] - self.weights.meaning * self.weights.blind * help, 0.0)
        return ground

    @staticmethod
    def _sum(parts: Parts, count: int) -> Floats:
        """The score: parts are added in their fixed order."""
        total = np.zeros(count)
        for values in parts.values():
            total += values
        return total.round(DIGITS)


def _cosines(directions: Vector, direction: Vector) -> Floats:
    """Of directions in whole numbers, whose products are exact, so that both sides of a pair see one number."""
    # Not a matrix product, whose threads wait for one another on a busy machine.
    cosines: Floats = np.einsum("ij,j->i", directions, direction).astype(np.float64) / SCALE**2
    return cosines


def _counts(read: Sequence[str]) -> dict[str, int]:
    return dict(Counter(read))

"""What two listings have in common, part by part: a score is the sum of its parts.

Each part is a multiplier (weights.Weights), a gate and what the two share in that respect. It depends on the two
listings, the weights and the last weighing alone, never on what else is on the market, which is why stored lists can
be patched. Every part is rounded to ten digits, so that the order in which numbers were added cannot be seen.
"""

from collections.abc import Callable
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from broker.matching.lexical.index import OTHER, Lexical, Row
from broker.matching.meaning.nearby import Nearby
from broker.matching.meaning.table import SCALE, Whole, products
from broker.matching.placing import DIGITS, Gates, Held, Placing
from broker.matching.records import PartName, Side
from broker.matching.subjects import kinds_of, themes_of
from broker.matching.weights import HELPED, KNOWN, TEXT_PARTS, Weights

Floats = NDArray[np.float64]
Slots = NDArray[np.intp]
Parts = dict[PartName, Floats]
Bars = Callable[[NDArray[np.int64]], Floats]

_SLACK = 1e-5  # fast sums are true to about a tenth of this


class Scoring:
    """Scores listings of one side with those in slots of the other."""

    def __init__(self, words: Lexical, nearby: Nearby, placing: Placing, encoded: bool, weights: Weights) -> None:
        """encoded: an encoder has its say."""
        self._words, self._nearby, self._sides, self._weights = words, nearby, placing.sides, weights
        self._encoded = encoded

    def open(self, side: Side, held: Held) -> Slots:
        """The slots of the other side that hold a listing that the filters pass."""
        return self._sides[OTHER[side]].facts.allowed(held.record, self._words.alive(OTHER[side]))

    def hopeful(self, side: Side, held: Held, k: int, bars: Bars | None = None) -> Slots:
        """The slots of the other side that may be among the k best of a listing, or score what their own bar asks."""
        near = self.open(side, held)
        told = self._gated(side, held, near, self._told(side, held, near, exact=False))
        ground, sums = self._ground(side, held, near, told), reduce(np.add, told.values())
        grounded = ground >= self._weights.least - _SLACK
        near, ground, sums = near[grounded], ground[grounded], sums[grounded]
        beside = self._gated(side, held, near, self._beside(side, held, near))
        sums = reduce(np.add, beside.values(), sums)
        sure = sums[ground >= self._weights.least + _SLACK]
        needed = np.partition(sure, -k)[-k] if len(sure) > k else -np.inf
        if bars is not None:
            needed = np.minimum(needed, bars(self._words.ids(OTHER[side])[near]))
        hopeful: Slots = near[sums >= needed - _SLACK]
        return hopeful

    def scored(self, side: Side, held: Held, slots: Slots) -> tuple[NDArray[np.int64], Floats]:
        """Those in slots that the texts give ground to suggest: their ids, and the exact scores."""
        parts = self.parts(side, held, slots)
        told = {name: values for name, values in parts.items() if name in TEXT_PARTS}
        enough = self._ground(side, held, slots, told).round(DIGITS) >= self._weights.least
        return self._words.ids(OTHER[side])[slots[enough]], total(parts, len(slots))[enough]

    def parts(self, side: Side, held: Held, slots: Slots) -> Parts:
        """What each part brings a listing of a side with those in slots of the other, to the last of DIGITS."""
        evidence = self._told(side, held, slots, exact=True) | self._beside(side, held, slots)
        return {name: values.round(DIGITS) for name, values in self._gated(side, held, slots, evidence).items()}

    def _gated(self, side: Side, held: Held, slots: Slots, evidence: Parts) -> Parts:
        """Evidence with its multipliers, and with the gates of the demand."""
        own, help, known = self._gates(side, held, slots)
        gates = {"words": own} | dict.fromkeys(HELPED, help) | dict.fromkeys(KNOWN, known)
        return {name: self._weights.of(name) * gates.get(name, 1.0) * values for name, values in evidence.items()}

    def _gates(self, side: Side, held: Held, slots: Slots) -> tuple[float | Floats, ...]:
        """The gates of the demand, or of the demands in these slots."""
        columns = self._sides["demand"].columns
        return held.gates if side == "demand" else tuple(columns[gate][slots] for gate in Gates._fields)

    def _told(self, side: Side, held: Held, slots: Slots, exact: bool) -> Parts:
        """What the two texts have in common, part by part: exact, or true to _SLACK and faster for many slots."""
        ours, theirs = self._sides[side], self._sides[OTHER[side]]
        told: Parts = {
            "words": self._products(side, held.row, slots, exact),
            "synonyms": theirs.subjects.shared(held.found, slots, exact),
        }
        if side == "supply" or held.gates.help:
            told["related"] = self._products(side, self._nearby.related(held.row), slots, exact)
            told["spelling"] = self._products(side, self._nearby.misspelled(held.row), slots, exact)
            own = ours.columns["direction"][held.slot]
            told["meaning"] = np.maximum(_cosines(theirs.columns["direction"], own, slots), 0.0)
            if self._encoded:
                own = ours.columns["encoded"][held.slot]
                likeness = _cosines(theirs.columns["encoded"], own, slots)
                told["encoder"] = np.maximum(likeness - self._weights.near_texts, 0.0)
        return told

    def _products(self, side: Side, query: Row, slots: Slots, exact: bool) -> Floats:
        if not len(query.columns):
            return np.zeros(len(slots))
        if exact:
            return self._words.exact_products(OTHER[side], query, slots)
        return self._words.products(OTHER[side], query)[slots].astype(np.float64)

    def _beside(self, side: Side, held: Held, slots: Slots) -> Parts:
        """What the two have in common beside their texts, part by part."""
        other, record = self._sides[OTHER[side]], held.record
        facts, themes = other.facts, themes_of([record], [held.found])[0]
        return {
            "kind": other.subjects.same_kinds(kinds_of([record], [held.found])[0], slots),
            "theme": np.maximum(other.subjects.same_themes(themes, slots), facts.same_priority(record, slots)),
            "place": facts.nearness(record, slots, self._weights.near_miles),
            "dates": facts.dates_meet(record, slots),
            "lane": facts.same_lane(record, slots),
            "led": facts.led(record, slots),
            "checks": facts.checks_met(side, record, slots),
            "boost": facts.boost(record, slots),
        }

    def _ground(self, side: Side, held: Held, slots: Slots, told: Parts) -> Floats:
        """What the texts bring in favour of suggesting the pair at all, as if nothing had been evened out.

        Any two texts are a little alike: so much of the subject's likeness is no ground.
        """
        own, help, _ = self._gates(side, held, slots)
        ground: Floats = reduce(np.add, [part for name, part in told.items() if name != "meaning"])
        if "meaning" in told:
            ground = ground + np.maximum(told["meaning"] - self._weights.meaning * self._weights.blind * help, 0.0)
        even: Floats = ground / (own + self._weights.ease * help)
        return even


def total(parts: Parts, count: int) -> Floats:
    """The score: parts are added in their fixed order."""
    score = np.zeros(count)
    for values in parts.values():
        score += values
    return score.round(DIGITS)


def _cosines(directions: Whole, own: Whole, slots: Slots) -> Floats:
    cosines: Floats = products(directions, own, slots).astype(np.float64) / SCALE**2
    return cosines

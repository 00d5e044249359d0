"""What listings are about, beside their words: the entries they touch, the kinds and themes they state or seem to have.

One side's listings in columns, like its facts. An entry reaches as far in a listing as the words of the phrase that
names it do, so that "laptops" in a one-line need is much, and in a long text little.
"""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from broker.matching.facts import Codes, Slots
from broker.matching.growing import Growing
from broker.matching.records import Guess, Record
from broker.matching.synonyms import Use

Floats = NDArray[np.float64]

KINDS = ("skills", "volunteering", "funding", "goods", "space", "jobs")
THEMES = tuple(f"H{number:02d}" for number in range(1, 17))
_MOST = 8  # entries kept for a listing, the farthest-reaching first
_NOTHING = -1
_FIELDS = np.dtype(
    [
        ("entry", "i2", _MOST),
        ("phrase", "i4", _MOST),
        ("reach", "f8", _MOST),
        ("kinds", "f8", len(KINDS)),
        ("themes", "f8", len(THEMES)),
    ]
)
_GUESSED = 0.5
"""What a guessed theme counts beside a stated one."""
_LEAST_GUESS = 0.35
"""The share of all that a text hints at from which a kind or theme is guessed aloud."""


class Touch(NamedTuple):
    """An entry in a listing: how far it reaches there (0 to 1), by which phrase."""

    reach: float
    use: Use


def touches(uses: Sequence[Use], weights: Mapping[str, float]) -> dict[str, Touch]:
    """The entries of a text, by name, each with its farthest-reaching phrase. weights: stem to weight in the row."""
    found: dict[str, Touch] = {}
    for use in uses:
        reach = round(use.strength * math.sqrt(sum(weights.get(stem, 0.0) ** 2 for stem in set(use.stems))), 10)
        if reach > 0 and (use.entry.name not in found or reach > found[use.entry.name].reach):
            found[use.entry.name] = Touch(reach, use)
    ordered = sorted(found.items(), key=lambda item: (-item[1].reach, item[0]))
    return dict(ordered[:_MOST])


class Subjects:
    """One side's subjects: slot i is the listing in slot i of the words' index."""

    def __init__(self, names: Codes[str], phrases: Codes[tuple[str, ...]]) -> None:
        self._names, self._phrases = names, phrases
        self._rows: Growing[np.void] = Growing(_FIELDS)

    def put(self, slot: int, record: Record, found: Mapping[str, Touch]) -> None:
        """The subjects of the listing that stands in this slot from now on."""
        if slot >= len(self._rows):
            self._rows.extend(np.zeros(1, dtype=_FIELDS)[0], slot + 1 - len(self._rows))
        row = self._rows[slot]
        row["entry"], row["phrase"], row["reach"] = _NOTHING, _NOTHING, 0.0
        for place, (name, touch) in enumerate(found.items()):
            row["entry"][place] = self._names.of(name)
            row["phrase"][place] = self._phrases.of(touch.use.stems)
            row["reach"][place] = touch.reach
        row["kinds"], row["themes"] = kinds_of(record, found), themes_of(record, found)

    def shared(self, found: Mapping[str, Touch], slots: Slots, exact: bool) -> Floats:
        """The sum, over the entries that both touch by different phrases, of the products of their reaches.

        exact: the same digits for a pair whichever of the two asks.
        """
        size = len(self._names.values) + 1
        reach, phrase = np.zeros(size), np.full(size, _NOTHING)
        for name, touch in found.items():
            number = self._names.of(name)
            if number < size - 1:
                reach[number], phrase[number] = touch.reach, self._phrases.of(touch.use.stems)
        rows = self._rows.values
        entries = rows["entry"][slots]
        met = np.flatnonzero((reach > 0)[entries].any(axis=1))
        entries = entries[met]
        products = reach[entries] * rows["reach"][slots][met] * (phrase[entries] != rows["phrase"][slots][met])
        total = np.zeros(len(rows["entry"][slots]))
        total[met] = (np.sort(products, axis=1) if exact else products).sum(axis=1)
        return total

    def same_kinds(self, kinds: Floats, slots: Slots) -> Floats:
        """The cosine of the kinds of support, stated or guessed."""
        cosines: Floats = (self._rows.values["kinds"][slots] * kinds).sum(axis=1)
        return cosines

    def same_themes(self, themes: Floats, slots: Slots) -> Floats:
        """The cosine of the themes, stated or guessed."""
        cosines: Floats = (self._rows.values["themes"][slots] * themes).sum(axis=1)
        return cosines


def kinds_of(record: Record, found: Mapping[str, Touch]) -> Floats:
    """The kind as a direction: the stated one alone, else what the text hints at."""
    if record.kind in KINDS:
        return np.array([float(kind == record.kind) for kind in KINDS])
    return _unit(_votes(KINDS, found, record.guesses_refused, "kinds"))


def themes_of(record: Record, found: Mapping[str, Touch]) -> Floats:
    """The themes as a direction: the stated ones in full, what the text hints at by half."""
    stated = np.array([float(theme in record.themes) for theme in THEMES])
    guessed = _unit(_votes(THEMES, found, record.guesses_refused, "themes"))
    return _unit(stated + _GUESSED * guessed)


def guesses(record: Record, found: Mapping[str, Touch]) -> tuple[Guess, ...]:
    """What to say aloud: kinds where none is stated, themes that are not stated; the most likely first."""
    told: list[Guess] = []
    if record.kind is None:
        told += _spoken("kind", KINDS, found, record.guesses_refused)
    return (*told, *_spoken("theme", THEMES, found, record.guesses_refused | record.themes))


def _spoken(what: str, values: Sequence[str], found: Mapping[str, Touch], refused: frozenset[str]) -> list[Guess]:
    field = f"{what}s"
    votes = _votes(values, found, refused, field)
    share = votes / (votes.sum() or 1.0)
    likely = [number for number in np.argsort(-share, kind="stable").tolist() if share[number] >= _LEAST_GUESS]
    return [
        Guess("kind" if what == "kind" else "theme", values[number], _cues(found, field, values[number]))
        for number in likely
    ]


def _cues(found: Mapping[str, Touch], field: str, value: str) -> tuple[str, ...]:
    """The phrases that say so, the farthest-reaching first."""
    return tuple(dict.fromkeys(t.use.written for t in found.values() if value in getattr(t.use.entry, field)))[:3]


def _votes(values: Sequence[str], found: Mapping[str, Touch], refused: frozenset[str], field: str) -> Floats:
    votes = dict.fromkeys(values, 0.0)
    for touch in found.values():
        named = [value for value in getattr(touch.use.entry, field) if value in votes and value not in refused]
        for value in named:
            votes[value] += touch.reach / len(named)
    return np.array([votes[value] for value in values])


def _unit(vector: Floats) -> Floats:
    length = math.sqrt(float((vector**2).sum()))
    unit: Floats = vector / length if length else vector
    return unit

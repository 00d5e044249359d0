"""What listings are about, beside their words: the entries they touch, the kinds and themes they state or seem to have.

One side's listings in columns, like its facts. An entry reaches as far in a listing as the words of the phrase that
names it do, so that "laptops" in a one-line need is much, and in a long text little.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from broker.matching.facts import Codes, Slots
from broker.matching.growing import Columns
from broker.matching.records import Guess, Record
from broker.matching.synonyms import Use

Floats = NDArray[np.float64]
Field = Literal["kinds", "themes"]

KINDS = ("skills", "volunteering", "funding", "goods", "space", "jobs")
THEMES = tuple(f"H{number:02d}" for number in range(1, 17))
_MOST = 8  # entries kept for a listing, the farthest-reaching first
_NOTHING = -1
_FIELDS = {
    "entry": (np.int16, _MOST),
    "phrase": (np.int32, _MOST),
    "reach": (np.float64, _MOST),
    "kinds": (np.float64, len(KINDS)),
    "themes": (np.float64, len(THEMES)),
}
_RECENT_LEAST, _RECENT_SHARE = 256, 50  # listings looked at one by one: at most a fiftieth of all
_GUESSED = 0.5
"""What a guessed theme counts beside a stated one."""
_LEAST_GUESS = 0.6
"""How strongly a text hints at a kind or theme, beside the one that it hints at most, for it to be guessed aloud."""


class Said(NamedTuple):
    """A word of a listing: its weight in the row, and how few listings use it, 0 to 1."""

    weight: float
    rareness: float


_UNSAID = Said(0.0, 0.0)


class Touch(NamedTuple):
    """An entry in a listing: how far it reaches there (0 to 1), by which phrase."""

    reach: float
    use: Use


def touches(uses: Sequence[Use], said: Mapping[str, Said]) -> dict[str, Touch]:
    """The entries of a text, by name, each with its farthest-reaching phrase. said: what the text says, by stem.

    A phrase weighs what its words weigh together, the less the more listings use even its rarest word.
    """
    found: dict[str, tuple[float, str, Use]] = {}
    for use in uses:
        if len(use.stems) == 1:
            weight, rareness = said.get(use.stems[0], _UNSAID)
            squared = weight**2
        else:
            parts = [said.get(stem, _UNSAID) for stem in set(use.stems)]
            squared, rareness = sum(weight**2 for weight, _ in parts), max(rare for _, rare in parts)
        reach, name = round(use.strength * math.sqrt(squared * rareness), 10), use.entry.name
        if reach > 0 and (name not in found or -reach < found[name][0]):
            found[name] = -reach, name, use
    return {name: Touch(-reach, use) for reach, name, use in sorted(found.values())[:_MOST]}


class Subjects:
    """One side's subjects: slot i is the listing in slot i of the words' index."""

    def __init__(self, names: Codes[str], phrases: Codes[tuple[str, ...]]) -> None:
        self._names, self._phrases = names, phrases
        self._rows = Columns(_FIELDS)
        self._holding = np.zeros(0, dtype=np.int32)
        self._starts = np.zeros(1, dtype=np.intp)
        self._recent: set[int] = set()

    def put(self, slots: NDArray[np.intp], records: Sequence[Record], founds: Sequence[Mapping[str, Touch]]) -> None:
        """The subjects of the listings that stand in these slots from now on, and the entries found in each."""
        owner = np.repeat(np.arange(len(founds)), [len(found) for found in founds])
        at = owner, np.arange(len(owner)) - owner.searchsorted(owner)
        touched = [touch for found in founds for touch in found.values()]
        shape = len(slots), _MOST
        entry, phrase, reach = np.full(shape, _NOTHING), np.full(shape, _NOTHING), np.zeros(shape)
        entry[at] = [self._names.of(name) for found in founds for name in found]
        phrase[at] = [self._phrases.of(touch.use.stems) for touch in touched]
        reach[at] = [touch.reach for touch in touched]
        kinds, themes = kinds_of(records, founds), themes_of(records, founds)
        self._rows.put(slots, {"entry": entry, "phrase": phrase, "reach": reach, "kinds": kinds, "themes": themes})
        self._recent.update(slots.tolist())

    def shared(self, found: Mapping[str, Touch], slots: NDArray[np.intp], exact: bool) -> Floats:
        """The sum, over the entries that both touch by different phrases, of the products of their reaches.

        exact: the same digits for a pair whichever of the two asks.
        """
        touches = [(self._names.of(name), self._phrases.of(t.use.stems), t.reach) for name, t in found.items()]
        if exact:
            exactly: Floats = np.sort(self._products(touches, slots), axis=1).sum(axis=1)
            return exactly
        self._settle()
        sums = np.zeros(len(self._rows))
        phrases, reaches = self._rows["phrase"].reshape(-1), self._rows["reach"].reshape(-1)
        for entry, phrase, reach in touches:
            at = self._holding[self._starts[entry] : self._starts[entry + 1]]
            sums[at // _MOST] += reach * reaches[at] * (phrases[at] != phrase)
        recent = np.fromiter(self._recent, dtype=np.intp)
        sums[recent] = self._products(touches, recent).sum(axis=1)
        return sums[slots]

    def _products(self, touches: Sequence[tuple[int, int, float]], slots: NDArray[np.intp]) -> Floats:
        """For each entry of the listings in these slots what it brings."""
        size = len(self._names) + 1
        reach, phrase = np.zeros(size), np.full(size, _NOTHING)
        for number, own, length in touches:
            reach[number], phrase[number] = length, own
        entries, others = self._rows["entry"][slots], self._rows["phrase"][slots]
        products: Floats = reach[entries] * self._rows["reach"][slots] * (phrase[entries] != others)
        return products

    def _settle(self) -> None:
        """Sorts by entry where each stands: slot and place in one number. What came since stays with the recent."""
        if len(self._recent) > max(_RECENT_LEAST, len(self._rows) // _RECENT_SHARE):
            entries = self._rows["entry"].reshape(-1)
            self._holding = np.argsort(entries, kind="stable").astype(np.int32)
            self._starts = entries[self._holding].searchsorted(np.arange(len(self._names) + 1))
            self._recent.clear()
        # An entry that nobody had by then stands nowhere.
        news = len(self._names) + 1 - len(self._starts)
        if news > 0:
            self._starts = np.append(self._starts, np.full(news, len(self._holding)))

    def same_kinds(self, kinds: Floats, slots: Slots) -> Floats:
        """The cosine of the kinds of support, stated or guessed."""
        cosines: Floats = (self._rows["kinds"][slots] * kinds).sum(axis=1)
        return cosines

    def same_themes(self, themes: Floats, slots: Slots) -> Floats:
        """The cosine of the themes, stated or guessed."""
        cosines: Floats = (self._rows["themes"][slots] * themes).sum(axis=1)
        return cosines


def kinds_of(records: Sequence[Record], founds: Sequence[Mapping[str, Touch]]) -> Floats:
    """The kinds as directions: the stated one alone, else what the text hints at."""
    return _units(
        [
            [float(kind == record.kind) for kind in KINDS]
            if record.kind in KINDS
            else _votes(KINDS, found, record.guesses_refused, "kinds")
            for record, found in zip(records, founds, strict=True)
        ]
    )


def themes_of(records: Sequence[Record], founds: Sequence[Mapping[str, Touch]]) -> Floats:
    """The themes as directions: the stated ones in full, what the text hints at by half."""
    both = zip(records, founds, strict=True)
    guessed = _units([_votes(THEMES, found, record.guesses_refused, "themes") for record, found in both])
    return _units([[float(theme in record.themes) for theme in THEMES] for record in records] + _GUESSED * guessed)


def guesses(record: Record, found: Mapping[str, Touch]) -> tuple[Guess, ...]:
    """What to say aloud: kinds where none is stated, themes that are not stated; the most likely first."""
    told: list[Guess] = []
    if record.kind is None:
        told += _spoken("kind", KINDS, found, record.guesses_refused)
    return (*told, *_spoken("theme", THEMES, found, record.guesses_refused | record.themes))


def _spoken(
    what: Literal["kind", "theme"], values: Sequence[str], found: Mapping[str, Touch], refused: frozenset[str]
) -> list[Guess]:
    field: Field = "kinds" if what == "kind" else "themes"
    votes = np.array(_votes(values, found, refused, field))
    share = votes / (votes.max() or 1.0)
    likely = [number for number in np.argsort(-share, kind="stable").tolist() if share[number] >= _LEAST_GUESS]
    return [Guess(what, values[number], _cues(found, field, values[number])) for number in likely]


def _cues(found: Mapping[str, Touch], field: Field, value: str) -> tuple[str, ...]:
    """The phrases that say so, the farthest-reaching first."""
    return tuple(dict.fromkeys(t.use.written for t in found.values() if value in getattr(t.use.entry, field)))[:3]


def _votes(values: Sequence[str], found: Mapping[str, Touch], refused: frozenset[str], field: Field) -> list[float]:
    votes = dict.fromkeys(values, 0.0)
    for touch in found.values():
        named = [value for value in getattr(touch.use.entry, field) if value in votes and value not in refused]
        for value in named:
            votes[value] += touch.reach / len(named)
    return list(votes.values())


def _units(vectors: ArrayLike) -> Floats:
    """Vectors as directions; zeros stay zeros."""
    rows = np.asarray(vectors, dtype=np.float64)
    lengths = np.sqrt((rows**2).sum(axis=1, keepdims=True))
    units: Floats = np.divide(rows, lengths, out=rows.copy(), where=lengths > 0)
    return units

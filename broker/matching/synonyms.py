"""Words that mean the same in this field: entries as data (words.toml, and what officers add), found in texts.

A group says "somebody to do the books", a firm says "management accounts": one entry names both, and two listings
that each use a phrase of it share it. Phrases are compared as runs of stems, stop words left out.
"""

import math
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

from broker.matching.text import stems, words

SAYS, HINTS = 1.0, 0.5
"""How strongly a phrase stands for its entry: it says it, or only hints at it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One meaning. kinds: kinds of support it usually is; themes: shared outcomes ("H09") it usually serves."""

    name: str
    say: tuple[str, ...]
    hint: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Entry":
        """From a row of words.toml, or one that an officer made: name, say, and maybe hint, kinds and themes."""
        listed = {field: tuple(row.get(field, ())) for field in ("say", "hint", "kinds", "themes")}
        return cls(row["name"], **listed)


class Use(NamedTuple):
    """One phrase of an entry in a text, as the text writes it."""

    entry: Entry
    strength: float
    stems: tuple[str, ...]
    written: str
    """Empty where only stems were read."""
    is_hint: bool = False
    """Whether it only hints at its entry. A phrase of many entries is as weak as a hint, and says each all the same."""


class Synonyms:
    """Entries ready to be found in texts. An entry given later takes the place of an earlier one of its name."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries: dict[str, Entry] = {entry.name: entry for entry in entries}
        self._uses: dict[tuple[str, ...], list[Use]] = {}
        self._sizes: dict[tuple[str, str], list[int]] = {}
        for entry in self.entries.values():
            for phrases, strength in ((entry.hint, HINTS), (entry.say, SAYS)):
                for phrase in phrases:
                    self._add(tuple(stems(phrase)), entry, strength)
        self._uses = {phrase: _shared_out(uses) for phrase, uses in self._uses.items()}

    def _add(self, phrase: tuple[str, ...], entry: Entry, strength: float) -> None:
        if phrase:
            others = [use for use in self._uses.get(phrase, []) if use.entry is not entry]
            self._uses[phrase] = [*others, Use(entry, strength, phrase, "", strength < SAYS)]
            if len(phrase) > 1:
                pair = phrase[0], phrase[1]
                self._sizes[pair] = sorted({*self._sizes.get(pair, []), len(phrase)}, reverse=True)

    def uses(self, text: str) -> list[Use]:
        """Every phrase of an entry in the text. Of two phrases at one place only the longer counts."""
        found = list(words(text))
        return [
            use._replace(written=" ".join(word for _, word in found[start : start + len(phrase)]))
            for start, phrase in self._phrases([stem for stem, _ in found])
            for use in self._uses[phrase]
        ]

    def uses_of(self, read: Sequence[str]) -> list[Use]:
        """As uses, for a text that was read before: its stems in order."""
        return [use for _, phrase in self._phrases(read) for use in self._uses[phrase]]

    def _phrases(self, read: Sequence[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Where phrases stand: from left to right, at each place the longest, none within another."""
        free = 0
        for start, pair in enumerate(zip_longest(read, read[1:], fillvalue="")):
            if start < free:
                continue
            # Few pairs of words begin a phrase: this is asked for every word of every listing.
            longer = [tuple(read[start : start + size]) for size in self._sizes[pair]] if pair in self._sizes else []
            for phrase in (*longer, pair[:1]):
                if phrase in self._uses:
                    yield start, phrase
                    free = start + len(phrase)
                    break


def _shared_out(uses: Sequence[Use]) -> list[Use]:
    """A phrase of several entries says as much in all of them together as one of a single entry says there."""
    whole = math.sqrt(sum(use.strength**2 for use in uses)) / max(use.strength for use in uses)
    return [use._replace(strength=use.strength / whole) for use in uses]


@lru_cache(maxsize=1)
def shipped() -> Synonyms:
    """The entries of words.toml."""
    text = Path(__file__).with_name("words.toml").read_text(encoding="utf-8")
    return Synonyms(Entry.of(row) for row in tomllib.loads(text)["entry"])

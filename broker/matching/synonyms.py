"""Words that mean the same in this field: entries as data (words.toml, and what officers add), found in texts.

A group says "somebody to do the books", a firm says "management accounts": one entry names both, and two listings
that each use a phrase of it share it. Phrases are compared as runs of stems, stop words left out.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
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


class Synonyms:
    """Entries ready to be found in texts. An entry given later takes the place of an earlier one of its name."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries: dict[str, Entry] = {entry.name: entry for entry in entries}
        self._phrases: dict[str, dict[tuple[str, ...], list[tuple[Entry, float]]]] = {}
        for entry in self.entries.values():
            for phrases, strength in ((entry.hint, HINTS), (entry.say, SAYS)):
                for phrase in phrases:
                    self._add(tuple(stems(phrase)), entry, strength)

    def _add(self, phrase: tuple[str, ...], entry: Entry, strength: float) -> None:
        if phrase:
            meanings = self._phrases.setdefault(phrase[0], {}).setdefault(phrase, [])
            meanings[:] = [each for each in meanings if each[0] is not entry] + [(entry, strength)]

    def uses(self, text: str) -> list[Use]:
        """Every phrase of an entry in the text. Of two phrases at one place only the longer counts."""
        found = list(words(text))
        return self.uses_of([stem for stem, _ in found], [word for _, word in found])

    def uses_of(self, read: Sequence[str], written: Sequence[str] = ()) -> list[Use]:
        """As uses, for a text that was read before: its stems in order, and its words where they are at hand."""
        return [use for at in self._spans(read) for use in self._meanings(tuple(read[at]), " ".join(written[at]))]

    def _meanings(self, phrase: tuple[str, ...], written: str) -> Iterator[Use]:
        for entry, strength in self._phrases[phrase[0]][phrase]:
            yield Use(entry, strength, phrase, written)

    def _spans(self, read: Sequence[str]) -> Iterator[slice]:
        """Where phrases stand: from left to right, at each place the longest, none within another."""
        start = 0
        while start < len(read):
            known = self._phrases.get(read[start], {})
            longest = max(map(len, known), default=0)
            rest = tuple(read[start : start + longest])
            length = next((size for size in range(len(rest), 0, -1) if rest[:size] in known), 0)
            if length:
                yield slice(start, start + length)
            start += max(1, length)


@lru_cache(maxsize=1)
def shipped() -> Synonyms:
    """The entries of words.toml."""
    text = Path(__file__).with_name("words.toml").read_text(encoding="utf-8")
    return Synonyms(Entry.of(row) for row in tomllib.loads(text)["entry"])

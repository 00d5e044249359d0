"""Text to words: what a listing talks about, as stems to compare and as the words a reader saw.

Case, accents and endings do not matter ("Joiners", "joinery"), and what is no subject never becomes a word:
stop words (stopwords.txt, our own), numbers, ordinals, clock times, web and mail addresses, full postcodes, streets
by their names. So "17th Dec" has nothing in common with "17th Scout Group", nor has "Chester Road" with "Long Road".
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import Stemmer

# Longer runs of letters are keys, codes or noise; the longest word in an English dictionary has 45.
LONGEST_WORD = 45

# Counts are bounded so that a hostile text costs linear time.
_ADDRESS = re.compile(
    r"https?://\S+|\bwww\.\S+|(?<![\w.+-])[\w.+-]{1,64}@\S+"
    r"|\b[a-z]{1,2}\d[a-z\d]?[ ]?\d[a-z]{2}\b",
    re.IGNORECASE,
)
# None of these without one of those, which many texts lack: looking for them alone is ten times quicker.
_ADDRESS_MARK = re.compile(r"[@:\d]")
# A street by its name, with or without a number: a place, no subject. "Street" in small letters stays a word.
_WAYS = tuple(
    way for each in ("Street", "Road", "Avenue", "Lane", "Crescent", "Terrace", "Grove") for way in (each, each.upper())
)
_STREET = re.compile(rf"\b(?:\d{{1,4}}[A-Za-z]?,?\s+)?(?:[A-Z][\w'’-]{{0,30}}\s+){{1,2}}(?:{'|'.join(_WAYS)})\b")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_ENDING = re.compile(r"['’](?:s|re|ve|ll|d|m)$")
_NUMBER = re.compile(r"\d+(?:st|nd|rd|th|s|am|pm)?")

_stemmer = Stemmer.Stemmer("english")


def _read_stop_words() -> frozenset[str]:
    """The words of stopwords.txt; a line that begins with # is a comment."""
    lines = Path(__file__).with_name("stopwords.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


STOP_WORDS = _read_stop_words()


def plain(word: str) -> str:
    """Lower case, without accents and apostrophes: "Café's" becomes "cafe"."""
    decomposed = unicodedata.normalize("NFKD", _ENDING.sub("", word.lower()))
    return "".join(c for c in decomposed if not unicodedata.combining(c) and c not in "'’")


@lru_cache(maxsize=200_000)
def stem(word: str) -> str | None:
    """The Snowball English stem of one word without a hyphen, or None where the word is no subject."""
    if word.lower().endswith(("n't", "n’t")):
        return None
    base = plain(word)
    if not 2 <= len(base) <= LONGEST_WORD or base in STOP_WORDS or _NUMBER.fullmatch(base):
        return None
    return str(_stemmer.stemWord(base))


def _parts(compound: str) -> list[str]:
    """The words of a hyphenated word: its parts, or the whole where a part alone would say nothing.

    "youth-led" is youth and led; "well-being" is wellbeing, "e-mail" email and "one-to-one" onetoone.
    """
    parts = compound.split("-")
    says_nothing = any(stem(part) is None for part in parts)
    return ["".join(parts)] if says_nothing and not any(c.isdigit() for c in compound) else parts


def words(text: str) -> Iterator[tuple[str, str]]:
    """(stem, word as written) for each word of a text that counts, in its order."""
    for found in _found(text):
        parts = _parts(found) if "-" in found else [found]
        for part in parts:
            root = stem(part)
            if root is not None:
                yield root, part if len(parts) > 1 else found


def stems(text: str) -> list[str]:
    """The stems of a text with repeats: what the index counts."""
    found: Iterable[str] = _found(text)
    if "-" in text:
        found = (part for each in found for part in (_parts(each) if "-" in each else [each]))
    return [root for root in map(stem, found) if root is not None]


def _found(text: str) -> list[str]:
    """The words of a text and what is written like one, hyphens and all; without addresses and streets."""
    # NFKC first, so that a letter and its accent written as two characters stay one word.
    text = unicodedata.normalize("NFKC", text)
    if _ADDRESS_MARK.search(text) or "www." in text.lower():
        text = _ADDRESS.sub(" ", text)
    if any(way in text for way in _WAYS):
        text = _STREET.sub(" ", text)
    return _WORD.findall(text)


@lru_cache(maxsize=4_096)
def as_written(text: str) -> Mapping[str, str]:
    """Each stem with the word to show for it: its first lower-case form, else its first form.

    Kept for the last few thousand texts, because one text is explained against many others in a row.
    """
    shown: dict[str, str] = {}
    for root, word in words(text):
        form = _ENDING.sub("", word)
        if root not in shown or (form.islower() and not shown[root].islower()):
            shown[root] = form
    return MappingProxyType(shown)

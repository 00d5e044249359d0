"""A text as the encoder reads it: lower case, no accents, marks apart, words cut into the pieces that it learned.

The same numbers as the tokenizer that all-MiniLM-L6-v2 was trained with (BERT, uncased), from the list of pieces that
ships with the table of meanings.
"""

import unicodedata
from functools import lru_cache

from broker.matching.meaning.table import Table

UNKNOWN = 100
_LONGEST_WORD = 100
_IDEOGRAPHS = (
    (0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F), (0x2B820, 0x2CEAF),
    (0xF900, 0xFAFF), (0x2F800, 0x2FA1F),
)  # fmt: skip
"""Each stands for a word of its own."""


class WordPieces:
    """From a text to the numbers of its pieces."""

    def __init__(self, table: Table) -> None:
        self._split = lru_cache(maxsize=50_000)(lambda word: tuple(table.split(word)))

    def __call__(self, text: str) -> list[int]:
        """In the order of the text; a word with a sign that no piece has is one unknown."""
        return [number for word in _words(text) for number in self._numbers(word)]

    def _numbers(self, word: str) -> tuple[int, ...]:
        return (self._split(word) if len(word) <= _LONGEST_WORD else ()) or (UNKNOWN,)


def _words(text: str) -> list[str]:
    """Words and single marks."""
    shown = "".join(map(_apart, text))
    plain = "".join(c for c in unicodedata.normalize("NFD", shown) if unicodedata.category(c) != "Mn")
    return "".join(f" {c} " if _is_mark(c) else c for c in plain.lower()).split()


def _apart(character: str) -> str:
    """White space as a space, nothing for what cannot be seen, room around an ideograph."""
    if character.isspace():
        return " "
    if character == "\ufffd" or unicodedata.category(character) in {"Cc", "Cf", "Co", "Cs", "Cn"}:
        return ""
    code = ord(character)
    return f" {character} " if any(first <= code <= last for first, last in _IDEOGRAPHS) else character


@lru_cache(maxsize=4_096)
def _is_mark(character: str) -> bool:
    """Punctuation, and every sign of ASCII that is no letter and no digit."""
    is_sign = character.isascii() and character.isprintable() and not character.isalnum() and character != " "
    return is_sign or unicodedata.category(character).startswith("P")

"""What words mean, from a table made once from a sentence encoder: a direction for each word, none for the rest.

The table needs numpy alone. It holds a row for each of the encoder's 30,522 word pieces; a word that is no piece is
the sum of its pieces. Directions are whole numbers below 2^12, so that their products are exact in 32 bits whatever
the order in which they are added: a likeness is the same on every machine. How the table was made, and what its
licence asks: vectors/README.md.
"""

import os
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from broker.matching.text import stem

Vectors = NDArray[np.float32]
Whole = NDArray[np.int16]
"""Directions in whole numbers."""
F = TypeVar("F", bound=np.floating[Any])

SCALE = 4000
"""The length of a direction: its square is below 2^24, up to which 32-bit floats count without a gap."""
_FILE = Path(__file__).parent / "vectors" / "vectors.npz"
_AT_ONCE = 2048
"""Rows multiplied at once: what is read stays in the processor's own memory."""
_FIRST_WORD = 999  # below it stand marks and single characters


class Table:
    """Directions of words, by stem."""

    def __init__(self, pieces: list[str], rows: NDArray[np.int8], scales: NDArray[np.float32]) -> None:
        self.pieces = {piece: number for number, piece in enumerate(pieces)}
        self._rows, self._scales = rows, scales
        self._words = self._known_words(pieces)
        self._longest = max(map(len, pieces), default=0)
        self.size = rows.shape[1]

    @staticmethod
    def _known_words(pieces: list[str]) -> dict[str, int]:
        """Each stem with its most frequent word, which in the encoder's list is the first."""
        known: dict[str, int] = {}
        for number, piece in enumerate(pieces[_FIRST_WORD:], _FIRST_WORD):
            root = stem(piece) if piece.isascii() and piece.isalpha() else None
            if root is not None:
                known.setdefault(root, number)
        return known

    def knows(self, root: str) -> bool:
        """Whether a word with this stem is in the table as a whole."""
        return root in self._words

    def pieces_of(self, root: str) -> Sequence[int]:
        """What a stem is the sum of: its word, or pieces; nothing for a strange script."""
        return [self._words[root]] if root in self._words else self.split(root)

    def sums(self, pieces: NDArray[np.int32], starts: NDArray[np.intp], counts: NDArray[np.intp]) -> Vectors:
        """The directions of words, not scaled: how far one reaches is how much it says. For each where its pieces
        start, and how many it has."""

        def term(at: NDArray[np.intp]) -> Vectors:
            return self._rows[pieces[at]].astype(np.float32) * self._scales[pieces[at], None]

        return add_up(np.zeros((len(starts), self.size), dtype=np.float32), starts, counts, term)

    def split(self, word: str) -> list[int]:
        """The pieces of a word, the longest first at each place; nothing where some of it is in no piece."""
        found: list[int] = []
        start = 0
        while start < len(word):
            begun = "##" if start else ""
            for end in range(min(len(word), start + self._longest), start, -1):
                number = self.pieces.get(begun + word[start:end])
                if number is not None:
                    break
            else:
                return []
            found.append(number)
            start = end
        return found


def add_up(
    total: NDArray[F], starts: NDArray[np.intp], counts: NDArray[np.intp], term: Callable[[NDArray[np.intp]], Vectors]
) -> NDArray[F]:
    """Adds to each row of total its terms, so many from its start on. All rows' first ones come at once, then all
    second ones: each row is added up one by one, and gets the digits that it would have alone.
    """
    order = np.argsort(-counts, kind="stable")
    falling, summed = -counts[order], total[order]
    for number in range(int(counts.max(initial=0))):
        live = int(falling.searchsorted(-number))
        summed[:live] += term(starts[order[:live]] + number)
    total[order] = summed
    return total


def directions(vectors: NDArray[np.floating]) -> Whole:
    """The directions of vectors in whole numbers; zeros stay zeros."""
    lengths = np.sqrt((vectors.astype(np.float64) ** 2).sum(axis=1))
    factors = np.divide(SCALE, lengths, out=np.zeros(len(lengths)), where=lengths > 0)
    whole: Whole = np.rint(vectors * factors.astype(vectors.dtype)[:, None]).astype(np.int16)
    return whole


def products(rows: NDArray[Any], own: NDArray[Any], slots: NDArray[np.intp] | None = None) -> NDArray[np.float32]:
    """Of directions (or those in slots) with one, exact, so that both sides of a pair see one number."""
    found = np.empty(len(rows if slots is None else slots), dtype=np.float32)
    for start in range(0, len(found), _AT_ONCE):
        span = slice(start, start + _AT_ONCE)
        some = rows[span if slots is None else slots[span]].astype(np.float32, copy=False)
        # Not a matrix product, whose threads wait for one another on a busy machine.
        found[span] = np.einsum("ij,j->i", some, own.astype(np.float32, copy=False))
    return found


@lru_cache(maxsize=1)
def shipped() -> Table | None:
    """The table of this product; None where it is switched off (BROKER_WORD_TABLE=off) or was taken out."""
    if os.environ.get("BROKER_WORD_TABLE") == "off" or not _FILE.is_file():
        return None
    with np.load(_FILE) as stored:
        pieces = bytes(stored["pieces"]).decode("utf-8").split("\n")
        return Table(pieces, stored["rows"], stored["scales"])

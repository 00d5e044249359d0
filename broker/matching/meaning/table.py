"""What words mean, from a table made once from a sentence encoder: a direction for each word, none for the rest.

The table needs numpy alone. It holds a row for each of the encoder's 30,522 word pieces; a word that is no piece is
the sum of its pieces. Directions are whole numbers below 2^12, so that their products are exact in 32 bits whatever
the order in which they are added: a likeness is the same on every machine. How the table was made, and what its
licence asks: vectors/README.md.
"""

import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from broker.matching.text import stem

Vector = NDArray[np.float32]

SCALE = 4000
"""The length of a direction: its square is below 2^24, up to which 32-bit floats count without a gap."""
_FILE = Path(__file__).parent / "vectors" / "vectors.npz"
_UNKNOWN_PIECE = 100
_FIRST_WORD = 999  # below it stand marks and single characters


class Table:
    """Directions of words, by stem."""

    def __init__(self, pieces: list[str], rows: NDArray[np.int8], scales: NDArray[np.float32]) -> None:
        self.pieces = {piece: number for number, piece in enumerate(pieces)}
        self._rows, self._scales = rows, scales
        self._words = self._known_words(pieces)
        self.size = rows.shape[1]
        self._seen: dict[str, Vector] = {}

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

    def of(self, root: str) -> Vector:
        """The direction of a stem, not scaled: how far it reaches is how much it says. Zeros for a strange script."""
        if root not in self._seen:
            numbers = [self._words[root]] if root in self._words else list(self.split(root))
            rows = self._rows[numbers].astype(np.float32) * self._scales[numbers, None]
            self._seen[root] = rows.sum(axis=0)
        return self._seen[root]

    def split(self, word: str) -> Iterator[int]:
        """The pieces of a word, the longest first at each place; nothing where some of it is in no piece."""
        found: list[int] = []
        start = 0
        while start < len(word):
            begun = "##" if start else ""
            ends = range(len(word), start, -1)
            end = next((end for end in ends if begun + word[start:end] in self.pieces), None)
            if end is None:
                return iter(())
            found.append(self.pieces[begun + word[start:end]])
            start = end
        return iter(found)


def direction(vector: NDArray[np.floating]) -> Vector:
    """A vector's direction in whole numbers; zeros stay zeros."""
    length = float(np.sqrt((vector.astype(np.float64) ** 2).sum()))
    scaled: Vector = np.rint(vector * (SCALE / length if length else 0.0)).astype(np.float32)
    return scaled


@lru_cache(maxsize=1)
def shipped() -> Table | None:
    """The table of this product; None where it is switched off (BROKER_WORD_TABLE=off) or was taken out."""
    if os.environ.get("BROKER_WORD_TABLE") == "off" or not _FILE.is_file():
        return None
    with np.load(_FILE) as stored:
        pieces = bytes(stored["pieces"]).decode("utf-8").split("\n")
        return Table(pieces, stored["rows"], stored["scales"])

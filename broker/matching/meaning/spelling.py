"""Which words may be one word spelled twice (sheild, shield): those that share most of their triples of letters."""

from array import array
from collections import defaultdict
from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

LEAST_SPELLING = 0.6
"""The share of letter triples in common (Dice) from which two words count as one word spelled twice."""
_LEAST_LETTERS = 5


class Spelling:
    """Words by the triples of their letters."""

    def __init__(self) -> None:
        self._holding: defaultdict[str, array[int]] = defaultdict(partial(array, "i"))
        self._letters = array("i")

    @property
    def size(self) -> int:
        """How many words it knows."""
        return len(self._letters)

    def learn(self, words: Sequence[str]) -> None:
        """The next words."""
        for number, word in enumerate(words, self.size):
            triples = _triples(word)
            for triple in triples:
                self._holding[triple].append(number)
            self._letters.append(len(triples))

    def alike(self, word: str, start: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """The words from number start on that may be this one in another spelling, and their share of triples."""
        ours = _triples(word)
        sharing = [np.frombuffer(self._holding[triple], dtype=np.int32) for triple in ours if triple in self._holding]
        if not sharing:
            return np.zeros(0, dtype=np.intp), np.zeros(0)
        both = np.bincount(np.concatenate([others[others.searchsorted(start) :] for others in sharing]) - start)
        found = np.flatnonzero(both)
        both, found = both[found], found + start
        likeness = 2 * both / (len(ours) + np.frombuffer(self._letters, dtype=np.int32)[found])
        alike = likeness > LEAST_SPELLING
        return found[alike], likeness[alike]


def _triples(word: str) -> frozenset[str]:
    """Its ends are letters too; a word too short to be told from others by its triples has none."""
    if len(word) < _LEAST_LETTERS:
        return frozenset()
    marked = f"<{word}>"
    return frozenset(marked[at : at + 3] for at in range(len(marked) - 2))

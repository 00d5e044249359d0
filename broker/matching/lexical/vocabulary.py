"""Words as columns, how many listings have each, and the weighing: what a word is worth until the next re-weighing."""

import math
import sys
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from broker.matching.growing import Growing


@dataclass(frozen=True, slots=True)
class Weighing:
    """What the worth of words is computed from; can be stored and given back."""

    listings: int = 0
    found: Mapping[str, int] = field(default_factory=dict)
    """For each word, in how many listings it was found; a word that is not here counts as found in none."""


class Vocabulary:
    """An open vocabulary. Columns are never renumbered; counts are whole numbers, so they cannot drift."""

    def __init__(self) -> None:
        self.listings = 0
        self._weighed_listings = 0
        self._columns: dict[str, int] = {}
        self._words: list[str] = []
        self._found: Growing[np.int32] = Growing(np.int32)
        self._weighed: Growing[np.int32] = Growing(np.int32)
        self._idf: Growing[np.float64] = Growing(np.float64)
        self._repeats: dict[int, int] = {}
        self.repeat_weights: Growing[np.float64] = Growing(np.float64)
        """1 + ln(count) for each code of a count."""
        self.unknown_idf = 1.0
        """What a word is worth that the weighing does not know."""

    def __len__(self) -> int:
        return len(self._words)

    @property
    def idf(self) -> NDArray[np.float64]:
        """What each column is worth under the weighing."""
        return self._idf.values

    @property
    def found(self) -> NDArray[np.int32]:
        """In how many listings the word of each column was found at the last weighing."""
        return self._weighed.values

    def column(self, word: str) -> int | None:
        """The column of a word that some listing has or had."""
        return self._columns.get(word)

    def words(self, columns: Iterable[int]) -> list[str]:
        """The words of columns."""
        return list(map(self._words.__getitem__, columns))

    def learn(self, words: Collection[str]) -> list[int]:
        """The columns of words, new ones for words never seen; those are worth what a word found nowhere is."""
        for word in words:
            if word not in self._columns:
                self._columns[word] = len(self._words)
                self._words.append(word)
        columns = list(map(self._columns.__getitem__, words))
        new = len(self._words) - len(self._idf)
        self._found.extend(0, new)
        self._weighed.extend(0, new)
        self._idf.extend(self.unknown_idf, new)
        return columns

    def levels(self, counts: Iterable[int]) -> list[int]:
        """The code of each count: there are few distinct counts, so a code takes one byte where a count takes four."""
        codes = []
        for count in counts:
            code = self._repeats.get(count)
            if code is None:
                code = self._repeats[count] = self.repeat_weights.extend(1 + math.log(count), 1)
            codes.append(code)
        return codes

    def repeats(self, counts: Iterable[int]) -> NDArray[np.float64]:
        """1 + ln(count) for each count."""
        return np.array([1 + math.log(count) for count in counts], dtype=np.float64)

    def count(self, columns: NDArray[np.int32], sign: Literal[1, -1], listings: int = 1) -> None:
        """A listing with these columns, or so many with all their columns, came (1) or left (-1)."""
        np.add.at(self._found.values, columns, sign)
        self.listings += sign * listings

    @property
    def weighing(self) -> Weighing:
        """A copy of what words are weighed by now."""
        known = np.flatnonzero(self._weighed.values)
        found = dict(zip(self.words(known.tolist()), self._weighed[known].tolist(), strict=True))
        return Weighing(self._weighed_listings, found)

    def weigh_by(self, weighing: Weighing) -> None:
        """Weighs by counts of another time."""
        if max(weighing.found.values(), default=0) > weighing.listings:
            raise ValueError("a word cannot be found in more listings than there are")
        columns = self.learn(weighing.found)
        self._weighed[:] = 0
        self._weighed[columns] = list(weighing.found.values())
        self._weigh(weighing.listings)

    def reweigh(self) -> None:
        """Weighs by the counts of now."""
        self._weighed[:] = self._found.values
        self._weigh(self.listings)

    @property
    def nbytes(self) -> int:
        """The memory of all arrays."""
        return sum(kept.nbytes for kept in (self._found, self._weighed, self._idf, self.repeat_weights))

    @property
    def names_nbytes(self) -> int:
        """The memory of the words themselves and of the look-up of their columns."""
        names = sum(sys.getsizeof(word) + sys.getsizeof(column) for word, column in self._columns.items())
        return names + sys.getsizeof(self._columns) + sys.getsizeof(self._words)

    def _weigh(self, listings: int) -> None:
        self._weighed_listings = listings
        self._idf[:] = _idf(listings, self._weighed.values)
        self.unknown_idf = float(_idf(listings, np.zeros(1, dtype=np.int32))[0])


def _idf(listings: int, found: NDArray[np.int32]) -> NDArray[np.float64]:
    """1 + ln((1 + n) / (1 + df)): scikit-learn's smooth idf."""
    worth: NDArray[np.float64] = np.log((1 + listings) / (1.0 + found)) + 1
    return worth

"""How often a suggestion is right, by its score: what a page may say about a faint one is read from this."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

SCORES = {"below .14": (0.0, 0.14), ".14 to .18": (0.14, 0.18), ".18 to .26": (0.18, 0.26), "from .26": (0.26, inf)}
"""From, and up to but without."""
KEPT = 20
"""As many suggestions as the product keeps for a listing."""


@dataclass(frozen=True, slots=True)
class Share:
    """Of the suggestions with such a score: how many there were, and how many were judged to fit at all."""

    set: str
    split: str | None
    score: str
    suggested: int
    right: int


def shares(name: str, split: str | None, rankings: NDArray[np.float64], grades: NDArray[np.float64]) -> Iterator[Share]:
    """A line for each of SCORES. rankings, grades: one row for each listing that asks, one column for each ranked."""
    best = np.argsort(-rankings, axis=1, kind="stable")[:, :KEPT]
    scores: NDArray[np.float64] = np.take_along_axis(rankings, best, axis=1)
    right: NDArray[np.bool_] = np.take_along_axis(grades, best, axis=1) > 0
    for said, (least, most) in SCORES.items():
        inside = (scores >= least) & (scores < most) & (scores > 0)
        yield Share(name, split, said, int(inside.sum()), int(right[inside].sum()))

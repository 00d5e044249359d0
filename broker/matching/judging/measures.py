"""How good one ranking is: nDCG@10, recall@10, reciprocal rank and average precision, fair to equal scores.

Each figure is the mean over all orders of the equal scores (McSherry and Najork, "Computing information
retrieval performance measures efficiently in the presence of tied scores", ECIR 2008), so neither the order
of a file nor the spelling of an id can help a ranking. The ranking is full: what scores 0 comes last, tied.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

DEPTH = 10


class Measures(NamedTuple):
    """All between 0 and 1, larger is better."""

    ndcg: float
    """At 10; the gain is the grade itself, the discount log2(rank + 1)."""
    recall: float
    """Share of all relevant that are among the first 10."""
    reciprocal_rank: float
    average_precision: float


class _Ties(NamedTuple):
    """A ranking as groups of equal score, best first; one entry per group."""

    size: NDArray[np.int64]
    relevant: NDArray[np.int64]
    gain: NDArray[np.float64]
    """The sum of the grades."""


def measures(scores: NDArray[np.float64], grades: NDArray[np.float64]) -> Measures:
    """One need's ranking judged. scores and grades: one for each offer; a grade above 0 is relevant.

    ValueError where nothing is relevant: no ranking is then better than another.
    """
    if not (grades > 0).any():
        raise ValueError("no relevant offer")
    ties = _ties(scores, grades)
    return Measures(_ndcg(ties, grades), _recall(ties), _reciprocal_rank(ties), _average_precision(ties))


def _ties(scores: NDArray[np.float64], grades: NDArray[np.float64]) -> _Ties:
    _, group = np.unique(-scores, return_inverse=True)
    return _Ties(
        size=np.bincount(group),
        relevant=np.bincount(group, weights=grades > 0).astype(np.int64),
        gain=np.bincount(group, weights=grades).astype(np.float64),
    )


def _first_ranks(expected: NDArray[np.float64], ties: _Ties) -> NDArray[np.float64]:
    """A value per group, repeated for each of its ranks, cut at DEPTH."""
    return np.repeat(expected, ties.size)[:DEPTH]


def _ndcg(ties: _Ties, grades: NDArray[np.float64]) -> float:
    ideal = np.sort(grades)[::-1][:DEPTH]
    discount = 1 / np.log2(np.arange(2, len(ideal) + 2))
    return float(_first_ranks(ties.gain / ties.size, ties) @ discount / (ideal @ discount))


def _recall(ties: _Ties) -> float:
    return float(_first_ranks(ties.relevant / ties.size, ties).sum() / ties.relevant.sum())


def _reciprocal_rank(ties: _Ties) -> float:
    """Only the first group with a relevant offer counts: the mean of 1/rank of its first one."""
    group = int(np.argmax(ties.relevant > 0))
    before, size, relevant = int(ties.size[:group].sum()), int(ties.size[group]), int(ties.relevant[group])
    place = np.arange(size)
    # Given that no relevant one came before, this is the chance of one at each place of the group.
    chance = np.minimum(1.0, relevant / (size - place))
    none_before = np.concatenate(([1.0], np.cumprod(1 - chance)[:-1]))
    return float((none_before * chance / (before + place + 1)).sum())


def _average_precision(ties: _Ties) -> float:
    """At each rank: the chance of a relevant offer, times the precision to expect there if it is one."""
    sizes = ties.size
    size, relevant = np.repeat(sizes, sizes), np.repeat(ties.relevant, sizes)
    found_before = np.repeat(np.cumsum(ties.relevant) - ties.relevant, sizes)
    rank = np.arange(1, len(size) + 1)
    place = rank - 1 - np.repeat(np.cumsum(sizes) - sizes, sizes)
    # A group of one has no fellow, and then place is 0 as well.
    fellows = place * (relevant - 1) / np.maximum(1, size - 1)
    precision = relevant / size * (found_before + 1 + fellows) / rank
    return float(precision.sum() / ties.relevant.sum())

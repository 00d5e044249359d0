"""Is one ranking better than another, or was it luck? A paired bootstrap over the judged listings decides.

The same listings are drawn again and again, with repeats; the mean difference of each draw shows how far it could
have come out otherwise. Nothing is called better or worse unless 95 of 100 draws stay on one side of 0.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Verdict = Literal["better", "worse", "no difference shown"]

DRAWS = 10_000
FEWEST = 10
"""Below this many pairs of figures the draws are too alike to tell anything."""

_SEED = 20_261_122
_DRAWS_AT_ONCE = 500
_INTERVAL = (2.5, 97.5)
# Means of the same differences in another order differ in the 16th digit; 0 must stay 0.
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Gain:
    """By how much the first ranking's mean lies above the second's, with the 95% interval."""

    mean: float
    low: float
    high: float
    pairs: int

    @property
    def verdict(self) -> Verdict:
        """The one place where a difference is given a name."""
        if self.pairs < FEWEST or self.low <= 0 <= self.high:
            return "no difference shown"
        return "better" if self.low > 0 else "worse"

    def as_dict(self) -> dict[str, float | str]:
        """For JSON."""
        return {"difference": self.mean, "low": self.low, "high": self.high, "verdict": self.verdict}


def gain(first: NDArray[np.float64], second: NDArray[np.float64]) -> Gain:
    """The gain of first over second; figure i of both is of the same listing. The same answer every time."""
    if first.shape != second.shape or not len(first):
        raise ValueError("paired figures are needed, at least one pair")
    differences = first - second
    low, high = np.percentile(_means(differences), _INTERVAL).round(_DIGITS).tolist()
    return Gain(round(float(differences.mean()), _DIGITS), low, high, len(differences))


def _means(differences: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean difference of each draw."""
    chance = np.random.default_rng(_SEED)
    n = len(differences)
    draws = (differences[chance.integers(n, size=(_DRAWS_AT_ONCE, n))] for _ in range(DRAWS // _DRAWS_AT_ONCE))
    return np.concatenate([drawn.mean(axis=1) for drawn in draws])

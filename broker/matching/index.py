"""The weights: one TF-IDF table over demand and supply together, and the exact score of any pair.

Weights are (1 + ln tf) * (1 + ln((1 + n) / (1 + df))), each row scaled to length 1 (scikit-learn's
sublinear_tf and smooth idf). A score is the cosine of two rows: the sum, over the words that both have,
of the products of their weights.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics.pairwise import linear_kernel

from broker.matching.text import stems

# Sums of the same products in another order differ in the 16th digit; twelve make equal scores equal.
_DIGITS = 12
# Rows of a pair table are copied to be multiplied; this many at once stay under some 50 MB.
_PAIRS_AT_ONCE = 50_000


class Index:
    """Texts as rows of weights; row i is text i of the sequence given. Empty texts are rows of nothing."""

    def __init__(self, texts: Sequence[str]) -> None:
        vectorizer = TfidfVectorizer(analyzer=stems, sublinear_tf=True, smooth_idf=True, norm="l2")
        try:
            self._weights = csr_array(vectorizer.fit_transform(texts))
        except ValueError:
            # scikit-learn refuses a set of texts without a single word; for us nothing then has a score.
            if any(stems(text) for text in texts):
                raise
            self._weights, self._stems = csr_array((len(texts), 1), dtype=np.float64), np.array([""])
            return
        self._weights.sort_indices()
        self._stems = vectorizer.get_feature_names_out()

    def scores(self, rows: NDArray[np.intp], cols: NDArray[np.intp]) -> NDArray[np.float64]:
        """The table len(rows) by len(cols) of scores, fast, true to about 1e-15. Neither may be empty."""
        table: NDArray[np.float64] = linear_kernel(self._weights[rows], self._weights[cols])
        return table

    def pair_scores(self, rows: NDArray[np.intp], cols: NDArray[np.intp]) -> NDArray[np.float64]:
        """The score of each pair (rows[i], cols[i]), the same digits whatever else is asked with it."""
        parts = [np.empty(0)]
        for start in range(0, len(rows), _PAIRS_AT_ONCE):
            batch = slice(start, start + _PAIRS_AT_ONCE)
            products = self._weights[rows[batch]].multiply(self._weights[cols[batch]])
            parts.append(np.asarray(products.sum(axis=1)).ravel())
        rounded: NDArray[np.float64] = np.concatenate(parts).round(_DIGITS)
        return rounded

    def shares(self, row: int, col: int) -> tuple[float, dict[str, float]]:
        """The score of one pair, and each shared stem with the product of weights that is its part of it."""
        ours, our_weights = self._row(row)
        theirs, their_weights = self._row(col)
        shared, here, there = np.intersect1d(ours, theirs, assume_unique=True, return_indices=True)
        products = our_weights[here] * their_weights[there]
        # Added one by one in the order of the columns, as pair_scores does: np.sum would pair them up.
        score = round(float(products.cumsum()[-1]), _DIGITS) if len(products) else 0.0
        return score, dict(zip(self._stems[shared].tolist(), products.tolist(), strict=True))

    def _row(self, row: int) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """The columns and weights of one row, without copying."""
        span = slice(self._weights.indptr[row], self._weights.indptr[row + 1])
        return self._weights.indices[span], self._weights.data[span]

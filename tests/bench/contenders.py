"""What one would use instead: products of sparse matrices, scikit-learn, sparse_dot_topn, a refit for each request.

They get the very weights that the core has, so all compute the same scores; building those is not counted against them.
"""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics.pairwise import linear_kernel

from broker.matching.lexical.index import Lexical, Side
from broker.matching.text import stems

CHUNK = 256
PLAIN, KERNEL, TOPN = (
    "X @ Y.T, float64, argpartition",
    "linear_kernel, float32, argpartition",
    "sparse_dot_topn, float32",
)
Work = Callable[[], Any]


def matrix(core: Lexical, side: Side, ids: list[int]) -> csr_array:
    """The weights of listings as a sparse matrix."""
    rows = core.rows(side, ids)
    table = csr_array((rows.weights, rows.columns, rows.pointers), shape=(len(ids), len(core.idf)))
    table.sort_indices()
    return table


def rivals(needs: csr_array, offers: csr_array, k: int) -> dict[str, Work]:
    """Each rival's way to the k best offers of all these needs; sparse_dot_topn only where it is installed."""
    turned, single = csr_array(offers.T), needs.astype(np.float32)
    offers32, turned32 = offers.astype(np.float32), csr_array(turned.astype(np.float32))
    works: dict[str, Work] = {
        PLAIN: lambda: _in_chunks(lambda chunk: (chunk @ turned).toarray(), needs, k),
        KERNEL: lambda: _in_chunks(lambda chunk: linear_kernel(chunk, offers32), single, k),
    }
    if find_spec("sparse_dot_topn"):
        from sparse_dot_topn import sp_matmul_topn

        left, right = csr_matrix(single), csr_matrix(turned32)
        works[TOPN] = lambda: sp_matmul_topn(left, right, top_n=k, sort=True, n_threads=1)
    return works


def _in_chunks(product: Callable[[Any], NDArray[np.floating]], needs: csr_array, k: int) -> list[NDArray[np.intp]]:
    """The k best of each row of products, in chunks of rows."""
    found = []
    for start in range(0, needs.shape[0], CHUNK):
        scores = product(needs[start : start + CHUNK])
        best = np.argpartition(scores, -min(k, scores.shape[1]), axis=1)[:, -k:]
        order = np.argsort(-np.take_along_axis(scores, best, 1), axis=1)
        found.append(np.take_along_axis(best, order, 1))
    return found


def refit(texts: list[str], text: str, k: int) -> list[int]:
    """The pattern of many applications: fit on everything, for one request."""
    table = TfidfVectorizer(analyzer=stems, sublinear_tf=True).fit_transform([*texts, text])
    scores = linear_kernel(table[-1:], table[:-1])[0]
    best: list[int] = np.argsort(-scores)[:k].tolist()
    return best


def brute(needs: csr_array, offers: csr_array, k: int, digits: int = 12) -> list[list[tuple[int, float]]]:
    """Every score of every pair in 64 bits, all of them sorted by score, then id: rows are in the order of ids."""
    found, turned = [], csr_array(offers.T)
    for start in range(0, needs.shape[0], CHUNK):
        for scores in (needs[start : start + CHUNK] @ turned).toarray().round(digits):
            best = np.lexsort((np.arange(len(scores)), -scores))[:k]
            found.append([(int(id), float(scores[id])) for id in best if scores[id] > 0])
    return found


def scatter_floor(seconds: float = 0.2) -> float:
    """Nanoseconds of one load, multiply, add and store in the processor's own memory: what no exact scan can beat."""
    from numba import njit

    @njit
    def run(sums: Any, slots: Any, values: Any, weight: Any, times: int) -> None:
        for _ in range(times):
            for position in range(len(slots)):
                sums[slots[position]] += weight * values[position]

    draw = np.random.default_rng(0)
    slots = np.sort(draw.choice(1 << 16, 8_192, replace=False)).astype(np.uint16)
    sums, values = np.zeros(1 << 16, np.float32), draw.random(8_192, np.float32)
    run(sums, slots, values, np.float32(0.5), 1)
    from tests.bench.measuring import cpu

    times = int(seconds / max(1e-9, cpu(lambda: run(sums, slots, values, np.float32(0.5), 100))[0] / 100))
    taken = [cpu(lambda: run(sums, slots, values, np.float32(0.5), times))[0] for _ in range(5)]
    return float(np.median(taken)) / times / len(slots) * 1e9

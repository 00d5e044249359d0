"""How well the matcher ranks on a judged set, beside BM25 and chance: text alone, full rankings."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array
from sklearn.feature_extraction.text import CountVectorizer

from broker.matching.index import Index
from broker.matching.judged import BadJudgedSet, JudgedSet, read
from broker.matching.measures import Measures, measures
from broker.matching.text import stems

__all__ = ["BadJudgedSet", "Ranker", "Scores", "judge"]

Ranker = Literal["tfidf", "bm25", "random"]
"""tfidf is the product's; bm25 and random stand beside it."""

_Table = Callable[[NDArray[np.intp]], NDArray[np.float64]]
"""From numbers of needs to their scores: one row for each, one column for each offer."""

_NEEDS_AT_ONCE = 64
# Scores that differ only in the order of a sum are equal.
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Scores:
    """Means over the judged needs, each between 0 and 1."""

    ndcg_at_10: float
    recall_at_10: float
    mrr: float
    map: float
    judged: int
    """How many needs have a relevant offer, in the split that was asked for."""

    def as_dict(self) -> dict[str, float | int]:
        """For printing and JSON, under the customary names."""
        return {
            "ndcg@10": self.ndcg_at_10,
            "recall@10": self.recall_at_10,
            "mrr": self.mrr,
            "map": self.map,
            "judged": self.judged,
        }


def judge(folder: Path | str, split: str | None = None, ranker: Ranker = "tfidf") -> Scores:
    """Ranks all offers of a judged set for each judged need, and measures the rankings.

    The matcher is fitted on all needs and offers of the folder, judged or not, as it is in use; split only
    chooses whose rankings count. Equal scores are judged by the mean over their orders, so "random", which
    scores all alike, is exact. BadJudgedSet where the folder cannot be read.
    """
    judged = read(Path(folder), split)
    results = np.array(list(_measured(judged, _TABLES[ranker](judged))))
    ndcg, recall, mrr, average = results.mean(axis=0).tolist()
    return Scores(ndcg, recall, mrr, average, len(results))


def _measured(judged: JudgedSet, table: _Table) -> Iterator[Measures]:
    """The measures of each judged need. One block of needs is scored at a time."""
    row = {need: number for number, need in enumerate(judged.needs)}
    column = {offer: number for number, offer in enumerate(judged.offers)}
    asked = list(judged.relevant)
    for start in range(0, len(asked), _NEEDS_AT_ONCE):
        block = asked[start : start + _NEEDS_AT_ONCE]
        for need, scores in zip(block, table(np.array([row[need] for need in block])), strict=True):
            grades = np.zeros(len(column))
            for offer, grade in judged.relevant[need].items():
                grades[column[offer]] = grade
            yield measures(scores.round(_DIGITS), grades)


def _tfidf(judged: JudgedSet) -> _Table:
    """The matcher itself, without facts: these sets have none."""
    index = Index([*judged.needs.values(), *judged.offers.values()])
    offers = np.arange(len(judged.needs), len(judged.needs) + len(judged.offers))
    return lambda needs: index.scores(needs, offers)


def _bm25(judged: JudgedSet) -> _Table:
    """BM25 as in Lucene, idf over the offers alone, on the same words as the matcher."""
    counter = CountVectorizer(analyzer=stems).fit([*judged.needs.values(), *judged.offers.values()])
    asked = csr_array(counter.transform(judged.needs.values()), dtype=np.float64)
    weights = bm25_weights(csr_array(counter.transform(judged.offers.values()), dtype=np.float64))
    return lambda needs: (asked[needs] @ weights.T).toarray()


def bm25_weights(counts: csr_array, k1: float = 0.9, b: float = 0.4) -> csr_array:
    """Word counts (one row for each text) to BM25 weights; a score is a sum of weights over the asked words.

    idf * tf / (tf + k1 * (1 - b + b * length / mean length)), idf = ln(1 + (n - df + 0.5) / (df + 0.5)).
    """
    found = np.bincount(counts.indices, minlength=counts.shape[1])
    idf = np.log1p((counts.shape[0] - found + 0.5) / (found + 0.5))
    lengths = counts.sum(axis=1)
    damping = k1 * (1 - b + b * lengths / max(1.0, lengths.mean()))
    weights = counts.copy()
    weights.data /= weights.data + np.repeat(damping, np.diff(counts.indptr))
    return csr_array(weights @ diags_array(idf))


def _random(judged: JudgedSet) -> _Table:
    """All offers alike: what blind chance gets on average."""
    return lambda needs: np.zeros((len(needs), len(judged.offers)))


_TABLES: dict[Ranker, Callable[[JudgedSet], _Table]] = {"tfidf": _tfidf, "bm25": _bm25, "random": _random}

"""Ways to rank a judged set: the product's own, and the yardsticks beside it. Each gives a table of scores.

The yardsticks ("both", BM25, chance) share no line with the product's own ranking, so that a change there never
moves what it is measured with.
"""

from collections.abc import Callable, Iterator
from typing import Any, Literal, get_args

import numpy as np
import Stemmer
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

from broker.matching import Market, Progress, Weights
from broker.matching.judging.judged import Direction, JudgedSet
from broker.matching.meaning.encoder import NOT_INSTALLED, Encoder
from broker.matching.records import Record

Without = Literal[
    "without synonyms", "without related", "without spelling", "without meaning", "without kind", "without theme"
]
"""The product's ranking with the weight of one part at 0."""
Whole = Literal["ours", "both", "bm25", "random", "encoder", "minilm"]
Ranker = Whole | Without
"""ours: the product's. encoder: the product's with the optional encoder switched on. minilm: that encoder alone."""

RANKERS: tuple[Whole, ...] = get_args(Whole)

Table = NDArray[np.float64]
"""One row for each listing that asks, one column for each on the other side."""

_Rows = Callable[[NDArray[np.intp]], Table]
"""From numbers of needs to their scores over all offers."""

_ROWS_AT_ONCE = 64


class NoEncoder(Exception):
    """The optional encoder is asked for and is not installed; the message says what to do."""


def table(
    judged: JudgedSet, ranker: Ranker, direction: Direction, asked: NDArray[np.intp], progress: Progress | None = None
) -> Table:
    """The scores of the asked listings, by their number on their side, over the whole other side."""
    if ranker == "bm25":
        return _bm25(judged, direction, asked)
    rows = _ROWS[ranker](judged)
    if direction == "need":
        return np.vstack([rows(block) for block in _blocks(asked, progress)])
    every = np.arange(len(judged.needs))
    return np.vstack([rows(block)[:, asked] for block in _blocks(every, progress)]).T


def _blocks(rows: NDArray[np.intp], progress: Progress | None) -> Iterator[NDArray[np.intp]]:
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        yield rows[start : start + _ROWS_AT_ONCE]
        if progress:
            progress(min(start + _ROWS_AT_ONCE, len(rows)), len(rows))


def _texts(records: dict[str, Record]) -> list[str]:
    return [record.words for record in records.values()]


def _ours(judged: JudgedSet, weights: Weights | None = None, **more: Any) -> _Rows:
    """The matcher itself, fitted on all needs and offers of the folder, as it is in use."""
    market = Market(list(judged.needs.values()), list(judged.offers.values()), weights=weights or Weights(), **more)
    offers = [offer.id for offer in judged.offers.values()]
    # Needs are numbered in the order of their file.
    return lambda needs: market.table(needs.tolist(), offers)


def _encoder(judged: JudgedSet) -> _Rows:
    """As ours, with the encoder's part added."""
    return _ours(judged, encoder=_loaded())


def _minilm(judged: JudgedSet) -> _Rows:
    """The cosine of two whole texts, as a sentence encoder sees them."""
    encoder = _loaded()
    needs = encoder.vectors(_texts(judged.needs)).astype(np.float64)
    offers = encoder.vectors(_texts(judged.offers)).astype(np.float64)
    return lambda numbers: needs[numbers] @ offers.T


def _loaded() -> Encoder:
    encoder = Encoder.load()
    if encoder is None:
        raise NoEncoder(NOT_INSTALLED)
    return encoder


_stemmer = Stemmer.Stemmer("english")
_english = CountVectorizer(stop_words="english").build_analyzer()


def _reference_words(text: str) -> list[str]:
    """scikit-learn's tokens without its English stop words, stemmed: fixed, whatever the product counts as words."""
    stemmed: list[str] = _stemmer.stemWords(_english(text))
    return stemmed


def _counts(texts: list[str]) -> csr_array:
    """How often each of the reference's words is in each text."""
    try:
        return csr_array(CountVectorizer(analyzer=_reference_words).fit_transform(texts), dtype=np.float64)
    except ValueError:
        # scikit-learn refuses texts without a single word; nothing then has a score.
        return csr_array((len(texts), 1), dtype=np.float64)


def _both(judged: JudgedSet) -> _Rows:
    """The best plain TF-IDF: sublinear, stemmed, stop words, fitted on both sides together, cosine."""
    counts = _counts([*_texts(judged.needs), *_texts(judged.offers)])
    weights = csr_array(TfidfTransformer(sublinear_tf=True).fit_transform(counts))
    offers = weights[len(judged.needs) :]
    return lambda needs: (weights[needs] @ offers.T).toarray()


def _random(judged: JudgedSet) -> _Rows:
    """All alike: what blind chance gets on average, because equal scores are judged by the mean over their orders."""
    return lambda needs: np.zeros((len(needs), len(judged.offers)))


def _bm25(judged: JudgedSet, direction: Direction, asked: NDArray[np.intp]) -> Table:
    """BM25 as in Lucene on the reference's words, idf over the ranked side alone."""
    asking, ranked = _texts(judged.asking(direction)), _texts(judged.ranked(direction))
    counts = _counts([*asking, *ranked])
    scores: Table = (counts[asked] @ bm25_weights(counts[len(asking) :]).T).toarray()
    return scores


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


_ROWS: dict[Ranker, Callable[[JudgedSet], _Rows]] = {
    "ours": _ours,
    "both": _both,
    "random": _random,
    "encoder": _encoder,
    "minilm": _minilm,
    "without synonyms": lambda judged: _ours(judged, Weights(synonyms=0)),
    "without related": lambda judged: _ours(judged, Weights(related=0)),
    "without spelling": lambda judged: _ours(judged, Weights(spelling=0)),
    "without meaning": lambda judged: _ours(judged, Weights(meaning=0)),
    "without kind": lambda judged: _ours(judged, Weights(kind=0)),
    "without theme": lambda judged: _ours(judged, Weights(theme=0)),
}

"""The measures, worked out by hand, and against every order of the equal scores."""

import itertools
import math
from collections.abc import Sequence

import numpy as np
import pytest

from broker.matching.judging.measures import Measures, measures


def _judged(scores: Sequence[float], grades: Sequence[float]) -> Measures:
    return measures(np.array(scores), np.array(grades))


def test_a_ranking_worked_out_by_hand() -> None:
    """Grades in the order of the scores: 0, 2, 0, 1."""
    ndcg, recall, reciprocal_rank, average_precision = _judged([0.9, 0.8, 0.7, 0.6], [0, 2, 0, 1])
    assert ndcg == pytest.approx((2 / math.log2(3) + 1 / math.log2(5)) / (2 + 1 / math.log2(3)))
    assert recall == 1
    assert reciprocal_rank == 1 / 2
    assert average_precision == pytest.approx((1 / 2 + 2 / 4) / 2)


def test_a_perfect_and_a_useless_ranking() -> None:
    assert _judged([3, 2, 1], [1, 0, 0]) == (1, 1, 1, 1)
    assert _judged([*range(20)], [1] + [0] * 19) == (0, 0, 1 / 20, 1 / 20)


def test_the_depth_is_ten() -> None:
    """Eleven relevant first, the last outside: the ideal is cut at ten as well."""
    judged = _judged([*range(12, 0, -1)], [1] * 11 + [0])
    assert judged.ndcg == pytest.approx(1)
    assert judged.recall == pytest.approx(10 / 11)


def _plain(grades: tuple[float, ...]) -> tuple[float, ...]:
    """The textbook forms, for one strict order."""
    ranks = [rank for rank, grade in enumerate(grades, 1) if grade > 0]
    gain = sum(grade / math.log2(rank + 1) for rank, grade in enumerate(grades[:10], 1))
    ideal = sum(grade / math.log2(rank + 1) for rank, grade in enumerate(sorted(grades, reverse=True)[:10], 1))
    precision = sum(found / rank for found, rank in enumerate(ranks, 1)) / len(ranks)
    return gain / ideal, sum(rank <= 10 for rank in ranks) / len(ranks), 1 / ranks[0], precision


@pytest.mark.parametrize(
    ("groups"),
    [
        [[1, 0, 0]],
        [[0, 2, 1, 0, 1]],
        [[0], [0, 1], [2, 0, 0]],
        [[0, 0], [1], [1, 1, 0, 0]],
        [[1, 1, 1], [0, 0]],
        [[0, 0, 0], [1, 0], [0], [3, 1]],
    ],
)
def test_equal_scores_count_as_the_mean_of_all_their_orders(groups: list[list[float]]) -> None:
    scores = [float(-number) for number, group in enumerate(groups) for _ in group]
    orders = itertools.product(*(itertools.permutations(group) for group in groups))
    each = [_plain(tuple(itertools.chain.from_iterable(order))) for order in orders]
    assert _judged(scores, [grade for group in groups for grade in group]) == pytest.approx(np.mean(each, axis=0))


def test_equal_scores_across_the_tenth_place() -> None:
    """Two of twelve tied: ten places in twelve."""
    assert _judged([0.5] * 12, [1, 1] + [0] * 10).recall == pytest.approx(10 / 12)


def test_nothing_relevant_is_no_question() -> None:
    with pytest.raises(ValueError, match="no relevant offer"):
        _judged([1, 2], [0, 0])

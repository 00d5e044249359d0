"""The interval of a difference: nothing is called better or worse that could be luck."""

import numpy as np
import pytest

from broker.matching.judging.bootstrap import DRAWS, FEWEST, Gain, gain


def test_identical_rankings_differ_by_nothing() -> None:
    figures = np.linspace(0, 1, 37)
    assert gain(figures, figures.copy()) == Gain(0.0, 0.0, 0.0, 37)
    assert gain(figures, figures.copy()).verdict == "no difference shown"


def test_a_real_gain_is_called_and_turned_round_a_loss() -> None:
    before = np.linspace(0, 0.8, 40)
    after = before + np.tile([0.05, 0.1], 20)
    assert gain(after, before).verdict == "better"
    assert gain(before, after).verdict == "worse"


def test_a_gain_of_the_same_size_that_hangs_on_few_listings_is_refused() -> None:
    before, after = np.zeros(40), np.zeros(40)
    after[:2] = [1.0, 1.0]
    found = gain(after, before)
    assert found.mean == pytest.approx(0.05)
    assert found.low <= 0 < found.high
    assert found.verdict == "no difference shown"


def test_the_interval_of_coins_is_the_binomial_one() -> None:
    """Half of 100 differences are 1, half 0: the mean of a draw is a binomial's, 95% within .40 and .60."""
    coins = np.tile([0.0, 1.0], 50)
    found = gain(coins, np.zeros(100))
    assert (found.mean, found.low, found.high) == pytest.approx((0.5, 0.40, 0.60), abs=0.005)


def test_few_pairs_prove_nothing() -> None:
    few, enough = np.ones(FEWEST - 1), np.ones(FEWEST)
    assert gain(few, few * 0).verdict == "no difference shown"
    assert gain(enough, enough * 0).verdict == "better"


def test_the_same_question_has_the_same_answer() -> None:
    chance = np.random.default_rng(3)
    first, second = chance.random(50), chance.random(50)
    assert gain(first, second) == gain(first, second)
    assert DRAWS >= 2_000


@pytest.mark.parametrize("second", [np.ones(3), np.ones(0)])
def test_figures_that_do_not_pair_are_refused(second: np.ndarray) -> None:
    with pytest.raises(ValueError, match="paired figures"):
        gain(np.ones(0), second)

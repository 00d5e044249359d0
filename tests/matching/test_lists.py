"""Lists that are patched equal lists that are computed from scratch, whatever happens and however many scores tie."""

from collections.abc import Callable, Iterable, Mapping

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from numpy.typing import NDArray

from broker.matching.lists import SIDES, Lists, other
from broker.matching.records import Scored, Side

K = 3
IDS = st.integers(1, 12)


class Dice:
    """A scorer of few different scores: a number hidden in each listing, and a table of what two numbers score."""

    def __init__(self) -> None:
        self.market: dict[Side, dict[int, int]] = {"demand": {}, "supply": {}}
        self.asked: list[tuple[Side, list[int]]] = []

    def scored(
        self, side: Side, listing_id: int, k: int, bars: Callable[[NDArray[np.int64]], NDArray[np.float64]]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The least that a scorer must give."""
        best = {each.id for each in self.list_of(side, listing_id, k)}
        row = [(name, self.score(side, listing_id, name)) for name in self.market[other(side)]]
        bar = dict(
            zip(self.market[other(side)], bars(np.array(list(self.market[other(side)]), dtype=np.int64)), strict=True)
        )
        kept = [(name, score) for name, score in row if score > 0 and (name in best or score >= bar[name])]
        return np.array([name for name, _ in kept], dtype=np.int64), np.array([score for _, score in kept])

    def best(
        self,
        side: Side,
        k: int = 20,
        ids: Iterable[int] | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Mapping[int, list[Scored]]:
        asked = list(self.market[side] if ids is None else ids)
        self.asked.append((side, asked))
        return {each: self.list_of(side, each, k) for each in asked}

    def list_of(self, side: Side, listing_id: int, k: int = K) -> list[Scored]:
        row = [Scored(name, self.score(side, listing_id, name)) for name in self.market[other(side)]]
        return sorted((s for s in row if s.score > 0), key=lambda s: (-s.score, s.id))[:k]

    def score(self, side: Side, mine: int, theirs: int) -> float:
        ours, others = self.market[side][mine], self.market[other(side)][theirs]
        demand, supply = (ours, others) if side == "demand" else (others, ours)
        return (0.0, 0.25, 0.5, 0.5, 1.0)[(demand * 3 + supply * 7 + demand * supply) % 5]


class Arrivals(RuleBasedStateMachine):
    """Listings come, change and go, one by one and several at once, the market always ahead of the lists."""

    def __init__(self) -> None:
        super().__init__()
        self.dice = Dice()
        self.lists = Lists(self.dice, K)
        self.before: dict[Side, dict[int, list[Scored]]] = {"demand": {}, "supply": {}}

    @rule(changes=st.lists(st.tuples(st.sampled_from(SIDES), IDS, st.none() | st.integers(0, 9)), max_size=6))
    def change(self, changes: list[tuple[Side, int, int | None]]) -> None:
        """A number comes or changes; None leaves."""
        final = {(side, name): number for side, name, number in changes}
        for (side, name), number in final.items():
            self.dice.market[side].pop(name, None)
            if number is not None:
                self.dice.market[side][name] = number
        for (side, name), number in final.items():
            if number is None:
                self.lists.remove(side, name)
            else:
                self.lists.put(side, name)
        self.lists.settle()

    @rule()
    def restart(self) -> None:
        fresh = Lists(self.dice, K)
        for side in SIDES:
            fresh.load(side, {name: self.lists.of(side, name) for name in self.lists.ids(side)})
        self.lists = fresh

    @invariant()
    def every_list_equals_a_full_recompute(self) -> None:
        for side in SIDES:
            now = {name: self.lists.of(side, name) for name in self.lists.ids(side)}
            assert now == {name: self.dice.list_of(side, name) for name in self.dice.market[side]}

    @invariant()
    def what_was_not_touched_is_as_it_was(self) -> None:
        touched = self.lists.take_touched()
        for side in SIDES:
            now = {name: self.lists.of(side, name) for name in self.lists.ids(side)}
            different = {n for n in now.keys() | self.before[side].keys() if now.get(n) != self.before[side].get(n)}
            assert different <= touched[side]
            self.before[side] = now


Arrivals.TestCase.settings = settings(max_examples=100, stateful_step_count=12, deadline=None)
TestArrivals = Arrivals.TestCase


@pytest.fixture
def dice() -> Dice:
    """Ten on each side."""
    made = Dice()
    made.market = {side: {name: name for name in range(1, 11)} for side in SIDES}
    return made


def test_filling_equals_the_scorer(dice: Dice) -> None:
    lists = Lists(dice, K)
    lists.fill()
    for side in SIDES:
        assert {name: lists.of(side, name) for name in lists.ids(side)} == dice.best(side, K)
    assert lists.take_touched() == {side: set(range(1, 11)) for side in SIDES}


def test_a_newcomer_makes_nothing_be_computed_again(dice: Dice) -> None:
    lists = Lists(dice, K)
    lists.fill()
    dice.asked.clear()
    dice.market["supply"][500] = 4
    lists.put("supply", 500)
    lists.settle()
    assert dice.asked == []
    assert lists.of("supply", 500) == dice.list_of("supply", 500)


def test_only_lists_that_lost_somebody_are_computed_again(dice: Dice) -> None:
    lists = Lists(dice, K)
    lists.fill()
    dice.asked.clear()
    held = [name for name in lists.ids("demand") if 1 in {s.id for s in lists.of("demand", name)}]
    full = [name for name in held if len(lists.of("demand", name)) == K]
    del dice.market["supply"][1]
    lists.remove("supply", 1)
    lists.settle()
    assert full
    assert dice.asked == [("demand", full)]


def test_one_that_falls_back_to_the_last_score_goes_behind_those_outside_with_smaller_ids() -> None:
    dice = Dice()
    dice.market = {"demand": {1: 0}, "supply": {1: 2, 2: 4, 3: 4, 5: 4, 9: 2}}  # 2 scores 1.0 and 4 scores 0.5
    lists = Lists(dice, 3)
    lists.fill()
    assert [s.id for s in lists.of("demand", 1)] == [1, 9, 2]
    dice.market["supply"][9] = 4
    lists.put("supply", 9)
    lists.settle()
    assert [s.id for s in lists.of("demand", 1)] == [1, 2, 3]


def test_one_that_changes_and_still_beats_the_last_only_moves() -> None:
    dice = Dice()
    dice.market = {"demand": {1: 0}, "supply": {1: 2, 2: 2, 3: 4, 4: 4}}
    lists = Lists(dice, 3)
    lists.fill()
    dice.asked.clear()
    dice.market["supply"][1] = 1
    lists.put("supply", 1)
    lists.settle()
    assert dice.asked == []
    assert [s.id for s in lists.of("demand", 1)] == [2, 1, 3]


def test_nobody_known_has_an_empty_list() -> None:
    assert Lists(Dice()).of("demand", 10**6) == []

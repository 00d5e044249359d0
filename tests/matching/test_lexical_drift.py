"""No drift: whatever was put, replaced, removed and re-weighed in whatever order, all is as after a fresh fit."""

from collections import Counter

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from numpy.typing import NDArray

from broker.matching.lexical.fastscan import CompiledScan
from broker.matching.lexical.index import OTHER, Lexical, Side
from broker.matching.lexical.scan import NumpyScan
from tests.matching.test_lexical import Texts, agree, brute, market

WORDS = ["desk", "desks", "lamp", "van", "hall", "tutor", "paint", "soup", "garden", "phone", "rare", "rarer"]
SIDES = st.sampled_from(sorted(OTHER))
IDS = st.integers(0, 12)
TEXTS = st.one_of(
    st.lists(st.sampled_from(WORDS), max_size=8),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(lambda words: words * 100),
    st.just(["desk", "lamp"]),
)


class Changing(RuleBasedStateMachine):
    """Two live cores side by side, one for each way to scan, against plain dictionaries of texts."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: dict[Side, Texts] = {"demand": {}, "supply": {}}
        self.cores = [Lexical(scan=NumpyScan(), block=5), Lexical(scan=CompiledScan(room=0), block=7)]
        self.weighed = True

    @rule(side=SIDES, id=IDS, text=TEXTS)
    def put(self, side: Side, id: int, text: list[str]) -> None:
        self.texts[side][id] = text
        self.weighed = False
        assert len({core.put(side, id, Counter(text)) for core in self.cores}) == 1

    @rule(side=SIDES, data=st.data())
    def remove(self, side: Side, data: st.DataObject) -> None:
        if self.texts[side]:
            id = data.draw(st.sampled_from(sorted(self.texts[side])))
            del self.texts[side][id]
            self.weighed = False
            for core in self.cores:
                core.remove(side, id)

    @rule(which=st.sampled_from([0, 1]))
    def merge(self, which: int) -> None:
        self.cores[which].merge()

    @rule()
    def reweigh(self) -> None:
        self.weighed = True
        for core in self.cores:
            core.reweigh()

    @precondition(lambda self: all(self.texts.values()))
    @rule(k=st.integers(1, 14), seed=st.integers(0, 99))
    def filters_lose_nobody(self, k: int, seed: int) -> None:
        core = self.cores[seed % 2]
        ids = core.ids("supply")

        def allowed(slots: NDArray[np.intp]) -> NDArray[np.bool_]:
            may: NDArray[np.bool_] = (ids * 7 + core.ids("demand")[slots][:, None] + seed) % 3 == 0
            return may

        everyone = core.best_for_all("demand", 99)
        for id, best in core.best_for_all("demand", k, allowed).items():
            assert best == [scored for scored in everyone[id] if (scored.id * 7 + id + seed) % 3 == 0][:k]

    @invariant()
    def equal_to_a_recompute_under_the_same_weighing(self) -> None:
        fresh = Lexical(self.cores[0].weighing, scan=NumpyScan())
        for side, texts in self.texts.items():
            fresh.put_all(side, ((id, Counter(text)) for id, text in sorted(texts.items())))
        for core in self.cores:
            assert core.best_for_all("demand", 3) == fresh.best_for_all("demand", 3)
            assert core.best_for_all("supply", 99) == fresh.best_for_all("supply", 99)

    @precondition(lambda self: self.weighed and any(any(texts.values()) for texts in self.texts.values()))
    @invariant()
    def equal_to_a_fresh_fit_after_a_reweigh(self) -> None:
        for core in self.cores:
            agree(core.best_for_all("demand", 5), brute(self.texts["demand"], self.texts["supply"], 5))


TestChanging = Changing.TestCase
TestChanging.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)


def test_many_changes_one_after_another_still_equal_a_fresh_fit() -> None:
    """Past every bound: the tail is merged by itself several times, slots are given again, rows are moved together."""
    demand, supply = market(1)[0], Texts()
    spare = list(market(2, supply=1_500)[1].values())
    core = Lexical()
    core.put_all("demand", ((id, Counter(text)) for id, text in demand.items()))
    for step, text in enumerate(spare):
        id = step * 37 % 250
        if step % 5 == 4 and id in supply:
            core.remove("supply", id)
            del supply[id]
            continue
        supply[id] = text
        core.put("supply", id, Counter(text))
    core.reweigh()
    agree(core.best_for_all("demand", 20), brute(demand, supply, 20))
    assert len(core.ids("supply")) <= 250


def test_counts_kept_and_a_weighing_given_back_make_the_same_core() -> None:
    """What a restart does: nothing is tokenised again, and the lists are those of before."""
    demand, supply = market(3)
    core = Lexical()
    core.put_all("demand", ((id, Counter(text)) for id, text in demand.items()))
    core.reweigh()
    core.put_all("supply", ((id, Counter(text)) for id, text in supply.items()))
    before = core.best_for_all("demand", 20)
    again = Lexical(core.weighing)
    again.put_all("supply", ((id, Counter(text)) for id, text in supply.items()))
    again.put_all("demand", ((id, Counter(text)) for id, text in demand.items()))
    assert again.best_for_all("demand", 20) == before
    again.weighing, weighing = Lexical().weighing, again.weighing
    assert again.best_for_all("demand", 20) != before
    again.weighing = weighing
    assert again.best_for_all("demand", 20) == before

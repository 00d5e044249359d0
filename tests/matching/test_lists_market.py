"""Lists patched around the real market equal a full recompute, also by a market made anew under the same weighing."""

from dataclasses import replace

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from broker.matching import Market, Record, Side
from broker.matching.lists import SIDES, Lists
from tests.matching import make

K = 2
WORDS = ["laptops", "computers", "garden", "gardening", "repair", "minibus", "lunch", "the"]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join)
KINDS = st.sampled_from([None, "goods", "skills"])


class Trade(RuleBasedStateMachine):
    """Listings of few words come, change and go; twins are frequent, so many scores tie."""

    def __init__(self) -> None:
        super().__init__()
        self.now: dict[Side, dict[int, Record]] = {
            "demand": {n: make.need(n, word) for n, word in enumerate(WORDS, 1)},
            "supply": {n: make.offer(n, word) for n, word in enumerate(WORDS, 1)},
        }
        self.market = Market(list(self.now["demand"].values()), list(self.now["supply"].values()))
        self.lists = Lists(self.market, K)
        self.lists.fill()

    @rule(side=st.sampled_from(SIDES), id=st.integers(1, 10), title=TEXTS, kind=KINDS, owner=st.integers(1, 4))
    def arrive(self, side: Side, id: int, title: str, kind: str | None, owner: int) -> None:
        """A new listing, or a listing with new words."""
        record = replace(make.need(id, title), kind=kind, owner=owner)
        self.now[side][id] = record
        self.market.put(side, record)
        self.lists.put(side, id)
        self.lists.settle()

    @rule(side=st.sampled_from(SIDES), id=st.integers(1, 10))
    def leave(self, side: Side, id: int) -> None:
        if self.now[side].pop(id, None):
            self.market.remove(side, id)
            self.lists.remove(side, id)
            self.lists.settle()

    @invariant()
    def lists_equal_a_full_recompute(self) -> None:
        for side in SIDES:
            assert {id: self.lists.of(side, id) for id in self.lists.ids(side)} == self.market.best(side, K)

    def teardown(self) -> None:
        """And a market made anew under the weighing of before, as after a restart."""
        demand, supply = (list(self.now[side].values()) for side in SIDES)
        again = Market(demand, supply, weighing=self.market.weighing)
        for side in SIDES:
            assert {id: self.lists.of(side, id) for id in self.lists.ids(side)} == again.best(side, K)


Trade.TestCase.settings = settings(
    max_examples=8, stateful_step_count=12, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestTrade = Trade.TestCase

"""Stored lists: what an arriving offer costs when it gets its own list and is put into all the lists that it enters."""

from collections.abc import Callable, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from broker.matching.lexical.index import Lexical
from broker.matching.lexical.scan import hopefuls, slack
from broker.matching.lists import Bars, Lists
from broker.matching.records import Scored, Side
from tests.bench.goals import Line, at_most, figure, holds, told
from tests.bench.market import BenchMarket, K, counts_of
from tests.bench.measuring import calls, cpu


class Arrivals:
    """The core as the lists' scorer: exact scores only for those whose list the arriving offer may enter, or that may
    be on its own; all others are ruled out by their fast score.
    """

    def __init__(self, core: Lexical) -> None:
        self._core = core

    def scored(
        self, side: Side, listing_id: int, k: int, bars: Bars
    ) -> tuple[NDArray[np.integer], NDArray[np.float64]]:
        row = self._core.row(side, listing_id)
        sums = self._core.products("demand", row)
        wrong = slack(len(row.columns))
        least = np.maximum(bars(self._core.ids("demand")) - wrong, 0)
        slots = np.union1d(np.flatnonzero(sums > least), hopefuls(sums, k, wrong))
        return self._core.ids("demand")[slots], self._core.scores(side, listing_id, slots)

    def best(
        self,
        side: Side,
        k: int = K,
        ids: Iterable[int] | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Mapping[int, list[Scored]]:
        raise AssertionError("an arrival asks for nobody's list again")


def stored_lists(market: BenchMarket, size: int) -> list[Line]:
    """Arriving offers, one by one, and every list that was looked at against a full recompute."""
    if size > 100_000:
        return [told(size, "stored lists", "not run at this size")]
    from tests.bench.matching import scans

    name, scan = list(scans().items())[-1]
    core = market.core
    core.scan = scan
    count = min(300, size // 10)
    seconds, lists_before = cpu(lambda: core.best_for_all("demand", K))
    lists = Lists(Arrivals(core), K)
    lists.load("demand", lists_before)
    texts = [counts_of(market.arriving, number) for number in range(count)]

    def arrive(number: int) -> None:
        core.put("supply", size + number, texts[number])
        lists.put("supply", size + number)

    taken = calls(arrive, range(count))
    again = core.best_for_all("demand", K)
    wrong = sum(lists.of("demand", need) != best for need, best in again.items())
    for number in range(count):
        core.remove("supply", size + number)
    core.merge()
    large = size >= 100_000
    goals = (("p50", taken.p50, 1.5), ("p99", taken.p99, 5.0))
    lines = [told(size, f"all {size:,} needs' lists, whole run, {name}", f"{figure(seconds)} s CPU")]
    for part, value, goal in goals:
        what = f"an arriving offer added, listed and put into the lists that it enters, {name}, {part} of {count}"
        lines.append(at_most(size, what, value, goal, unit=" ms") if large else told(size, what, f"{figure(value)} ms"))
    return [*lines, holds(size, f"every stored list after {count} arrivals against a full recompute", wrong, size)]

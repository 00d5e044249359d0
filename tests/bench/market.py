"""The market that is measured: two sides of invented listings in a core, with facts to filter by."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from broker.matching.lexical.index import Lexical
from broker.matching.lexical.scan import NumpyScan
from tests.bench.corpus import Corpus, Shape, check, corpus, shape, with_repeats

K = 20
REPEATS = 0.05


@dataclass(slots=True)
class BenchMarket:
    """So many needs and offers; ids count from 0 on each side, and slots are as ids until something changes."""

    needs: Corpus
    offers: Corpus
    arriving: Corpus
    shape: Shape
    core: Lexical

    def allowed(self, need: int, facts: Corpus | None = None) -> NDArray[np.bool_]:
        """The offers of the need's kind, in its place or anywhere, whose dates meet it and that have something left."""
        asks, offers = facts or self.needs, self.offers
        may: NDArray[np.bool_] = offers.kind == asks.kind[need]
        may &= (offers.place == asks.place[need]) | (offers.place == -1)
        may &= (offers.first_day <= asks.last_day[need]) & (offers.last_day >= asks.first_day[need])
        may &= offers.capacity > 1
        return may


def bench_market(size: int) -> BenchMarket:
    """A market of so many needs and as many offers, of which a twentieth say what another says."""
    needs, offers = corpus(size, 1), with_repeats(corpus(size, 2), REPEATS, 4)
    arriving = corpus(min(2_000, max(400, size // 10)), 3)
    core = Lexical(scan=NumpyScan())
    core.put_all("demand", needs.counts())
    core.put_all("supply", offers.counts())
    core.reweigh()
    found = shape(needs, offers)
    if size >= 1_000:
        check(found)
    return BenchMarket(needs, offers, arriving, found, core)


def sample(size: int, count: int) -> list[int]:
    """So many ids spread evenly over a side."""
    return np.unique(np.linspace(0, size - 1, min(size, count)).astype(int)).tolist()


def counts_of(side: Corpus, listing: int) -> Counter[str]:
    """The counts of one listing, by way of its text."""
    from broker.matching.text import stems

    return Counter(stems(side.text(listing)))

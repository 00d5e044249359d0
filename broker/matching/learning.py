"""New weights from people's decisions, and whether they put decisions that they have not seen into a better order.

What is compared is always a chosen and a refused pair of the same need, or of the same supply: that somebody chose one
and not the other says something of the parts in which the two differ, whatever else is true of the need. The weights
are those that put most such comparisons the right way round, with a price on every step away from the present ones. It
is a price in units of needs (PRIOR), so that a handful of decisions moves next to nothing, and no single part runs off
because one odd decision happened to show it.

Whether the new weights are better is asked of needs that were held out: each in turn is ranked by weights that were
fitted without any decision on it. Only a gain beyond luck (bootstrap.gain over the needs) counts.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from broker.matching.judging.bootstrap import Gain, gain
from broker.matching.judging.measures import measures
from broker.matching.records import PART_NAMES, PartName

FEWEST_NEEDS = 30
"""Needs with both a yes and a no. With 20, decisions by lot passed for better in 6 of 100 trials; with 30 in 3, as an
interval of 95 of 100 allows."""

SET_BY_PEOPLE: frozenset[PartName] = frozenset({"led", "boost"})
"""What officers ask for on purpose is policy: nothing is learned about it, or it would confirm itself."""

TEXTS: frozenset[PartName] = frozenset({"words", "synonyms", "related", "spelling", "meaning", "encoder"})
"""The parts that come from what the two listings say."""

PRIOR = 2.0
"""How many needs it takes to outweigh a step that moves a usual difference between two scores by its own size."""

STEP = 2.0
"""No weight is halved or doubled more than once, and so no two change against each other by more than four times. Who
decides has seen only what the present weights put first: what counts much already differs little among it, and looks
as if it did not count. The next proposal may go on from here, after people have seen other lists."""

FOLDS = 5

_TEXTS = [PART_NAMES.index(name) for name in PART_NAMES if name in TEXTS]
_SEED = 20_261_122
_DIGITS = 12

Floats = NDArray[np.float64]
Numbers = NDArray[np.intp]
Multipliers = Mapping[PartName, float]


@dataclass(frozen=True, slots=True)
class Labelled:
    """One pair on which somebody decided. strength: above 0 it was chosen, below 0 refused; up to 1 either way."""

    demand: int
    supply: int
    strength: float
    evidence: Mapping[PartName, float]
    """Each part's share of the score, divided by the multiplier that it was made with."""


@dataclass(frozen=True, slots=True)
class Order:
    """How well weights order decided pairs; means over needs, between 0 and 1."""

    right: float
    """The share of a need's chosen and refused pairs, taken two by two, in which the chosen one scores higher."""
    ndcg: float
    """nDCG@10 of a need's decided pairs."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """New weights, and what they do on needs that were held out."""

    weights: dict[PartName, float]
    before: Order
    after: Order
    right: Gain
    ndcg: Gain
    decisions: int
    """How many the weights were fitted to."""
    needs: int
    """How many were held out, each in its turn."""

    @property
    def is_better(self) -> bool:
        """More comparisons are right than luck explains, and the lists as a whole are not worse."""
        return self.right.verdict == "better" and self.ndcg.verdict != "worse"


@dataclass(frozen=True, slots=True)
class TooFew:
    """There are not yet enough decisions to learn from."""

    needs: int
    """How many needs have both a yes and a no."""

    @property
    def missing(self) -> int:
        """How many more are wanted."""
        return FEWEST_NEEDS - self.needs


@dataclass(frozen=True, slots=True)
class _Table:
    """Decisions as arrays, one row for each."""

    evidence: Floats
    strength: Floats
    demand: Numbers
    supply: Numbers

    def contrasts(self, of: Numbers) -> list[Numbers]:
        """For each demand or supply that has both a yes and a no, where its decisions stand."""
        found: dict[int, list[int]] = defaultdict(list)
        for row, key in enumerate(of.tolist()):
            found[key].append(row)
        lists = [np.array(rows, dtype=np.intp) for _, rows in sorted(found.items())]
        return [rows for rows in lists if (self.strength[rows] > 0).any() and (self.strength[rows] < 0).any()]

    def some(self, rows: NDArray[np.bool_]) -> "_Table":
        return _Table(self.evidence[rows], self.strength[rows], self.demand[rows], self.supply[rows])


def evidence_of(shares: Mapping[PartName, float], multipliers: Multipliers) -> dict[PartName, float]:
    """What each part of a reason found, whatever it counted for. A part that counted for nothing left no trace."""
    return {name: share / multipliers[name] for name, share in shares.items() if multipliers.get(name, 0.0) > 0}


def propose(decisions: Iterable[Labelled], present: Multipliers) -> Proposal | TooFew:
    """New weights from these decisions, at most one on each pair. The same answer every time, in whatever order."""
    table = _table(sorted(decisions, key=lambda each: (each.demand, each.supply)))
    lists = table.contrasts(table.demand)
    if len(lists) < FEWEST_NEEDS:
        return TooFew(len(lists))
    now = np.array([present.get(name, 0.0) for name in PART_NAMES])
    before, after = _held_out(table, lists, now)
    fitted = _fit(table, now)
    return Proposal(
        weights={name: float(value) for name, value in zip(PART_NAMES, fitted, strict=True)},
        before=Order(*before.mean(axis=0).tolist()),
        after=Order(*after.mean(axis=0).tolist()),
        right=gain(after[:, 0], before[:, 0]),
        ndcg=gain(after[:, 1], before[:, 1]),
        decisions=len(table.strength),
        needs=len(lists),
    )


def _table(decisions: Sequence[Labelled]) -> _Table:
    rows = [[each.evidence.get(name, 0.0) for name in PART_NAMES] for each in decisions]
    return _Table(
        np.array(rows, dtype=np.float64).reshape(len(decisions), len(PART_NAMES)),
        np.array([each.strength for each in decisions], dtype=np.float64),
        np.array([each.demand for each in decisions], dtype=np.intp),
        np.array([each.supply for each in decisions], dtype=np.intp),
    )


def _held_out(table: _Table, lists: list[Numbers], now: Floats) -> tuple[Floats, Floats]:
    """Of each need, how well it is ordered by the present weights and by weights that never saw it."""
    fold = np.arange(len(lists)) % FOLDS
    np.random.default_rng(_SEED).shuffle(fold)
    before, after = np.empty((len(lists), 2)), np.empty((len(lists), 2))
    for number in range(FOLDS):
        held = np.flatnonzero(fold == number)
        needs = [table.demand[lists[at][0]] for at in held]
        fitted = _fit(table.some(~np.isin(table.demand, needs)), now)
        for at in held:
            before[at] = _order(table, lists[at], now)
            after[at] = _order(table, lists[at], fitted)
    return before, after


def _order(table: _Table, rows: Numbers, weights: Floats) -> tuple[float, float]:
    """The two figures of Order for one need. Equal scores count half."""
    scores, strength = (table.evidence[rows] @ weights).round(_DIGITS), table.strength[rows]
    ahead = np.sign(scores[strength > 0][:, None] - scores[strength < 0][None, :])
    return float((ahead.mean() + 1) / 2), measures(scores, np.maximum(strength, 0)).ndcg


def _comparisons(table: _Table) -> tuple[Floats, Floats]:
    """By how much more the chosen one has of each part, and how much that counts; a list's counts add up to at most 1.

    Many decisions on one need or supply say no more than a few: they are one person's view of one case.
    """
    differences, counts = [np.empty((0, len(PART_NAMES)))], [np.empty(0)]
    for rows in table.contrasts(table.demand) + table.contrasts(table.supply):
        yes, no = rows[table.strength[rows] > 0], rows[table.strength[rows] < 0]
        better, worse = np.repeat(yes, len(no)), np.tile(no, len(yes))
        differences.append(table.evidence[better] - table.evidence[worse])
        counts.append(-table.strength[better] * table.strength[worse] / len(better))
    return np.concatenate(differences), np.concatenate(counts)


def _fit(table: _Table, now: Floats) -> Floats:
    """The weights that these decisions ask for, near the present ones: a logistic ranking loss with a ridge.

    In the end they are scaled so that the texts bring as much as they did: that changes no order, and what is weighed
    beside the texts or asked of them (Weights.least, an officer's boost) keeps its meaning.
    """
    differences, counts = _comparisons(table)
    free = np.array([name not in SET_BY_PEOPLE for name in PART_NAMES]) & differences.any(axis=0)
    if not free.any():
        return now.copy()
    shown, rest = differences[:, free], differences[:, ~free] @ now[~free]
    usual = _root_mean_square(shown @ now[free]) or 1.0
    spread = np.array([_root_mean_square(column[column != 0]) for column in shown.T]) / usual

    def price(weights: Floats) -> tuple[float, Floats]:
        margin, away = (shown @ weights + rest) / usual, spread * (weights - now[free])
        slope = 2 * PRIOR * spread * away - (counts * expit(-margin)) @ shown / usual
        return float(counts @ np.logaddexp(0, -margin) + PRIOR * (away @ away)), slope

    bounds = [(weight / STEP, weight * STEP) for weight in now[free]]
    found = minimize(price, now[free], jac=True, method="L-BFGS-B", bounds=bounds).x
    fitted = now.copy()
    fitted[free] = found
    texts = table.evidence[:, _TEXTS]
    brought, brings = (texts @ now[_TEXTS]).sum(), (texts @ fitted[_TEXTS]).sum()
    fitted[free] *= brought / brings if brought and brings else 1.0
    return fitted


def _root_mean_square(values: Floats) -> float:
    return float(np.sqrt(np.mean(values**2))) if values.size else 0.0

"""Who should help whom over a whole market at once: the best plan there is, in one of three meanings of best.

`best_total`: the plan's scores add up to the most. A pair counts by its score times the part of the need that it
meets, so a need for 500 hours that is met in full counts exactly as much as one for two hours.
`serve_first`: as many needs as can be get something, be it a little; among those plans, the best total.
`spread`: every need has one partner, no organisation is asked, or given to, more often than the cap allows, small
groups choose first; among those plans, the best total. What several needs share is then divided evenly.

Amounts are whole numbers of a unit. Where two listings count in different units, or one does not say how much, a
pair takes one whole of each: one help, its size to be agreed by people. A listing has at most one such pair.
Equal plans are told apart by a trifle, less than a millionth of a score, that comes from the ids alone: so the plan
does not depend on the order of the pairs or on the solver.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from broker.matching.flow import SINK, SOURCE, Network, Solver, Whole, best_flow, largest_flow

Mode = Literal["best_total", "serve_first", "spread"]
MODES: tuple[Mode, ...] = get_args(Mode)
Parts = NDArray[np.float64]
Yes = NDArray[np.bool_]
SCALE = 1_000_000  # a score of 1 as a whole number
TRIFLES = 10_000  # steps between two such numbers, to tell equal plans apart
FIRST, STEP, TRIES = 2, 8, 6  # what serving one more need is worth, in best pairs, until it is worth enough


class Pair(NamedTuple):
    """Two listings that may be paired. `counted`: both say how much, in the same unit."""

    demand: int
    supply: int
    score: float
    counted: bool = True


class Line(NamedTuple):
    """One pair of a plan. `part`: how much of the need the amount meets, 1 for a whole."""

    demand: int
    supply: int
    amount: int
    part: float
    score: float
    counted: bool


@dataclass(frozen=True, slots=True)
class Yield:
    """What a list of lines comes to."""

    needs: int
    """How many needs get something."""
    total: float
    """The scores, each times the part of its need that is met."""
    busiest: int
    """How often the organisation is asked that is asked most."""


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A market to plan: the pairs as columns, how much each listing wants or has, and whose it is."""

    demand: Whole
    supply: Whole
    score: Parts
    counted: Yes
    wants: Mapping[int, int]
    stocks: Mapping[int, int]
    demand_owners: Mapping[int, int] = field(default_factory=dict)
    supply_owners: Mapping[int, int] = field(default_factory=dict)
    small: frozenset[int] = frozenset()
    """The organisations that choose first when the load is spread."""

    @classmethod
    def of(cls, pairs: Iterable[Pair], wants: Mapping[int, int], stocks: Mapping[int, int], **more: Any) -> "Case":
        rows = [Pair(*row) for row in pairs]
        return cls(
            np.array([row.demand for row in rows], np.int64),
            np.array([row.supply for row in rows], np.int64),
            np.array([row.score for row in rows], np.float64),
            np.array([row.counted for row in rows], np.bool_),
            wants,
            stocks,
            **more,
        )


def make_plan(case: Case, mode: Mode, *, cap: int = 3, solver: Solver = best_flow) -> list[Line]:
    """The plan, by demand and supply. `cap`: of an organisation's pairs, on each side, when the load is spread."""
    table = _Table.of(case)
    if mode == "spread":
        first = np.isin(table.demand_owner, np.array(sorted(case.small), np.int64))
        pairs, network = _spread(table, cap, first)
    else:
        first = np.full(len(table.want), mode == "serve_first")
        pairs, network = _quantities(table, first)
    flow = _solved(network, first, solver)[pairs]
    return table.lines(_shared_out(table, flow > 0) if mode == "spread" else flow)


def one_by_one(case: Case) -> list[Line]:
    """What picking by hand gives: the best pair that is left, again and again."""
    table = _Table.of(case)
    return table.lines(table.picked(np.lexsort((np.arange(len(table.score)), -table.score))))


def first_come(case: Case) -> list[Line]:
    """What waiting in line gives: each need in turn takes the best that is left for it."""
    table = _Table.of(case)
    return table.lines(table.picked(np.lexsort((-table.score, table.d))))


def outcome(case: Case, lines: Iterable[Line]) -> Yield:
    """What these lines come to."""
    lines = list(lines)
    asked: dict[int, int] = {}
    for line in lines:
        owner = case.supply_owners.get(line.supply, line.supply)
        asked[owner] = asked.get(owner, 0) + 1
    total = sum(line.score * line.part for line in lines)
    return Yield(len({line.demand for line in lines}), total, max(asked.values(), default=0))


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """A case in order of demand and supply, with places (from 0) for ids. Pairs that cannot be are left out."""

    demand_ids: Whole
    supply_ids: Whole
    want: Whole
    stock: Whole
    demand_owner: Whole
    supply_owner: Whole
    d: Whole
    s: Whole
    score: Parts
    counted: Yes

    @classmethod
    def of(cls, case: Case) -> "_Table":
        kept = np.flatnonzero((case.score > 0) & _some(case.demand, case.wants) & _some(case.supply, case.stocks))
        kept = kept[np.lexsort((case.supply[kept], case.demand[kept]))]
        demand_ids, d = np.unique(case.demand[kept], return_inverse=True)
        supply_ids, s = np.unique(case.supply[kept], return_inverse=True)
        counted = case.counted[kept]
        return cls(
            demand_ids,
            supply_ids,
            _amounts(demand_ids, case.wants, d[counted]),
            _amounts(supply_ids, case.stocks, s[counted]),
            _looked_up(demand_ids, case.demand_owners),
            _looked_up(supply_ids, case.supply_owners),
            d,
            s,
            case.score[kept],
            counted,
        )

    @property
    def most(self) -> Whole:
        """How much each pair can take at most."""
        return np.where(self.counted, np.minimum(self.want[self.d], self.stock[self.s]), 1)

    @property
    def need(self) -> Whole:
        """How much would meet each pair's need in full."""
        return np.where(self.counted, self.want[self.d], 1)

    def worth(self, part: Parts) -> Whole:
        """The gain of each pair where it meets this part of its need."""
        trifle = _trifle(self.demand_ids[self.d], self.supply_ids[self.s])
        return np.maximum(np.rint(TRIFLES * (SCALE * self.score + trifle) * part), 1).astype(np.int64)

    def picked(self, order: NDArray[np.intp]) -> Whole:
        """The amounts where each pair, in this order, takes as much as is left."""
        want, stock = self.want.tolist(), self.stock.tolist()
        whole: tuple[set[int], set[int]] = (set(), set())
        amounts = np.zeros(len(self.d), np.int64)
        columns = (self.d[order].tolist(), self.s[order].tolist(), self.counted[order].tolist())
        for number, d, s, counted in zip(order.tolist(), *columns, strict=True):
            amount = min(want[d], stock[s])
            if not counted:
                amount = 0 if d in whole[0] or s in whole[1] else min(amount, 1)
                if amount:
                    whole[0].add(d)
                    whole[1].add(s)
            if amount:
                amounts[number] = amount
                want[d] -= amount
                stock[s] -= amount
        return amounts

    def lines(self, amounts: Whole) -> list[Line]:
        used = np.flatnonzero(amounts)
        return [
            Line(*row)
            for row in zip(
                self.demand_ids[self.d[used]].tolist(),
                self.supply_ids[self.s[used]].tolist(),
                amounts[used].tolist(),
                (amounts[used] / self.need[used]).tolist(),
                self.score[used].tolist(),
                self.counted[used].tolist(),
                strict=True,
            )
        ]


def _looked_up(ids: Whole, values: Mapping[int, int]) -> Whole:
    """The value of each id, or else the id itself."""
    return np.fromiter((values.get(each, each) for each in ids.tolist()), np.int64, len(ids))


def _some(ids: Whole, amounts: Mapping[int, int]) -> Yes:
    """Whether there is anything of each listing."""
    known, place = np.unique(ids, return_inverse=True)
    return np.fromiter((amounts.get(each, 0) > 0 for each in known.tolist()), np.bool_, len(known))[place]


def _amounts(ids: Whole, values: Mapping[int, int], counted: Whole) -> Whole:
    """How much each listing wants or has: one whole where none of its pairs is counted."""
    return np.where(np.bincount(counted, minlength=len(ids)) > 0, _looked_up(ids, values), 1)


def _trifle(demand: Whole, supply: Whole) -> Parts:
    """A number from 0 to 1 that looks like chance but is always the same for the same two ids."""
    mixed = demand.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + supply.astype(np.uint64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return (mixed >> np.uint64(11)).astype(np.float64) / 2.0**53


class _Arcs:
    """A network under construction."""

    def __init__(self) -> None:
        self.nodes = 2
        self.columns: list[tuple[Whole, Whole, Whole, Whole]] = []

    def room(self, number: int) -> Whole:
        """So many new nodes."""
        self.nodes += number
        return np.arange(self.nodes - number, self.nodes)

    def join(self, tail: Whole | int, head: Whole | int, capacity: Whole | int, gain: Whole | int = 0) -> None:
        columns = np.broadcast_arrays(*(np.asarray(each, np.int64) for each in (tail, head, capacity, gain)))
        self.columns.append(tuple(np.atleast_1d(each) for each in columns))  # type: ignore[arg-type]

    def network(self) -> Network:
        return Network(self.nodes, *(np.concatenate(each) for each in zip(*self.columns, strict=True)))


def _doors(arcs: _Arcs, nodes: Whole, place: Whole, counted: Yes, *, out: bool) -> Whole:
    """For each pair the node at which it meets its listing. Where a listing has pairs of both sorts, those that are
    not counted pass one door, which lets one through."""
    sorts = [np.bincount(place[which], minlength=len(nodes)) > 0 for which in (counted, ~counted)]
    both = np.flatnonzero(sorts[0] & sorts[1])
    door = nodes.copy()
    door[both] = arcs.room(len(both))
    if len(both):
        arcs.join(*((nodes[both], door[both]) if out else (door[both], nodes[both])), 1)
    return np.where(counted, nodes[place], door[place])


def _quantities(table: _Table, first: Yes) -> tuple[slice, Network]:
    """Source to need (its first unit apart, which may be worth more), to offer, to sink; and where the pairs stand."""
    arcs = _Arcs()
    demands, supplies = arcs.room(len(table.want)), arcs.room(len(table.stock))
    arcs.join(SOURCE, demands, 1)
    arcs.join(SOURCE, demands, table.want - 1)
    arcs.join(supplies, SINK, table.stock)
    tail = _doors(arcs, demands, table.d, table.counted, out=True)
    head = _doors(arcs, supplies, table.s, table.counted, out=False)
    start = sum(len(column[0]) for column in arcs.columns)
    arcs.join(tail, head, table.most, table.worth(1 / table.need))
    return slice(start, start + len(table.d)), arcs.network()


def _spread(table: _Table, cap: int, first: Yes) -> tuple[slice, Network]:
    """Source to need (one pair each), to offer, to its organisation, to sink; a group's needs share one way in."""
    arcs = _Arcs()
    demands, supplies = arcs.room(len(table.want)), arcs.room(len(table.stock))
    groups, group = np.unique(table.demand_owner, return_inverse=True)
    helpers, helper = np.unique(table.supply_owner, return_inverse=True)
    group_nodes, helper_nodes = arcs.room(len(groups)), arcs.room(len(helpers))
    arcs.join(group_nodes[group], demands, 1)
    arcs.join(SOURCE, group_nodes, cap)
    arcs.join(supplies, helper_nodes[helper], np.minimum(table.stock, cap))
    arcs.join(helper_nodes, SINK, cap)
    head = _doors(arcs, supplies, table.s, table.counted, out=False)
    start = sum(len(column[0]) for column in arcs.columns)
    arcs.join(demands[table.d], head, 1, table.worth(table.most / table.need))
    return slice(start, start + len(table.d)), arcs.network()


def _solved(network: Network, first: Yes, solver: Solver) -> Whole:
    """The best flow that serves the most of those that come first.

    The first arcs of a network are its needs', one unit each. Serving one more is given a worth; once that is large
    enough for the plan to serve as many as can be served at all, the plan is the best of those that do.
    """
    if not first.any():
        return solver(network)
    needs = slice(0, len(first))
    goal = largest_flow(_only(network, first))
    worth = FIRST * int(network.gain.max())
    for _ in range(TRIES):
        gain = network.gain.copy()
        gain[needs][first] += worth
        flow = solver(Network(network.nodes, network.tail, network.head, network.capacity, gain))
        if int((flow[needs][first] > 0).sum()) == goal:
            return flow
        worth *= STEP
    raise RuntimeError("no plan: serving one more need is never worth enough")


def _only(network: Network, first: Yes) -> Network:
    """The same network, through which only the first units of those that come first may pass."""
    capacity = network.capacity.copy()
    capacity[: len(first)][~first] = 0
    into = np.isin(network.head, network.head[: len(first)])
    into[: len(first)] = False
    capacity[into] = 0
    return Network(network.nodes, network.tail, network.head, capacity, network.gain)


def _shared_out(table: _Table, used: Yes) -> Whole:
    """What each pair gets where the pairs are settled: of every offer, even parts, to nobody more than it wants."""
    amounts = used.astype(np.int64)  # every pair has one: an offer has no more pairs than units
    left = table.stock - np.bincount(table.s[used], minlength=len(table.stock))
    counted = np.flatnonzero(used & table.counted)
    counted = counted[np.argsort(table.s[counted], kind="stable")]
    for pairs in np.split(counted, np.flatnonzero(np.diff(table.s[counted])) + 1):
        amounts[pairs] += _even(left[table.s[pairs[:1]]].sum(), (table.want[table.d[pairs]] - 1).tolist())
    return amounts


def _even(stock: int, wants: list[int]) -> list[int]:
    """As even as can be: everybody the same until it is enough for them or nothing is left."""
    got = [0] * len(wants)
    for place, number in enumerate(sorted(range(len(wants)), key=lambda each: (wants[each], each))):
        got[number] = min(wants[number], stock // (len(wants) - place))
        stock -= got[number]
    return got

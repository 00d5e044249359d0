"""Who should help whom over a whole market at once: the best plan there is, in one of three meanings of best.

`best_total`: the plan's scores add up to the most. A pair counts by its score times the part of the need that it
meets, so a need for 500 hours that is met in full counts exactly as much as one for two hours.
`serve_first`: as many needs as can be get something, be it a little; among those plans, the best total.
`spread`: every need has one partner, no organisation is asked, or given to, more often than the cap allows, small
groups choose first; among those plans, the best total. What several needs share is then divided evenly.

Equal plans are told apart by a trifle, less than a millionth of a score, that comes from the ids alone: so the plan
does not depend on the order of the pairs or on the solver.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from broker.matching.planning.case import Case, Line, Table, Yes
from broker.matching.planning.flow import SINK, SOURCE, Network, Solver, Whole, best_flow, largest_flow

Mode = Literal["best_total", "serve_first", "spread"]
MODES: tuple[Mode, ...] = get_args(Mode)
FIRST, STEP, TRIES = 2, 8, 6  # what serving one more need is worth, in best pairs, until it is worth enough


@dataclass(frozen=True, slots=True)
class Yield:
    """What a list of lines comes to."""

    needs: int
    """How many needs get something."""
    total: float
    """The scores, each times the part of its need that is met."""
    busiest: int
    """How often the organisation is asked that is asked most."""


def make_plan(case: Case, mode: Mode, *, cap: int = 3, solver: Solver = best_flow) -> list[Line]:
    """The plan, by demand and supply. `cap`: of an organisation's pairs, on each side, when the load is spread."""
    table = Table.of(case)
    if not len(table.d):
        return []
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
    table = Table.of(case)
    return table.lines(table.picked(np.lexsort((np.arange(len(table.score)), -table.score))))


def first_come(case: Case) -> list[Line]:
    """What waiting in line gives: each need in turn takes the best that is left for it."""
    table = Table.of(case)
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


def _quantities(table: Table, first: Yes) -> tuple[slice, Network]:
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


def _spread(table: Table, cap: int, first: Yes) -> tuple[slice, Network]:
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
    goal = int(first.sum())
    worth = FIRST * int(network.gain.max())
    for number in range(TRIES):
        gain = network.gain.copy()
        gain[needs][first] += worth
        flow = solver(Network(network.nodes, network.tail, network.head, network.capacity, gain))
        served = int((flow[needs][first] > 0).sum())
        if served < goal and not number:
            goal = largest_flow(_only(network, first))
        if served == goal:
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


def _shared_out(table: Table, used: Yes) -> Whole:
    """What each pair gets where the pairs are settled: of every offer, even parts, to nobody more than it wants."""
    amounts = used.astype(np.int64)  # every pair has one: an offer has no more pairs than units
    left = table.stock - np.bincount(table.s[used], minlength=len(table.stock))
    counted = np.flatnonzero(used & table.counted)
    counted = counted[np.argsort(table.s[counted], kind="stable")]
    for pairs in np.split(counted, np.flatnonzero(np.diff(table.s[counted])) + 1):
        more = _even(int(left[table.s[pairs]].max(initial=0)), (table.want[table.d[pairs]] - 1).tolist())
        amounts[pairs] += np.array(more, np.int64)
    return amounts


def _even(stock: int, wants: list[int]) -> list[int]:
    """As even as can be: everybody the same until it is enough for them or nothing is left."""
    got = [0] * len(wants)
    for place, number in enumerate(sorted(range(len(wants)), key=lambda each: (wants[each], each))):
        got[number] = min(wants[number], stock // (len(wants) - place))
        stock -= got[number]
    return got

"""The best flow through a network of whole numbers: proven best, and the same one whichever solver is installed.

A network whose capacities are whole numbers has a best flow of whole numbers, at a corner of its linear program. So
the linear program (HiGHS, which comes with scipy) and the network method (OR-tools, ten times as fast where it is
installed) look for the same thing. They find the same one when only one is best, which the gains must see to.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

Whole = NDArray[np.int64]
SOURCE, SINK = 0, 1
LARGEST = 2**31 - 1  # what scipy's maximum flow can count


@dataclass(frozen=True, slots=True)
class Network:
    """Arcs in a fixed order. Node 0 is the source, node 1 the sink; nothing stays in any other node."""

    nodes: int
    tail: Whole
    head: Whole
    capacity: Whole
    gain: Whole  # for each unit that passes; the flow may be of any size, so only gainful ways are used


Solver = Callable[[Network], Whole]


def by_linear_program(network: Network) -> Whole:
    """The best flow by HiGHS. The simplex method ends at a corner, and the corners are whole."""
    arcs = len(network.tail)
    ends = np.concatenate([network.tail, network.head]) - 2
    signs = np.repeat([-1.0, 1.0], arcs)
    numbers = np.tile(np.arange(arcs), 2)
    inner = ends >= 0
    balance = csr_array((signs[inner], (ends[inner], numbers[inner])), shape=(network.nodes - 2, arcs))
    found = milp(
        -network.gain.astype(np.float64),
        constraints=LinearConstraint(balance, 0, 0),
        bounds=Bounds(0, network.capacity.astype(np.float64)),
        options={"presolve": False},  # it finds nothing to strike out of a network, and takes a fifth of the time
    )
    if not found.success:
        raise RuntimeError(f"no plan: {found.message}")
    flow: NDArray[np.float64] = np.rint(found.x)
    if np.abs(flow - found.x).max(initial=0) > 1e-6 or np.abs(balance @ flow).max(initial=0) > 0:
        raise RuntimeError("no plan: the solver left the corners of the linear program")
    return flow.astype(np.int64)


def by_network(network: Network) -> Whole:
    """The best flow by OR-tools: everything leaves the source, and what finds no gainful way takes a side road."""
    total = int(network.capacity[network.tail == SOURCE].sum())
    solver = import_module("ortools.graph.python.min_cost_flow").SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(network.tail, network.head, network.capacity, -network.gain)
    solver.add_arc_with_capacity_and_unit_cost(SOURCE, SINK, total, 0)
    solver.set_node_supply(SOURCE, total)
    solver.set_node_supply(SINK, -total)
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise RuntimeError(f"no plan: {status}")
    return np.asarray(solver.flows(arcs), dtype=np.int64)


def best_flow(network: Network) -> Whole:
    """The best flow, by the quickest solver at hand."""
    if not len(network.tail):
        return np.zeros(0, np.int64)
    return by_network(network) if find_spec("ortools") else by_linear_program(network)


def largest_flow(network: Network) -> int:
    """How much can pass at all, whatever it gains."""
    shape = (network.nodes, network.nodes)
    pipes = csr_array(
        (np.minimum(network.capacity, LARGEST), (network.tail, network.head)), shape=shape, dtype=np.int32
    )
    return int(maximum_flow(pipes, SOURCE, SINK).flow_value)

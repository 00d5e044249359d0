"""How long a whole-market plan takes and what it adds to picking by hand: `python -m tests.bench.plan 1000 10000`.

The market is made up: needs and offers of five kinds in forty places lie in a space of sixteen dimensions, and each
need knows the twenty nearest offers of its kind that reach its place. A need wants one to three units, an offer has
one to twenty, 2.5 in the mean.
"""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.util import find_spec

import numpy as np

from broker.matching.planning.case import Case, Line
from broker.matching.planning.flow import by_linear_program, by_network
from broker.matching.planning.plan import MODES, first_come, make_plan, one_by_one, outcome

SIZES = (1_000, 10_000)
MOST_BY_PROGRAM = 20_000  # beyond, only the network method is quick enough to wait for
KINDS, PLACES, DIMENSIONS, NEAREST = 5, 40, 16, 20
FARTHEST = 0.03  # a pair below this likeness is not suggested


def made_up(size: int, seed: int = 20261122) -> Case:
    """A market of so many needs and as many offers."""
    chance = np.random.default_rng(seed)
    share = 1 / np.arange(1, PLACES + 1)
    points = chance.normal(size=(2, size, DIMENSIONS)).astype(np.float32)
    points /= np.linalg.norm(points, axis=2, keepdims=True)
    kinds = chance.choice(KINDS, size=(2, size), p=[0.3, 0.3, 0.15, 0.15, 0.1])
    places = chance.choice(PLACES, size=(2, size), p=share / share.sum())
    everywhere = chance.random(size) < 0.15
    demand, supply, score = [], [], []
    for kind in range(KINDS):
        for place in range(PLACES):
            needs = np.flatnonzero((kinds[0] == kind) & (places[0] == place))
            offers = np.flatnonzero((kinds[1] == kind) & ((places[1] == place) | everywhere))
            near = points[0][needs] @ points[1][offers].T
            best = np.argsort(-near, axis=1, kind="stable")[:, :NEAREST]
            demand.append(np.repeat(needs, best.shape[1]))
            supply.append(offers[best].ravel())
            score.append(np.take_along_axis(near, best, axis=1).ravel().astype(np.float64))
    kept = np.concatenate(score) > FARTHEST
    wants = chance.choice([1, 2, 3], size=size, p=[0.6, 0.25, 0.15]).tolist()
    stocks = np.minimum(chance.geometric(0.4, size=size), 20).tolist()
    return Case(
        np.concatenate(demand)[kept],
        np.concatenate(supply)[kept],
        np.concatenate(score)[kept],
        np.ones(int(kept.sum()), np.bool_),
        dict(enumerate(wants)),
        dict(enumerate(stocks)),
        dict(enumerate((np.arange(size) // 2).tolist())),
        dict(enumerate((np.arange(size) // 4).tolist())),
        frozenset(range(0, size // 2, 2)),
    )


def run(sizes: Sequence[int] = SIZES) -> list[dict[str, object]]:
    """A row for each size, way and solver: CPU seconds, needs served, total score, and both against picking by hand."""
    return [row for size in sizes for row in _rows(size)]


def _rows(size: int) -> Iterator[dict[str, object]]:
    case = made_up(size)
    by_hand = outcome(case, one_by_one(case))
    for way, solver, deed in _ways(size):
        start = time.process_time()
        lines = deed(case)
        seconds = time.process_time() - start
        got = outcome(case, lines)
        yield {
            "needs": size,
            "pairs": len(case.demand),
            "way": way,
            "solver": solver,
            "cpu_s": round(seconds, 2),
            "served": got.needs,
            "total": round(got.total, 1),
            "served_gain": f"{100 * (got.needs / by_hand.needs - 1):+.1f}%",
            "total_gain": f"{100 * (got.total / by_hand.total - 1):+.1f}%",
        }


def _ways(size: int) -> Iterator[tuple[str, str, Callable[[Case], list[Line]]]]:
    yield "first come", "-", first_come
    yield "one by one", "-", one_by_one
    for mode in MODES:
        if size <= MOST_BY_PROGRAM:
            yield mode, "scipy", partial(make_plan, mode=mode, solver=by_linear_program)
        if find_spec("ortools"):
            yield mode, "ortools", partial(make_plan, mode=mode, solver=by_network)


def main() -> None:
    rows = run(tuple(int(size) for size in sys.argv[1:]) or SIZES)
    print("| " + " | ".join(rows[0]) + " |")
    print("|" + "---|" * len(rows[0]))
    for row in rows:
        print("| " + " | ".join(str(value) for value in row.values()) + " |")


if __name__ == "__main__":
    main()

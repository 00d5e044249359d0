"""A plan is the best there is: held against all plans there are, the linear program, and the largest matching."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from importlib.util import find_spec
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from broker.matching.planning import flow
from broker.matching.planning.case import Case, Line, Pair
from broker.matching.planning.flow import Network, Whole, best_flow, by_linear_program, by_network
from broker.matching.planning.plan import MODES, Mode, first_come, make_plan, one_by_one, outcome

# Both solvers where OR-tools is installed; the linear program alone where it is not.
SOLVERS = [by_linear_program, *([by_network] if find_spec("ortools") else [])]
NEAR = 1e-5  # trifles of less than a millionth tell equal plans apart


def total(lines: Iterable[Line]) -> float:
    return sum(line.score * line.part for line in lines)


def market(size: int, seed: int, counted: float = 1.0, most: int = 9) -> Case:
    """A made-up market in which each need may be paired with about six offers."""
    chance = np.random.default_rng(seed)
    pairs = [
        Pair(need, offer, round(float(chance.uniform(0.05, 1.5)), 12), bool(chance.random() < counted))
        for need in range(size)
        for offer in sorted(chance.choice(size, size=6, replace=False).tolist())
    ]
    wants, stocks = (chance.integers(1, most, size=size).tolist() for _ in range(2))
    owners = chance.integers(0, size // 3, size=(2, size)).tolist()
    return Case.of(
        pairs,
        dict(enumerate(wants)),
        dict(enumerate(stocks)),
        demand_owners=dict(enumerate(owners[0])),
        supply_owners=dict(enumerate(owners[1])),
        small=frozenset(range(0, size // 3, 2)),
    )


def most_served(case: Case) -> int:
    """The largest matching of needs to units of offers, by scipy and none of our own."""
    units = [(offer, unit) for offer, stock in case.stocks.items() for unit in range(stock)]
    column: dict[int, list[int]] = {}
    for number, (offer, _) in enumerate(units):
        column.setdefault(offer, []).append(number)
    ends = [(d, c) for d, s in zip(case.demand.tolist(), case.supply.tolist(), strict=True) for c in column[s]]
    rows, columns = zip(*ends, strict=True)
    graph = csr_array((np.ones(len(ends)), (rows, columns)), shape=(len(case.wants), len(units)))
    return int((maximum_bipartite_matching(graph, perm_type="column") >= 0).sum())


def program_optimum(case: Case) -> float:
    """The best total by a linear program that knows nothing of networks. All pairs are counted."""
    numbers = np.arange(len(case.demand))
    sides = [(case.demand, case.wants), (case.supply, case.stocks)]
    sums = [
        csr_array((np.ones(len(ids)), (ids, numbers)), shape=(len(units), len(ids))).toarray() for ids, units in sides
    ]
    bounds = [list(units.values()) for _, units in sides]
    gain = case.score / np.array([case.wants[each] for each in case.demand.tolist()])
    return -float(linprog(-gain, A_ub=np.vstack(sums), b_ub=np.concatenate(bounds), method="highs").fun)


def assert_fits(case: Case, lines: list[Line]) -> None:
    """Nothing is promised twice: no need gets more than it wants, no offer gives more than it has."""
    for side, units in (("demand", case.wants), ("supply", case.stocks)):
        used: Counter[int] = Counter()
        for line in lines:
            used[getattr(line, side)] += line.amount
        assert all(amount <= units[number] for number, amount in used.items())
        whole = Counter(getattr(line, side) for line in lines if not line.counted)
        assert max(whole.values(), default=0) <= 1
    assert all(line.amount == 1 for line in lines if not line.counted)
    assert len({(line.demand, line.supply) for line in lines}) == len(lines)


# --- against everything there is ---------------------------------------------------------------------------------


@st.composite
def small_markets(draw: st.DrawFn) -> Case:
    """Up to three needs and three offers with ties, scarce stocks, shared owners, and units that differ."""
    needs, offers = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    ends = st.lists(st.sampled_from(list(product(range(needs), range(offers)))), min_size=1, max_size=5, unique=True)
    score = st.sampled_from([0.0, 0.1, 0.2, 0.3, 0.7, 1.4])
    pairs = [Pair(d, s + 10, draw(score), draw(st.booleans())) for d, s in draw(ends)]
    unit, owner = st.integers(0, 3), st.integers(0, 2)
    return Case.of(
        pairs,
        {need: draw(unit) for need in range(needs)},
        {offer + 10: draw(unit) for offer in range(offers)},
        demand_owners={need: draw(owner) for need in range(needs)},
        supply_owners={offer + 10: draw(owner) for offer in range(offers)},
        small=frozenset(draw(st.sets(owner))),
    )


class Book:
    """A case in plain dictionaries, by which all plans can be tried."""

    def __init__(self, case: Case) -> None:
        rows = zip(case.demand.tolist(), case.supply.tolist(), case.score.tolist(), case.counted.tolist(), strict=True)
        self.pairs = [
            Pair(*row) for row in rows if row[2] > 0 and case.wants[row[0]] > 0 and case.stocks[row[1]] > 0
        ]  # fmt: skip
        sides = (
            ({p.demand for p in self.pairs if p.counted}, case.wants),
            ({p.supply for p in self.pairs if p.counted}, case.stocks),
        )
        self.wants, self.stocks = ({k: v if k in known else 1 for k, v in units.items()} for known, units in sides)
        self.case = case

    def most(self, pair: Pair) -> int:
        return min(self.wants[pair.demand], self.stocks[pair.supply]) if pair.counted else 1

    def all_plans(self) -> Iterable[tuple[int, ...]]:
        for amounts in product(*(range(self.most(pair) + 1) for pair in self.pairs)):
            if self.fits(amounts):
                yield amounts

    def fits(self, amounts: tuple[int, ...]) -> bool:
        for end, units in (("demand", self.wants), ("supply", self.stocks)):
            used: Counter[int] = Counter()
            whole: Counter[int] = Counter()
            for pair, amount in zip(self.pairs, amounts, strict=True):
                used[getattr(pair, end)] += amount
                whole[getattr(pair, end)] += 0 if pair.counted else amount
            if any(used[k] > units[k] for k in used) or any(number > 1 for number in whole.values()):
                return False
        return True

    def value(self, amounts: tuple[int, ...]) -> float:
        return sum(p.score * a / self.wants[p.demand] for p, a in zip(self.pairs, amounts, strict=True))

    def served(self, amounts: tuple[int, ...]) -> int:
        return len({p.demand for p, a in zip(self.pairs, amounts, strict=True) if a})

    def spreads(self, cap: int) -> Iterable[tuple[int, float]]:
        """Of every choice of pairs that keeps the caps: small groups' needs served, and what the pairs are worth."""
        for chosen in product((0, 1), repeat=len(self.pairs)):
            pairs = [pair for pair, yes in zip(self.pairs, chosen, strict=True) if yes]
            asked = Counter(self.case.supply_owners[p.supply] for p in pairs)
            given = Counter(self.case.demand_owners[p.demand] for p in pairs)
            needs, offers = Counter(p.demand for p in pairs), Counter(p.supply for p in pairs)
            whole = Counter(p.supply for p in pairs if not p.counted)
            tops = [*asked.values(), *given.values()]
            if any(n > cap for n in tops) or any(n > 1 for n in [*needs.values(), *whole.values()]):
                continue
            if any(number > self.stocks[offer] for offer, number in offers.items()):
                continue
            worth = sum(p.score * self.most(p) / self.wants[p.demand] for p in pairs)
            yield sum(self.case.demand_owners[p.demand] in self.case.small for p in pairs), worth


@pytest.mark.parametrize("solver", SOLVERS)
@settings(max_examples=150, deadline=None)
@given(case=small_markets())
def test_no_plan_has_a_better_total(case: Case, solver: Callable[[Network], Whole]) -> None:
    book, lines = Book(case), make_plan(case, "best_total", solver=solver)
    assert_fits(case, lines)
    assert total(lines) == pytest.approx(max(map(book.value, book.all_plans())), abs=NEAR)


@pytest.mark.parametrize("solver", SOLVERS)
@settings(max_examples=150, deadline=None)
@given(case=small_markets())
def test_no_plan_serves_more_and_none_that_serves_as_many_is_better(
    case: Case, solver: Callable[[Network], Whole]
) -> None:
    book, lines = Book(case), make_plan(case, "serve_first", solver=solver)
    assert_fits(case, lines)
    most, best = max((book.served(plan), book.value(plan)) for plan in book.all_plans())
    assert outcome(case, lines).needs == most
    assert total(lines) == pytest.approx(
        max(book.value(plan) for plan in book.all_plans() if book.served(plan) == most), abs=NEAR
    )
    assert total(lines) == pytest.approx(best, abs=NEAR)


@pytest.mark.parametrize("solver", SOLVERS)
@settings(max_examples=150, deadline=None)
@given(case=small_markets(), cap=st.integers(1, 2))
def test_no_spread_serves_more_small_groups_and_none_of_those_is_better(
    case: Case, cap: int, solver: Callable[[Network], Whole]
) -> None:
    book, lines = Book(case), make_plan(case, "spread", cap=cap, solver=solver)
    assert_fits(case, lines)
    spreads = list(book.spreads(cap))
    small = max(number for number, _ in spreads)
    assert sum(case.demand_owners[line.demand] in case.small for line in lines) == small
    worth = sum(
        line.score * book.most(Pair(*line[:2], line.score, line.counted)) / book.wants[line.demand] for line in lines
    )
    assert worth == pytest.approx(max(value for number, value in spreads if number == small), abs=NEAR)
    for owners, side in ((case.demand_owners, "demand"), (case.supply_owners, "supply")):
        assert max(Counter(owners[getattr(line, side)] for line in lines).values(), default=0) <= cap
    assert max(Counter(line.demand for line in lines).values(), default=0) <= 1


# --- against the linear program and the largest matching --------------------------------------------------------


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("seed", range(4))
def test_the_best_total_is_the_linear_programs_optimum(seed: int, solver: Callable[[Network], Whole]) -> None:
    case = market(80, seed)
    assert total(make_plan(case, "best_total", solver=solver)) == pytest.approx(program_optimum(case), abs=1e-4)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("seed", range(4))
def test_serving_first_serves_the_largest_matching(seed: int, solver: Callable[[Network], Whole]) -> None:
    case = market(120, seed, most=3)
    few = {offer: 1 + offer % 3 for offer in range(30)}
    scarce = replace(case, supply=case.supply // 4, stocks=few)
    lines = make_plan(scarce, "serve_first", solver=solver)
    assert_fits(scarce, lines)
    assert outcome(scarce, lines).needs == most_served(scarce)
    assert outcome(scarce, lines).needs > outcome(scarce, one_by_one(scarce)).needs


@pytest.mark.parametrize("mode", MODES)
def test_no_way_of_picking_beats_the_plan(mode: Mode) -> None:
    case = market(150, 7, counted=0.8)
    lines, by_hand = make_plan(case, mode), outcome(case, one_by_one(case))
    assert_fits(case, lines)
    for picked in (one_by_one(case), first_come(case)):
        assert_fits(case, picked)
    got = outcome(case, lines)
    if mode == "best_total":
        assert got.total >= max(by_hand.total, outcome(case, first_come(case)).total)
    if mode == "serve_first":
        assert got.needs >= by_hand.needs
    if mode == "spread":
        assert got.busiest <= 3 < by_hand.busiest


# --- one plan, whoever makes it ----------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("solver", SOLVERS)
def test_the_order_of_the_pairs_does_not_matter(mode: Mode, solver: Callable[[Network], Whole]) -> None:
    case = market(90, 3, counted=0.8)
    mixed = np.random.default_rng(1).permutation(len(case.demand))
    again = replace(
        case,
        demand=case.demand[mixed],
        supply=case.supply[mixed],
        score=case.score[mixed],
        counted=case.counted[mixed],
    )
    assert make_plan(case, mode, solver=solver) == make_plan(again, mode, solver=solver)


def twins(case: Case) -> Case:
    """The same market with every offer twice, alike in all but its id, and all scores rough: ties everywhere."""
    rough = np.round(case.score, 1)
    return Case(
        np.tile(case.demand, 2),
        np.concatenate([case.supply, case.supply + 1000]),
        np.tile(rough, 2),
        np.tile(case.counted, 2),
        case.wants,
        {**case.stocks, **{offer + 1000: stock for offer, stock in case.stocks.items()}},
        case.demand_owners,
        {**case.supply_owners, **{offer + 1000: owner for offer, owner in case.supply_owners.items()}},
        case.small,
    )


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("seed", range(3))
def test_every_solver_makes_the_same_plan_of_a_market_full_of_twins(mode: Mode, seed: int) -> None:
    """With one solver this still says that equal plans are told apart: nudging every gain up changes nothing."""
    case = twins(market(60, seed, counted=0.9, most=4))
    plans = [make_plan(case, mode, solver=solver) for solver in (*SOLVERS, backwards)]
    assert all(plan == plans[0] for plan in plans)


def backwards(network: Network) -> Whole:
    """The usual solver, which meets the arcs in the opposite order: it ends at another corner if two are as good."""
    turned = Network(
        network.nodes, *(column[::-1].copy() for column in (network.tail, network.head, network.capacity, network.gain))
    )
    return best_flow(turned)[::-1]


def test_where_ortools_is_missing_the_linear_program_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(flow, "find_spec", asked.append)
    case = market(30, 1)
    assert make_plan(case, "best_total") == make_plan(case, "best_total", solver=by_linear_program)
    assert asked == ["ortools"]


# --- what it means ---------------------------------------------------------------------------------------------


def test_a_need_for_much_does_not_outweigh_many_small_ones() -> None:
    """Five hundred hours for one, or fifty each for ten: the ten together fit better."""
    pairs = [Pair(0, 100, 0.9), *(Pair(need, 100, 0.5) for need in range(1, 11))]
    case = Case.of(pairs, {0: 500, **dict.fromkeys(range(1, 11), 50)}, {100: 500})
    lines = make_plan(case, "best_total")
    assert [line.demand for line in lines] == list(range(1, 11))
    assert {line.amount for line in lines} == {50}


def test_serving_first_gives_everybody_something() -> None:
    pairs = [Pair(need, 100, 1 - need / 10) for need in range(4)]
    case = Case.of(pairs, dict.fromkeys(range(4), 10), {100: 10})
    assert [line.amount for line in make_plan(case, "best_total")] == [10]
    assert [line.amount for line in make_plan(case, "serve_first")] == [7, 1, 1, 1]


def test_what_is_not_counted_goes_as_one_whole() -> None:
    """A loose promise is planned for one need; where units differ a pair is one help, whatever the numbers say."""
    loose = Case.of([Pair(0, 9, 0.4, False), Pair(1, 9, 0.6, False)], {0: 1, 1: 1}, {9: 1})
    assert [(line.demand, line.amount, line.part) for line in make_plan(loose, "best_total")] == [(1, 1, 1.0)]
    apart = Case.of([Pair(0, 9, 0.4, False), Pair(1, 9, 0.6, False)], {0: 20, 1: 30}, {9: 400})
    assert [(line.demand, line.amount) for line in make_plan(apart, "serve_first")] == [(1, 1)]


def test_a_poor_whole_does_not_push_out_an_hour_of_the_right_help() -> None:
    case = Case.of([Pair(0, 8, 0.5), Pair(0, 9, 0.1, False)], {0: 6}, {8: 10, 9: 1})
    for mode in MODES:
        assert [(line.supply, line.amount) for line in make_plan(case, mode)] == [(8, 6)]


def test_small_groups_choose_first_and_share_evenly() -> None:
    pairs = [Pair(1, 9, 0.9), Pair(2, 9, 0.3), Pair(3, 9, 0.2), Pair(4, 9, 0.1)]
    owners = {1: 70, 2: 80, 3: 80, 4: 90}
    case = Case.of(pairs, {1: 50, 2: 50, 3: 3, 4: 50}, {9: 20}, demand_owners=owners, small=frozenset({80, 90}))
    spread = make_plan(case, "spread", cap=2)
    assert [(line.demand, line.amount) for line in spread] == [(2, 17), (3, 3)]
    every = make_plan(Case.of(pairs, case.wants, {8: 1, 9: 20}), "spread", cap=4)
    assert [(line.demand, line.amount) for line in every] == [(1, 5), (2, 6), (3, 3), (4, 6)]


def test_nothing_to_plan_is_an_empty_plan() -> None:
    for case in (Case.of([], {}, {}), Case.of([Pair(1, 2, 0.0), Pair(1, 3, 0.5)], {1: 5}, {2: 5, 3: 0})):
        assert [make_plan(case, mode) for mode in MODES] == [[], [], []]
        assert one_by_one(case) == []
        assert outcome(case, []).total == 0


def test_equal_listings_make_a_stable_plan() -> None:
    case = Case.of(
        [Pair(d, s, 0.5) for d in range(6) for s in range(6)], dict.fromkeys(range(6), 1), dict.fromkeys(range(6), 1)
    )
    plans = [make_plan(case, mode) for mode in MODES for _ in range(2)]
    assert all(len(plan) == 6 for plan in plans)
    assert plans[0] == plans[1] == plans[2]

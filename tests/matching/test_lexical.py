"""The lexical core against a plain recompute: exact scores and order, no drift, filters inside, words of any number."""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from broker.matching.lexical.fastscan import CompiledScan
from broker.matching.lexical.index import Counts, Lexical, Row, Weighing
from broker.matching.lexical.scan import NumpyScan
from broker.matching.records import Scored

Texts = dict[int, list[str]]


def market(seed: int, demand: int = 60, supply: int = 200, words: int = 300) -> tuple[Texts, Texts]:
    """Two sides of texts of 0 to 40 words, a twentieth of the supply put again under another id."""
    draw = random.Random(seed)  # noqa: S311

    def text() -> list[str]:
        return [f"w{min(words, int(draw.paretovariate(0.5)))}" for _ in range(draw.randint(0, 40))]

    sides = ({id: text() for id in range(demand)}, {id: text() for id in range(0, 3 * supply, 3)})
    sides[1].update({id + 1: sides[1][id] for id in list(sides[1])[::20]})
    return sides


def filled(demand: Texts, supply: Texts, **how: Any) -> Lexical:
    """A core with these texts, weighed."""
    core = Lexical(**how)
    core.put_all("demand", ((id, Counter(text)) for id, text in demand.items()))
    core.put_all("supply", ((id, Counter(text)) for id, text in supply.items()))
    core.reweigh()
    return core


def brute(
    demand: Texts, supply: Texts, k: int, allowed: Mapping[int, set[int]] | None = None
) -> dict[int, list[Scored]]:
    """The rankings that scikit-learn gives: everything fitted afresh, every pair multiplied, every list sorted."""
    rows = TfidfVectorizer(analyzer=lambda text: text, sublinear_tf=True).fit_transform(
        [*demand.values(), *supply.values()]
    )
    table = (rows[: len(demand)] @ rows[len(demand) :].T).toarray().round(12)
    found = {}
    for id, scores in zip(demand, table.tolist(), strict=True):
        pairs = sorted((-score, other) for other, score in zip(supply, scores, strict=True) if score > 0)
        kept = [(other, -score) for score, other in pairs if allowed is None or other in allowed[id]]
        found[id] = [Scored(*pair) for pair in kept[:k]]
    return found


def agree(found: Mapping[int, Sequence[Scored]], wanted: Mapping[int, Sequence[Scored]]) -> None:
    """The same ids in the same order, and the same scores but for the last digit kept."""
    assert found.keys() == wanted.keys()
    for id in wanted:
        assert [scored.id for scored in found[id]] == [scored.id for scored in wanted[id]]
        assert [s.score for s in found[id]] == pytest.approx([s.score for s in wanted[id]], abs=2e-12)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("k", [1, 7, 500])
def test_lists_equal_a_full_sort_of_all_pairs(seed: int, k: int) -> None:
    demand, supply = market(seed)
    agree(filled(demand, supply, scan=NumpyScan()).best_for_all("demand", k), brute(demand, supply, k))


HOWS: dict[str, Callable[[], dict[str, Any]]] = {
    "compiled": lambda: {"scan": CompiledScan()},
    "in three threads": lambda: {"scan": CompiledScan(threads=3)},
    "without room for candidates": lambda: {"scan": CompiledScan(room=0)},
    "in small blocks": lambda: {"scan": NumpyScan(), "block": 7},
    "compiled, in small blocks": lambda: {"scan": CompiledScan(threads=2), "block": 50},
    "by what is installed": dict,
}


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("k", [1, 20])
def test_every_way_to_scan_gives_the_same_lists(how: str, k: int) -> None:
    demand, supply = market(11)
    want = filled(demand, supply, scan=NumpyScan())
    core = filled(demand, supply, **HOWS[how]())
    for each in (core, want):
        each.merge()
        each.put_all("supply", ((id, Counter(supply[id + 30])) for id in range(0, 90, 3)))
        for id in range(0, 60, 6):
            each.remove("supply", id)
        each.put("demand", 3, Counter(["w1", "w2", "new"]))
    assert core.best_for_all("demand", k) == want.best_for_all("demand", k)
    assert core.best_for_all("supply", k) == want.best_for_all("supply", k)
    even = lambda slots: np.tile(np.arange(len(core.ids("supply"))) % 2 == 0, (len(slots), 1))  # noqa: E731
    assert core.best_for_all("demand", k, even) == want.best_for_all("demand", k, even)
    for id in demand:
        row = core.row("demand", id)
        sums = core.products("supply", row)
        assert sums == pytest.approx(want.products("supply", want.row("demand", id)), abs=1e-6)
        exact = core.exact_products("supply", row, np.arange(len(sums)))
        assert (exact == want.exact_products("supply", row, np.arange(len(sums)))).all()


def test_both_directions_give_a_pair_the_same_score() -> None:
    core = filled(*market(5))
    there = {(id, s.id): s.score for id, best in core.best_for_all("demand", 500).items() for s in best}
    back = {(s.id, id): s.score for id, best in core.best_for_all("supply", 500).items() for s in best}
    assert there == back
    assert len(there) > 1_000


def test_the_order_of_arrival_changes_no_digit() -> None:
    demand, supply = market(6)
    lists = filled(demand, supply).best_for_all("demand", 9)
    again = filled(dict(reversed(demand.items())), dict(sorted(supply.items(), key=lambda item: item[0] * 7919 % 101)))
    assert again.best_for_all("demand", 9) == lists


def test_the_order_of_words_changes_no_digit() -> None:
    """Sums are added in the order of the alphabet: the same words stated otherwise tie to the last digit."""
    demand, supply = market(12)
    supply = {id: text for id, text in supply.items() if len(text) > 20}
    turned = {id + 1_000: text[::-1] for id, text in supply.items()}
    core = filled(demand, supply | turned)
    for id in demand:
        row, slots = core.row("demand", id), core.slots("supply", supply)
        assert (
            core.exact_products("supply", row, slots)
            == core.exact_products("supply", row, core.slots("supply", turned))
        ).all()


def test_a_text_that_is_no_listing_ranks_as_if_it_were() -> None:
    demand, supply = market(7)
    core = filled(demand, supply)
    for id, text in demand.items():
        assert core.best_for_text("demand", Counter(text), 5) == core.best("demand", [id], 5)[id]
    unknown = core.best_for_text("demand", Counter([*demand[1], "neverseen"]), 1)[0]
    assert unknown.score < core.best("demand", [1], 1)[1][0].score


def test_what_is_allowed_is_judged_inside_the_ranking() -> None:
    demand, supply = market(8)
    core = filled(demand, supply)
    may = {id: {other for other in supply if (other + id) % 11 == 0} for id in demand}
    names = {core.slot("demand", id): id for id in demand}
    ids = core.ids("supply")

    def allowed(slots: np.ndarray) -> np.ndarray:
        return np.array([[other in may[names[slot]] for other in ids.tolist()] for slot in slots.tolist()])

    agree(core.best_for_all("demand", 20, allowed), brute(demand, supply, 20, may))


def test_products_are_sums_over_any_query() -> None:
    demand, supply = market(9)
    core = filled(demand, supply)
    core.put("supply", 9_999, Counter(["w1", "w2", "w2", "w3"]))
    columns = np.array([column for word in ("w1", "w3", "w7") if (column := core.column(word)) is not None], np.int32)
    weights = np.array([0.5, 2.0, 0.1])
    sums = core.products("supply", Row(columns, weights))
    slots = np.flatnonzero(core.alive("supply"))
    exact = core.exact_products("supply", Row(columns, weights), slots)
    assert sums[slots] == pytest.approx(exact, abs=1e-6)
    query = dict(zip(columns.tolist(), weights.tolist(), strict=True))
    for slot, total in zip(slots.tolist(), exact.tolist(), strict=True):
        row = core.row("supply", int(core.ids("supply")[slot]))
        by_hand = sum(query.get(c, 0) * w for c, w in zip(row.columns.tolist(), row.weights.tolist(), strict=True))
        assert total == pytest.approx(by_hand, abs=1e-15)


def test_a_word_unknown_to_the_weighing_counts_as_found_nowhere() -> None:
    demand, supply = market(10)
    core = filled(demand, supply)
    core.put("demand", 777, Counter(["entirelynew", "w1"]))
    core.put("supply", 778, Counter(["entirelynew", "w2"]))
    fresh = Lexical(core.weighing)
    for side, texts in (
        ("demand", demand | {777: ["entirelynew", "w1"]}),
        ("supply", supply | {778: ["entirelynew", "w2"]}),
    ):
        fresh.put_all(side, ((id, Counter(text)) for id, text in texts.items()))  # type: ignore[arg-type]
    assert core.best_for_all("demand", 20) == fresh.best_for_all("demand", 20)
    assert core.score(777, 778) > 0.5


@pytest.mark.parametrize("counts", [{}, {"a": 1}, {"a": 3_000}, {"a": 70_000, "b": 1}], ids=len)
def test_a_corpus_of_one(counts: Counts) -> None:
    core = Lexical()
    core.put("demand", 1, counts)
    core.reweigh()
    assert core.best_for_all("demand", 20) == {1: []}
    assert core.best_for_all("supply", 20) == {}
    core.put("supply", 1, counts)
    core.reweigh()
    assert core.best_for_all("demand", 20) == {1: [Scored(1, 1.0)] if counts else []}


def test_a_core_of_nothing() -> None:
    core = Lexical()
    core.reweigh()
    assert core.best_for_all("demand", 20) == {}
    assert core.best_for_text("demand", {"a": 1}, 20) == []
    assert core.weighing == Weighing(0, {})


def test_texts_that_are_all_the_same_stand_in_the_order_of_their_ids() -> None:
    text = ["kettles", "and", "kettles", "cups"]
    core = filled(dict.fromkeys(range(3), text), dict.fromkeys([9, 4, 300, 2, *range(20, 250)], text))
    for best in core.best_for_all("demand", 4).values():
        assert [(s.id, s.score) for s in best] == [(2, 1.0), (4, 1.0), (9, 1.0), (20, 1.0)]


def test_more_equal_scores_than_there_is_room_for() -> None:
    """A thousand offers alike overflow the candidates that are kept; still the first ids win."""
    supply = {id: ["tables", "chairs"] for id in range(1_000, 0, -1)} | {5_000: ["tables", "chairs", "chairs"]}
    core = filled({1: ["tables", "chairs", "chairs"]}, supply, scan=CompiledScan())
    assert [s.id for s in core.best("demand", [1], 4)[1]] == [5_000, 1, 2, 3]
    odd = lambda slots: np.tile(core.ids("supply") % 2 == 1, (len(slots), 1))  # noqa: E731
    assert [s.id for s in core.best("demand", [1], 4, odd)[1]] == [1, 3, 5, 7]


@pytest.mark.parametrize("times", [254, 255, 256, 257, 65_535, 65_536, 100_000])
def test_a_word_said_very_often_counts_exactly(times: int) -> None:
    demand = {1: ["desk"] * times + ["lamp"], 2: ["desk", "lamp"]}
    supply = {1: ["desk"] * 2 + ["lamp"] * times, 2: ["lamp"], 3: ["chair"]}
    agree(filled(demand, supply).best_for_all("demand", 5), brute(demand, supply, 5))


def test_more_different_counts_than_a_byte_holds() -> None:
    demand = {id: ["tent"] * (id + 1) + ["peg"] for id in range(300)}
    supply = {id: ["tent"] * 3 + ["peg"] * (id + 1) for id in range(300)}
    agree(filled(demand, supply).best_for_all("demand", 5), brute(demand, supply, 5))

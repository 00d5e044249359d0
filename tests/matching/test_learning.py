"""Weights follow what people decide, never what chance decides, and never far on a handful of decisions."""

from collections.abc import Mapping

import numpy as np
import pytest

from broker.matching.learning import FEWEST_NEEDS, STEP, Labelled, Proposal, TooFew, evidence_of, propose
from broker.matching.records import PART_NAMES, PartName

PRESENT: dict[PartName, float] = dict.fromkeys(PART_NAMES, 0.0) | {
    "words": 1.0, "kind": 0.1, "place": 0.05, "dates": 0.02, "led": 0.1, "boost": 0.1,
}  # fmt: skip


def market(needs: int, cares: dict[PartName, float], seed: int = 1, each: int = 8) -> list[Labelled]:
    """Officers choose the better half of each need's suggestions by what they care about, and now and then err."""
    chance = np.random.default_rng(seed)
    decided: list[Labelled] = []
    for need in range(needs):
        shown: list[dict[PartName, float]] = [
            {
                "words": float(chance.uniform(0.1, 0.6)),
                "kind": float(chance.integers(2)),
                "place": float(chance.uniform()),
                "dates": float(chance.integers(2)),
                "boost": float(chance.integers(2)),
            }
            for _ in range(each)
        ]
        liking = [
            sum(cares.get(name, 0.0) * value for name, value in one.items()) + float(chance.normal(0, 0.1))
            for one in shown
        ]
        middle = float(np.median(liking))
        decided += [
            Labelled(need, 1000 * need + at, 1.0 if liking[at] > middle else -1.0, one) for at, one in enumerate(shown)
        ]
    return decided


def proposed(decisions: list[Labelled]) -> Proposal:
    found = propose(decisions, PRESENT)
    assert isinstance(found, Proposal)
    return found


def test_where_distance_was_what_counted_its_weight_rises_and_is_better() -> None:
    found = proposed(market(40, {"place": 1.0, "words": 0.2}))
    assert found.weights["place"] / found.weights["words"] > 3 * PRESENT["place"] / PRESENT["words"]
    assert found.weights["place"] > PRESENT["place"]
    assert found.is_better
    assert found.after.right > found.before.right + 0.1
    assert found.after.ndcg > found.before.ndcg
    assert (found.decisions, found.needs) == (320, 40)


def test_where_the_present_weights_were_followed_nothing_is_better() -> None:
    found = proposed(market(40, PRESENT))
    assert not found.is_better
    assert found.weights["words"] == pytest.approx(1.0, rel=0.2)


def by_lot(seed: int) -> list[Labelled]:
    chance = np.random.default_rng(seed)
    return [
        Labelled(need, 10 * need + at, at % 2 * 2.0 - 1.0, {name: float(chance.uniform()) for name in PART_NAMES})
        for need in range(FEWEST_NEEDS)
        for at in range(6)
    ]


def test_chance_teaches_nothing_however_much_could_be_read_into_it() -> None:
    """Eleven parts that say nothing fit any few decisions; only needs that were held out show it."""
    assert [seed for seed in range(6) if proposed(by_lot(seed)).is_better] == []


def test_the_texts_bring_as_much_as_before() -> None:
    """Else the least that texts must bring would let other pairs through, and a boost be worth another number."""
    decided = market(40, {"place": 1.0, "words": 0.2})
    decided = [
        Labelled(each.demand, each.supply, each.strength, {**each.evidence, "spelling": each.evidence["place"] / 2})
        for each in decided
    ]
    present = {**PRESENT, "spelling": 0.3}
    found = propose(decided, present)
    assert isinstance(found, Proposal)

    def brought(weights: Mapping[PartName, float]) -> float:
        return sum(weights[name] * each.evidence[name] for each in decided for name in ("words", "spelling"))

    assert found.weights["spelling"] != pytest.approx(0.3, rel=0.1)
    assert brought(found.weights) == pytest.approx(brought(present))


def test_one_proposal_is_one_step() -> None:
    found = proposed(market(60, {"kind": -1.0, "place": 1.0, "words": 3.0}))
    moved = {name: found.weights[name] / PRESENT[name] for name in ("words", "kind", "place", "dates")}
    assert moved["kind"] < 1 < moved["place"]
    assert max(moved.values()) / min(moved.values()) <= STEP**2 + 1e-9


def test_what_people_set_and_what_nobody_saw_stay_as_they_are() -> None:
    found = proposed(market(40, {"place": 1.0, "boost": 1.0}))
    assert found.weights["boost"] == PRESENT["boost"]
    for name in ("led", "encoder", "related"):
        assert found.weights[name] == PRESENT[name]


def test_one_odd_decision_moves_a_part_next_to_nothing() -> None:
    decided = market(40, PRESENT)
    odd = decided[0]
    decided[0] = Labelled(odd.demand, odd.supply, 1.0, {**odd.evidence, "related": 1.0})
    assert proposed(decided).weights["related"] < 0.1


def test_too_few_needs_say_how_many_are_missing() -> None:
    found = propose(market(FEWEST_NEEDS - 3, {"place": 1.0}), PRESENT)
    assert isinstance(found, TooFew)
    assert (found.needs, found.missing) == (FEWEST_NEEDS - 3, 3)
    only_yes = [each for each in market(50, {"place": 1.0}) if each.strength > 0]
    assert propose(only_yes, PRESENT) == TooFew(0)
    assert propose([], PRESENT) == TooFew(0)


def test_the_order_of_the_decisions_changes_nothing() -> None:
    decided = market(30, {"place": 1.0})
    assert propose(decided[::-1], PRESENT) == propose(decided, PRESENT)


def test_decisions_of_one_supply_teach_as_those_of_one_need_do() -> None:
    decided = market(FEWEST_NEEDS, {**PRESENT, "place": 0.0}, seed=4)
    by_supply = [
        Labelled(
            5000 + 10 * supply + at, 90_000 + supply, 1.0 if at % 2 else -1.0, {"words": 0.3, "place": at % 2 * 0.9}
        )
        for supply in range(40)
        for at in range(4)
    ]
    assert proposed(decided + by_supply).weights["place"] > 1.2 * proposed(decided).weights["place"]


def test_evidence_is_what_was_found_whatever_it_counted_for() -> None:
    found = evidence_of({"words": 0.5, "place": 0.01, "related": 0.2}, PRESENT)
    assert found == pytest.approx({"words": 0.5, "place": 0.2})

"""The ranking: one canonical order, whatever the order, the size or the oddity of what comes in."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from broker.matching import PART_NAMES, Market, Record, Weights
from broker.matching.text import stems
from broker.matching.weights import SHIPPED
from tests.matching.make import ids, need, offer

SUBJECTS = ["laptop", "garden", "choir", "football", "kitchen", "lunch", "dance", "paint", "van", "hall", "boxing"]
KINDS = ["goods", "skills", None]
LATITUDES = [53.4, 53.5, None]
REACHES = [3.0, None]


def _many(side: int, count: int) -> list[Record]:
    """Invented listings with many equal texts, and facts that refuse some pairs."""
    chance = np.random.default_rng(side)
    return [
        Record(
            id=side * 1000 + number,
            owner=int(chance.integers(10)),
            title=" ".join(chance.choice(SUBJECTS, 3, replace=False)) if number % 3 else "garden",
            text=" ".join(chance.choice(SUBJECTS, 4)) if number % 3 else "",
            kind=KINDS[chance.integers(3)],
            lat=LATITUDES[chance.integers(3)],
            lon=-2.2,
            reach_miles=REACHES[chance.integers(2)],
        )
        for number in range(count)
    ]


def _shuffled(records: list[Record], seed: int) -> list[Record]:
    return [records[place] for place in np.random.default_rng(seed).permutation(len(records))]


def test_better_first_and_only_what_shares_a_word() -> None:
    supply = [offer(1, "laptops"), offer(2, "laptops and mice"), offer(3, "a choir")]
    assert ids(Market([need(9, "laptops")], supply).best_for_demand()[9]) == [1, 2]


def test_equal_scores_are_ordered_by_id_and_the_cut_keeps_the_smallest() -> None:
    supply = [offer(number) for number in (5, 3, 9, 1, 7)]
    market = Market([need(1)], supply)
    assert ids(market.best_for_demand(k=3)[1]) == [1, 3, 5]
    assert len({scored.score for scored in market.best_for_demand()[1]}) == 1


def test_the_order_of_the_input_changes_nothing() -> None:
    demand, supply = _many(1, 60), _many(2, 80)
    market = Market(demand, supply)
    for seed in range(3):
        mixed = Market(_shuffled(demand, seed), _shuffled(supply, seed))
        assert mixed.best_for_demand(k=7) == market.best_for_demand(k=7)
        assert mixed.best_for_supply(k=7) == market.best_for_supply(k=7)


def test_progress_ends_at_the_whole() -> None:
    market = Market(_many(1, 130), _many(2, 20))
    done: list[tuple[int, int]] = []
    market.best_for_demand(k=5, progress=lambda now, all_: done.append((now, all_)))
    assert done == [(100, 130), (130, 130)]


def test_a_shorter_list_is_the_start_of_a_longer_one() -> None:
    market = Market(_many(1, 60), _many(2, 80))
    longer = market.best_for_demand(k=40)
    assert {key: ranking[:4] for key, ranking in longer.items()} == market.best_for_demand(k=4)


def test_both_sides_and_single_pairs_tell_one_score() -> None:
    market = Market(_many(1, 60), _many(2, 80))
    forth = {(n, s.id): s.score for n, ranking in market.best_for_demand(k=100).items() for s in ranking}
    back = {(s.id, o): s.score for o, ranking in market.best_for_supply(k=100).items() for s in ranking}
    assert forth == back
    assert forth == {pair: market.score(*pair) for pair in forth}
    assert forth == {pair: market.explain(*pair).score for pair in forth}
    assert len(forth) > 100


WORDS_ALONE = replace(Weights(**dict.fromkeys(PART_NAMES, 0.0)), words=1.0, ease=0.0, even=0.0, least=0.0)


def test_words_alone_are_the_cosine_of_both_sides_fitted_together() -> None:
    demand, supply = _many(1, 20), _many(2, 30)
    texts = [f"{record.title} {record.text}" for record in (*demand, *supply)]
    weights = TfidfVectorizer(analyzer=stems, sublinear_tf=True).fit_transform(texts).toarray()
    market = Market(demand, supply, weights=WORDS_ALONE)
    scores = market.table([each.id for each in demand], [each.id for each in supply])
    np.testing.assert_allclose(scores, weights[:20] @ weights[20:].T, atol=1e-9)


def test_the_best_are_those_of_the_whole_table() -> None:
    demand, supply = _many(1, 40), _many(2, 90)
    market = Market(demand, supply)
    found = market.best_for_demand(k=7)
    for ours in demand:
        everybody = market.scores("demand", ours.id)
        expected = sorted(everybody, key=lambda id: (-everybody[id], id))[:7]
        assert ids(found[ours.id]) == expected
        assert all(market.score(ours.id, id) == everybody[id] for id in expected)


def test_a_listing_changed_in_place_is_as_good_as_a_new_market() -> None:
    demand, supply = _many(1, 30), _many(2, 40)
    market = Market(demand, supply[:20], weights=SHIPPED)
    for record in supply[20:]:
        market.put("supply", record)
    market.put("demand", replace(demand[0], title="boxing and football"))
    market.remove("supply", supply[5].id)
    market.reweigh()
    fresh = Market(
        [replace(demand[0], title="boxing and football"), *demand[1:]], [*supply[:5], *supply[6:]], weights=SHIPPED
    )
    assert market.best("demand") == fresh.best("demand")
    assert market.best("supply") == fresh.best("supply")


def test_between_two_weighings_a_market_equals_a_new_one_under_the_same_weighing() -> None:
    demand, supply = _many(1, 30), _many(2, 40)
    market = Market(demand, supply[:20])
    for record in (*supply[20:], offer(77, "a trampoline for the garden")):
        market.put("supply", record)
    fresh = Market(demand, [*supply, offer(77, "a trampoline for the garden")], weighing=market.weighing)
    assert market.best("demand") == fresh.best("demand")
    assert market.best("supply") == fresh.best("supply")


def test_only_the_ids_asked_for() -> None:
    market = Market(_many(1, 20), _many(2, 30))
    whole = market.best_for_demand()
    assert market.best_for_demand(ids=[1004, 1002, 1004]) == {1004: whole[1004], 1002: whole[1002]}
    assert market.best_for_demand(ids=[]) == {}


def test_a_listing_that_is_gone_is_in_no_list() -> None:
    demand, supply = _many(1, 40), _many(2, 40)
    without = Market(demand, supply[1:]).best_for_demand(k=40)
    assert supply[0].id not in {scored.id for ranking in without.values() for scored in ranking}


@pytest.mark.parametrize(("demand", "supply"), [([], []), ([need(1)], []), ([], [offer(2)])])
def test_empty_sides(demand: list[Record], supply: list[Record]) -> None:
    market = Market(demand, supply)
    assert market.best_for_demand() == {record.id: [] for record in demand}
    assert market.best_for_supply() == {record.id: [] for record in supply}


@pytest.mark.parametrize("text", ["", "the and of", "😀", "17th Dec 2019", "\x00\ud800", "a-b-" * 2500, "word " * 2000])
def test_odd_texts_are_ranked_like_any_other(text: str) -> None:
    market = Market([need(1, text), need(2)], [offer(3, text), offer(4)])
    assert ids(market.best_for_demand()[2]) == [4]
    assert all(0 < scored.score < 3 for scored in market.best_for_demand()[1])


def test_a_market_without_a_single_word() -> None:
    market = Market([need(1, "the")], [offer(2, "😀")])
    assert market.best_for_demand() == {1: []}
    assert market.explain(1, 2).reason.parts == ()


def test_what_cannot_be_asked() -> None:
    market = Market([need(1)], [offer(2)])
    with pytest.raises(KeyError):
        market.explain(2, 1)
    with pytest.raises(KeyError):
        market.best_for_demand(ids=[2])
    with pytest.raises(ValueError, match="k must be at least 1"):
        market.best_for_supply(k=0)
    with pytest.raises(ValueError, match="an id occurs twice"):
        Market([need(1), need(1)], [])


LONG = (
    "laptops for our homework club: pupils from three primary schools read, write and revise sums on Tuesday evenings"
    " in the parish hall beside the canal, with tablets lent by a neighbour, biscuits and a retired headteacher"
)


def test_evening_out_changes_what_an_offer_sees_first_and_no_order_that_a_need_sees() -> None:
    needs = [need(1, "school kit"), need(2, LONG)]
    supply = [offer(3, "laptops for a homework club"), offer(4, "tablets and laptops"), offer(5, "a homework tutor")]
    uneven, even = (Market(needs, supply, weights=replace(Weights(), even=even)) for even in (0.0, 1.5))
    forth = [{id: ids(found) for id, found in market.best("demand").items()} for market in (uneven, even)]
    assert forth[0] == forth[1]
    assert [ids(market.best("supply")[5]) for market in (uneven, even)] == [[1, 2], [2, 1]]

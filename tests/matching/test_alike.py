"""Needs that ask for the same thing: found in any order, named by what they share, and never tied by a mere name."""

import random

import pytest

from broker.matching.alike import Cluster, Need, clusters, twins
from broker.matching.synonyms import Entry, Synonyms

NOTHING = Synonyms([])
COMPUTERS = Synonyms(
    [Entry("computers", say=("laptops", "chromebooks", "devices for homework"), hint=("screens", "monitors"))]
)
OTHERS = [
    "A minibus on Sundays", "Somebody to do the books", "Paint for the community hall", "A cook for the lunch club",
    "Help with our website", "Two sheds on the allotment", "Football coaches for girls", "A solicitor for our lease",
    "Chairs that stack", "Seeds and compost in spring", "A choir leader", "Bid writing for a youth group",
]  # fmt: skip


def pool(*titles: str, **facts: str) -> list[Need]:
    """These needs, among others that have nothing to do with them."""
    return [Need(number, title, "", **facts) for number, title in enumerate([*titles, *OTHERS], start=1)]  # type: ignore[arg-type]


def test_needs_for_the_same_thing_are_one_cluster_named_by_it() -> None:
    needs = pool("Six laptops for revision", "Laptops to look for work", "Ten laptops, used ones gladly")
    assert clusters(needs, NOTHING) == [Cluster((1, 2, 3), ("laptops",))]


def test_an_entry_ties_those_that_share_no_word() -> None:
    needs = pool("Six laptops", "Chromebooks for revision", "Devices for homework")
    assert clusters(needs, NOTHING) == []
    assert clusters(needs, COMPUTERS) == [Cluster((1, 2, 3), ("computers",))]


def test_what_is_only_hinted_at_beside_the_title_ties_nobody() -> None:
    needs = [Need(91, "A treasurer", "The screens are old"), Need(92, "A roof mended", "Our monitors blink")]
    assert clusters(needs + pool(), COMPUTERS) == []
    needs = [Need(91, "A treasurer with screens", ""), Need(92, "A roof over our monitors", "")]
    assert clusters(needs + pool(), COMPUTERS) != []


def test_needs_of_different_kinds_of_support_are_never_together() -> None:
    alike = [Need(1, "Laptops", "", "goods"), Need(2, "Laptops", "", "goods"), Need(3, "Laptops", "", "skills")]
    assert [each.ids for each in clusters(alike + pool()[3:], NOTHING)] == [(1, 2)]


def test_a_name_says_who_asks_and_not_what_for() -> None:
    titles = ["Gorse Hill: a skip", "Gorse Hill: dance shoes"]
    named = [Need(number, title, "", names=("Gorse Hill",)) for number, title in enumerate(titles, start=1)]
    plain = [Need(number, title, "") for number, title in enumerate(titles, start=1)]
    others = pool()[2:]
    assert clusters(plain + others, NOTHING) != []
    assert clusters(named + others, NOTHING) == []
    assert clusters(named + others, Synonyms([Entry("hills", say=("gorse hill", "moor"))])) == []


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_needs_changes_nothing(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - a shuffle
    words = [f"word{number}" for number in range(40)]
    needs = [Need(number, " ".join(rng.choices(words, k=6)), "") for number in range(1, 120)]
    found = clusters(needs, COMPUTERS, 0.2)
    assert len(found) > 3
    rng.shuffle(needs)
    assert clusters(needs, COMPUTERS, 0.2) == found
    assert twins(needs) == twins(sorted(needs, key=lambda need: need.id))


def test_a_chain_of_small_likenesses_does_not_tie_its_ends() -> None:
    steps = ["ant bee cat", "cat dog eel", "eel fox gnu", "gnu hen ibis", "ibis jay kid"]
    assert all(len(each.ids) <= 2 for each in clusters(pool(*steps), NOTHING))


def test_texts_but_for_a_word_are_twins() -> None:
    text = (
        "Jubilee celebration with refreshments, bunting, a band from the school, and games for little ones. Neighbours "
        "bake, lend tables and close the street; we hire a stage, insurance, toilets and somebody for first aid."
    )
    needs = [Need(1, "Party", text), Need(2, "Party", text.replace("bunting", "flags")), Need(3, "Party", "A party")]
    assert [each.ids for each in twins(needs)] == [(1, 2)]


@pytest.mark.parametrize("texts", [[], ["one"], ["same"] * 40, [""] * 5, ["🎈"] * 3, ["laptop " * 5000, "laptop"]])
def test_odd_input_is_no_error(texts: list[str]) -> None:
    needs = [Need(number, text, text) for number, text in enumerate(texts, start=1)]
    for found in (clusters(needs, COMPUTERS), twins(needs)):
        assert len({each for cluster in found for each in cluster.ids}) == sum(len(cluster.ids) for cluster in found)


def test_a_part_too_large_to_compare_is_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("broker.matching.alike._LARGEST", 4)
    needs = pool(*(f"laptops and {word}" for word in ("mice", "mice", "bags", "bags", "desks", "desks")))
    assert {each.ids for each in clusters(needs, NOTHING)} == {(1, 2), (3, 4), (5, 6)}

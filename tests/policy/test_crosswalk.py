"""One frame seen from another: what is counted there, how surely, and what is not."""

from itertools import product
from typing import get_args

import pytest

from broker.policy import Mapping, Policy, load_all
from broker.policy.crosswalk import COMPOSED, TURNED, across, from_hub, not_counted
from broker.policy.records import Relation

RELATIONS: tuple[Relation, ...] = get_args(Relation)


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_all()


def mappings(policy: Policy, code: str) -> tuple[Mapping, ...]:
    (framework,) = (each for each in policy.frameworks if each.code == code)
    return framework.mappings


def seen(first: Relation, second: Relation) -> Relation | None:
    """What becomes of a node that stands to the hub as `first`, where another does as `second`."""
    steps = across("A", [Mapping("A", "H", first, 1)], [Mapping("B", "H", second, 1)])
    return steps[0].relation if steps else None


def test_the_table_is_whole() -> None:
    assert set(COMPOSED) == set(product(RELATIONS, RELATIONS)) - {("related", "related")}


def test_the_same_both_times_is_the_same() -> None:
    assert seen("exact", "exact") == "exact"
    assert seen("close", "exact") == "close"
    assert seen("close", "close") == "close"


def test_direction_is_kept() -> None:
    assert seen("exact", "broader") == "broader"
    assert seen("broader", "exact") == "narrower"
    assert seen("narrower", "broader") == "broader"
    assert seen("broader", "narrower") == "narrower"


def test_two_parts_of_one_whole_are_only_related() -> None:
    assert seen("narrower", "narrower") == "related"
    assert seen("broader", "broader") == "related"


def test_two_loose_links_are_none() -> None:
    assert seen("related", "related") is None
    assert seen("related", "exact") == "related"


@pytest.mark.parametrize(("first", "second"), list(product(RELATIONS, RELATIONS)))
def test_the_way_back_is_the_way_there_turned(first: Relation, second: Relation) -> None:
    there, back = seen(first, second), seen(second, first)
    assert back == (TURNED[there] if there else None)


def test_confidence_falls_with_each_step() -> None:
    (step,) = across("A", [Mapping("A", "H", "close", 0.8)], [Mapping("B", "H", "close", 0.5)])
    assert step.confidence == 0.4
    assert step.through == "H"


def test_of_two_ways_the_stronger_is_told() -> None:
    own = [Mapping("A", "H1", "related", 1), Mapping("A", "H2", "close", 0.5)]
    target = [Mapping("B", "H1", "exact", 1), Mapping("B", "H2", "close", 0.5), Mapping("C", "H1", "exact", 1)]
    steps = across("A", own, target)
    assert [(step.node, step.relation, step.through) for step in steps] == [
        ("B", "close", "H2"),
        ("C", "related", "H1"),
    ]
    assert [step.counts for step in steps] == [True, False]


def test_a_node_without_a_mapping_is_counted_nowhere() -> None:
    assert across("A", [], [Mapping("B", "H", "exact", 1)]) == ()


def test_digital_inclusion_has_no_home_in_the_region(policy: Policy) -> None:
    city, region = mappings(policy, "MCC25"), mappings(policy, "GM20")
    assert across("MCC25-P-DIG", city, region) == ()
    assert from_hub("H09", region) == ()
    assert "H09" in not_counted((node.code for node in policy.hub.nodes), region)


def test_digital_inclusion_has_no_home_in_any_shipped_frame_but_the_citys(policy: Policy) -> None:
    homes = {each.code for each in policy.frameworks if not_counted(["H09"], each.mappings) == ()}
    assert homes == {"MCC25"}


def test_poverty_has_no_home_in_the_region_but_had_one_before(policy: Policy) -> None:
    assert not_counted(["H11"], mappings(policy, "GM20")) == ("H11",)
    assert not_counted(["H11"], mappings(policy, "GM14")) == ()


def test_the_older_list_seen_from_the_newer(policy: Policy) -> None:
    steps = across("GM20-6", mappings(policy, "GM20"), mappings(policy, "SVM20"))
    best = steps[0]
    assert (best.node, best.relation, best.through) == ("SVM20-2", "close", "H06")

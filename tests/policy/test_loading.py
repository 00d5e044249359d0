"""The shipped policy loads and holds what we say it holds; a folder that does not fit together is refused."""

import re
import shutil
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

import broker
from broker.domain.kinds import NodeKind
from broker.policy import RULE_UNITS, BadPolicy, Policy, load_all, read
from broker.policy.loading import SHIPPED
from broker.policy.records import Kind, RuleName

DEMONSTRATION = Path(broker.__file__).parent / "demonstration" / "frameworks"
FRAMEWORK_FILES = [path for path in SHIPPED.glob("*.toml") if re.search(r"-\d+\.toml$", path.name)]


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_all()


@pytest.fixture(scope="module")
def demonstration() -> Policy:
    return load_all(DEMONSTRATION)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped folder, to be spoilt."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "frameworks"))


def kinds(policy: Policy, code: str) -> Counter[str]:
    (framework,) = (each for each in policy.frameworks if each.code == code)
    return Counter(node.kind for node in framework.nodes)


def test_the_facts_of_the_shipped_policy(policy: Policy) -> None:
    assert len(policy.authorities) == 10
    assert len(policy.hub.nodes) == 16
    assert len(policy.measures) == 30
    assert kinds(policy, "MCC25") == {"theme": 5, "priority": 1, "principle": 4}
    assert kinds(policy, "GM14") == {"theme": 6}
    assert kinds(policy, "GM20") == {"priority": 6}
    assert kinds(policy, "SVM20") == {"theme": 5, "outcome": 8}
    assert kinds(policy, "PPN002") == {"mission": 5, "outcome": 1}
    assert kinds(policy, "OLD16") == {"theme": 4, "outcome": 8}
    assert kinds(policy, "SAL21") == {"outcome": 11}


def test_everything_shipped_is_provisional_and_real(policy: Policy) -> None:
    assert {each.wording for each in policy.frameworks} == {"provisional"}
    assert {each.demonstration for each in policy.frameworks} == {False}


def test_unknown_names_are_placeholders(policy: Policy) -> None:
    city = policy.current("MCC25")
    assert city is not None
    themes = [node for node in city.nodes if node.kind == "theme"]
    assert all(node.label.startswith("[placeholder] ") for node in themes)
    (priority,) = (node for node in city.nodes if node.kind == "priority")
    assert (priority.label, priority.parent) == ("Digital inclusion", None)


def test_the_region_took_the_place_of_its_older_list(policy: Policy) -> None:
    region = policy.current("GM20")
    assert region is not None
    assert region.supersedes == "GM14 v1"
    assert policy.current("GM14") is None


def test_the_ten_authorities(policy: Policy) -> None:
    assert [each.code for each in policy.authorities] == [f"E080000{number:02}" for number in range(1, 11)]
    assert {each.region for each in policy.authorities} == {"Greater Manchester"}
    assert Counter(each.framework for each in policy.authorities) == {"GM20": 9, "MCC25": 1}


@pytest.mark.parametrize("path", FRAMEWORK_FILES, ids=lambda path: path.name)
def test_a_file_is_named_for_its_version(path: Path) -> None:
    framework = read(path)
    assert path.name == f"{framework.code.lower()}-{framework.version}.toml"


def test_the_usual_rules_are_there_for_whoever_has_none(policy: Policy) -> None:
    usual = {rule.name for rule in policy.hub.rules}
    assert {"reply_days", "listing_days", "review_days"} <= usual


def test_words_are_those_of_the_domain() -> None:
    assert set(get_args(Kind)) == {str(kind) for kind in NodeKind}
    assert set(get_args(RuleName)) == set(RULE_UNITS)


def words(thing: object) -> Iterator[str]:
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, dict | list):
        for each in thing.values() if isinstance(thing, dict) else thing:
            yield from words(each)


def test_of_the_licensed_list_only_codes_are_shipped() -> None:
    catalogue = tomllib.loads((SHIPPED / "catalogue.toml").read_text())
    pointers = [each for measure in catalogue["measures"] for each in measure.get("points_to", [])]
    assert len(pointers) == 21
    assert all(set(each) == {"scheme", "code"} and each["scheme"] == "TOMs" for each in pointers)
    assert all(re.fullmatch(r"(NT|HE)\d{1,2}[a-z]?", each["code"]) for each in pointers)


def test_no_shipped_text_quotes_the_licensed_list_or_its_values() -> None:
    for path in SHIPPED.glob("*.toml"):
        table = tomllib.loads(path.read_text())
        for said in words(table):
            if not re.fullmatch(r"(NT|HE)\d{1,2}[a-z]?", said):
                assert not re.search(r"\b(NT|HE)\d", said), (path.name, said)
                assert "£" not in said or path.name == "catalogue.toml", (path.name, said)
                assert not re.search(r"£\s*\d|No\. of|proxy", said), (path.name, said)


def test_the_demonstration_is_three_invented_authorities(demonstration: Policy) -> None:
    assert [each.name for each in demonstration.authorities] == ["Northmere", "Westerby", "Harrowdene"]
    assert all(each.code.startswith("X") and each.region == "Mereland" for each in demonstration.authorities)
    assert all(each.demonstration and each.wording == "confirmed" for each in demonstration.frameworks)
    assert kinds(demonstration, "NOR")["theme"] == 5
    assert kinds(demonstration, "NOR")["principle"] == 4
    assert set(kinds(demonstration, "WES")) == {"mission", "outcome", "cohort"}
    assert kinds(demonstration, "HAR")["theme"] == 4


def test_each_theme_of_the_city_has_two_or_three_priorities(demonstration: Policy) -> None:
    city = demonstration.current("NOR")
    assert city is not None
    under = Counter(node.parent for node in city.nodes if node.kind == "priority")
    assert set(under) == {node.code for node in city.nodes if node.kind == "theme"}
    assert set(under.values()) <= {2, 3}


def test_the_demonstration_differs_in_its_rules(demonstration: Policy) -> None:
    for name in ("weighting", "reporting_rhythm", "local_means", "reply_days"):
        values = {rule.value for each in demonstration.frameworks for rule in each.rules if rule.name == name}
        assert len(values) == 3, name


def test_every_node_of_the_demonstration_but_two_principles_is_in_the_crosswalk(demonstration: Policy) -> None:
    nodes = {node.code for each in demonstration.frameworks for node in each.nodes}
    mapped = {mapping.node for each in demonstration.frameworks for mapping in each.mappings}
    assert nodes - mapped == {"NOR-PR3", "NOR-PR4"}


def test_a_measure_is_called_in_words_that_everybody_knows(policy: Policy) -> None:
    """Its label and unit stand on public pages: no letters that only officers can spell out."""
    said = [text for each in policy.measures for text in (each.label, each.unit)]
    assert [each for each in said if re.search(r"\b[A-Z]{3,}", each)] == []


CATALOGUE, AUTHORITIES, REGION, CITY = "catalogue.toml", "authorities.toml", "gm20-1.toml", "mcc25-1.toml"
ONE, FIRST = "version = 1", 'version = 1\nsupersedes = "{}"'

# The edits that spoil the folder (file, what is there, what it becomes), the file that is blamed, what is said.
SPOILT = {
    "measure without outcome": (
        [(CATALOGUE, 'hubs = ["H01"]', "hubs = []")],
        CATALOGUE,
        "BR-01 names no hub outcome",
    ),
    "measure of an unknown outcome": (
        [(CATALOGUE, 'hubs = ["H01"]', 'hubs = ["H99"]')],
        CATALOGUE,
        "names the hub outcome H99, which does not exist",
    ),
    "measure twice": ([(CATALOGUE, '"BR-02"', '"BR-01"')], CATALOGUE, "The measure BR-01 is given 2 times"),
    "pointer with words": ([(CATALOGUE, '"NT1"', '"NT1 people"')], CATALOGUE, "Only bare codes may stand here"),
    "pointer at more than a code": (
        [(CATALOGUE, 'code = "NT1" }', 'code = "NT1", value = 16.93 }')],
        CATALOGUE,
        'uses the word "value", which is not known here',
    ),
    "no measures": ([(CATALOGUE, "[[measures]]", "[[counts]]")], CATALOGUE, 'uses the word "counts"'),
    "mapping to an unknown outcome": (
        [(REGION, 'hub = "H01"', 'hub = "H99"')],
        REGION,
        "is mapped to the hub outcome H99, which does not exist",
    ),
    "mapping twice": (
        [(REGION, 'node = "GM20-3"\nhub = "H02"', 'node = "GM20-3"\nhub = "H01"')],
        REGION,
        "The mapping GM20-3 to H01 is given 2 times",
    ),
    "unknown authority": ([(CITY, "E08000003", "E08000099")], CITY, "the authority E08000099, which is not listed"),
    "two current versions": (
        [(CITY, '"MCC25"', '"GM20"'), (CITY, ONE, "version = 2")],
        REGION,
        "GM20 has two current versions",
    ),
    "same version twice": ([(CITY, '"MCC25"', '"GM20"')], CITY, "GM20 v1 is already in the file gm20-1.toml"),
    "supersedes nothing": ([(REGION, '"GM14 v1"', '"GM14 v9"')], REGION, '"GM14 v9", but no file holds that'),
    "supersedes what is current": (
        [("gm14-1.toml", '"superseded"', '"current"')],
        REGION,
        "It supersedes GM14 v1, which is still marked as current",
    ),
    "circle of versions": (
        [("old16-1.toml", ONE, FIRST.format("SAL21 v1")), ("sal21-1.toml", ONE, FIRST.format("OLD16 v1"))],
        "old16-1.toml",
        "These supersede each other, in a circle: OLD16 v1, SAL21 v1",
    ),
    "node code of another": ([(CITY, '"MCC25-T1"', '"GM14-A"')], CITY, "GM14-A is already used by GM14"),
    "unknown framework": ([(AUTHORITIES, '"MCC25"', '"MCC99"')], AUTHORITIES, "MCC99, which has no current"),
    "superseded framework": ([(AUTHORITIES, '"MCC25"', '"GM14"')], AUTHORITIES, "GM14, which has no current"),
    "authority twice": ([(AUTHORITIES, "E08000002", "E08000001")], AUTHORITIES, "E08000001 is given 2 times"),
    "odd authority code": ([(AUTHORITIES, "E08000002", "Bury")], AUTHORITIES, '"Bury" is not an authority code'),
    "rule of an authority": ([(AUTHORITIES, "value = 20", "value = 120")], AUTHORITIES, "gives 120 percent"),
    "theme in the hub": ([("hub.toml", 'kind = "hub"', 'kind = "theme"')], "hub.toml", "Hub outcomes stand in"),
}


@pytest.mark.parametrize("case", SPOILT)
def test_a_folder_that_does_not_fit_together_is_refused(folder: Path, case: str) -> None:
    edits, blamed, said = SPOILT[case]
    for file, old, new in edits:
        text = (folder / file).read_text()
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1))
    with pytest.raises(BadPolicy) as refusal:
        load_all(folder)
    assert refusal.value.file == blamed
    assert said in refusal.value.problem


def test_a_hub_of_themes_is_refused(folder: Path) -> None:
    hub = folder / "hub.toml"
    hub.write_text(hub.read_text().replace('kind = "hub"', 'kind = "theme"'))
    with pytest.raises(BadPolicy, match=r'hub\.toml: The hub holds nodes of the kind "hub"'):
        load_all(folder)


def test_a_folder_without_authorities_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadPolicy, match=r"authorities\.toml: The folder"):
        load_all(tmp_path)

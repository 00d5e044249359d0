"""words.toml: its shape, and that each entry brings together two listings that share no word."""

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any

import broker
from broker.domain.kinds import SupportKind
from broker.matching import Market, Record
from broker.matching.synonyms import Synonyms, shipped
from broker.matching.text import stems
from tests.matching.make import need, offer

BROKER = Path(broker.__file__).parent
FIELDS = {"name", "kinds", "themes", "say", "hint"}
EMPTY_WORDS = (
    "help group work time people community support project local service session run event member money room space"
    " place training course class skills job equipment account bank charge drive book team day week year free new open"
    " small big good home house family child woman man office board chair design record plan programme business company"
    " staff health care social public private talk visit call part site stage fit safe clear list data number system"
    " develop second general reflect refer save send author contain cost success structure mind monitor term note"
)
"""Each means many things, so none may stand for one meaning alone."""

Stems = tuple[str, ...]


@lru_cache(maxsize=1)
def _rows() -> list[dict[str, Any]]:
    return list(tomllib.loads((BROKER / "matching" / "words.toml").read_text(encoding="utf-8"))["entry"])


def _phrases(row: Mapping[str, Any]) -> list[str]:
    return [*row["say"], *row.get("hint", [])]


def _stems(phrase: str) -> Stems:
    return tuple(stems(phrase))


def test_several_hundred_entries_each_with_its_own_name() -> None:
    names = Counter(row["name"] for row in _rows())
    assert len(names) >= 600
    assert [name for name, times in names.items() if times > 1] == []
    assert [name for name in names if not 1 <= len(name.split()) <= 5] == []


def test_every_entry_has_the_fields_that_the_matcher_and_the_page_read() -> None:
    assert [row["name"] for row in _rows() if not {"name", "kinds", "themes", "say"} <= row.keys() <= FIELDS] == []
    assert [row["name"] for row in _rows() if len(row["say"]) < 3] == []


def test_kinds_and_themes_are_known_ones() -> None:
    kinds = {kind.value for kind in SupportKind}
    hub = tomllib.loads((BROKER / "policy" / "frameworks" / "hub.toml").read_text(encoding="utf-8"))
    themes = {node["code"] for node in hub["nodes"]}
    assert [row["name"] for row in _rows() if not row["kinds"] or not set(row["kinds"]) <= kinds] == []
    assert [row["name"] for row in _rows() if not row["themes"] or not set(row["themes"]) <= themes] == []
    assert {theme for row in _rows() for theme in row["themes"]} == themes
    assert {kind for row in _rows() for kind in row["kinds"]} == kinds


def test_every_phrase_says_something_and_no_more_than_five_words() -> None:
    said = [(row["name"], phrase) for row in _rows() for phrase in _phrases(row)]
    assert [each for each in said if not 1 <= len(_stems(each[1])) <= 5] == []


def test_no_phrase_stands_twice_in_an_entry() -> None:
    twice = [
        (row["name"], phrase)
        for row in _rows()
        for phrase, times in Counter(_stems(each) for each in _phrases(row)).items()
        if times > 1
    ]
    assert twice == []


def test_no_word_of_many_meanings_stands_alone() -> None:
    empty = {_stems(word) for word in EMPTY_WORDS.split()}
    assert [(row["name"], phrase) for row in _rows() for phrase in row["say"] if _stems(phrase) in empty] == []


# Each entry moves its meant pair up: a need that says one of its phrases, an offer that says another, no word shared.
POOL = 1000


def _unlike(row: Mapping[str, Any]) -> tuple[str, str] | None:
    """The first phrase of the entry that shares no stem with its latest such other: often two ways of speaking."""
    pairs = product(row["say"], reversed(row["say"]))
    return next((pair for pair in pairs if not set(_stems(pair[0])) & set(_stems(pair[1]))), None)


def _demonstration() -> Iterator[str]:
    for file in sorted((BROKER / "demonstration" / "listings").glob("*.toml")):
        for row in tomllib.loads(file.read_text(encoding="utf-8"))["listings"]:
            yield f"{row['title']}\n{row['body']}"


def _invented(count: int) -> Iterator[tuple[str, set[str]]]:
    """Sentences of two entries far apart, with the names of both."""
    rows = _rows()
    for number in range(count):
        one, other = rows[number % len(rows)], rows[(7 * number + 100) % len(rows)]
        first, second = one["say"][number // len(rows) % len(one["say"])], other["say"][-1]
        yield f"We can offer {first}, and also {second}.", {one["name"], other["name"]}


def _pool(first_id: int) -> tuple[list[Record], dict[int, set[str]]]:
    """A thousand other listings, and by id the entries that they were built from."""
    texts: list[tuple[str, set[str]]] = [(text, set()) for text in _demonstration()]
    texts += _invented(POOL - len(texts))
    numbered = list(enumerate(texts, first_id))
    return [offer(id, text) for id, (text, _) in numbered], {id: names for id, (_, names) in numbered}


def _scores(needs: list[Record], offers: list[Record], synonyms: Synonyms) -> dict[int, dict[int, float]]:
    """For each need by id, the score of each offer by id, as the market gives it."""
    market = Market(needs, offers, synonyms=synonyms)
    return {each.id: market.scores("demand", each.id) for each in needs}


def _rank(found: dict[int, float], meant: int, rivals: dict[int, set[str]], entry: str) -> float:
    """The place of the meant offer among the others; those built from the same entry are no rivals."""
    if meant not in found:
        return float("inf")
    better = (found[id] > found[meant] for id, names in rivals.items() if entry not in names and id in found)
    return 1 + sum(better)


def test_each_entry_moves_its_meant_pair_up_in_a_pool_of_a_thousand_others() -> None:
    pairs = {row["name"]: _unlike(row) for row in _rows()}
    assert [name for name, pair in pairs.items() if pair is None] == []
    said = [(name, *pair) for name, pair in pairs.items() if pair]
    needs = [need(id, f"We need {one}.") for id, (_, one, _) in enumerate(said)]
    meant = [offer(id, f"We can offer {other}.") for id, (_, _, other) in enumerate(said)]
    others, rivals = _pool(len(said))
    assert len(others) == POOL
    rivals |= {id: {name} for id, (name, _, _) in enumerate(said)}
    without = _scores(needs, meant + others, Synonyms([]))
    given = _scores(needs, meant + others, shipped())
    moved = {
        name: (_rank(without[id], id, rivals, name), _rank(given[id], id, rivals, name))
        for id, (name, _, _) in enumerate(said)
    }
    assert {name: ranks for name, ranks in moved.items() if not (ranks[1] == 1 or ranks[1] < ranks[0])} == {}
    assert sum(after <= 10 for _, after in moved.values()) >= 0.9 * len(moved)

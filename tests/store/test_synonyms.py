"""Finding entries by their words, and a mark that tells when the matcher would read anything else."""

import pytest
from flask import Flask

from broker.domain.clock import now
from broker.domain.kinds import PostingState, SynonymState, Telling
from broker.store.base import db
from broker.store.synonyms import (
    OFF,
    OFFICERS,
    Synonym,
    SynonymPhrase,
    find_synonyms,
    open_entries,
    synonym_counts,
    synonym_named,
    synonyms_version,
    uses_of,
)
from tests import make


def entry(name: str, *say: str, shipped: bool = True, **facts: object) -> Synonym:
    phrases = [SynonymPhrase(text=text, telling=Telling.SAY, is_shipped=shipped, added_at=now()) for text in say]
    made = Synonym(name=name, phrases=phrases, is_shipped=shipped, changed_at=now(), **facts)
    db.session.add(made)
    db.session.flush()
    return made


@pytest.fixture
def three(database: Flask) -> None:
    entry("computers", "laptop", "chromebook")
    entry("Bikes", "bicycle", "100% cycling", state=SynonymState.OFF)
    entry("warm space", "warm hub", "somewhere warm", shipped=False)


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("words", "which", "names"),
    [
        ("", "", ["Bikes", "computers", "warm space"]),
        ("LAP", "", ["computers"]),
        ("warm hub", "", ["warm space"]),
        ("warm laptop", "", []),
        ("100%", "", ["Bikes"]),
        ("_", "", []),
        ("", OFFICERS, ["warm space"]),
        ("", OFF, ["Bikes"]),
        ("laptop", OFF, []),
    ],
)
def test_entries_are_found_by_name_and_phrase(words: str, which: str, names: list[str]) -> None:
    assert [found.name for found in find_synonyms(words, which, 1, 20)] == names


def test_a_phrase_is_counted_on_both_sides_where_anyone_may_read_it(database: Flask) -> None:
    north, west = make.authority(), make.authority("Westerby")
    group = make.organisation(north, west)
    make.need(group, north, west, title="A cafe for our homework club")
    make.need(group, north, title="Homework club", state=PostingState.SUBMITTED)
    make.aspiration(group, north, title="Homework clubs", body="")
    make.offer(make.supplier(north), north, title="Cafe chairs", body="for a club")
    assert uses_of(["homework club", "Café", "club", "100%"]) == {
        "homework club": (2, 0), "Café": (1, 1), "club": (2, 1), "100%": (0, 0),
    }  # fmt: skip
    assert uses_of([]) == {}


@pytest.mark.usefixtures("three")
def test_a_page_holds_one_more_than_it_shows() -> None:
    assert [len(find_synonyms("", "", page, 1)) for page in (1, 2, 3, 4)] == [2, 2, 1, 0]


@pytest.mark.usefixtures("three")
def test_counts_and_names() -> None:
    assert synonym_counts() == (3, 1)
    assert synonym_named("BIKES") is not None
    assert synonym_named("bike") is None


@pytest.mark.usefixtures("three")
def test_the_mark_tells_of_every_change_and_of_no_other() -> None:
    assert [row["name"] for row in open_entries()] == ["computers", "warm space"]
    marks = [synonyms_version()]
    computers, bikes = synonym_named("computers"), synonym_named("bikes")
    assert computers is not None
    assert bikes is not None
    bikes.name = "Cycles"  # nobody reads what is switched off
    assert synonyms_version() == marks[0]
    for change in (
        computers.phrases.pop,
        lambda: setattr(computers, "themes", ["H09"]),
        lambda: setattr(computers, "kinds", ["goods"]),
        lambda: setattr(computers.phrases[0], "telling", Telling.HINT),
        lambda: db.session.delete(computers),
    ):
        change()
        db.session.flush()
        marks.append(synonyms_version())
    assert len(set(marks)) == len(marks)

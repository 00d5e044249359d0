"""Words that mean the same: what ships, what officers add, and that the matcher hears of every change."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from broker.actions import synonyms
from broker.domain.kinds import Role, SynonymState, Telling
from broker.domain.permissions import Action, Actor
from broker.domain.refusals import NotAllowed, Unfit, WrongState
from broker.matching.synonyms import Entry
from broker.store.base import db
from broker.store.events import Event
from broker.store.jobs import Job
from broker.store.synonyms import Synonym, all_synonyms, open_entries, synonyms_version
from tests import make

SHIPPED = Path(synonyms.__file__).parent.parent / "matching" / "words.toml"
OFFICER = Actor(Role.OFFICER, authority_id=1)
WORDS: dict[str, Any] = {
    "name": "help with homework",
    "say": ["homework club", "after-school learning"],
    "hint": ["pupils"],
    "kinds": ["skills"],
    "themes": ["H04"],
}
FILE = """
[[entry]]
name = "computers"
kinds = ["goods"]
themes = ["H09"]
say = ["laptop", "chromebook"]
hint = ["tablet"]

[[entry]]
name = "minibus"
say = ["minibus", "community transport"]
"""


@pytest.fixture
def officer(database: Flask) -> Actor:
    membership = make.officer(make.authority())
    return Actor(Role.OFFICER, membership.user_id, authority_id=membership.authority_id)


def load(folder: Path, text: str) -> None:
    (folder / "words.toml").write_text(text, encoding="utf-8")
    synonyms.load_shipped(folder / "words.toml")


def named(name: str) -> Synonym:
    return next(entry for entry in all_synonyms() if entry.name == name)


def jobs() -> int:
    """How many jobs wait for the matcher; afterwards none does."""
    found = db.session.scalars(select(Job).where(Job.kind == "suggest")).all()
    for job in found:
        db.session.delete(job)
    db.session.flush()
    return len(found)


def test_what_ships_is_loaded_once_and_as_the_matcher_reads_it(database: Flask, tmp_path: Path) -> None:
    load(tmp_path, FILE)
    assert open_entries() == [
        {
            "name": "computers",
            "kinds": ["goods"],
            "themes": ["H09"],
            "say": ["laptop", "chromebook"],
            "hint": ["tablet"],
        },
        {"name": "minibus", "kinds": [], "themes": [], "say": ["minibus", "community transport"], "hint": []},
    ]
    before = synonyms_version(), [phrase.id for entry in all_synonyms() for phrase in entry.phrases]
    load(tmp_path, FILE)
    assert (synonyms_version(), [phrase.id for entry in all_synonyms() for phrase in entry.phrases]) == before


def test_the_file_that_ships_becomes_the_matchers_entries(database: Flask) -> None:
    number = synonyms.load_shipped(SHIPPED)
    entries = [Entry.of(row) for row in open_entries()]
    assert len(entries) == number > 100
    assert all(entry.say for entry in entries)


def test_an_upgrade_keeps_what_officers_did(officer: Actor, tmp_path: Path) -> None:
    load(tmp_path, FILE)
    synonyms.edit_synonym(named("computers"), officer, **{**WORDS, "say": ["desktop PC"], "hint": []})
    synonyms.switch_off_synonym(named("minibus"), officer)
    load(tmp_path, FILE.replace('"chromebook"', '"notebook", "Desktop PC"').replace('"tablet"', '"screen"'))
    computers = named("computers")
    assert computers.texts(Telling.SAY, shipped=True) == ["laptop", "Desktop PC", "notebook"]
    assert computers.texts(Telling.SAY, shipped=False) == []
    assert computers.texts(Telling.HINT) == ["screen"]
    assert named("minibus").state == SynonymState.OFF


def test_an_entry_that_ships_no_more_goes_but_for_what_officers_added(officer: Actor, tmp_path: Path) -> None:
    load(tmp_path, FILE)
    synonyms.edit_synonym(named("computers"), officer, **{**WORDS, "say": ["desktop PC"], "hint": []})
    load(tmp_path, "entry = []")
    assert [(entry.name, entry.is_shipped, entry.texts(Telling.SAY)) for entry in all_synonyms()] == [
        ("computers", False, ["desktop PC"])
    ]


def test_an_officers_entry_becomes_part_of_the_one_that_ships_under_its_name(officer: Actor, tmp_path: Path) -> None:
    synonyms.add_synonym(officer, **{**WORDS, "name": "Computers", "say": ["laptop", "desktop PC"]})
    load(tmp_path, FILE)
    computers = named("Computers")
    assert computers.is_shipped
    assert sorted(computers.texts(Telling.SAY, shipped=True)) == ["chromebook", "laptop"]
    assert computers.texts(Telling.SAY, shipped=False) == ["desktop PC"]


def test_every_change_is_recorded_and_the_market_is_looked_at_again(officer: Actor) -> None:
    versions = [synonyms_version()]
    entry = synonyms.add_synonym(officer, **WORDS)
    number = entry.id
    assert jobs() == 1
    for change in (
        lambda: synonyms.edit_synonym(entry, officer, **{**WORDS, "say": ["homework club", "study group"]}),
        lambda: synonyms.switch_off_synonym(entry, officer),
        lambda: synonyms.switch_on_synonym(entry, officer),
        lambda: synonyms.remove_synonym(entry, officer),
    ):
        versions.append(synonyms_version())
        change()
        assert synonyms_version() != versions[-1]
        assert jobs() == 1
    assert open_entries() == []
    events = db.session.scalars(select(Event).where(Event.subject == "synonym").order_by(Event.id)).all()
    assert [(event.action, event.subject_id, event.actor_id) for event in events] == [
        (action, number, officer.user_id)
        for action in (
            Action.ADD_SYNONYM,
            Action.EDIT_SYNONYM,
            Action.SWITCH_OFF_SYNONYM,
            Action.SWITCH_ON_SYNONYM,
            Action.REMOVE_SYNONYM,
        )
    ]
    assert events[1].fields == ["say"]


def test_saving_what_stands_there_changes_nothing(officer: Actor) -> None:
    entry = synonyms.add_synonym(officer, **WORDS)
    jobs()
    before = synonyms_version(), entry.row_version
    assert synonyms.edit_synonym(entry, officer, **WORDS) == frozenset()
    assert (synonyms_version(), entry.row_version, jobs()) == (*before, 0)


def test_a_phrase_may_move_from_one_list_to_the_other_and_change_its_capitals(officer: Actor) -> None:
    entry = synonyms.add_synonym(officer, **WORDS)
    moved = {**WORDS, "say": ["Homework Club", "pupils"], "hint": ["after-school learning"]}
    assert synonyms.edit_synonym(entry, officer, **moved) == {"say", "hint"}
    db.session.expire(entry)
    assert sorted(entry.texts(Telling.SAY)) == ["Homework Club", "pupils"]
    assert entry.texts(Telling.HINT) == ["after-school learning"]


def test_of_what_ships_only_phrases_are_added(officer: Actor, tmp_path: Path) -> None:
    load(tmp_path, FILE)
    entry = named("computers")
    changed = synonyms.edit_synonym(entry, officer, **{**WORDS, "say": ["desktop PC"], "hint": []})
    assert changed == {"say"}
    assert (entry.name, entry.kinds, entry.themes) == ("computers", ["goods"], ["H09"])
    assert entry.texts(Telling.SAY) == ["laptop", "chromebook", "desktop PC"]
    with pytest.raises(WrongState):
        synonyms.remove_synonym(entry, officer)
    with pytest.raises(Unfit) as refusal:
        synonyms.edit_synonym(entry, officer, **{**WORDS, "say": ["Laptop"], "hint": []})
    assert refusal.value.problems == {"say": "twice:Laptop"}


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        ({"name": " "}, {"name": "missing"}),
        ({"name": "Help With Homework"}, {"name": "taken"}),
        ({"name": "new", "say": ["homework"], "hint": []}, {"say": "few"}),
        ({"name": "new", "say": ["homework", "somebody to help"]}, {"say": "empty:somebody to help"}),
        ({"name": "", "say": []}, {"name": "missing", "say": "missing"}),
    ],
)
def test_what_does_not_do_is_refused(officer: Actor, change: dict[str, Any], problems: dict[str, str]) -> None:
    synonyms.add_synonym(officer, **WORDS)
    with pytest.raises(Unfit) as refusal:
        synonyms.add_synonym(officer, **{**WORDS, **change})
    assert refusal.value.problems == problems


def test_an_entry_may_keep_its_own_name(officer: Actor) -> None:
    entry = synonyms.add_synonym(officer, **WORDS)
    assert synonyms.edit_synonym(entry, officer, **{**WORDS, "name": "Help with homework"}) == {"name"}


@pytest.mark.parametrize("role", [Role.MEMBER, Role.ADMINISTRATOR])
def test_only_officers_may(officer: Actor, role: Role) -> None:
    other, entry = Actor(role, officer.user_id, organisation_id=1), synonyms.add_synonym(officer, **WORDS)
    for deed in (
        lambda: synonyms.add_synonym(other, **WORDS),
        lambda: synonyms.edit_synonym(entry, other, **WORDS),
        lambda: synonyms.remove_synonym(entry, other),
        lambda: synonyms.switch_off_synonym(entry, other),
        lambda: synonyms.switch_on_synonym(entry, other),
    ):
        with pytest.raises(NotAllowed):
            deed()

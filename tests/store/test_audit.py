"""The record is a chain: each event has its link, and the database refuses to change any of it."""

import threading
from unittest.mock import ANY

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from broker.actions.audit import Check, check_record
from broker.actions.moving import begin, record
from broker.domain.audit import START, digest
from broker.domain.kinds import Role
from broker.domain.permissions import Action, Actor
from broker.store.audit import head, links, unlinked
from broker.store.authorities import Authority
from broker.store.base import db, set_reading
from broker.store.events import Event
from tests import make

BY = Actor(Role.ADMINISTRATOR)


def add_authority(code: str) -> Authority:
    made = Authority(code=code, name="Elsewhere")
    begin(made, Action.ADD_AUTHORITY, BY)
    return made


@pytest.fixture
def recorded(database: Flask) -> Flask:
    """Two transactions of one and of two events."""
    first = add_authority("X99000801")
    db.session.commit()
    add_authority("X99000802")
    record(first, Action.ADD_AUTHORITY, BY)
    db.session.commit()
    return database


def test_each_event_has_a_link_without_gaps(recorded: Flask) -> None:
    found = list(links())
    assert [each.link.seq for each in found] == [1, 2, 3]
    assert [each.previous for each in found] == [START, *(each.link.hash for each in found[:2])]
    for each in found:
        assert each.facts is not None
        assert digest(each.facts, each.previous) == each.link.hash
    assert head() == found[-1].link
    assert unlinked() == 0


def test_what_is_rolled_back_leaves_no_gap(recorded: Flask) -> None:
    add_authority("X99000803")
    db.session.flush()
    db.session.rollback()
    add_authority("X99000804")
    db.session.commit()
    assert [each.link.seq for each in links()] == [1, 2, 3, 4]
    assert unlinked() == 0


def test_the_chain_is_read_in_parts_and_from_anywhere(recorded: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("broker.store.audit._PART", 2)
    assert [each.link.seq for each in links()] == [1, 2, 3]
    assert [each.link.seq for each in links(2)] == [2, 3]


def test_eight_writers_at_once_make_one_chain(recorded: Flask) -> None:
    gate = threading.Barrier(8)

    def write(writer: int) -> None:
        with recorded.app_context():
            set_reading(False)
            gate.wait(timeout=10)
            for number in range(5):
                add_authority(f"X9901{writer}{number:03}")
                record(add_authority(f"X9902{writer}{number:03}"), Action.ADD_AUTHORITY, BY)
                db.session.commit()
            db.session.remove()

    db.session.remove()
    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert check_record() == Check(ANY, 3 + 8 * 5 * 3)


def test_a_commit_that_records_nothing_adds_nothing(recorded: Flask) -> None:
    make.authority()
    db.session.commit()
    assert head().seq == 3


REFUSED = [
    "UPDATE event SET subject_id = 7",
    "DELETE FROM event",
    "UPDATE event_link SET hash = 'x'",
    "DELETE FROM event_link",
    "UPDATE event_head SET hash = 'x'",
    "UPDATE event_head SET seq = 1",
    "UPDATE event_head SET id = 2, seq = 9",
    "DELETE FROM event_head",
]
ONE_DATABASE = {
    "sqlite": [
        "REPLACE INTO event_link SELECT seq, event_id, previous, 'x' FROM event_link",
        "REPLACE INTO event_head VALUES (1, 0, 'x')",
        "REPLACE INTO event SELECT * FROM event",
    ],
    "postgresql": ["TRUNCATE event CASCADE", "TRUNCATE event_link", "TRUNCATE event_head"],
}


def test_the_database_refuses_to_change_the_record(recorded: Flask) -> None:
    for statement in REFUSED + ONE_DATABASE[db.engine.dialect.name]:
        with pytest.raises(DatabaseError, match="only ever added to"):
            db.session.execute(text(statement))
        db.session.rollback()
    assert [each.link.seq for each in links()] == [1, 2, 3]


def test_an_event_written_past_the_product_stands_outside(recorded: Flask) -> None:
    statement = (
        "INSERT INTO event (at, subject, subject_id, role, action, fields, changes)"
        " VALUES ('2026-11-23', 'authority', 1, 'officer', 'add_authority', '[]', '{}')"
    )
    db.session.execute(text(statement))
    db.session.commit()
    assert unlinked() == 1


def test_the_record_keeps_values_of_no_personal_field(recorded: Flask) -> None:
    owner = make.organisation(make.authority())
    begin(owner, Action.ENTER_ORGANISATION, BY)
    event = db.session.query(Event).order_by(Event.id.desc()).first()
    assert event is not None
    assert event.changes["is_group"] == [None, True]
    assert "name" not in event.changes
    assert "contact_email" not in event.changes

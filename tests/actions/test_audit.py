"""Whoever changes the record is found out, and the first row that they changed is named."""

import random
import string

import pytest
from flask import Flask
from sqlalchemy import Text, cast, literal, select, table, text, update
from sqlalchemy import column as sql_column
from sqlalchemy.exc import DatabaseError

from broker.actions.audit import Check, Fault, check_record, last_check, note_check
from broker.actions.moving import begin, record
from broker.domain.clock import now
from broker.domain.kinds import Role
from broker.domain.permissions import Action, Actor
from broker.store.audit import Head, head, links
from broker.store.authorities import Authority
from broker.store.base import Base, db
from broker.store.events import Event, set_request
from tests import make

EDITS = 1_000
BY = Actor(Role.ADMINISTRATOR)


@pytest.fixture
def recorded(database: Flask) -> Flask:
    """A record of forty rows of every shape, without the triggers, as somebody with the database's password has it."""
    set_request("a1b2c3d4")
    for number in range(20):
        made = Authority(code=f"X990009{number:02}", name="Elsewhere")
        begin(made, Action.ADD_AUTHORITY, BY)
        record(made, Action.PUBLISH_FRAMEWORK, Actor(Role.OFFICER, make.user().id), "framework_code")
        db.session.commit()
    set_request(None)
    for name in ("event", "event_link", "event_head"):
        _drop_triggers(name)
    db.session.commit()
    return database


def _drop_triggers(name: str) -> None:
    if db.engine.dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE", "INSERT"):
            db.session.execute(text(f"DROP TRIGGER {name}_{verb}"))
    else:
        db.session.execute(text(f"ALTER TABLE {name} DISABLE TRIGGER USER"))


def checked() -> tuple[Fault | None, int | None]:
    found = check_record()
    return found.fault, found.broken


def test_an_untouched_record_is_sound(recorded: Flask) -> None:
    found = check_record()
    assert (found.is_sound, found.seq) == (True, 40)


def test_every_edit_of_one_letter_is_found(recorded: Flask) -> None:
    """Any row, any column of the three tables; what the database itself refuses to hold is no edit."""
    luck = random.Random(20261123)  # noqa: S311 - which letters is nobody's secret
    cells = [
        (each.name, str(column.name), next(iter(each.primary_key)).name, key)
        for each in (Base.metadata.tables[name] for name in ("event", "event_link", "event_head"))
        for key in db.session.scalars(select(next(iter(each.primary_key))))
        for column in each.columns
    ]
    made = 0
    while made < EDITS:
        where, column, key_name, key = luck.choice(cells)
        if not _edit(luck, where, column, key_name, key):
            db.session.rollback()
            continue
        made += 1
        assert not check_record().is_sound, f"edit {made}: {where}.{column} of {key}"
        db.session.rollback()
    assert check_record().is_sound


def _edit(luck: random.Random, where: str, column: str, key_name: str, key: int) -> bool:
    """Put another letter in place of one; False where the cell is empty or the database does not take it."""
    rows = table(where, sql_column(column), sql_column(key_name))
    cell, is_row = rows.c[column], rows.c[key_name] == key
    value = db.session.scalar(select(cast(cell, Text)).where(is_row))
    if not value:
        return False
    place = luck.randrange(len(value))
    letter = luck.choice([each for each in string.printable[:95] if each != value[place]])
    edited: object = value[:place] + letter + value[place + 1 :]
    if db.engine.dialect.name != "sqlite":
        edited = cast(literal(edited, Text), Base.metadata.tables[where].columns[column].type)
    try:
        db.session.execute(update(rows).where(is_row).values({column: edited}))
    except DatabaseError:
        return False
    return bool(db.session.scalar(select(cast(cell, Text)).where(rows.c[key_name] == key)) != value)


def test_the_first_broken_row_is_named(recorded: Flask) -> None:
    for row in (31, 17):
        found = next(links(row)).facts
        assert found is not None
        db.session.execute(text("UPDATE event SET subject_id = subject_id + 1 WHERE id = :id"), {"id": found["id"]})
    assert checked() == (Fault.CHANGED, 17)


def test_a_row_that_is_taken_out_is_missed(recorded: Flask) -> None:
    db.session.execute(text("DELETE FROM event_link WHERE seq = 9"))
    assert checked() == (Fault.LINK_GONE, 9)
    db.session.rollback()
    event_id = db.session.scalar(text("SELECT event_id FROM event_link WHERE seq = 9"))
    _without_foreign_keys()
    db.session.execute(text("DELETE FROM event WHERE id = :id"), {"id": event_id})
    assert checked() == (Fault.EVENT_GONE, 9)


def _without_foreign_keys() -> None:
    if db.engine.dialect.name != "sqlite":
        db.session.execute(text("ALTER TABLE event_link DROP CONSTRAINT fk_event_link_event_id_event"))
    else:
        db.session.commit()
        db.session.connection().exec_driver_sql("COMMIT")
        db.session.execute(text("PRAGMA foreign_keys = OFF"))
        db.session.connection().exec_driver_sql("BEGIN")


def test_rows_missing_at_the_end_are_missed(recorded: Flask) -> None:
    db.session.execute(text("DELETE FROM event_link WHERE seq > 37"))
    assert checked() == (Fault.END_GONE, 38)
    db.session.execute(text("DELETE FROM event_link"))
    assert checked() == (Fault.END_GONE, 1)


def test_a_head_put_back_to_fit_is_found_with_what_was_noted(recorded: Flask) -> None:
    """Whoever shortens all three tables leaves a sound chain; only what was printed earlier tells."""
    noted = head()
    kept = next(links(30)).link
    db.session.execute(text("DELETE FROM event_link WHERE seq > 30"))
    db.session.execute(text("DELETE FROM event WHERE id NOT IN (SELECT event_id FROM event_link)"))
    db.session.execute(text("UPDATE event_head SET seq = :seq, hash = :hash"), kept._asdict())
    assert check_record().is_sound
    found = check_record(noted)
    assert (found.fault, found.broken) == (Fault.END_GONE, 31)
    assert check_record(Head(12, "0" * 64)).fault is Fault.NOTED_CHANGED
    assert check_record(kept).is_sound


def test_a_row_that_the_product_did_not_write_is_found(recorded: Flask) -> None:
    db.session.execute(text("DELETE FROM event_link WHERE seq = 40"))
    last = next(links(39)).link
    db.session.execute(text("UPDATE event_head SET seq = :seq, hash = :hash"), last._asdict())
    assert checked() == (Fault.OUTSIDE, None)


def test_a_person_who_is_forgotten_leaves_the_record_whole(recorded: Flask) -> None:
    """The row of the person stays, under another name; the record holds nothing but its number."""
    event = db.session.scalars(select(Event).where(Event.actor_id.is_not(None))).first()
    assert event is not None
    assert event.actor is not None
    event.actor.name, event.actor.email, event.actor.password_hash = "Somebody forgotten", "gone@example.invalid", None
    db.session.commit()
    assert check_record().is_sound


def test_the_last_check_is_kept(recorded: Flask) -> None:
    assert last_check() is None
    for found in (Check(now(), 40), Check(now(), 16, Fault.CHANGED, 17), Check(now(), 40, Fault.OUTSIDE)):
        note_check(found)
        db.session.commit()
        assert last_check() == found

"""A copy holds every row that says something of its person, and nothing that is secret."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Table, select

from broker.actions.moving import remark
from broker.actions.own_data import take_copy
from broker.actions.sign_ins import open_sign_in
from broker.domain.clock import now
from broker.domain.kinds import Audience, NoteKind
from broker.domain.permissions import Action, Actor
from broker.domain.refusals import NotAllowed
from broker.store.accounts import actor_of
from broker.store.base import Base, db
from broker.store.events import Event
from broker.store.privacy import SECRET
from tests import make

CANARY = "canary"


def rows_with(canary: str) -> set[tuple[str, tuple[object, ...]]]:
    """Each row of the whole database that holds these letters: table and key."""
    found = set()
    for table in Base.metadata.sorted_tables:
        for row in db.session.execute(select(table)).mappings():
            if canary in repr(dict(row)).lower():
                found.add((table.name, key_of(table, row)))
    return found


def key_of(table: Table, row: Any) -> tuple[object, ...]:
    return tuple(row[column.name] for column in table.primary_key.columns)


@pytest.fixture
def person(database: Flask) -> Actor:
    """A member who has left words wherever a member can, beside somebody else who has too."""
    area = make.authority()
    group, other = make.organisation(area, contact_email="canary@example.org"), make.organisation(area)
    membership, stranger = make.member(group), make.member(other)
    membership.user.email, membership.user.name = "canary@example.org", "Canary Bird"
    group.contact_name = "Canary Bird"
    by = actor_of(membership)
    make.organisation(area, referee_name="A friend", referee_contact="canary@example.org, in the evening")
    need = make.need(group, area, title="Canary cage wanted", author_id=by.user_id)
    make.need(other, area, author_id=stranger.user_id)
    remark(need.postings[0], by, NoteKind.ANSWER, "the canary sings at nine", Audience.OWNER)
    remark(need.postings[0], actor_of(stranger), NoteKind.ANSWER, "nothing of theirs", Audience.OWNER)
    open_sign_in(membership, now())
    db.session.flush()
    return by


def test_every_row_that_holds_something_of_a_person_is_in_their_copy(person: Actor) -> None:
    held = take_copy(person)
    copied = {(name, key_of(Base.metadata.tables[name], row)) for name, rows in held.items() for row in rows}
    planted = rows_with(CANARY)
    assert {"user", "organisation", "listing_version", "note"} <= {table for table, _ in planted}
    assert planted <= copied
    assert held["sign_in"]


def test_nothing_of_others_and_nothing_secret_is_in_it(person: Actor) -> None:
    held = take_copy(person)
    assert "nothing of theirs" not in repr(held)
    names = {name for rows in held.values() for row in rows for name in row}
    assert not [name for name in names if any(part in name for part in SECRET)]


def test_that_a_copy_was_taken_is_recorded(person: Actor) -> None:
    take_copy(person)
    taken = db.session.scalars(select(Event).where(Event.action == Action.TAKE_COPY)).one()
    assert (taken.subject, taken.subject_id, taken.actor_id) == ("user", person.user_id, person.user_id)


def test_time_itself_has_no_data(database: Flask) -> None:
    from broker.domain.kinds import Role

    with pytest.raises(NotAllowed):
        take_copy(Actor(Role.SYSTEM))

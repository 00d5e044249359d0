"""The step that brings the chain: what happened before is its beginning, and the database guards all of it."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from broker.actions.audit import check_record
from broker.actions.moving import begin
from broker.domain.kinds import Role
from broker.domain.permissions import Action, Actor
from broker.store.audit import links
from broker.store.authorities import Authority
from broker.store.base import db
from tests.store.test_audit import ONE_DATABASE, REFUSED
from tests.store.test_migrations import empty, stepped

__all__ = ["empty", "stepped"]  # fixtures
EARLIER = (
    "INSERT INTO event (at, role, action, subject, subject_id, from_state, to_state, fields)"
    " VALUES (:at, 'officer', 'withdraw_match', 'match', :number, 'proposed', 'withdrawn', '[\"reply_by\"]')"
)


def test_what_happened_before_is_the_beginning_of_the_chain(stepped: Flask) -> None:
    db.session.remove()
    downgrade(revision="0004")
    for number in range(3):
        at = datetime(2026, 10, 3, 14, 5, number, tzinfo=UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        db.session.execute(text(EARLIER), {"at": at, "number": number})
    db.session.commit()
    db.session.remove()
    upgrade()
    begin(Authority(code="X99000801", name="Elsewhere"), Action.ADD_AUTHORITY, Actor(Role.ADMINISTRATOR))
    db.session.commit()
    found = check_record()
    assert (found.is_sound, found.seq) == (True, 4)
    assert [each.facts["subject_id"] for each in links() if each.facts][:3] == [0, 1, 2]
    for statement in REFUSED + ONE_DATABASE[db.engine.dialect.name]:
        with pytest.raises(DatabaseError, match="only ever added to"):
            db.session.execute(text(statement))
        db.session.rollback()

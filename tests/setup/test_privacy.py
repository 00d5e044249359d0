"""The commands about people's data."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from broker.domain.clock import now
from broker.domain.retention import RULES
from broker.store.accounts import User
from broker.store.base import db
from broker.store.privacy import is_erased
from broker.store.trials import Trial
from tests import make


def run(app: Flask, *words: str) -> str:
    answer = app.test_cli_runner().invoke(args=["privacy", *words])
    assert answer.exit_code == 0, answer.output
    return answer.output


def test_what_is_due_is_told_first_and_cleared_then(app: Flask) -> None:
    with app.app_context():
        db.session.add(Trial(user_id=make.user().id, need="a", offer="b", asked_at=now() - timedelta(days=31)))
        db.session.commit()
    told = run(app, "retain", "--dry-run")
    assert "trials: 1 due after 30 days" in told
    assert "audit: 7 years, never cleared away by this command" in told
    assert len(told.splitlines()) == len(RULES)
    with app.app_context():
        assert db.session.scalars(select(Trial)).all()
    assert "trials: 1 cleared away after 30 days" in run(app, "retain")
    assert "trials: 0 due" in run(app, "retain", "--dry-run")
    with app.app_context():
        assert db.session.scalars(select(Trial)).all() == []


def test_a_person_is_erased_by_address(app: Flask) -> None:
    with app.app_context():
        user_id = make.user("canary@example.org").id
        db.session.commit()
    assert "Erased" in run(app, "erase", "Canary@example.org", "--yes")
    with app.app_context():
        assert is_erased(db.session.get_one(User, user_id))
    again = app.test_cli_runner().invoke(args=["privacy", "erase", "canary@example.org", "--yes"])
    assert again.exit_code == 1
    assert "Nobody signs in with this address" in again.output


def test_the_only_administrator_stays(app: Flask) -> None:
    with app.app_context():
        make.administrator().user.email = "only@example.org"
        db.session.commit()
    answer = app.test_cli_runner().invoke(args=["privacy", "erase", "only@example.org", "--yes"])
    assert answer.exit_code == 1
    assert "only administrator" in answer.output

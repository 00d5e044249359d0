"""After an erasure and the worker's round no letter is left anywhere; each night what is due is cleared away."""

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from broker.actions import retention
from broker.actions.erasure import ask_erasure
from broker.actions.jobs import owe_suggestions
from broker.actions.mail import owe_mail
from broker.domain.mail import MailKind
from broker.store.accounts import actor_of
from broker.store.base import db
from broker.store.jobs import Job
from broker.store.privacy import last_done
from broker.store.suggestions import Suggestion
from broker.store.trials import Trial
from broker.work import jobs
from tests import make
from tests.actions.test_own_data import rows_with

NIGHT = datetime(2027, 3, 1, 3, 30, tzinfo=UTC)


def files_with(folder: Path, word: bytes) -> list[str]:
    """The names of the files that hold these letters, whatever their capitals."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and word in path.read_bytes().lower())


def test_nothing_is_left_in_any_file_of_the_instance(
    app: Flask, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with app.app_context():
        area = make.authority()
        membership = make.member(make.organisation(area, contact_email="canary@example.org"))
        membership.user.email, membership.user.name = "canary@example.org", "Canary Bird"
        need = make.need(membership.organisation, area, title="A canary cage", author_id=membership.user_id)
        for listing in (need, make.offer(make.supplier(area), area, title="We make a cage for any bird")):
            owe_suggestions(listing)
        owe_mail(MailKind.PASSWORD_CHANGED, membership.user)
        db.session.commit()
        jobs.work_off()
        assert db.session.scalars(select(Suggestion)).all()
        assert [name for name in files_with(tmp_path, b"canary") if name.endswith(".eml")]
        assert rows_with("canary")
        ask_erasure(actor_of(membership))
        db.session.commit()
        jobs.work_off()
        assert rows_with("canary") == set()
        assert db.session.scalars(select(Suggestion)).all() == []
        assert set(db.session.scalars(select(Job.state))) == {"done"}
        is_file = db.engine.dialect.name == "sqlite"
        db.session.remove()
    assert files_with(tmp_path, b"canary") == []
    assert (tmp_path / "broker.db").exists() is is_file
    assert "canary" not in caplog.text.lower()


def test_the_night_clears_away_once(app: Flask) -> None:
    with app.app_context():
        with time_machine.travel(NIGHT - timedelta(days=40), tick=False):
            db.session.add(Trial(user_id=make.user().id, need="a", offer="b", asked_at=NIGHT - timedelta(days=40)))
            db.session.commit()
        for hours in (-2, 0, 1, 20):  # before the hour, after it, and again
            with time_machine.travel(NIGHT + timedelta(hours=hours), tick=False):
                retention.owe_clearing()
                db.session.commit()
                jobs.work_off()
            assert bool(db.session.scalars(select(Trial)).all()) is (hours < 0)
        assert last_done("retain") == NIGHT
        kinds = db.session.scalars(select(Job.kind).where(Job.kind == "retain")).all()
        assert kinds == ["retain"]

"""A job is one worker's at a time, however many ask at once, and whoever lost it keeps nothing."""

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from broker.actions.jobs import owe, take_turn
from broker.domain.clock import now
from broker.store.base import db, set_reading
from broker.store.jobs import Job
from broker.store.settings import Setting
from broker.work import claims, jobs, queue


def waiting(kind: str = "note", argument: int | None = None) -> int:
    job_id = owe(kind, argument).id
    db.session.commit()
    return job_id


def run_out(job_id: int) -> None:
    db.session.execute(update(Job).where(Job.id == job_id).values(lease_until=now() - timedelta(seconds=1)))
    db.session.commit()


def test_of_eight_workers_one_gets_it(app: Flask) -> None:
    set_reading(False)
    with app.app_context():
        job_id = waiting()
    gate, taken = threading.Barrier(8), []

    def ask() -> None:
        set_reading(False)
        with app.app_context():
            gate.wait(timeout=10)
            taken.append(claims.take(job_id))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(taken) == 8
    assert len([claim for claim in taken if claim]) == 1


def test_all_that_waits_for_one_reason_is_done_with_one_job(database: Flask) -> None:
    first = waiting()
    db.session.add(Job(kind="note", dedupe="note", created_at=now()))
    db.session.commit()
    claim = claims.take(first)
    assert claim is not None
    assert db.session.scalar(select(func.count()).select_from(Job)) == 1
    later = waiting()
    assert jobs.due() == [], "what is owed while it runs waits for its end"
    assert claims.take(later) is None
    claims.finish(claim)
    assert jobs.due() == [later]


def test_what_failed_and_rests_does_not_hold_up_what_is_owed_now(database: Flask) -> None:
    claim = claims.take(waiting())
    assert claim is not None
    claims.put_back(claim, "OSError")
    assert jobs.due() == []
    fresh = waiting()
    assert jobs.due() == [fresh]


def test_a_worker_that_was_overtaken_keeps_and_reports_nothing(database: Flask) -> None:
    job_id = waiting()
    slow = claims.take(job_id)
    run_out(job_id)
    quick = claims.take(job_id)
    assert slow is not None
    assert quick is not None
    with claims.held(slow):
        db.session.add(Setting(name="work", value="of the slow one"))
        with pytest.raises(claims.Lost):
            claims.keep()
        with pytest.raises(claims.Lost):
            claims.report(slow, 1, 2)
    for end in (lambda: claims.finish(slow), lambda: claims.put_back(slow, "OSError")):
        with pytest.raises(claims.Lost):
            end()
    assert db.session.get(Setting, "work") is None
    with claims.held(quick):
        db.session.add(Setting(name="work", value="of the quick one"))
        claims.keep()
    claims.finish(quick)
    assert db.session.scalars(select(Job.state)).all() == ["done"]


def test_a_short_lease_holds_as_long_as_its_worker_lives(database: Flask) -> None:
    database.config["JOB_LEASE"] = 0.3
    claim = claims.take(waiting())
    assert claim is not None
    renewed = threading.Event()
    before = db.session.scalars(select(Job.lease_until)).one()
    db.session.rollback()
    with claims.held(claim):
        database.config["JOB_LEASE"] = 60
        for _ in range(200):
            db.session.rollback()
            if db.session.scalars(select(Job.lease_until)).one() != before:
                renewed.set()
                break
            db.session.rollback()
            renewed.wait(0.05)
    assert renewed.is_set()


def test_one_worker_has_the_turn_of_a_period(database: Flask) -> None:
    turns = [take_turn("minute", period) for period in ("10:00", "10:00", "10:01", "10:00", "10:01")]
    assert turns == [True, False, True, False, False]


def test_a_database_that_is_away_is_told_of_once(database: Flask, caplog: pytest.LogCaptureFixture) -> None:
    rows = queue.Rows()
    rows.message = b"work"
    rows.has_work = lambda: db.session.execute(select(func.nonsense())).all()
    assert [rows.dequeue() for _ in range(3)] == [None] * 3
    assert caplog.text.count("waiting for the database") == 1
    db.session.rollback()
    rows.has_work = lambda: [1]
    assert rows.dequeue() == b"work"
    assert "can be read again" in caplog.text

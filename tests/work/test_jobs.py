"""A job is done once, survives a failure and a dead worker, and shows how far it is."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from broker.actions.jobs import owe
from broker.domain.clock import now
from broker.store.base import db
from broker.store.jobs import Job
from broker.work import claims, jobs


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[int | None]:
    """A kind of job that only notes its argument; argument 13 fails."""
    seen: list[int | None] = []

    def note(argument: int | None, progress: jobs.Progress) -> None:
        seen.append(argument)
        progress(1, 2)
        if argument == 13:
            raise RuntimeError("no luck")

    monkeypatch.setitem(jobs.KINDS, "note", note)
    return seen


def state(job_id: int) -> Job:
    db.session.expire_all()
    return db.session.scalars(select(Job).where(Job.id == job_id)).one()


def test_one_waits_for_many_causes(database: Flask) -> None:
    assert owe("note").id == owe("note").id
    assert owe("note", 1).id != owe("note", 2).id


def test_done_once_with_progress(database: Flask, runs: list[int | None]) -> None:
    job_id = owe("note", 7).id
    db.session.commit()
    assert jobs.work_off() == 1
    jobs.perform(job_id)
    assert runs == [7]
    assert (state(job_id).state, state(job_id).done, state(job_id).total) == ("done", 1, 2)


def test_what_somebody_waits_for_is_done_between_two_steps_of_a_longer_job(
    database: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def long(_argument: int | None, progress: jobs.Progress) -> None:
        owe("try", 1)
        owe("note", 2)
        db.session.commit()
        progress(1, 2)
        done.append("long")

    monkeypatch.setitem(jobs.KINDS, "long", long)
    monkeypatch.setitem(jobs.KINDS, "note", lambda *_: done.append("note"))
    monkeypatch.setitem(jobs.KINDS, "try", lambda *_: done.append("try"))
    long_id = owe("long").id
    db.session.commit()
    jobs.work_off()
    assert done == ["try", "long", "note"]
    assert (state(long_id).state, state(long_id).done) == ("done", 1)


def test_a_failure_is_tried_again_later_and_given_up_in_the_end(database: Flask, runs: list[int | None]) -> None:
    job_id = owe("note", 13).id
    db.session.commit()
    for attempt in range(1, claims.TRIES + 1):
        assert jobs.due() == [job_id]
        jobs.work_off()
        assert len(runs) == attempt
        assert jobs.due() == []
        job = state(job_id)
        job.lease_until = None
        db.session.commit()
    assert state(job_id).state == "failed"
    assert state(job_id).error == "RuntimeError"
    assert jobs.due() == []


def test_the_lease_of_a_dead_worker_runs_out(database: Flask, runs: list[int | None]) -> None:
    job = owe("note", 5)
    job.state, job.lease_until = "running", now() + timedelta(minutes=1)
    db.session.commit()
    assert jobs.work_off() == 0
    job.lease_until = now() - timedelta(seconds=1)
    db.session.commit()
    assert jobs.work_off() == 1
    assert runs == [5]

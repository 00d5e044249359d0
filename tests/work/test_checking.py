"""The worker keeps suggestions right: killed in the middle it does them again, and at night it checks them."""

import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from broker.actions import drifting, suggesting
from broker.actions.jobs import owe, owe_suggestions
from broker.domain.clock import now
from broker.domain.kinds import PostingState
from broker.store.accounts import Membership
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.counts import Weighing
from broker.store.jobs import Job
from broker.store.listings import Listing
from broker.store.suggestions import ListCheck, Suggestion, last_check
from broker.work import jobs, worker
from tests import make
from tests.conftest import PageChecker


@pytest.fixture
def area(database: Flask) -> Authority:
    return make.authority()


@pytest.fixture
def need(area: Authority) -> Listing:
    """One need with two offers, all suggested."""
    made = make.need(make.organisation(area), area)
    for _ in range(2):
        make.offer(make.supplier(area), area)
    owe_suggestions(made)
    db.session.commit()
    assert jobs.work_off() == 1
    return made


def job(kind: str) -> Job:
    db.session.expire_all()
    return db.session.scalars(select(Job).where(Job.kind == kind).order_by(Job.id.desc())).first() or Job()


def check_now() -> ListCheck:
    owe("check_lists")
    db.session.commit()
    jobs.work_off()
    assert job("check_lists").state == "done"
    found, _ = last_check()
    assert found is not None
    return found


def ranks(need: Listing) -> list[int | None]:
    query = select(Suggestion.demand_rank).where(Suggestion.demand_id == need.id).order_by(Suggestion.demand_rank)
    return list(db.session.scalars(query))


def test_the_job_says_how_far_it_is(need: Listing) -> None:
    owe("suggest_all")
    db.session.commit()
    seen: list[tuple[int, int]] = []
    jobs.work_off(lambda done, total: seen.append((done, total)))
    assert (job("suggest_all").done, job("suggest_all").total) == (6, 6)
    assert seen[-1] == (6, 6)


def test_a_planted_drift_is_found_reported_and_put_right(
    need: Listing, area: Authority, sign_in: Callable[[Membership | int], PageChecker]
) -> None:
    assert check_now().wrong == 0
    officer = make.officer(area).id
    need_id = need.id

    def desk() -> str:
        db.session.commit()
        return sign_in(officer).get("/desk").get_data(as_text=True)

    assert "every list was right" in desk()
    assert "nightly check found" not in desk()
    db.session.execute(update(Suggestion).values(demand_rank=None).where(Suggestion.demand_rank == 2))
    found = check_now()
    assert (found.compared, found.wrong) == (3, 1)
    assert [example["listing"] for example in found.examples] == [need_id]
    assert ranks(need) == [1, 2]
    page = desk()
    assert "The nightly check found one list of suggestions that was not up to date. It has been put right." in page
    assert "Before that, all were last found right today." in page
    assert check_now().wrong == 0
    assert "nightly check found" not in desk()


def test_a_changed_score_is_a_drift_too(need: Listing) -> None:
    db.session.execute(update(Suggestion).values(score=Suggestion.score + 0.001).where(Suggestion.demand_rank == 1))
    db.session.commit()
    assert check_now().wrong == 2
    assert check_now().wrong == 0


def test_what_waits_is_no_drift(need: Listing) -> None:
    need.postings[0].state = PostingState.PAUSED
    owe_suggestions(need)
    db.session.commit()
    assert check_now().wrong == 0
    assert ranks(need) == []


def test_while_listings_change_nothing_is_compared(need: Listing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggesting, "look", lambda *_args, **_how: None)
    owe_suggestions(need)
    owe("check_lists")
    db.session.commit()
    jobs.work_off()
    assert last_check() == (None, None)


def test_killed_in_the_middle_it_is_done_again(area: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    need = make.need(make.organisation(area), area)
    make.offer(make.supplier(area), area)
    owe_suggestions(need)
    db.session.commit()
    with monkeypatch.context() as trouble:
        trouble.setattr(suggesting, "note_guesses_of_each", lambda _guesses: 1 / 0)
        jobs.work_off()
    assert (job("suggest").state, job("suggest").error) == ("waiting", "ZeroDivisionError")
    assert ranks(need) == []
    db.session.execute(update(Job).values(lease_until=None))
    db.session.commit()
    jobs.work_off()
    assert job("suggest").state == "done"
    assert ranks(need) == [1]
    assert check_now().wrong == 0


def test_overtaken_it_looks_again(need: Listing, monkeypatch: pytest.MonkeyPatch) -> None:
    keep, tries = suggesting.keep, []

    def late(outlook: suggesting.Outlook) -> None:
        tries.append(outlook)
        if len(tries) == 1:
            db.session.execute(update(Weighing).values(stamp="another worker's"))
            db.session.commit()
        keep(outlook)

    monkeypatch.setattr(suggesting, "keep", late)
    owe("suggest_all")
    db.session.commit()
    jobs.work_off()
    assert (len(tries), job("suggest_all").state) == (2, "done")


@pytest.mark.parametrize(
    ("weighed", "checked", "at", "is_owed"),
    [
        ("2026-03-01 12:00", None, "2026-03-02 02:01", True),
        ("2026-03-01 12:00", None, "2026-03-02 01:59", False),
        ("2026-03-01 12:00", None, "2026-03-02 15:00", True),
        ("2026-03-02 12:00", None, "2026-03-02 15:00", False),
        ("2026-03-01 12:00", "2026-03-02 02:01", "2026-03-02 15:00", False),
        ("2026-03-01 12:00", "2026-03-01 02:01", "2026-03-02 15:00", True),
        (None, None, "2026-03-02 15:00", False),
    ],
)
def test_one_check_is_owed_a_night(
    database: Flask, monkeypatch: pytest.MonkeyPatch, weighed: str | None, checked: str | None, at: str, is_owed: bool
) -> None:
    if weighed:
        facts = {"engine": "e", "listings": 1, "found": b"", "stamp": "s"}
        db.session.add(Weighing(made_at=datetime.fromisoformat(f"{weighed}+00:00"), **facts))
    if checked:
        db.session.add(ListCheck(checked_at=datetime.fromisoformat(f"{checked}+00:00"), compared=1, wrong=0))
    db.session.flush()
    monkeypatch.setattr(drifting, "now", lambda: datetime.fromisoformat(f"{at}+00:00"))
    drifting.owe_check()
    assert db.session.scalars(select(Job.kind)).all() == (["check_lists"] if is_owed else [])


def test_the_sweep_owes_what_the_night_missed(need: Listing) -> None:
    db.session.execute(update(Weighing).values(made_at=now() - timedelta(days=2)))
    db.session.commit()
    worker.let_time_pass()
    found, _ = last_check()
    assert found is not None
    assert found.wrong == 0


def test_a_market_that_cannot_be_read_does_not_stop_the_worker(
    database: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(suggesting, "warm", lambda: 1 / 0)
    worker.warm_up()
    assert "could not be read" in caplog.text


def test_after_an_upgrade_everything_is_suggested_anew_at_once(need: Listing) -> None:
    worker.warm_up()
    assert job("suggest").state == "done"
    db.session.execute(update(Weighing).values(engine="the one before"))
    db.session.execute(update(Suggestion).values(engine="the one before"))
    db.session.commit()
    worker.warm_up()
    assert job("suggest").state == "waiting"
    jobs.work_off()
    assert "the one before" not in set(db.session.scalars(select(Suggestion.engine)))


def test_pages_load_nothing_that_the_matcher_needs() -> None:
    heavy = {"numpy", "scipy", "sklearn", "numba", "onnxruntime", "ortools"}
    script = (
        "import sys; from broker import create_app; create_app({'SECRET_KEY': 't' * 40, 'TESTING': True}); "
        f"print(sorted({heavy} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr


def test_the_commands_say_what_they_did(need: Listing, app: Flask) -> None:
    db.session.execute(update(Suggestion).values(demand_rank=None).where(Suggestion.demand_rank == 2))
    db.session.commit()
    checked = app.test_cli_runner().invoke(args=["suggest", "--check"]).output
    assert "3 lists compared, 1 were not up to date." in checked
    db.session.execute(update(Suggestion).values(engine="the one before"))
    db.session.commit()
    assert "1 jobs done." in app.test_cli_runner().invoke(args=["suggest"]).output
    db.session.expire_all()
    assert set(db.session.scalars(select(Suggestion.engine))) == set(db.session.scalars(select(Weighing.engine)))

"""Several people at once, on one database file, each with a session of their own: exactly one wins."""

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from broker.actions import acceptances, matches, partnerships, plans
from broker.actions.moving import move
from broker.domain.clock import now, today
from broker.domain.kinds import Lane, MatchState, PlanMode
from broker.domain.partnerships import Terms
from broker.domain.permissions import Action, Actor
from broker.domain.refusals import AlreadyThere, QuantityTaken, Refusal, WrongState
from broker.store.accounts import actor_of
from broker.store.base import db, set_reading
from broker.store.listings import Listing
from broker.store.matches import Match
from broker.store.partnerships import Partnership
from broker.store.plans import Plan, PlanLine
from tests import make

Deed = Callable[[], Any]


def waited_in_vain(problem: OperationalError) -> bool:
    """True where the other one was too slow, as on a busy machine: people are then told to come back (503)."""
    return getattr(problem.orig, "sqlstate", None) == "55P03" or "database is locked" in str(problem.orig)


def at_once(app: Flask, *deeds: Deed) -> list[Exception | None]:
    """Run the deeds side by side, each in its own thread, session and transaction; what each ended with.

    Whoever is told to come back comes back.
    """
    gate = threading.Barrier(len(deeds))
    ends: list[Exception | None] = [None] * len(deeds)

    def run(place: int, deed: Deed) -> None:
        with app.app_context():
            set_reading(False)
            gate.wait(timeout=10)
            try:
                while not done(deed):
                    pass
            except (Refusal, StaleDataError, IntegrityError) as problem:
                ends[place] = problem
            finally:
                db.session.remove()

    def done(deed: Deed) -> bool:
        try:
            deed()
            db.session.commit()
        except OperationalError as problem:
            if not waited_in_vain(problem):
                raise
            db.session.rollback()
            return False
        return True

    threads = [threading.Thread(target=run, args=(place, deed)) for place, deed in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return ends


def terms(amount: int) -> Terms:
    number = Decimal(amount)
    return Terms("Laptops", today(), today() + timedelta(days=30), Lane.TRANSACTIONAL, None, number, number)


def confirming(match_id: int, by: Actor, amount: int = 6) -> Deed:
    return lambda: partnerships.confirm_match(db.session.get_one(Match, match_id), by, terms=terms(amount))


class Scene:
    """An agreed match on a need of ten, and the ids and actors that threads may carry."""

    def __init__(self, app: Flask, state: MatchState = MatchState.AGREED) -> None:
        with app.app_context():
            area = make.authority()
            need, offer = make.need(make.organisation(area), area), make.offer(make.supplier(area), area)
            other = make.offer(make.supplier(area), area)
            match = make.match(need, offer, area, state=state, opened_by="demand")
            second = make.match(need, other, area, state=state)
            self.group = actor_of(make.member(need.organisation))
            self.firm = actor_of(make.member(offer.organisation))
            self.officer = actor_of(make.officer(area))
            self.need, self.offer, self.spare = need.id, offer.id, other.id
            self.match, self.second = match.id, second.id
            db.session.commit()


def count(app: Flask, model: type[Any]) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_eight_officers_confirm_one_match(app: Flask) -> None:
    scene = Scene(app)
    ends = at_once(app, *[confirming(scene.match, scene.officer)] * 8)
    assert ends.count(None) == 1
    assert all(isinstance(end, AlreadyThere | StaleDataError) for end in ends if end)
    assert count(app, Partnership) == 1
    with app.app_context():
        assert db.session.get_one(Listing, scene.need).reserved == 6


def test_six_and_six_of_ten(app: Flask) -> None:
    scene = Scene(app)
    ends = at_once(app, confirming(scene.match, scene.officer), confirming(scene.second, scene.officer))
    assert ends.count(None) == 1
    loser = next(end for end in ends if end)
    assert isinstance(loser, QuantityTaken)
    assert (loser.side, loser.remaining) == ("demand", 4)
    with app.app_context():
        assert db.session.get_one(Listing, scene.need).reserved == 6
        reserved = db.session.get_one(Listing, scene.offer).reserved + db.session.get_one(Listing, scene.spare).reserved
        assert reserved == 6, "the loser's half must be undone"


def test_three_officers_take_over_one_plan(app: Flask) -> None:
    with app.app_context():
        area = make.authority()
        plan = Plan(authority=area, mode=PlanMode.SPREAD, cap=3, created_at=now(), finished_at=now())
        for _ in range(4):
            demand, supply = make.need(make.organisation(area), area), make.offer(make.supplier(area), area)
            db.session.add(PlanLine(plan=plan, demand=demand, supply=supply, part=1, score=1))
        officers = [actor_of(make.officer(area)) for _ in range(3)]
        db.session.commit()
        plan_id = plan.id
    taken: dict[int | None, int] = {}

    def taking(by: Actor) -> Deed:
        return lambda: taken.update({by.user_id: plans.take_plan(db.session.get_one(Plan, plan_id), by).kept})

    assert at_once(app, *map(taking, officers)) == [None] * 3
    assert sorted(taken.values()) == [0, 0, 4]
    assert count(app, Match) == 4


def test_withdrawing_while_it_is_confirmed(app: Flask) -> None:
    scene = Scene(app)

    def withdraw() -> None:
        matches.withdraw_match(db.session.get_one(Match, scene.match), scene.group)

    ends = at_once(app, withdraw, confirming(scene.match, scene.officer))
    assert ends.count(None) == 1
    assert isinstance(next(end for end in ends if end), WrongState | StaleDataError)
    with app.app_context():
        confirmed = db.session.get_one(Match, scene.match).state == MatchState.CONFIRMED
        assert db.session.get_one(Listing, scene.need).reserved == (6 if confirmed else 0)
    assert count(app, Partnership) == int(confirmed)


def test_accepting_while_it_is_withdrawn(app: Flask) -> None:
    scene = Scene(app, MatchState.PROPOSED)

    def withdraw() -> None:
        matches.withdraw_match(db.session.get_one(Match, scene.match), scene.group)

    def accept() -> None:
        acceptances.accept_match(db.session.get_one(Match, scene.match), scene.firm)

    ends = at_once(app, accept, withdraw)
    assert ends[1] is None, "a yes does not stop the one who asked from taking it back"
    assert ends[0] is None or isinstance(ends[0], WrongState | StaleDataError)
    with app.app_context():
        assert db.session.get_one(Match, scene.match).state == MatchState.WITHDRAWN


def test_both_sides_accept_at_the_same_moment(app: Flask) -> None:
    scene = Scene(app, MatchState.PROPOSED)
    ends = at_once(
        app,
        lambda: acceptances.accept_match(db.session.get_one(Match, scene.match), scene.firm),
        lambda: acceptances.accept_match(db.session.get_one(Match, scene.match), scene.group),
    )
    assert ends == [None, None]
    with app.app_context():
        assert db.session.get_one(Match, scene.match).state == MatchState.AGREED


def test_eight_times_the_same_question(app: Flask) -> None:
    scene = Scene(app, MatchState.DECLINED)

    def ask() -> None:
        need, offer = db.session.get_one(Listing, scene.need), db.session.get_one(Listing, scene.offer)
        matches.ask_for_match(need, offer, scene.group, demand_amount=Decimal(2))

    ends = at_once(app, *[ask] * 8)
    assert ends.count(None) == 1
    assert all(isinstance(end, AlreadyThere | IntegrityError) for end in ends if end)


def test_a_stale_reader_loses_to_the_row_version(app: Flask) -> None:
    """Where a database lets two transactions read the same row, the later write is refused."""
    scene = Scene(app)
    with app.app_context():
        match = db.session.get_one(Match, scene.match)
        db.session.execute(Match.__table__.update().values(row_version=99))  # type: ignore[attr-defined]
        with pytest.raises(StaleDataError):
            move(match, Action.WITHDRAW_MATCH, scene.officer)
        db.session.rollback()

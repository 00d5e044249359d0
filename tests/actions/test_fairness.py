"""Boosts: given with a reason for a while, one at a time, ended by hand or by the day, and heard of by the matcher."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from broker.actions import fairness
from broker.domain.clock import today
from broker.domain.kinds import PostingState, Role
from broker.domain.permissions import Action, Actor
from broker.domain.refusals import NotAllowed, Unfit, WrongState
from broker.store.base import db
from broker.store.events import Event
from broker.store.fairness import ListingBoost, boosts, boosts_of
from broker.store.jobs import Job
from broker.store.listings import Listing
from tests import make
from tests.town import Town

SOON = timedelta(days=30)
TIME = Actor(Role.SYSTEM)


def lift(listing: Listing, by: Actor, **facts: object) -> ListingBoost:
    said = {"level": 2, "reason": "A new group", "ends_on": today() + SOON, **facts}
    return fairness.boost_listing(listing, by, **said)  # type: ignore[arg-type]


def deeds() -> list[tuple[str, str]]:
    return [(event.action, event.subject) for event in db.session.scalars(select(Event).order_by(Event.id))]


def test_a_boost_says_who_how_much_why_and_until_when(town: Town) -> None:
    need = make.need(town.group, town.north)
    boost = lift(need, town.officer, reason="  A new group ")
    assert (boost.made_by_id, boost.level, boost.reason) == (town.officer.user_id, 2, "A new group")
    assert boost.ends_on == today() + SOON
    assert boosts() == {need.id: 2.0}
    assert deeds()[-1] == (Action.BOOST_LISTING, "listing_boost")
    assert need.suggest_at is not None
    assert db.session.scalars(select(Job.kind)).all() == ["suggest"]


def test_a_new_boost_takes_the_place_of_the_one_before(town: Town) -> None:
    need = make.need(town.group, town.north)
    first, second = lift(need, town.officer, level=3), lift(need, town.officer, level=1)
    assert first.ended_at is not None
    assert second.ended_at is None
    assert boosts() == {need.id: 1.0}
    assert boosts_of(need.id, town.north.id) == [second, first]


def test_each_council_lifts_for_itself_and_the_strongest_word_counts(town: Town) -> None:
    need = make.need(town.group, town.north, town.west)
    lift(need, town.officer, level=1)
    theirs = lift(need, town.other_officer, level=3)
    assert boosts() == {need.id: 3.0}
    with pytest.raises(NotAllowed):
        fairness.end_boost(theirs, town.officer)
    fairness.end_boost(theirs, town.other_officer)
    assert boosts() == {need.id: 1.0}


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        ({"level": 0}, "level"),
        ({"level": 4}, "level"),
        ({"reason": "  "}, "reason"),
        ({"ends_on": date(2020, 1, 1)}, "ends_on"),
        ({"ends_on": date(2199, 1, 1)}, "ends_on"),
    ],
)
def test_what_does_not_do_lifts_nothing(town: Town, facts: dict[str, object], problem: str) -> None:
    need = make.need(town.group, town.north)
    with pytest.raises(Unfit) as refusal:
        lift(need, town.officer, **facts)
    assert set(refusal.value.problems) == {problem}
    assert boosts() == {}


def test_only_officers_of_its_area_lift_what_is_open_there(town: Town) -> None:
    need, paused = make.need(town.group, town.north), make.need(town.group, town.north, state=PostingState.PAUSED)
    for nobody in (town.member, town.other_officer, TIME):
        with pytest.raises(NotAllowed):
            lift(need, nobody)
    with pytest.raises(WrongState):
        lift(paused, town.officer)
    assert deeds() == []


def test_ending_one_is_written_down_once(town: Town) -> None:
    need = make.need(town.group, town.north)
    boost = lift(need, town.officer)
    need.suggest_at = None
    for _ in range(2):
        fairness.end_boost(boost, town.officer)
    assert boosts() == {}
    assert boost.ended_by_id == town.officer.user_id
    assert need.suggest_at is not None
    assert deeds().count((Action.END_BOOST, "listing_boost")) == 1


def test_it_lapses_after_its_last_day(town: Town) -> None:
    need = make.need(town.group, town.north)
    boost = lift(need, town.officer, ends_on=today())
    need.suggest_at = None
    assert boosts() == {need.id: 2.0}
    assert fairness.lapse_boosts(TIME, today()) == 0
    assert fairness.lapse_boosts(TIME, today() + timedelta(days=1)) == 1
    assert boost.ended_at is not None
    assert need.suggest_at is not None
    assert fairness.lapse_boosts(TIME, today() + timedelta(days=1)) == 0

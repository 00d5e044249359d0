"""Logging what was done: who may, what makes sense, what counts as the same, and what silence makes of it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from broker.actions.deliveries import lapse_deliveries, log_delivery, withdraw_delivery
from broker.domain.clock import now, today
from broker.domain.deliveries import SaidBefore, SameHours
from broker.domain.kinds import Audience, DeliveryState, PartnershipState, Role
from broker.domain.permissions import Action, Actor
from broker.domain.refusals import NotAllowed, Unfit, WrongState
from broker.store.authorities import AuthorityRule
from broker.store.base import db
from broker.store.deliveries import Delivery, deliveries_in
from broker.store.events import Event, notes_of
from broker.store.outbox import Outbox
from tests import make
from tests.promises import Scene

TIME = Actor(Role.SYSTEM)


@pytest.fixture
def scene(database: Flask) -> Scene:
    return Scene()


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(Delivery)) or 0


def test_the_giver_logs_what_was_done(scene: Scene) -> None:
    ward = make.ward(scene.area)
    made = scene.logged("7.5", place=" The garden\0 ", note="With spades", ward_id=ward.id)
    assert (made.state, made.quantity, made.verified, made.tier) == ("logged", Decimal("7.5"), 0, 1)
    assert (made.place, made.note, made.ward_id) == ("The garden", "With spades", ward.id)
    assert made.answer_by == today() + timedelta(days=14)
    assert made.logged_by_id == scene.people["firm"].user_id
    event = db.session.scalars(select(Event).where(Event.subject == "delivery")).one()
    assert (event.action, event.to_state) == (Action.LOG_DELIVERY, "logged")
    assert "spades" not in str(event.changes), "the record keeps amounts and days, never words"


@pytest.mark.parametrize("who", ["group", "officer", "elsewhere"])
def test_nobody_but_the_giver_logs(scene: Scene, who: str) -> None:
    with pytest.raises(NotAllowed):
        log_delivery(scene.partnership, scene.by(who), scene.done())
    assert count() == 0


def test_the_colleague_who_sees_to_the_promise_logs_and_no_other(scene: Scene) -> None:
    colleague, other = make.user(), make.user()
    promise = make.commitment(scene.area, scene.firm, scene.hours, owner_id=colleague.id)
    scene.partnership.commitment, scene.partnership.committed_amount = promise, Decimal(40)
    db.session.flush()
    with pytest.raises(NotAllowed):
        log_delivery(scene.partnership, Actor(Role.COLLEAGUE, other.id, scene.firm.id), scene.done())
    made = log_delivery(scene.partnership, Actor(Role.COLLEAGUE, colleague.id, scene.firm.id), scene.done())
    assert made.logged_by_id == colleague.id


def test_what_makes_no_sense_is_refused_and_nothing_kept(scene: Scene) -> None:
    own_of_another = make.measure(authority_id=make.authority("Westerby").id, list_name="Theirs", edition="1")
    elsewhere = make.ward(make.authority("Easterby"))
    for facts, found in (
        ({"quantity": "0"}, {"quantity": "not_positive"}),
        ({"quantity": "20000"}, {"quantity": "too_many_hours"}),
        ({"ago": -1}, {"ended_on": "future"}),
        ({"ago": 31}, {"started_on": "before_partnership"}),
        ({"measure": own_of_another}, {"measure": "not_offered"}),
        ({"ward_id": elsewhere.id}, {"ward": "not_offered"}),
    ):
        with pytest.raises(Unfit) as refused:
            scene.logged(**facts)
        assert refused.value.problems == found
    assert count() == 0


def test_after_an_early_end_nothing_more_was_done(scene: Scene) -> None:
    scene.partnership.state, scene.partnership.ended_at = PartnershipState.ENDED_EARLY, now() - timedelta(days=5)
    db.session.flush()
    scene.logged(ago=5)
    with pytest.raises(Unfit) as refused:
        scene.logged(ago=4)
    assert refused.value.problems == {"ended_on": "after_partnership"}


def test_a_second_click_is_the_same_line_and_later_it_is_asked_about(scene: Scene) -> None:
    first = scene.logged()
    assert scene.logged() is first
    with time_machine.travel(now() + timedelta(minutes=11), tick=False):
        with pytest.raises(SaidBefore) as refused:
            log_delivery(scene.partnership, scene.by("firm"), replace(scene.done(), started_on=first.started_on))
        assert refused.value.first == first.id
        second = scene.logged(another=True)
    assert second.id != first.id
    assert count() == 2


@pytest.mark.parametrize("words", [{"note": "The afternoon team"}, {"place": "The hall"}, {"worth": Decimal(90)}])
def test_the_same_amount_in_other_words_is_asked_about_at_once(scene: Scene, words: dict[str, Any]) -> None:
    """As a second click it would be lost, with the hours of another team in it."""
    scene.logged()
    with pytest.raises(SaidBefore):
        scene.logged(**words)
    again = scene.logged(**words, another=True)
    assert (again.note, again.place, again.worth, count()) == (
        words.get("note", ""),
        words.get("place", ""),
        words.get("worth"),
        2,
    )


def test_a_second_partnership_of_the_same_two_counts_no_hour_again(scene: Scene) -> None:
    first = scene.logged("25")
    second = make.partnership(scene.area, scene.firm, scene.group)
    others = make.partnership(scene.area, scene.firm, make.organisation(scene.area))
    by, advice = scene.by("firm"), make.measure(label="Expert advice")
    for done, refusal in ((scene.done("25"), SaidBefore), (scene.done("3", measure=advice), SameHours)):
        with pytest.raises(refusal) as refused:
            log_delivery(second, by, done)
        assert refused.value.first == first.id
    assert log_delivery(others, by, scene.done("25")).tier == 1, "what another group got is another thing"
    assert log_delivery(second, by, scene.done("16")).tier == 2, "together they are more than forty hours"


def test_the_same_hours_are_not_counted_as_something_else(scene: Scene) -> None:
    advice = make.measure(label="Expert advice", exclusive_group="community")
    free = make.measure(label="Carbon avoided", exclusive_group=None, unit_kind="tco2e")
    first = scene.logged(first=today() - timedelta(days=5), last=today() - timedelta(days=3))
    with pytest.raises(SameHours) as refused:
        scene.logged("4", 4, measure=advice)
    assert (refused.value.first, refused.value.problems) == (first.id, {"apart": "same_hours"})
    scene.logged("4", 6, measure=advice)  # on other days
    scene.logged("4", 4, measure=free)  # which excludes nothing
    apart = scene.logged("4", 4, measure=advice, apart="Two other people, in the office")
    assert apart.tier == 2
    withdraw_delivery(first, scene.by("firm"))
    withdraw_delivery(apart, scene.by("firm"))
    assert scene.logged("3", 4, measure=advice).tier == 1, "what was taken back stands in nobody's way"


def test_an_authoritys_own_name_for_a_measure_is_no_other_measure(scene: Scene) -> None:
    own = make.measure(
        authority_id=scene.area.id, list_name="Ours", edition="1", stands_for=scene.hours, exclusive_group="community"
    )
    scene.logged("30")
    assert scene.logged("11", measure=own).tier == 2, "together they are more than forty hours"


def test_an_amount_cannot_be_cut_into_small_ones(scene: Scene) -> None:
    assert [scene.logged(number).tier for number in ("25", "15", "1")] == [1, 1, 2]
    assert scene.logged("25", ago=9).tier == 1, "other days are another matter"


def test_an_authority_has_rules_of_its_own(scene: Scene) -> None:
    for name, value in {"first_tier_hours": "7", "confirm_days": "30", "first_tier_pounds": "nonsense"}.items():
        db.session.add(AuthorityRule(authority_id=scene.area.id, name=name, value=value))
    db.session.flush()
    made = scene.logged("8")
    assert (made.tier, made.answer_by) == (2, today() + timedelta(days=30))
    money = make.measure(unit="£", unit_kind="pounds", exclusive_group=None)
    assert scene.logged("500", measure=money).tier == 1, "what is no number is as if nothing had been said"


def test_the_giver_takes_back_until_it_is_verified(scene: Scene) -> None:
    made = scene.logged()
    for who in ("group", "officer"):
        with pytest.raises(NotAllowed):
            withdraw_delivery(made, scene.by(who))
    withdraw_delivery(made, scene.by("firm"), text="It was another group")
    assert made.state == DeliveryState.WITHDRAWN
    assert [note.text for note in notes_of("delivery", made.id, frozenset(Audience))] == ["It was another group"]
    proven = scene.confirmed(ago=5)
    with pytest.raises(WrongState):
        withdraw_delivery(proven, scene.by("firm"))


def test_silence_is_unconfirmed_and_never_more(scene: Scene) -> None:
    made = scene.logged()
    assert made.answer_by is not None
    assert lapse_deliveries(TIME, made.answer_by) == 0, "the last day is a day to answer"
    assert lapse_deliveries(TIME, made.answer_by + timedelta(days=1)) == 1
    assert (made.state, made.verified) == ("unconfirmed", 0)
    assert lapse_deliveries(TIME, made.answer_by + timedelta(days=2)) == 0
    kinds = db.session.execute(select(Outbox.kind, Outbox.user_id)).all()
    assert ("delivery_unconfirmed", scene.people["firm"].user_id) in [tuple(row) for row in kinds]


def test_only_time_makes_silence(scene: Scene) -> None:
    made = scene.logged(ago=20)
    made.answer_by = today() - timedelta(days=1)
    with pytest.raises(NotAllowed):
        lapse_deliveries(scene.by("officer"), today() + timedelta(days=60))


def test_the_latest_stands_first(scene: Scene) -> None:
    older, newer = scene.logged(ago=9), scene.logged(ago=2)
    assert deliveries_in(scene.partnership.id) == [newer, older]

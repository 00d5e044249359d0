"""Steps on the way: within the promise or the partnership, moved only towards more, reached once."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from broker.actions.milestones import change_milestone, reach_milestone, set_milestone
from broker.domain.clock import today
from broker.domain.kinds import CommitmentState, Role
from broker.domain.permissions import Actor
from broker.domain.refusals import AlreadyThere, NotAllowed, Unfit, WrongState
from broker.store.accounts import actor_of
from broker.store.base import db
from broker.store.commitments import Commitment
from broker.store.events import events_of
from broker.store.milestones import Milestone, milestones_of
from broker.store.partnerships import Partnership
from tests import make

SOON = timedelta(days=20)


class Scene:
    """A pledge of 40 hours, a partnership, and those who may set steps to them."""

    def __init__(self) -> None:
        self.area = make.authority()
        self.firm = make.supplier(self.area)
        self.promise: Commitment = make.commitment(self.area, self.firm, make.measure())
        self.partnership: Partnership = make.partnership(self.area, self.firm)
        self.member = actor_of(make.member(self.firm))
        self.officer = actor_of(make.officer(self.area))

    def step(self, **facts: Any) -> Milestone:
        told = {"what": "Half of the hours", "due_on": today() + SOON, "quantity": Decimal(20), **facts}
        return set_milestone(self.promise, self.member, **told)


@pytest.fixture
def scene(database: Flask) -> Scene:
    return Scene()


def test_a_step_of_a_promise(scene: Scene) -> None:
    step = scene.step(what="  Half of\nthe hours ")
    assert [(m.what, m.quantity, m.reached_at) for m in milestones_of(scene.promise)] == [
        ("Half of the hours", Decimal(20), None)
    ]
    assert scene.step().id == step.id, "sent twice it is one"


def test_steps_together_are_no_more_than_the_promise(scene: Scene) -> None:
    scene.step(quantity=Decimal("39.5"))
    with pytest.raises(Unfit) as refusal:
        scene.step(what="The rest", quantity=Decimal(1))
    assert refusal.value.problems == {"quantity": "more_than_promised"}
    scene.step(what="The rest", quantity=Decimal("0.5"))


def test_steps_of_a_promise_that_grows_count_against_all_of_it(scene: Scene) -> None:
    contract = make.contract(scene.area, scene.firm, value=Decimal(100_000))
    grows = {"contract": contract, "quantity": Decimal(2), "per_pounds": Decimal(10_000)}
    scene.promise = make.commitment(scene.area, scene.firm, make.measure(), **grows)
    scene.step(quantity=Decimal(20))
    with pytest.raises(Unfit, match="more_than_promised"):
        scene.step(what="More", quantity=Decimal(1))


@pytest.mark.parametrize(
    ("facts", "problems"),
    [
        ({"what": "  "}, {"what": "needed"}),
        ({"what": "x" * 401}, {"what": "too_long"}),
        ({"due_on": today() + timedelta(days=201)}, {"due_on": "after_promise"}),
        ({"due_on": today() - timedelta(days=1)}, {"due_on": "before_start"}),
        ({"quantity": Decimal(-1)}, {"quantity": "not_positive"}),
        ({"quantity": Decimal("0.001")}, {"quantity": "too_fine"}),
    ],
)
def test_what_is_no_step_of_a_promise(scene: Scene, facts: dict[str, Any], problems: dict[str, str]) -> None:
    with pytest.raises(Unfit) as refusal:
        scene.step(**facts)
    assert refusal.value.problems == problems


def test_a_partnership_has_steps_of_its_own(scene: Scene) -> None:
    set_milestone(scene.partnership, scene.officer, what="The garden is dug", due_on=today() + SOON)
    assert [m.what for m in milestones_of(scene.partnership)] == ["The garden is dug"]
    for wrong in ({"due_on": today() + timedelta(days=151)}, {"due_on": today() - timedelta(days=31)}):
        with pytest.raises(Unfit, match="due_on"):
            set_milestone(scene.partnership, scene.officer, what="Too far", **wrong)
    with pytest.raises(Unfit, match="not_counted"):
        set_milestone(scene.partnership, scene.officer, what="Counted", due_on=today() + SOON, quantity=Decimal(1))


def test_a_later_day_or_less_is_for_an_officer(scene: Scene) -> None:
    step = scene.step()
    day, less = today() + SOON, Decimal(10)
    change_milestone(step, scene.member, what="More and sooner", due_on=day - SOON, quantity=Decimal(30))
    for quantity, due_on in ((less, day - SOON), (Decimal(30), day)):
        with pytest.raises(Unfit, match="officer_only"):
            change_milestone(step, scene.member, what="Less", due_on=due_on, quantity=quantity)
    change_milestone(step, scene.officer, what="Less and later", due_on=day, quantity=less)
    assert (step.quantity, step.due_on) == (less, day)
    assert events_of("milestone", step.id)[-1].changes["quantity"] == ["30", "10"]


def test_a_step_is_reached_once_and_then_stays(scene: Scene) -> None:
    step = scene.step()
    reach_milestone(step, scene.member)
    assert step.reached_at is not None
    with pytest.raises(AlreadyThere):
        reach_milestone(step, scene.officer)
    with pytest.raises(AlreadyThere):
        change_milestone(step, scene.officer, what="x", due_on=step.due_on, quantity=None)


def test_a_promise_taken_back_takes_no_more_steps(scene: Scene) -> None:
    scene.promise = make.commitment(scene.area, scene.firm, make.measure(), state=CommitmentState.WITHDRAWN)
    with pytest.raises(WrongState):
        scene.step()


def test_whom_a_step_is_for(scene: Scene) -> None:
    stranger = actor_of(make.member(make.supplier(scene.area)))
    elsewhere = actor_of(make.officer(make.authority()))
    colleague = Actor(Role.COLLEAGUE, make.user().id, scene.firm.id)
    for by in (stranger, elsewhere, colleague):
        with pytest.raises(NotAllowed):
            set_milestone(scene.promise, by, what="Mine", due_on=today() + SOON)
    step = scene.step()
    for by in (stranger, elsewhere, colleague):
        with pytest.raises(NotAllowed):
            reach_milestone(step, by)
    scene.promise.owner_id = colleague.user_id
    db.session.flush()
    reach_milestone(step, colleague)

"""What a group does anyway: told once a year for an area, never claimed, and taken back as a delivery is."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from broker.actions.claims import claim_units
from broker.actions.deliveries import withdraw_delivery
from broker.actions.inherent import tell_inherent
from broker.domain.claims import CannotClaim, Obstacle
from broker.domain.clock import today
from broker.domain.inherent import Told, ToldBefore
from broker.domain.kinds import DeliveryState, Nature, RegistrationState
from broker.domain.permissions import Actor
from broker.domain.refusals import NotAllowed, Unfit
from broker.store.accounts import actor_of
from broker.store.base import db
from broker.store.deliveries import Delivery
from broker.store.inherent import told_by
from tests import make

YEAR = today().year


class Scene:
    def __init__(self) -> None:
        self.area = make.authority()
        self.group = make.organisation(self.area)
        self.measure = make.measure()
        self.by = actor_of(make.member(self.group))
        self.told = Told(self.measure.id, Decimal(800), YEAR - 1, "Our volunteers cook every Tuesday")

    def tell(self, **facts: object) -> Delivery:
        return tell_inherent(self.group, self.area.id, self.by, replace(self.told, **facts))  # type: ignore[arg-type]

    def refused(self, **facts: object) -> dict[str, str]:
        with pytest.raises(Unfit) as refusal:
            self.tell(**facts)
        return refusal.value.problems


@pytest.fixture
def scene(database: Flask) -> Scene:
    return Scene()


def test_a_whole_year_is_told_and_stands_as_told(scene: Scene) -> None:
    made = scene.tell()
    assert (made.nature, made.state, made.verified) == (Nature.INHERENT, DeliveryState.TOLD, 0)
    assert (made.started_on.isoformat(), made.ended_on.isoformat()) == (f"{YEAR - 1}-01-01", f"{YEAR - 1}-12-31")
    assert told_by(scene.group.id) == [made]


def test_this_year_counts_so_far(scene: Scene) -> None:
    assert scene.tell(year=YEAR).ended_on == today()


def test_the_same_is_told_once_and_again_once_it_is_taken_back(scene: Scene) -> None:
    first = scene.tell()
    with pytest.raises(ToldBefore) as refusal:
        scene.tell(quantity=Decimal(900))
    assert refusal.value.first == first.id
    scene.tell(year=YEAR - 2)
    withdraw_delivery(first, scene.by)
    assert first.state == DeliveryState.WITHDRAWN
    assert scene.tell(quantity=Decimal(900)).quantity == 900
    assert len(told_by(scene.group.id)) == 2


@pytest.mark.parametrize(
    ("facts", "problems"),
    [
        ({"quantity": None}, {"quantity": "needed"}),
        ({"quantity": Decimal(-1)}, {"quantity": "not_positive"}),
        ({"quantity": Decimal("0.001")}, {"quantity": "too_fine"}),
        ({"quantity": Decimal(1_000_001)}, {"quantity": "too_many"}),
        ({"year": YEAR + 1}, {"year": "not_offered"}),
        ({"year": YEAR - 3}, {"year": "not_offered"}),
        ({"measure_id": 0}, {"measure": "not_offered"}),
    ],
)
def test_what_cannot_be_is_refused(scene: Scene, facts: dict[str, object], problems: dict[str, str]) -> None:
    assert scene.refused(**facts) == problems
    assert db.session.scalars(select(Delivery)).all() == []


def test_people_are_counted_whole(scene: Scene) -> None:
    scene.measure.unit_kind = "count"
    assert scene.refused(quantity=Decimal("2.5")) == {"quantity": "whole"}


def test_it_is_for_groups_where_they_are_approved(scene: Scene) -> None:
    waiting = make.organisation(scene.area, state=RegistrationState.APPLIED)
    for of, code in ((make.supplier(scene.area), "no_group"), (waiting, "not_approved")):
        with pytest.raises(Unfit) as refusal:
            tell_inherent(of, scene.area.id, actor_of(make.member(of)), scene.told)
        assert refusal.value.problems == {"organisation": code}


def test_nobody_tells_it_for_a_group(scene: Scene) -> None:
    strangers: list[Callable[[], Actor]] = [
        lambda: actor_of(make.member(make.organisation(scene.area))),
        lambda: actor_of(make.officer(scene.area)),
        lambda: actor_of(make.administrator()),
    ]
    for stranger in strangers:
        with pytest.raises(NotAllowed):
            tell_inherent(scene.group, scene.area.id, stranger(), scene.told)


def test_it_serves_no_promise_of_anybody(scene: Scene) -> None:
    made, own = scene.tell(), make.commitment(scene.area, scene.group, scene.measure)
    with pytest.raises(CannotClaim) as refusal:
        claim_units(made, own, scene.by, quantity=Decimal(1))
    assert refusal.value.why == Obstacle.INHERENT

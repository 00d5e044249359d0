"""Promises on the desk: a step that is late, or a near day with too little to show for it; and nothing else."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from broker.domain.clock import now, today
from broker.domain.kinds import ClaimState, CommitmentState
from broker.domain.waiting import Wait
from broker.store.base import db
from broker.store.claims import Claim
from broker.store.commitments import Commitment
from broker.store.desk import waiting
from broker.store.milestones import Milestone
from tests import make


class Scene:
    """An area with a supplier that promises hours."""

    def __init__(self) -> None:
        self.area = make.authority()
        self.firm = make.supplier(self.area)
        self.hours = make.measure()

    def promise(self, days: int, **facts: Any) -> Commitment:
        return make.commitment(self.area, self.firm, self.hours, due_on=on(days), **facts)

    def step(self, commitment: Commitment, days: int, **facts: Any) -> None:
        db.session.add(Milestone(commitment=commitment, what="Half of it", due_on=on(days), **facts))
        db.session.flush()

    def claim(self, commitment: Commitment, quantity: int | str) -> None:
        done = make.delivery(make.partnership(self.area, self.firm), commitment.measure, quantity=Decimal(quantity))
        facts = {"quantity": Decimal(quantity), "state": ClaimState.STANDING, "claimed_at": now()}
        db.session.add(Claim(delivery=done, commitment=commitment, **facts))
        db.session.flush()

    def rows(self) -> list[tuple[int, date]]:
        return [(row.id, row.due) for row in waiting(self.area.id, today(), Wait.PROMISE)]


def on(days: int) -> date:
    return today() + timedelta(days=days)


@pytest.fixture
def scene(database: Flask) -> Scene:
    return Scene()


def test_a_step_is_late_from_the_day_after_its_own(scene: Scene) -> None:
    late, today_s, reached = scene.promise(200), scene.promise(200), scene.promise(200)
    scene.step(late, -3)
    scene.step(late, -9)
    scene.step(today_s, 0)
    scene.step(reached, -3, reached_at=now())
    assert scene.rows() == [(late.id, on(-9))]


def test_due_soon_with_too_little_claimed(scene: Scene) -> None:
    near, over, far, kept = scene.promise(30), scene.promise(-2), scene.promise(31), scene.promise(5)
    scene.claim(near, 39)
    scene.claim(kept, 40)
    assert scene.rows() == [(over.id, on(-2)), (near.id, on(30))]
    assert far.id not in dict(scene.rows())


def test_what_grows_with_spend_is_measured_by_what_is_spent(scene: Scene) -> None:
    contract = make.contract(scene.area, scene.firm, spent=Decimal(30_000))
    grows = scene.promise(5, contract=contract, quantity=Decimal(2), per_pounds=Decimal(10_000))
    scene.claim(grows, 6)
    assert scene.rows() == []
    contract.spent = Decimal(1_000_000_000)
    db.session.flush()
    assert scene.rows() == [(grows.id, on(5))]


@pytest.mark.parametrize(("unit_kind", "almost", "all_of_it"), [("hours", "4.27", "4.28"), ("count", "3", "4")])
def test_what_grew_by_a_part_is_not_due_yet(scene: Scene, unit_kind: str, almost: str, all_of_it: str) -> None:
    counted = make.measure(unit_kind=unit_kind)
    contract = make.contract(scene.area, scene.firm, spent=Decimal(1_000))
    facts = {"contract": contract, "quantity": Decimal(3), "per_pounds": Decimal(700), "due_on": on(5)}
    short, kept = (make.commitment(scene.area, scene.firm, counted, **facts) for _ in range(2))
    scene.claim(short, almost)
    scene.claim(kept, all_of_it)
    assert scene.rows() == [(short.id, on(5))]


def test_who_was_let_off_and_other_areas_are_not_on_it(scene: Scene) -> None:
    scene.promise(5, state=CommitmentState.WITHDRAWN)
    make.commitment(make.authority(), scene.firm, scene.hours, due_on=on(5))
    assert scene.rows() == []

"""What the database itself refuses of the ledger, whoever asks: a claim too many, too early, or of something else."""

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from broker.domain.clock import now
from broker.domain.kinds import ClaimState, DeliveryState, Nature
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.claims import Claim, claimed_of
from broker.store.commitments import Commitment
from broker.store.deliveries import Delivery
from broker.store.measures import Measure
from broker.store.organisations import Organisation
from tests import make


class Scene:
    """A delivery of 40 hours, and two commitments of its giver."""

    def __init__(self) -> None:
        self.area: Authority = make.authority()
        self.giver: Organisation = make.supplier(self.area)
        self.measure: Measure = make.measure()
        self.partnership = make.partnership(self.area, self.giver)
        self.done: Delivery = make.delivery(self.partnership, self.measure)
        self.first: Commitment = make.commitment(self.area, self.giver, self.measure)
        self.second: Commitment = make.commitment(self.area, self.giver, self.measure)


@pytest.fixture
def scene(database: Flask) -> Scene:
    return Scene()


def claim(done: Delivery, commitment: Commitment, quantity: int, **facts: Any) -> Claim:
    made = Claim(
        delivery=done,
        commitment=commitment,
        quantity=Decimal(quantity),
        claimed_at=now(),
        **{"state": ClaimState.STANDING, **facts},
    )
    db.session.add(made)
    db.session.flush()
    return made


def test_forty_may_be_split_into_twenty_five_and_fifteen(scene: Scene) -> None:
    claim(scene.done, scene.first, 25)
    claim(scene.done, scene.second, 15)
    assert claimed_of(scene.done.id) == 40


def test_one_unit_more_is_refused(scene: Scene) -> None:
    claim(scene.done, scene.first, 25)
    with pytest.raises(IntegrityError, match="more is claimed than is verified"):
        claim(scene.done, scene.second, 16)


def test_what_was_taken_back_may_be_claimed_again(scene: Scene) -> None:
    old = claim(scene.done, scene.first, 40)
    db.session.execute(update(Claim).where(Claim.id == old.id).values(state=ClaimState.TAKEN_BACK, taken_back_at=now()))
    claim(scene.done, scene.second, 40)
    with pytest.raises(IntegrityError):
        db.session.execute(
            update(Claim).where(Claim.id == old.id).values(state=ClaimState.STANDING, taken_back_at=None)
        )


def test_a_claim_does_not_grow_beyond_what_is_verified(scene: Scene) -> None:
    made = claim(scene.done, scene.first, 40)
    with pytest.raises(IntegrityError):
        db.session.execute(update(Claim).where(Claim.id == made.id).values(quantity=Decimal("40.01")))


@pytest.mark.parametrize("state", [DeliveryState.LOGGED, DeliveryState.CONFIRMED, DeliveryState.UNCONFIRMED])
def test_what_is_not_verified_cannot_be_claimed(scene: Scene, state: DeliveryState) -> None:
    with pytest.raises(IntegrityError):
        claim(make.delivery(scene.partnership, scene.measure, state), scene.first, 1)


def test_what_a_group_does_anyway_cannot_be_claimed(scene: Scene) -> None:
    told = Delivery(
        organisation=scene.giver,
        authority=scene.area,
        measure=scene.measure,
        nature=Nature.INHERENT,
        state=DeliveryState.TOLD,
        quantity=Decimal(40),
        started_on=scene.done.started_on,
        ended_on=scene.done.ended_on,
        tier=1,
        logged_at=now(),
    )
    with pytest.raises(IntegrityError):
        claim(told, scene.first, 1)


def test_nothing_is_claimed_as_something_else_or_for_somebody_else(scene: Scene) -> None:
    other = make.commitment(scene.area, scene.giver, make.measure())
    with pytest.raises(IntegrityError), db.session.begin_nested():
        claim(scene.done, other, 1)
    stranger = make.commitment(scene.area, make.supplier(scene.area), scene.measure)
    with pytest.raises(IntegrityError), db.session.begin_nested():
        claim(scene.done, stranger, 1)


def test_a_promise_that_was_taken_back_is_served_no_more(scene: Scene) -> None:
    db.session.execute(update(Commitment).where(Commitment.id == scene.first.id).values(state="withdrawn"))
    with pytest.raises(IntegrityError):
        claim(scene.done, scene.first, 1)


@pytest.mark.parametrize("change", ["measure", "maker", "withdrawn"])
def test_a_promise_that_is_served_stays_what_it_was(scene: Scene, change: str) -> None:
    values: dict[str, Any] = {
        "measure": {"measure_id": make.measure().id},
        "maker": {"organisation_id": make.supplier(scene.area).id},
        "withdrawn": {"state": "withdrawn"},
    }[change]
    made = claim(scene.done, scene.first, 1)
    own = make.measure("NT29", authority=scene.area, list_name="Our list", edition="1", stands_for=scene.measure)
    changed = update(Commitment).where(Commitment.id == scene.first.id)
    db.session.execute(changed.values(measure_id=own.id, quantity=Decimal(1), what="Said otherwise"))
    with pytest.raises(IntegrityError, match="something stands against this promise"), db.session.begin_nested():
        db.session.execute(changed.values(**values))
    back = {"state": ClaimState.TAKEN_BACK, "taken_back_at": now()}
    db.session.execute(update(Claim).where(Claim.id == made.id).values(**back))
    db.session.execute(changed.values(**values))


def test_an_authoritys_own_measure_counts_what_it_stands_for(scene: Scene) -> None:
    own = make.measure("NT29", authority=scene.area, list_name="Our list", edition="1", stands_for=scene.measure)
    assert claim(scene.done, make.commitment(scene.area, scene.giver, own), 40).id


def test_one_pair_has_one_standing_claim(scene: Scene) -> None:
    claim(scene.done, scene.first, 1)
    with pytest.raises(IntegrityError):
        claim(scene.done, scene.first, 1)


@pytest.mark.parametrize(
    "change", [{"verified": Decimal(24)}, {"state": DeliveryState.CONFIRMED, "verified": Decimal(0)}, {"quantity": 24}]
)
def test_what_is_claimed_stays_verified(scene: Scene, change: dict[str, Any]) -> None:
    claim(scene.done, scene.first, 25)
    with pytest.raises(IntegrityError):
        db.session.execute(update(Delivery).where(Delivery.id == scene.done.id).values(**change))


def test_what_is_claimed_keeps_its_measure(scene: Scene) -> None:
    claim(scene.done, scene.first, 25)
    with pytest.raises(IntegrityError):
        db.session.execute(update(Delivery).where(Delivery.id == scene.done.id).values(measure_id=make.measure().id))

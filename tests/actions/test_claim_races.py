"""Two at once at one delivery or one promise, each with a session of their own: what is claimed stays proven."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from broker.actions.claims import claim_rest, claim_units, take_back_claim
from broker.actions.commitments import edit_commitment, promise_of, withdraw_commitment
from broker.actions.verifications import take_back_verification
from broker.domain.claims import CannotClaim
from broker.domain.permissions import Actor
from broker.domain.refusals import Refusal
from broker.store.accounts import actor_of
from broker.store.base import db
from broker.store.claims import Claim, claimed_for, claimed_of
from broker.store.commitments import Commitment
from broker.store.deliveries import Delivery
from broker.store.measures import Measure
from tests import make
from tests.actions.test_races import at_once

Deed = Callable[[], Any]


class Scene:
    """Two deliveries of 40 verified hours, two promises, another measure; ids and actors that threads may carry."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        with app.app_context():
            area = make.authority()
            giver, measure = make.supplier(area), make.measure()
            partnership = make.partnership(area, giver)
            self.done = [make.delivery(partnership, measure).id for _ in range(2)]
            self.promises = [make.commitment(area, giver, measure).id for _ in range(2)]
            self.other = make.measure().id
            self.giver, self.officer = actor_of(make.member(giver)), actor_of(make.officer(area))
            db.session.commit()

    def claiming(self, promise: int, quantity: int = 40, by: Actor | None = None) -> Deed:
        return lambda: claim_units(
            db.session.get_one(Delivery, self.done[0]),
            db.session.get_one(Commitment, self.promises[promise]),
            by or self.giver,
            quantity=Decimal(quantity),
        )

    def claiming_all(self, promise: int, turned: bool) -> Deed:
        order = self.done[::-1] if turned else self.done

        def deed() -> None:
            done = [db.session.get_one(Delivery, each) for each in order]
            claim_rest(done, db.session.get_one(Commitment, self.promises[promise]), self.giver)

        return deed

    def race(self, *deeds: Deed) -> list[Exception | None]:
        return at_once(self.app, *deeds)

    def claimed(self) -> list[Decimal]:
        with self.app.app_context():
            return [claimed_of(each) for each in self.done]


@pytest.fixture
def scene(app: Flask) -> Scene:
    return Scene(app)


def test_four_claim_the_same_hours_and_one_does(scene: Scene) -> None:
    ends = scene.race(*(scene.claiming(place % 2, by=by) for place, by in enumerate((scene.giver, scene.officer) * 2)))
    assert sum(end is None for end in ends) == 1
    assert all(isinstance(end, CannotClaim) and end.claims for end in ends if end)
    assert scene.claimed() == [40, 0]


def test_what_two_share_comes_to_the_whole(scene: Scene) -> None:
    assert scene.race(scene.claiming(0, 25), scene.claiming(1, 15)) == [None, None]
    assert scene.claimed() == [40, 0]


def test_two_who_claim_several_in_other_orders_do_not_wait_for_each_other(scene: Scene) -> None:
    ends = scene.race(scene.claiming_all(0, turned=False), scene.claiming_all(1, turned=True))
    assert sorted(end is None for end in ends) == [False, True]
    assert scene.claimed() == [40, 40]


def test_claimed_or_no_longer_verified_but_never_both(scene: Scene) -> None:
    def doubt() -> None:
        take_back_verification(db.session.get_one(Delivery, scene.done[0]), scene.officer, text="Not so")

    ends = scene.race(scene.claiming(0), doubt)
    assert sorted(end is None for end in ends) == [False, True]
    assert all(isinstance(end, Refusal) for end in ends if end)
    with scene.app.app_context():
        done = db.session.get_one(Delivery, scene.done[0])
        assert claimed_of(done.id) == done.verified == (40 if ends[0] is None else 0)


def test_claimed_or_let_off_but_never_both(scene: Scene) -> None:
    def let_off() -> None:
        withdraw_commitment(db.session.get_one(Commitment, scene.promises[0]), scene.officer, reason="Not needed")

    ends = scene.race(scene.claiming(0), let_off)
    assert sorted(end is None for end in ends) == [False, True]
    assert all(isinstance(end, Refusal) for end in ends if end)


def test_claimed_as_what_it_was_promised_or_not_at_all(scene: Scene) -> None:
    def something_else() -> None:
        promise = db.session.get_one(Commitment, scene.promises[0])
        measure = db.session.get_one(Measure, scene.other)
        edit_commitment(promise, scene.officer, measure=measure, promise=promise_of(promise), reason="Agreed")

    ends = scene.race(scene.claiming(0), something_else)
    assert sorted(end is None for end in ends) == [False, True]
    with scene.app.app_context():
        promise = db.session.get_one(Commitment, scene.promises[0])
        assert (promise.measure_id == scene.other) == (claimed_for(promise.id) == 0)


def test_a_claim_is_taken_back_once(scene: Scene) -> None:
    with scene.app.app_context():
        claim_id = scene.claiming(0)().id
        db.session.commit()

    def back() -> None:
        take_back_claim(db.session.get_one(Claim, claim_id), scene.giver, reason="For the other promise")

    ends = scene.race(back, back)
    assert sorted(end is None for end in ends) == [False, True]
    assert scene.claimed() == [0, 0]

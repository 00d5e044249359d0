"""Two at once about one delivery: one answer to one link, and never both a yes and a taking back."""

from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select

from broker.actions.claims import claim_units
from broker.actions.confirmations import answer_by_link, confirm_delivery
from broker.actions.deliveries import log_delivery, withdraw_delivery
from broker.actions.inherent import tell_inherent
from broker.actions.verifications import take_back_verification
from broker.domain.clock import today
from broker.domain.deliveries import Done, Said, SameHours
from broker.domain.inherent import Told, ToldBefore
from broker.domain.kinds import Answer
from broker.domain.permissions import Actor
from broker.domain.refusals import LinkOver, Unfit, WrongState
from broker.store.base import db
from broker.store.commitments import Commitment
from broker.store.confirmations import Confirmation
from broker.store.deliveries import Delivery
from broker.store.organisations import Organisation
from broker.store.outbox import Outbox
from broker.store.partnerships import Partnership
from broker.store.verifications import Verification
from tests import make
from tests.actions.test_races import at_once
from tests.promises import Scene


class Ids:
    """What a thread needs to find the scene again in its own session."""

    def __init__(self, app: Flask, state: str = "logged") -> None:
        self.app = app
        with app.app_context():
            scene = Scene()
            made = scene.confirmed() if state == "verified" else scene.logged()
            self.delivery, self.partnership = made.id, scene.partnership.id
            self.beside = make.partnership(scene.area, scene.firm, scene.group).id
            self.promise = make.commitment(scene.area, scene.firm, scene.hours).id
            self.by: dict[str, Actor] = {who: scene.by(who) for who in scene.people}
            self.hours = scene.done("3", 9)
            self.advice = scene.done("3", 9, measure=make.measure())
            self.token = db.session.scalars(select(Outbox.token).where(Outbox.token.is_not(None))).first() or ""
            db.session.commit()

    def counts(self) -> tuple[int, int]:
        """How many answers stand, and how many vouch."""
        with self.app.app_context():
            stand = select(func.count()).select_from(Confirmation).where(Confirmation.superseded_at.is_(None))
            vouch = select(func.count()).select_from(Verification).where(Verification.taken_back_at.is_(None))
            return db.session.scalar(stand) or 0, db.session.scalar(vouch) or 0

    def found(self) -> Delivery:
        return db.session.get_one(Delivery, self.delivery)


@pytest.fixture
def ids(app: Flask) -> Ids:
    return Ids(app)


def test_two_browsers_with_one_link_give_one_answer(app: Flask, ids: Ids) -> None:
    said = [Said(Answer.YES), Said(Answer.LESS, Decimal(2)), Said(Answer.NOT_AT_ALL), Said(Answer.YES)]
    ends = at_once(app, *(lambda each=each: answer_by_link(ids.token, each) for each in said))
    assert ends.count(None) == 1
    assert all(isinstance(end, LinkOver) for end in ends if end is not None), ends
    assert ids.counts()[0] == 1


def test_a_yes_and_a_taking_back_never_both_hold(app: Flask, ids: Ids) -> None:
    ends = at_once(
        app,
        lambda: confirm_delivery(ids.found(), ids.by["group"], Said(Answer.YES)),
        lambda: withdraw_delivery(ids.found(), ids.by["firm"]),
    )
    assert ends.count(None) == 1
    assert any(isinstance(end, WrongState) for end in ends), ends
    with app.app_context():
        state = ids.found().state
    assert ids.counts() == ((1, 1) if state == "verified" else (0, 0))


def test_a_verification_is_not_taken_back_while_it_is_claimed(app: Flask) -> None:
    ids = Ids(app, "verified")
    ends = at_once(
        app,
        lambda: take_back_verification(ids.found(), ids.by["officer"], text="Wrong week"),
        lambda: claim_units(
            ids.found(), db.session.get_one(Commitment, ids.promise), ids.by["firm"], quantity=Decimal(8)
        ),
    )
    assert ends.count(None) == 1, ends
    with app.app_context():
        made = ids.found()
        assert (made.verified == 8) is (made.state == "verified")


@pytest.mark.parametrize("second", ["partnership", "beside"])
def test_the_same_hours_are_not_logged_twice_at_once(app: Flask, ids: Ids, second: str) -> None:
    """Neither in one partnership nor in two of the same two organisations."""

    def log(where: int, done: Done) -> object:
        return log_delivery(db.session.get_one(Partnership, where), ids.by["firm"], done)

    other = getattr(ids, second)
    ends = at_once(app, lambda: log(ids.partnership, ids.hours), lambda: log(other, ids.advice))
    assert ends.count(None) == 1
    assert any(isinstance(end, SameHours | Unfit) for end in ends)


def test_two_of_one_group_who_tell_the_same_tell_it_once(app: Flask, ids: Ids) -> None:
    """What it does anyway; whoever is later is led to what stands."""

    def tell() -> object:
        told = Told(ids.hours.measure_id, Decimal(90), today().year - 1, "")
        group, area = db.session.get_one(Organisation, ids.by["group"].organisation_id), ids.found().authority_id
        return tell_inherent(group, area, ids.by["group"], told)

    ends = at_once(app, tell, tell)
    assert ends.count(None) == 1, ends
    assert any(isinstance(end, ToldBefore) for end in ends), ends

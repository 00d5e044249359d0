"""Claims: verified units against one promise, once; every other try is refused with what is left and what stands."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from flask import Flask

from broker.actions.claims import claim_rest, claim_units, left_of, take_back_claim
from broker.domain.claims import CannotClaim, Obstacle
from broker.domain.kinds import ClaimState, CommitmentState, DeliveryState, NoteKind
from broker.domain.permissions import Action, Actor
from broker.domain.refusals import NotAllowed, Unfit, WrongState
from broker.store.accounts import actor_of
from broker.store.authorities import AuthorityRule
from broker.store.base import db
from broker.store.claims import Claim, claimed_for, claimed_of, claims_for, claims_on
from broker.store.commitments import Commitment
from broker.store.deliveries import Delivery
from broker.store.events import events_of, last_note
from tests import make


class Scene:
    """A verified delivery of 40 hours, and two promises of its giver."""

    def __init__(self) -> None:
        self.area, self.far = make.authority(), make.authority("Westerby")
        self.giver = make.supplier(self.area, self.far)
        self.measure = make.measure()
        self.partnership = make.partnership(self.area, self.giver)
        self.done: Delivery = make.delivery(self.partnership, self.measure)
        self.first: Commitment = make.commitment(self.area, self.giver, self.measure)
        self.second: Commitment = make.commitment(self.area, self.giver, self.measure)
        self.by = actor_of(make.member(self.giver))
        self.officer = actor_of(make.officer(self.area))

    def claim(self, quantity: float | str, to: Commitment | None = None, of: Delivery | None = None) -> Claim:
        return claim_units(of or self.done, to or self.first, self.by, quantity=Decimal(str(quantity)))

    def refused(self, quantity: float, to: Commitment | None = None, of: Delivery | None = None) -> CannotClaim:
        before = claimed_of(self.done.id)
        with pytest.raises(CannotClaim) as refusal:
            self.claim(quantity, to, of)
        assert claimed_of(self.done.id) == before
        return refusal.value


@pytest.fixture
def scene(database: Flask) -> Scene:
    return Scene()


def test_forty_hours_are_split(scene: Scene) -> None:
    scene.claim(25)
    assert left_of(scene.done) == 15
    scene.claim(15, scene.second)
    assert left_of(scene.done) == 0
    assert [claim.quantity for claim in claims_on(scene.done.id)] == [25, 15]
    assert (claimed_for(scene.first.id), claimed_for(scene.second.id)) == (25, 15)


def test_the_record_keeps_who_claimed_how_much(scene: Scene) -> None:
    claim = scene.claim(12.5)
    (event,) = events_of("claim", claim.id)
    assert (event.action, event.actor_id) == (Action.CLAIM_UNITS, scene.by.user_id)
    assert event.changes["quantity"] == [None, "12.5"]


def test_a_second_claim_learns_of_the_first(scene: Scene) -> None:
    first = scene.claim(40)
    refusal = scene.refused(1, scene.second)
    assert (refusal.why, refusal.left, refusal.claims) == (Obstacle.ALL_CLAIMED, 0, (first.id,))


def test_more_than_is_left_is_refused_with_what_is_left(scene: Scene) -> None:
    first = scene.claim(25)
    refusal = scene.refused(16, scene.second)
    assert (refusal.why, refusal.left, refusal.claims) == (Obstacle.NOT_SO_MUCH_LEFT, 15, (first.id,))


def test_one_promise_takes_one_claim_of_a_delivery(scene: Scene) -> None:
    first = scene.claim(25)
    refusal = scene.refused(5)
    assert (refusal.why, refusal.left, refusal.claims) == (Obstacle.CLAIMED_HERE, 15, (first.id,))


def test_more_than_was_promised_may_be_claimed(scene: Scene) -> None:
    scene.claim(40)
    assert scene.claim(30, of=make.delivery(scene.partnership, scene.measure)).id
    assert claimed_for(scene.first.id) == 70 > scene.first.promised


@pytest.mark.parametrize(
    "state", [DeliveryState.LOGGED, DeliveryState.UNCONFIRMED, DeliveryState.DISPUTED, DeliveryState.CONFIRMED]
)
def test_what_is_not_verified_is_not_claimed(scene: Scene, state: DeliveryState) -> None:
    assert scene.refused(1, of=make.delivery(scene.partnership, scene.measure, state)).why == Obstacle.NOT_VERIFIED


def test_what_was_taken_back_is_not_claimed(scene: Scene) -> None:
    gone = make.delivery(scene.partnership, scene.measure, DeliveryState.WITHDRAWN)
    assert scene.refused(1, of=gone).why == Obstacle.TAKEN_BACK


def test_what_is_done_anyway_is_not_claimed(scene: Scene) -> None:
    assert scene.refused(1, of=make.inherent(scene.giver, scene.area, scene.measure)).why == Obstacle.INHERENT


def test_another_measure_is_refused_and_its_group_is_said(scene: Scene) -> None:
    same_group = make.commitment(scene.area, scene.giver, make.measure())
    other = make.commitment(scene.area, scene.giver, make.measure(exclusive_group=None))
    assert scene.refused(1, same_group).why == Obstacle.SAME_GROUP
    assert scene.refused(1, other).why == Obstacle.OTHER_MEASURE


def test_what_stands_for_a_measure_counts_as_it(scene: Scene) -> None:
    own = make.measure("OWN-1", authority=scene.area, list_name="Ours", edition="1", stands_for=scene.measure)
    assert scene.claim(40, make.commitment(scene.area, scene.giver, own)).id


def test_an_officer_cannot_give_one_suppliers_hours_to_another(scene: Scene) -> None:
    stranger = make.commitment(scene.area, make.supplier(scene.area), scene.measure)
    with pytest.raises(CannotClaim) as refusal:
        claim_units(scene.done, stranger, scene.officer, quantity=Decimal(1))
    assert refusal.value.why == Obstacle.OTHER_ORGANISATION


def test_a_promise_that_was_taken_back_takes_no_more(scene: Scene) -> None:
    over = make.commitment(scene.area, scene.giver, scene.measure, state=CommitmentState.WITHDRAWN)
    assert scene.refused(1, over).why == Obstacle.PROMISE_OVER


def test_what_was_done_elsewhere_counts_only_where_the_rule_says_so(scene: Scene) -> None:
    there = make.commitment(scene.far, scene.giver, scene.measure)
    assert scene.refused(1, there).why == Obstacle.OTHER_AREA
    rule = {"name": "counts_elsewhere", "unit": "words", "source": "Told by them", "certainty": "read"}
    db.session.add(AuthorityRule(authority=scene.far, value="Yes, anywhere in the region", **rule))
    db.session.flush()
    assert scene.claim(1, there).id


@pytest.mark.parametrize(
    ("quantity", "unit_kind", "problem"),
    [
        ("0", "hours", "not_positive"),
        ("-1", "hours", "not_positive"),
        ("1.005", "hours", "too_fine"),
        ("0.5", "count", "whole"),
    ],
)
def test_what_cannot_be_counted_is_refused(scene: Scene, quantity: str, unit_kind: str, problem: str) -> None:
    scene.measure.unit_kind = unit_kind
    with pytest.raises(Unfit) as refusal:
        scene.claim(quantity)
    assert refusal.value.problems == {"quantity": problem}


def test_the_last_hundredth_can_be_claimed(scene: Scene) -> None:
    scene.claim("39.99")
    scene.claim("0.01", scene.second)
    assert left_of(scene.done) == 0


def test_what_is_left_of_several_is_claimed_at_once(scene: Scene) -> None:
    scene.claim(30, scene.second)
    another = make.delivery(scene.partnership, scene.measure, quantity=Decimal(7))
    made = claim_rest([another, scene.done], scene.first, scene.by)
    assert {claim.delivery_id: claim.quantity for claim in made} == {scene.done.id: 10, another.id: 7}
    assert [claim.quantity for claim in claims_for(scene.first.id)] == [7, 10]


def test_a_claim_is_taken_back_with_a_reason_and_its_units_are_free(scene: Scene) -> None:
    claim = scene.claim(40)
    with pytest.raises(Unfit):
        take_back_claim(claim, scene.by, reason=" ")
    take_back_claim(claim, scene.officer, reason="It was for the other promise.")
    assert (claim.state, claim.taken_back_at is not None) == (ClaimState.TAKEN_BACK, True)
    note = last_note("claim", claim.id, frozenset({NoteKind.REASON}))
    assert note is not None
    assert note.text == "It was for the other promise."
    assert scene.claim(40, scene.second).id
    with pytest.raises(WrongState):
        take_back_claim(claim, scene.by, reason="Again")


def test_only_the_giver_and_the_officers_of_the_promise_claim(scene: Scene) -> None:
    receiver = scene.partnership.match.demand.organisation
    strangers: list[Callable[[], Actor]] = [
        lambda: actor_of(make.member(receiver)),
        lambda: actor_of(make.member(make.supplier(scene.area))),
        lambda: actor_of(make.officer(scene.far)),
        lambda: actor_of(make.administrator()),
    ]
    for stranger in strangers:
        with pytest.raises(NotAllowed):
            claim_units(scene.done, scene.first, stranger(), quantity=Decimal(1))
    made = claim_units(scene.done, scene.first, scene.officer, quantity=Decimal(1))
    for stranger in strangers:
        with pytest.raises(NotAllowed):
            take_back_claim(made, stranger(), reason="No")


def test_the_database_is_the_last_word_and_is_told_kindly(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.claim(40)
    monkeypatch.setattr("broker.actions.claims._check", lambda *_: None)
    refusal = scene.refused(1, scene.second)
    assert (refusal.why, refusal.left) == (Obstacle.NOT_SO_MUCH_LEFT, 0)
    assert db.session.get_one(Delivery, scene.done.id).verified == 40  # and the session goes on

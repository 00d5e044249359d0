"""Promises: what fits, who may promise what for whom, and what only an officer may lessen."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from broker.actions.commitments import edit_commitment, link_commitment, make_commitment, withdraw_commitment
from broker.actions.milestones import set_milestone
from broker.domain.clock import today
from broker.domain.commitments import Promise
from broker.domain.kinds import Audience, ClaimState, CommitmentState, RegistrationState
from broker.domain.permissions import Action, Actor
from broker.domain.refusals import NotAllowed, Refusal, Unfit, WrongState
from broker.store.accounts import actor_of
from broker.store.base import db
from broker.store.claims import Claim
from broker.store.commitments import Commitment
from broker.store.contracts import Contract
from broker.store.events import events_of, notes_of
from tests import make

YEAR = timedelta(days=365)


class Scene:
    """A supplier with a contract of £250,000, of which £30,000 are spent; a measure of hours and one of things."""

    def __init__(self) -> None:
        self.area = make.authority()
        self.firm = make.supplier(self.area)
        self.contract: Contract = make.contract(self.area, self.firm, spent=Decimal(30_000))
        self.hours, self.devices = make.measure(), make.measure(unit="devices", unit_kind="count")
        self.member = actor_of(make.member(self.firm))
        self.officer = actor_of(make.officer(self.area))

    def promise(self, by: Actor | None = None, **facts: Any) -> Commitment:
        around = {"measure": self.hours, "contract": self.contract, "sure": False, "area": self.area, **facts}
        told = {name: around.pop(name) for name in facts if name in Promise.__dataclass_fields__}
        said = Promise(**{"quantity": Decimal(40), "due_on": today() + YEAR, **told})
        area = around.pop("area")
        return make_commitment(self.firm, area, by or self.member, promise=said, **around)


@pytest.fixture
def scene(database: Flask) -> Scene:
    return Scene()


def refused(scene: Scene, **facts: Any) -> dict[str, str]:
    with pytest.raises(Unfit) as refusal:
        scene.promise(**facts)
    return refusal.value.problems


def test_a_promise_under_a_contract_and_a_pledge_without_one(scene: Scene) -> None:
    under = scene.promise(what="  Our people help out ")
    assert (under.what, under.promised, under.state) == ("Our people help out", 40, CommitmentState.OPEN)
    pledge = scene.promise(contract=None)
    assert pledge.contract_id is None
    assert [e.action for e in events_of("commitment", under.id)] == [Action.MAKE_COMMITMENT]


def test_a_promise_that_grows_with_what_is_spent(scene: Scene) -> None:
    grows = scene.promise(quantity=Decimal(2), per_pounds=Decimal(10_000))
    assert (grows.promised, grows.promised_in_full) == (6, 50)
    scene.contract.spent = Decimal(35_000)
    assert grows.promised == 7
    scene.contract.spent = Decimal(300_000)
    assert (grows.promised, grows.promised_in_full) == (60, 60), "more is spent than the contract was worth"
    scene.contract.value = None
    assert grows.promised_in_full is None


@pytest.mark.parametrize(
    ("spent", "hours", "devices"),
    [("0", "0", 0), ("0.01", "0", 0), ("699.99", "2.99", 1), ("700", "3", 2), ("1049.99", "4.49", 2)],
)
def test_what_grows_is_rounded_down_and_things_are_whole(scene: Scene, spent: str, hours: str, devices: int) -> None:
    rate = {"per_pounds": Decimal(700)}
    time, things = (
        scene.promise(quantity=Decimal(3), **rate),
        scene.promise(measure=scene.devices, quantity=Decimal(2), **rate),
    )
    scene.contract.spent = Decimal(spent)
    assert (time.promised, things.promised) == (Decimal(hours), devices)


@pytest.mark.parametrize(
    ("facts", "problems"),
    [
        ({"quantity": None}, {"quantity": "needed"}),
        ({"quantity": Decimal(0)}, {"quantity": "not_positive"}),
        ({"quantity": Decimal("1.005")}, {"quantity": "too_fine"}),
        ({"quantity": Decimal(1_000_001)}, {"quantity": "sure"}),
        ({"quantity": Decimal(2_000_000_000), "sure": True}, {"quantity": "too_many"}),
        ({"quantity": Decimal(5), "per_pounds": Decimal(1)}, {"quantity": "sure"}),
        ({"quantity": Decimal(5_000), "per_pounds": Decimal(1), "sure": True}, {"quantity": "grows_too_far"}),
        ({"per_pounds": Decimal(0)}, {"per_pounds": "not_positive"}),
        ({"per_pounds": Decimal(1000), "contract": None}, {"per_pounds": "no_contract"}),
        ({"due_on": today() - timedelta(days=101)}, {"due_on": "before_start"}),
        ({"due_on": today() + timedelta(days=966)}, {"due_on": "after_contract"}),
        ({"due_on": today() - timedelta(days=1), "contract": None}, {"due_on": "past"}),
        ({"due_on": today() + 11 * YEAR, "contract": None}, {"due_on": "too_far"}),
    ],
)
def test_what_is_no_promise(scene: Scene, facts: dict[str, Any], problems: dict[str, str]) -> None:
    assert refused(scene, **facts) == problems


def test_things_are_promised_whole_and_the_last_days_count(scene: Scene) -> None:
    assert refused(scene, measure=scene.devices, quantity=Decimal("2.5")) == {"quantity": "whole"}
    scene.promise(measure=scene.devices, quantity=Decimal(1_000_001), sure=True)
    scene.promise(due_on=scene.contract.starts_on)
    scene.promise(due_on=scene.contract.ends_on + YEAR)


def test_how_far_it_grows_where_nobody_knows_what_will_be_spent(scene: Scene) -> None:
    scene.contract.value = None
    scene.promise(quantity=Decimal(1), per_pounds=Decimal(1))
    assert refused(scene, quantity=Decimal("1.01"), per_pounds=Decimal(1)) == {"quantity": "grows_too_far"}


def test_by_which_measures_and_where(scene: Scene) -> None:
    elsewhere = make.authority()
    foreign = make.measure(authority=elsewhere, list_name="Their list")
    assert refused(scene, measure=foreign) == {"measure": "unknown"}
    assert refused(scene, contract=None, area=elsewhere) == {"authority": "not_approved"}
    assert refused(scene, area=elsewhere)["authority"] == "other_contract"
    scene.firm.registrations[0].state = RegistrationState.SUSPENDED
    assert refused(scene) == {"authority": "not_approved"}


def test_a_group_that_supplies_nothing_promises_nothing(scene: Scene) -> None:
    scene.firm.is_supplier = False
    assert refused(scene, contract=None) == {"authority": "no_supplier"}


def test_a_promise_sent_again_is_one_and_another_word_makes_another(scene: Scene) -> None:
    said = {"quantity": Decimal(7), "what": "A morning a month"}
    first = scene.promise(**said)
    assert scene.promise(**said) is first
    others = [{"quantity": Decimal(8)}, {"what": "Another"}, {"contract": None}, {"measure": scene.devices}]
    assert first not in [scene.promise(**{**said, **other}) for other in others]
    first.created_at -= timedelta(minutes=11)
    assert scene.promise(**said) is not first


def test_who_may_promise(scene: Scene) -> None:
    scene.promise(scene.officer)
    others = [make.member(make.supplier(scene.area)), make.officer(make.authority()), make.administrator()]
    for by in map(actor_of, others):
        with pytest.raises(NotAllowed):
            scene.promise(by)


def change(scene: Scene, made: Commitment, by: Actor, **facts: Any) -> None:
    around = {"measure": scene.hours, "reason": "", **facts}
    told = {name: around.pop(name) for name in facts if name in Promise.__dataclass_fields__}
    said = {"quantity": made.quantity, "due_on": made.due_on, "what": made.what, "per_pounds": made.per_pounds}
    edit_commitment(made, by, promise=Promise(**{**said, **told}), **around)


def test_a_day_that_its_contract_has_left_behind_stands_until_it_is_changed(scene: Scene) -> None:
    made = scene.promise(due_on=scene.contract.ends_on + YEAR)
    scene.contract.ends_on -= timedelta(days=30)
    change(scene, made, scene.member, quantity=Decimal(41))
    assert made.quantity == 41
    with pytest.raises(Unfit) as refusal:
        change(scene, made, scene.member, due_on=made.due_on - timedelta(days=1))
    assert refusal.value.problems == {"due_on": "after_contract"}


def test_its_maker_may_raise_it_and_say_it_better(scene: Scene) -> None:
    made = scene.promise()
    sooner = made.due_on - timedelta(days=9)
    change(scene, made, scene.member, quantity=Decimal(50), due_on=sooner, what="Fifty")
    assert (made.quantity, made.due_on, made.what) == (50, sooner, "Fifty")
    last = events_of("commitment", made.id)[-1]
    assert (last.action, last.changes["quantity"]) == (Action.EDIT_COMMITMENT, ["40", "50"])
    assert "what" not in last.changes, "the record keeps no words"


LESS = [
    {"quantity": Decimal(39)},
    {"due_on": today() + 2 * YEAR},
    {"per_pounds": Decimal(100)},
]


@pytest.mark.parametrize("facts", LESS, ids=lambda facts: next(iter(facts)))
def test_less_is_for_an_officer_with_a_reason(scene: Scene, facts: dict[str, Any]) -> None:
    made = scene.promise()
    with pytest.raises(Unfit) as refusal:
        change(scene, made, scene.member, **facts)
    assert refusal.value.problems == dict.fromkeys(facts, "officer_only")
    with pytest.raises(Unfit, match="reason: needed"):
        change(scene, made, scene.officer, **facts)
    change(scene, made, scene.officer, **facts, reason="The building site stood still")
    assert events_of("commitment", made.id)[-1].action == Action.LOWER_COMMITMENT
    assert [n.text for n in notes_of("commitment", made.id, frozenset({Audience.OWNER}))] == [
        "The building site stood still"
    ]


def test_a_lower_rate_is_less_and_a_higher_one_is_not(scene: Scene) -> None:
    made = scene.promise(quantity=Decimal(2), per_pounds=Decimal(10_000))
    change(scene, made, scene.member, per_pounds=Decimal(5_000))
    with pytest.raises(Unfit, match="quantity: officer_only"):
        change(scene, made, scene.member, per_pounds=Decimal(20_000))


def test_another_measure_is_for_an_officer_unless_it_counts_the_same(scene: Scene) -> None:
    made = scene.promise()
    with pytest.raises(Unfit, match="measure: officer_only"):
        change(scene, made, scene.member, measure=scene.devices)
    same = make.measure(authority=scene.area, list_name="Ours", stands_for=scene.hours)
    change(scene, made, scene.member, measure=same)
    change(scene, made, scene.officer, measure=scene.devices, reason="They give laptops instead")


def claimed(scene: Scene, made: Commitment) -> Claim:
    done = make.delivery(make.partnership(scene.area, scene.firm), scene.hours)
    facts = {"quantity": Decimal(10), "state": ClaimState.STANDING, "claimed_at": made.created_at}
    claim = Claim(delivery=done, commitment=made, **facts)
    db.session.add(claim)
    db.session.flush()
    return claim


def test_what_is_claimed_keeps_its_measure_and_its_promise(scene: Scene) -> None:
    made = scene.promise()
    claim = claimed(scene, made)
    with pytest.raises(Unfit, match="measure: claimed"):
        change(scene, made, scene.officer, measure=scene.devices, reason="x")
    with pytest.raises(Unfit, match="reason: claimed"):
        withdraw_commitment(made, scene.officer, reason="They went out of business")
    claim.state, claim.taken_back_at = ClaimState.TAKEN_BACK, made.created_at
    with pytest.raises(Unfit, match="reason: needed"):
        withdraw_commitment(made, scene.officer, reason=" ")
    withdraw_commitment(made, scene.officer, reason="They went out of business")
    assert made.state == CommitmentState.WITHDRAWN
    for again in (
        lambda: withdraw_commitment(made, scene.officer, reason="x"),
        lambda: change(scene, made, scene.officer),
    ):
        with pytest.raises(WrongState):
            again()


def test_steps_on_the_way_hold_the_promise(scene: Scene) -> None:
    made = scene.promise()
    set_milestone(made, scene.member, what="Nearly all", due_on=made.due_on, quantity=Decimal(38))
    for facts in ({"quantity": Decimal(37)}, {"due_on": today() + timedelta(days=5)}):
        with pytest.raises(Unfit, match=r"less_than_steps|before_step"):
            change(scene, made, scene.officer, **facts, reason="x")


def test_who_lets_a_supplier_off(scene: Scene) -> None:
    made = scene.promise()
    for by in (scene.member, actor_of(make.officer(make.authority()))):
        with pytest.raises(Refusal):
            withdraw_commitment(made, by, reason="x")
    assert made.state == CommitmentState.OPEN


def test_what_a_partnership_helps_to_keep(scene: Scene) -> None:
    made, partnership = scene.promise(), make.partnership(scene.area, scene.firm)
    db.session.expire(partnership)
    link_commitment(partnership, scene.officer, commitment=made, amount=Decimal(20))
    assert (partnership.commitment_id, partnership.committed_amount) == (made.id, 20)
    last = events_of("partnership", partnership.id)[-1]
    assert (last.action, last.changes["committed_amount"]) == (Action.LINK_COMMITMENT, [None, "20"])
    link_commitment(partnership, scene.officer, commitment=None)
    assert (partnership.commitment_id, partnership.committed_amount) == (None, None)
    with pytest.raises(NotAllowed):
        link_commitment(partnership, scene.member, commitment=made, amount=Decimal(20))


def test_what_it_cannot_help(scene: Scene) -> None:
    partnership = make.partnership(scene.area, scene.firm)
    rivals = make.commitment(scene.area, make.supplier(scene.area), scene.hours)
    elsewhere = make.commitment(make.authority(), scene.firm, scene.hours)
    over = make.commitment(scene.area, scene.firm, scene.hours, state=CommitmentState.WITHDRAWN)
    mine = scene.promise()
    for promise, amount, problems in (
        (rivals, 1, {"commitment": "other"}),
        (elsewhere, 1, {"commitment": "other"}),
        (over, 1, {"commitment": "let_off"}),
        (mine, None, {"committed_amount": "needed"}),
        (mine, 0, {"committed_amount": "not_positive"}),
        (mine, "60.01", {"committed_amount": "more_than_agreed"}),
    ):
        exact = None if amount is None else Decimal(amount)
        with pytest.raises(Unfit) as refusal:
            link_commitment(partnership, scene.officer, commitment=promise, amount=exact)
        assert refusal.value.problems == problems

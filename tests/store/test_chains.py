"""The five steps added up: of a promise, a contract, a supplier and an area, the same units never twice."""

from decimal import Decimal

import pytest
from flask import Flask

from broker.domain.chains import Line, Step, Sums
from broker.domain.clock import now, today
from broker.domain.kinds import ClaimState, CommitmentState, DeliveryState, Lane, PartnershipState
from broker.domain.periods import Span
from broker.store.accounts import actor_of
from broker.store.base import db
from broker.store.chain_lists import INHERENT, Wanted, rows_behind
from broker.store.chains import (
    lines_for,
    lines_in,
    of_authority,
    of_contract,
    of_promise,
    of_supplier,
    promises_in,
    sums_of,
)
from broker.store.claims import Claim
from broker.store.commitments import Commitment
from broker.store.deliveries import Delivery
from broker.store.packs import tallies
from broker.store.partnerships import Partnership
from tests import make


class Scene:
    """A promise of 100 hours under a contract, of which 60 are matched; a pledge of 40; two partnerships."""

    def __init__(self) -> None:
        self.area = make.authority()
        self.giver = make.supplier(self.area)
        self.measure = make.measure("XX-A")
        self.contract = make.contract(self.area, self.giver, spent=Decimal(50_000))
        self.promise = self.promised(100, contract=self.contract)
        self.pledge = self.promised(40)
        self.linked = self.partnership(self.promise, 60)
        self.free = make.partnership(self.area, self.giver)

    def promised(self, quantity: int, **facts: object) -> Commitment:
        return make.commitment(self.area, self.giver, self.measure, quantity=Decimal(quantity), **facts)

    def partnership(self, promise: Commitment, amount: int, **facts: object) -> Partnership:
        return make.partnership(self.area, self.giver, commitment=promise, committed_amount=Decimal(amount), **facts)

    def done(self, within: Partnership, quantity: int, state: DeliveryState, **facts: object) -> Delivery:
        return make.delivery(within, self.measure, state, quantity=Decimal(quantity), **facts)

    def claim(self, done: Delivery, promise: Commitment, quantity: int) -> None:
        facts = {"state": ClaimState.STANDING, "claimed_at": now()}
        db.session.add(Claim(delivery=done, commitment=promise, quantity=Decimal(quantity), **facts))
        db.session.flush()

    def of(self, promise: Commitment) -> Line:
        (line,) = lines_for([promise], sums_of(of_promise(promise.id)))
        return line


@pytest.fixture
def scene(database: Flask) -> Scene:
    return Scene()


def steps(line: Line, lane: Lane | None = None) -> list[int]:
    return [int(line.at(step, lane)) for step in Step]


def test_a_promise_alone_is_all_gap(scene: Scene) -> None:
    line = scene.of(scene.pledge)
    assert steps(line) == [40, 0, 0, 0, 0]
    assert [int(line.gap(step)) for step in Step] == [0, 40, 0, 0, 0]


def test_each_step_counts_what_came_so_far(scene: Scene) -> None:
    scene.done(scene.linked, 20, DeliveryState.LOGGED)
    scene.claim(scene.done(scene.linked, 30, DeliveryState.VERIFIED), scene.promise, 25)
    scene.done(scene.linked, 7, DeliveryState.WITHDRAWN)
    line = scene.of(scene.promise)
    assert steps(line) == [100, 60, 50, 30, 25]
    assert [int(line.gap(step)) for step in Step] == [0, 40, 10, 20, 5]


def test_what_is_claimed_for_another_promise_counts_there_and_not_here(scene: Scene) -> None:
    done = scene.done(scene.linked, 40, DeliveryState.VERIFIED)
    scene.claim(done, scene.promise, 25)
    scene.claim(done, scene.pledge, 15)
    assert steps(scene.of(scene.promise)) == [100, 60, 25, 25, 25]
    assert steps(scene.of(scene.pledge)) == [40, 0, 15, 15, 15]
    (whole,) = lines_in(of_authority(scene.area.id))
    assert steps(whole) == [140, 60, 40, 40, 40]


def test_what_nobody_linked_counts_for_the_supplier_and_for_a_promise_once_it_is_claimed(scene: Scene) -> None:
    done = scene.done(scene.free, 12, DeliveryState.VERIFIED)
    by = actor_of(make.member(scene.giver))
    assert steps(lines_in(of_supplier(scene.giver.id, by))[0]) == [140, 60, 12, 12, 0]
    assert steps(scene.of(scene.promise)) == [100, 60, 0, 0, 0]
    scene.claim(done, scene.promise, 10)
    assert steps(scene.of(scene.promise)) == [100, 60, 10, 10, 10]
    assert steps(lines_in(of_supplier(scene.giver.id, by))[0]) == [140, 60, 12, 12, 10]


def test_another_measure_in_the_same_partnership_is_another_line(scene: Scene) -> None:
    other = make.measure("XX-B", unit="weeks", unit_kind="weeks")
    make.delivery(scene.linked, other, quantity=Decimal(3))
    scene.done(scene.linked, 5, DeliveryState.VERIFIED)
    assert steps(scene.of(scene.promise)) == [100, 60, 5, 5, 0]
    lines = lines_in(of_authority(scene.area.id))
    assert [(line.unit.code, steps(line)) for line in lines] == [
        ("XX-A", [140, 60, 5, 5, 0]),
        ("XX-B", [0, 0, 3, 3, 0]),
    ]


def test_what_stands_for_a_measure_is_counted_with_it(scene: Scene) -> None:
    own = make.measure("NT1", authority=scene.area, list_name="Ours", edition="1", stands_for=scene.measure)
    make.delivery(scene.linked, own, quantity=Decimal(5))
    make.commitment(scene.area, scene.giver, own, quantity=Decimal(8))
    (line,) = lines_in(of_authority(scene.area.id))
    assert (line.unit.code, steps(line)) == ("XX-A", [148, 60, 5, 5, 0])
    assert steps(scene.of(scene.promise)) == [100, 60, 5, 5, 0]


def test_one_off_and_lasting_stand_apart_and_so_does_what_is_done_anyway(scene: Scene) -> None:
    lasting = scene.partnership(scene.promise, 20, lane=Lane.SYSTEMIC, review_on=today())
    scene.done(scene.linked, 10, DeliveryState.VERIFIED)
    scene.claim(scene.done(lasting, 6, DeliveryState.VERIFIED), scene.promise, 6)
    make.inherent(scene.giver, scene.area, scene.measure, quantity=Decimal(500))
    make.inherent(scene.giver, scene.area, scene.measure, state=DeliveryState.WITHDRAWN)
    for line in (scene.of(scene.promise), lines_in(of_authority(scene.area.id))[0]):
        assert steps(line, Lane.TRANSACTIONAL)[1:] == [60, 10, 10, 0]
        assert steps(line, Lane.SYSTEMIC)[1:] == [20, 6, 6, 6]
        assert line.whole == Sums(*map(Decimal, (80, 16, 16, 6)))
    assert line.inherent == 500


def test_what_grows_with_the_spend_is_worked_out_and_what_ended_early_is_no_match(scene: Scene) -> None:
    scene.promised(2, contract=scene.contract, per_pounds=Decimal(10_000))
    scene.partnership(scene.pledge, 30, state=PartnershipState.ENDED_EARLY)
    scene.promised(9, state=CommitmentState.WITHDRAWN)
    (line,) = lines_in(of_authority(scene.area.id))
    assert steps(line)[:2] == [150, 60]
    under = of_contract(scene.contract.id)
    (line,) = lines_for(promises_in(under), sums_of(under))
    assert steps(line)[:2] == [110, 60]


@pytest.mark.parametrize(("agreed", "matched"), [(30, 18), (15, 15)])
def test_what_came_of_a_partnership_that_ended_early_was_matched(scene: Scene, agreed: int, matched: int) -> None:
    """Or all of a promise would be called in no partnership when half of it is done and verified."""
    ended = scene.partnership(scene.pledge, agreed, state=PartnershipState.ENDED_EARLY)
    scene.done(ended, 12, DeliveryState.VERIFIED)
    scene.done(ended, 6, DeliveryState.LOGGED)
    scene.done(ended, 99, DeliveryState.WITHDRAWN)
    make.delivery(ended, make.measure("XX-Z"), quantity=Decimal(99))
    assert steps(scene.of(scene.pledge)) == [40, matched, 18, 12, 0]
    (line,) = [each for each in lines_in(of_authority(scene.area.id)) if each.unit.id == scene.measure.id]
    assert int(line.at(Step.MATCHED)) == 60 + matched
    rows = rows_behind(of_promise(scene.pledge.id), Wanted(Step.MATCHED), actor_of(make.officer(scene.area)))
    assert [row.amount for row in rows] == [matched]
    days = Span(ended.starts_on, ended.ends_on)
    told = {tally.thing: tally.a for tally in tallies(scene.area.id, days) if tally.sort == "matched"}
    assert told == {scene.measure.id: 60 + matched}


def test_of_things_that_grow_with_the_spend_only_whole_ones_are_promised(scene: Scene) -> None:
    things = make.measure(unit_kind="count")
    facts = {"contract": scene.contract, "quantity": Decimal(2), "per_pounds": Decimal(30_000)}
    made = [make.commitment(scene.area, scene.giver, things, **facts) for _ in range(2)]
    lines = [*lines_in(of_authority(scene.area.id)), *lines_for(made, {})]
    assert [line.promised for line in lines if line.unit.unit_kind == "count"] == [6, 6], "twice 3, not 3.33"


def test_an_officer_sees_of_a_supplier_what_lies_in_the_own_area(scene: Scene) -> None:
    far = make.authority("Westerby")
    make.commitment(far, scene.giver, scene.measure, quantity=Decimal(1000))
    make.delivery(make.partnership(far, scene.giver), scene.measure, quantity=Decimal(300))
    here, everywhere = actor_of(make.officer(scene.area)), actor_of(make.member(scene.giver))
    assert steps(lines_in(of_supplier(scene.giver.id, here))[0]) == [140, 60, 0, 0, 0]
    assert steps(lines_in(of_supplier(scene.giver.id, everywhere))[0]) == [1140, 60, 300, 300, 0]


@pytest.mark.parametrize("of", ["promise", "contract", "supplier", "authority"])
def test_behind_each_number_is_a_list_that_comes_to_it(scene: Scene, of: str) -> None:
    lasting = scene.partnership(scene.promise, 20, lane=Lane.SYSTEMIC, review_on=today())
    scene.done(scene.linked, 20, DeliveryState.LOGGED)
    split = scene.done(scene.linked, 30, DeliveryState.VERIFIED)
    scene.claim(split, scene.promise, 13)
    scene.claim(split, scene.pledge, 9)
    scene.claim(scene.done(scene.free, 8, DeliveryState.VERIFIED), scene.promise, 7)
    scene.done(lasting, 5, DeliveryState.VERIFIED)
    make.inherent(scene.giver, scene.area, scene.measure, quantity=Decimal(500))
    by = actor_of(make.officer(scene.area))
    scope = {
        "promise": of_promise(scene.promise.id),
        "contract": of_contract(scene.contract.id),
        "supplier": of_supplier(scene.giver.id, by),
        "authority": of_authority(scene.area.id),
    }[of]
    lines = lines_for(promises_in(scope), sums_of(scope)) if scope.deliveries is None else lines_in(scope)
    (line,) = lines
    assert all(line.at(step) for step in Step)
    for lane in (None, *Lane):
        for step in Step:
            rows = rows_behind(scope, Wanted(step, line.unit.id, lane), by)
            assert sum(row.amount for row in rows) == line.at(step, lane), (step, lane)
            assert all(row.may_see and row.giver == scene.giver.name for row in rows)
    rows = rows_behind(scope, Wanted(INHERENT, line.unit.id), by)
    assert sum(row.amount for row in rows) == line.inherent


def test_a_list_comes_in_pages(scene: Scene) -> None:
    for each in range(5):
        scene.done(scene.linked, each + 1, DeliveryState.LOGGED)
    by, scope = actor_of(make.officer(scene.area)), of_promise(scene.promise.id)
    pages = [rows_behind(scope, Wanted(Step.DELIVERED), by, page, 2) for page in (1, 2, 3, 4)]
    assert [[int(row.amount) for row in page] for page in pages] == [[5, 4, 3], [3, 2, 1], [1], []]


@pytest.mark.parametrize("step", [Step.DELIVERED, Step.VERIFIED, Step.CLAIMED])
def test_who_received_elsewhere_is_that_councils_to_tell(scene: Scene, step: Step) -> None:
    """An officer of the council that was promised to reads that it counts here, and not whom it helped there."""
    elsewhere = make.partnership(make.authority("Westerby"), scene.giver)
    scene.claim(scene.done(elsewhere, 10, DeliveryState.VERIFIED), scene.promise, 10)
    scene.claim(scene.done(scene.linked, 20, DeliveryState.VERIFIED), scene.promise, 20)
    wanted = Wanted(step, scene.measure.id)
    found = {
        reader.role: {row.area: row.receiver for row in rows_behind(of_promise(scene.promise.id), wanted, reader)}
        for reader in (actor_of(make.officer(scene.area)), actor_of(make.member(scene.giver)))
    }
    receivers = {"Westerby": elsewhere, scene.area.name: scene.linked}
    names = {area: each.match.demand.organisation.name for area, each in receivers.items()}
    assert found["member"] == names
    assert found["officer"] == names | {"Westerby": None}

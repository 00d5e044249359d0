"""The ledger under anything people may do, in any order: claimed is never above verified, nor that above delivered.

Hypothesis drives the real actions on a real database: logging, each answer a group can give, silence, evidence,
verifying, taking back, claiming, splitting, changing and withdrawing promises. After each step the database is read
with plain SQL and compared with a ledger of ten lines that is kept beside it; a step that is refused has changed
nothing. BROKER_LEDGER_EXAMPLES=1000 looks further than the few histories of every run.

That it can fail is shown in each run: with the check of the action and the database's triggers taken away it finds a
history in which more is claimed than is verified.
"""

import os
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import text

from broker.actions.claims import claim_rest, claim_units, left_of, take_back_claim
from broker.actions.commitments import edit_commitment, promise_of, withdraw_commitment
from broker.actions.confirmations import ask_again, confirm_delivery, record_answer
from broker.actions.deliveries import lapse_deliveries, log_delivery, withdraw_delivery
from broker.actions.inherent import tell_inherent
from broker.actions.verifications import take_back_verification, verify_delivery
from broker.domain.chains import Step
from broker.domain.clock import now, today
from broker.domain.deliveries import Done, Said
from broker.domain.inherent import Told
from broker.domain.kinds import Answer, ClaimState, FileKind, Role
from broker.domain.permissions import Actor
from broker.domain.refusals import Refusal
from broker.store.accounts import actor_of
from broker.store.base import db
from broker.store.chains import Scope, lines_in, of_authority, sums_of
from broker.store.claims import Claim
from broker.store.commitments import Commitment
from broker.store.deliveries import Delivery
from broker.store.evidence import Evidence
from broker.store.files import StoredFile
from broker.store.measures import Measure
from tests import make

EXAMPLES = int(os.environ.get("BROKER_LEDGER_EXAMPLES", "0"))
FEW, STEPS = 4, 25
WHICH = st.integers(0, 7)
AMOUNT = st.integers(1, 240).map(lambda quarters: Decimal(quarters) / 4)
TABLES = ("delivery", "claim", "commitment", "confirmation", "verification")
SUMS = text(
    "SELECT d.id, d.quantity, d.verified, d.state, d.nature, COALESCE(SUM(c.quantity), 0) FROM delivery d"
    " LEFT JOIN claim c ON c.delivery_id = d.id AND c.state = 'standing' GROUP BY d.id"
)
PAIRS = text("SELECT delivery_id, commitment_id, quantity FROM claim WHERE state = 'standing'")


class Ledger(RuleBasedStateMachine):
    """A supplier with two partnerships and three promises in two measures, a group, and two officers."""

    def __init__(self) -> None:
        super().__init__()
        self.area, self.serial = make.authority(), 0
        self.giver, group = make.supplier(self.area), make.organisation(self.area)
        self.measures = [make.measure(), make.measure()]
        self.partnerships = [make.partnership(self.area, self.giver, group) for _ in range(2)]
        self.promises = [make.commitment(self.area, self.giver, self.measures[place]).id for place in (0, 0, 1)]
        linked = db.session.get_one(Commitment, self.promises[0])
        self.partnerships[0].commitment, self.partnerships[0].committed_amount = linked, Decimal(40)
        self.by, self.receiver = actor_of(make.member(self.giver)), actor_of(make.member(group))
        self.officers = [actor_of(make.officer(self.area)) for _ in range(2)]
        self.group = group
        self.deliveries: list[int] = []
        self.claims: list[int] = []
        self.held: dict[tuple[int, int], Decimal] = {}  # the ledger as it should be

    def teardown(self) -> None:
        try:
            self._the_chain_says_the_same()
        finally:
            db.session.rollback()

    @rule(place=st.integers(0, 1), kind=st.integers(0, 1), quantity=AMOUNT, days=st.integers(0, 9), apart=st.booleans())
    def log(self, place: int, kind: int, quantity: Decimal, days: int, apart: bool) -> None:
        on = today() - timedelta(days=days)
        done = Done(self.measures[kind].id, quantity, on, on, apart="Two other people" if apart else "")
        made = self.attempt(lambda: log_delivery(self.partnerships[place], self.by, done))
        if made is not None and made.id not in self.deliveries:
            self.deliveries.append(made.id)

    @rule(which=WHICH, answer=st.sampled_from(Answer), quantity=AMOUNT, officer=st.integers(0, 2))
    def answer(self, which: int, answer: Answer, quantity: Decimal, officer: int) -> None:
        """The group on its page, or an officer who rings it."""
        said = Said(answer, quantity if answer in (Answer.LESS, Answer.MORE) else None)
        self.to(
            which,
            lambda done: (
                record_answer(done, self.officers[officer], said)
                if officer < 2
                else confirm_delivery(done, self.receiver, said)
            ),
        )

    @rule(quantity=AMOUNT, which=st.integers(0, 2))
    def prove(self, quantity: Decimal, which: int) -> None:
        """The whole way at once, so that there is often something to claim; and claim half of it."""
        on = today() - timedelta(days=10 + self.next())
        done = Done(self.measures[0].id, quantity, on, on)
        made = self.attempt(lambda: log_delivery(self.partnerships[which % 2], self.by, done))
        if made is not None:
            self.deliveries.append(made.id)
            self.attempt(lambda: confirm_delivery(made, self.receiver, Said(Answer.YES)))
            self.claim(len(self.deliveries) - 1, which, quantity / 2)

    @rule()
    def fall_silent(self) -> None:
        self.attempt(lambda: lapse_deliveries(Actor(Role.SYSTEM), today() + timedelta(days=100)))

    @rule(which=WHICH)
    def ask(self, which: int) -> None:
        self.to(which, lambda done: ask_again(done, self.officers[0]))

    @rule(which=WHICH)
    def hand_in(self, which: int) -> None:
        self.to(which, self._evidence)

    @rule(which=WHICH, quantity=AMOUNT, officer=st.integers(0, 1))
    def verify(self, which: int, quantity: Decimal, officer: int) -> None:
        by = self.officers[officer]
        self.to(which, lambda done: verify_delivery(done, by, quantity=quantity, text="As the list says"))

    @rule(which=WHICH)
    def take_back_verified(self, which: int) -> None:
        self.to(which, lambda done: take_back_verification(done, self.officers[0], text="It was another day"))

    @rule(which=WHICH)
    def withdraw(self, which: int) -> None:
        self.to(which, lambda done: withdraw_delivery(done, self.by))

    @rule(which=WHICH, promise=st.integers(0, 2), quantity=AMOUNT)
    def claim(self, which: int, promise: int, quantity: Decimal) -> None:
        made = self.to(which, lambda done: claim_units(done, self.promise(promise), self.by, quantity=quantity))
        if made is not None:
            self._hold([made])

    @rule(first=WHICH, second=WHICH, promise=st.integers(0, 2))
    def claim_what_is_left(self, first: int, second: int, promise: int) -> None:
        chosen = {self.deliveries[each % len(self.deliveries)] for each in (first, second) if self.deliveries}
        found = [db.session.get_one(Delivery, each) for each in chosen]
        made = self.attempt(lambda: claim_rest(found, self.promise(promise), self.officers[1]))
        self._hold(made or [])

    @rule(which=WHICH)
    def take_back(self, which: int) -> None:
        if self.claims:
            claim = db.session.get_one(Claim, self.claims[which % len(self.claims)])
            if self.attempt(lambda: take_back_claim(claim, self.by, reason="For the other promise") or True):
                del self.held[claim.delivery_id, claim.commitment_id]

    @rule(promise=st.integers(0, 2))
    def let_off(self, promise: int) -> None:
        if self.next() % 4 == 0:  # or soon nothing is promised any more
            self.attempt(lambda: withdraw_commitment(self.promise(promise), self.officers[0], reason="Not needed"))

    @rule(promise=st.integers(0, 2), kind=st.integers(0, 1))
    def promise_something_else(self, promise: int, kind: int) -> None:
        self.attempt(lambda: self._change(self.promise(promise), self.measures[kind]))

    @rule(quantity=AMOUNT, back=st.integers(0, 2))
    def tell_what_is_done_anyway(self, quantity: Decimal, back: int) -> None:
        told, by = Told(self.measures[0].id, quantity, today().year - back), self.receiver
        made = self.attempt(lambda: tell_inherent(self.group, self.area.id, by, told))
        if made is not None:
            self.deliveries.append(made.id)

    @invariant()
    def claimed_within_verified_within_delivered(self) -> None:
        for _id, quantity, verified, state, nature, claimed in db.session.execute(SUMS):
            assert 0 <= claimed <= verified <= quantity
            assert verified == 0 or state == "verified"
            assert claimed == 0 or nature == "additional"

    @invariant()
    def the_ledger_is_as_it_was_kept(self) -> None:
        kept = {(delivery, promise): Decimal(amount) / 100 for delivery, promise, amount in db.session.execute(PAIRS)}
        assert kept == self.held

    def attempt(self, deed: Callable[[], Any]) -> Any:
        """Do it, or be refused and leave everything as it was."""
        before = rows()
        try:
            with db.session.begin_nested():
                return deed()
        except Refusal:
            assert rows() == before
            return None

    def to(self, which: int, deed: Callable[[Delivery], Any]) -> Any:
        if not self.deliveries:
            return None
        done = db.session.get_one(Delivery, self.deliveries[which % len(self.deliveries)])
        return self.attempt(lambda: deed(done))

    def promise(self, which: int) -> Commitment:
        return db.session.get_one(Commitment, self.promises[which])

    def next(self) -> int:
        self.serial += 1
        return self.serial

    def _the_chain_says_the_same(self) -> None:
        claimed, mine = sum(self.held.values()), Commitment.authority_id == self.area.id
        lines = lines_in(of_authority(self.area.id))
        assert sum(line.at(Step.CLAIMED) for line in lines) == claimed
        sums = [each for lanes in sums_of(Scope(mine)).values() for each in lanes.values()]
        assert sum(each.claimed for each in sums) == claimed
        assert all(each.claimed <= each.verified <= each.delivered for each in sums)

    def _hold(self, made: list[Claim]) -> None:
        for claim in made:
            assert claim.state == ClaimState.STANDING
            self.claims.append(claim.id)
            self.held[claim.delivery_id, claim.commitment_id] = claim.quantity
            assert left_of(claim.delivery) >= 0

    def _evidence(self, done: Delivery) -> None:
        name = f"list-{self.next()}.pdf"
        facts = {"kind": FileKind.PDF, "name": name, "size": 4, "sha256": name, "content": b"%PDF", "added_at": now()}
        db.session.add(Evidence(delivery=done, file=StoredFile(organisation=self.giver, **facts), added_at=now()))
        db.session.flush()

    def _change(self, commitment: Commitment, measure: Measure) -> None:
        said = promise_of(commitment)
        edit_commitment(commitment, self.officers[0], measure=measure, promise=said, reason="Agreed with the council")


def rows() -> dict[str, list[Any]]:
    """Everything that a step could change."""
    db.session.flush()
    return {each: db.session.execute(text(f"SELECT * FROM {each} ORDER BY id")).all() for each in TABLES}  # noqa: S608


def look(examples: int, *phases: Phase) -> None:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Ledger,
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not EXAMPLES,
            database=None,
            phases=phases or tuple(Phase),
            suppress_health_check=checks,
        ),
    )


def test_no_history_claims_more_than_is_verified(database: Flask) -> None:
    look(EXAMPLES or FEW)


def test_the_machine_finds_a_ledger_that_does_not_hold(database: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("broker.actions.claims._check", lambda *_: None)
    of_table = "" if db.session.get_bind().dialect.name == "sqlite" else " ON claim"
    db.session.execute(text(f"DROP TRIGGER claim_INSERT{of_table}"))
    db.session.commit()
    with pytest.raises(AssertionError):
        look(30, Phase.generate)

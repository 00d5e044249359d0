"""Whatever is confirmed and ended in whatever order, the parts never exceed the whole and nothing is lost."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broker.actions import partnerships
from broker.domain.clock import today
from broker.domain.kinds import Lane, MatchState, PartnershipState, PostingState
from broker.domain.partnerships import Terms
from broker.domain.refusals import QuantityTaken, WrongState
from broker.store.accounts import actor_of
from broker.store.base import db
from broker.store.partnerships import Partnership
from tests import make

HUNDREDTHS = st.integers(1, 2000).map(lambda n: Decimal(n) / 100)
CONFIRM = st.tuples(st.just("confirm"), st.integers(0, 1), st.integers(0, 1), HUNDREDTHS)
END = st.tuples(st.just("end"), st.integers(0, 9), st.integers(0, 100), st.integers(0, 100))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(CONFIRM | END, max_size=12))
def test_the_parts_never_exceed_the_whole(database: Flask, steps: list[Any]) -> None:
    try:
        City().live(steps)
    finally:
        db.session.rollback()


class City:
    """Two needs and two offers, and what becomes of them."""

    def __init__(self) -> None:
        self.area = make.authority()
        self.officer = actor_of(make.officer(self.area))
        self.needs = [make.need(make.organisation(self.area), self.area, amount=Decimal(n)) for n in (10, 7)]
        self.offers = [make.offer(make.supplier(self.area), self.area, amount=Decimal(n)) for n in (6, 20)]
        self.made: list[Partnership] = []

    def live(self, steps: list[Any]) -> None:
        for what, *facts in steps:
            if what == "confirm":
                self.confirm(*facts)
            elif self.made:
                self.end(*facts)
            self.check()

    def confirm(self, n: int, o: int, amount: Decimal) -> None:
        need, offer = self.needs[n], self.offers[o]
        terms = Terms("x", today(), today() + timedelta(days=1), Lane.TRANSACTIONAL, None, amount, amount)
        left = min(need.remaining or Decimal(0), offer.remaining or Decimal(0))
        taken = True
        try:
            with db.session.begin_nested():
                match = make.match(need, offer, self.area, state=MatchState.AGREED)
                self.made.append(partnerships.confirm_match(match, self.officer, terms=terms))
        except (QuantityTaken, WrongState):
            taken = False
        assert taken == (amount <= left)

    def end(self, place: int, demand: int, supply: int) -> None:
        one = self.made[place % len(self.made)]
        if one.state == PartnershipState.PLANNED:
            assert one.demand_amount is not None
            back = [(one.demand_amount * part / 100).quantize(Decimal("0.01")) for part in (demand, supply)]
            partnerships.end_partnership(one, self.officer, demand_back=back[0], supply_back=back[1])

    def check(self) -> None:
        for listing in (*self.needs, *self.offers):
            db.session.refresh(listing)
            assert listing.quantity is not None
            assert 0 <= listing.reserved <= listing.quantity
            assert (listing.postings[0].state == PostingState.FILLED) == (listing.remaining == 0)

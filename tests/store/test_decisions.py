"""Every decision on a pair is read once, as the last one stands, with the suggestion as it was."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from broker.actions.acceptances import decline_match
from broker.actions.matches import dismiss_match, shortlist_match
from broker.actions.preferences import say_not_for_us, take_back_not_for_us
from broker.domain.clock import now
from broker.domain.decisions import STRENGTH, Decision
from broker.domain.kinds import MatchState, NotForUs, Role
from broker.domain.permissions import Actor
from broker.store.authorities import Authority
from broker.store.brokering import wanted
from broker.store.decisions import Decided, decisions
from broker.store.listings import Listing
from tests import make


@pytest.fixture
def area(database: Flask) -> Authority:
    return make.authority()


def pair(area: Authority) -> tuple[Listing, Listing]:
    return make.need(make.organisation(area), area), make.offer(make.supplier(area), area)


def only() -> Decided:
    [found] = decisions()
    return found


@pytest.mark.parametrize(
    ("state", "facts", "what"),
    [
        (MatchState.SHORTLISTED, {"reason": {"parts": []}}, Decision.SHORTLISTED),
        (MatchState.SHORTLISTED, {}, Decision.PAIRED_BY_HAND),
        (MatchState.PROPOSED, {"reason": {"parts": []}}, Decision.PROPOSED),
        (MatchState.PROPOSED, {}, Decision.PAIRED_BY_HAND),
        (MatchState.AGREED, {"reason": {"parts": []}}, Decision.PROPOSED),
        (MatchState.CONFIRMED, {}, Decision.CONFIRMED),
        (MatchState.DISMISSED, {}, Decision.DISMISSED),
        (MatchState.DECLINED, {"decline_reason": "too_far"}, Decision.DECLINED),
    ],
)
def test_each_state_of_a_match_is_a_decision(
    area: Authority, state: MatchState, facts: dict[str, Any], what: Decision
) -> None:
    need, offer = pair(area)
    made = make.match(need, offer, area, state, engine="shipped/1", **facts)
    found = only()
    assert (found.demand_id, found.supply_id, found.what) == (need.id, offer.id, what)
    assert (found.at, found.engine, found.why) == (made.created_at, "shipped/1", made.decline_reason)
    assert found.strength == STRENGTH[what]


@pytest.mark.parametrize(
    ("state", "facts"),
    [
        (MatchState.LAPSED, {}),
        (MatchState.WITHDRAWN, {}),
        (MatchState.DECLINED, {"decline_reason": "too_busy"}),
        (MatchState.DECLINED, {"decline_reason": "already_met"}),
    ],
)
def test_what_says_nothing_of_the_pair_is_no_decision(
    area: Authority, state: MatchState, facts: dict[str, Any]
) -> None:
    make.match(*pair(area), area, state, **facts)
    assert decisions() == []


def test_a_decision_was_taken_when_its_event_says(area: Authority) -> None:
    made = make.match(*pair(area), area, created_at=now() - timedelta(days=9))
    by = Actor(Role.MEMBER, organisation_id=made.supply.organisation_id)
    decline_match(made, by, reason="not_fit")
    assert now() - only().at < timedelta(minutes=1)


def test_the_last_decision_on_a_pair_counts(area: Authority) -> None:
    need, offer = pair(area)
    make.suggestion(need, offer)
    officer = Actor(Role.OFFICER, authority_id=area.id)
    shortlist_match(need, offer, officer)
    assert only().what == Decision.SHORTLISTED
    dismiss_match(need, offer, officer, reason="They moved away")
    assert only().what == Decision.DISMISSED
    assert only().reason, "the suggestion is kept as it was"


@pytest.mark.parametrize("side", [0, 1])
def test_not_for_us_is_a_decision_until_it_is_taken_back(area: Authority, side: int) -> None:
    both = pair(area)
    make.suggestion(*both)
    own = both[side]
    by = Actor(Role.MEMBER, organisation_id=own.organisation_id)
    said = say_not_for_us(own, wanted(own, area.id)[0], by, why=NotForUs.WRONG_TIME)
    found = only()
    assert (found.demand_id, found.supply_id) == (both[0].id, both[1].id)
    assert (found.what, found.why, found.engine) == (Decision.NOT_FOR_US, "wrong_time", "shipped")
    assert found.reason
    assert found.strength < 0
    take_back_not_for_us(said, by)
    assert decisions() == []

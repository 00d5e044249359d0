"""Yes and no: by each side for itself only, idempotent, and two yeses make an agreement."""

from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import func, select

from broker.actions import acceptances
from broker.domain.kinds import MatchState, Side
from broker.domain.permissions import Actor
from broker.domain.refusals import NotAllowed, WrongState
from broker.store.accounts import actor_of
from broker.store.base import db
from broker.store.events import Event, Note
from broker.store.matches import Match
from tests import make


@dataclass
class Put:
    """A match put to both sides, and the people around it."""

    match: Match
    group: Actor
    firm: Actor
    officer: Actor


@pytest.fixture
def put(database: Flask) -> Put:
    area = make.authority()
    need, offer = make.need(make.organisation(area), area), make.offer(make.supplier(area), area)
    group, firm = actor_of(make.member(need.organisation)), actor_of(make.member(offer.organisation))
    return Put(make.match(need, offer, area), group, firm, actor_of(make.officer(area)))


def count_events() -> int:
    return db.session.scalar(select(func.count(Event.id))) or 0


def test_one_yes_is_no_agreement(put: Put) -> None:
    assert acceptances.accept_match(put.match, put.group) is True
    assert put.match.state == MatchState.PROPOSED
    assert put.match.demand_accepted_how == "page"
    assert put.match.supply_accepted_at is None
    assert not put.match.both_accepted


def test_two_yeses_agree(put: Put) -> None:
    acceptances.accept_match(put.match, put.firm)
    acceptances.accept_match(put.match, put.group)
    assert put.match.state == MatchState.AGREED
    assert put.match.both_accepted
    assert put.match.demand_version_id == put.match.demand.postings[0].approved_version_id


def test_a_second_click_changes_nothing(put: Put) -> None:
    acceptances.accept_match(put.match, put.group)
    first, events = put.match.demand_accepted_at, count_events()
    assert acceptances.accept_match(put.match, put.group) is False
    assert (put.match.demand_accepted_at, count_events()) == (first, events)
    acceptances.accept_match(put.match, put.firm)
    assert acceptances.accept_match(put.match, put.group) is False
    assert put.match.state == MatchState.AGREED


def test_a_side_speaks_for_itself_only(put: Put) -> None:
    acceptances.accept_match(put.match, put.group)
    assert put.match.supply_accepted_at is None
    stranger = actor_of(make.member(make.organisation(put.match.authority)))
    for deed in (
        lambda: acceptances.accept_match(put.match, stranger),
        lambda: acceptances.accept_match(put.match, put.officer),
        lambda: acceptances.decline_match(put.match, stranger, reason="not_now"),
    ):
        with pytest.raises(NotAllowed):
            deed()


def test_no_is_kept_with_its_side_and_reason(put: Put) -> None:
    acceptances.decline_match(put.match, put.firm, reason="too_far", text="Two buses and a walk.")
    assert put.match.state == MatchState.DECLINED
    assert (put.match.declined_by, put.match.decline_reason) == (Side.SUPPLY, "too_far")
    note = db.session.scalars(select(Note)).one()
    assert note.audience == "officers"


def test_an_agreement_can_still_be_declined(put: Put) -> None:
    acceptances.accept_match(put.match, put.group)
    acceptances.accept_match(put.match, put.firm)
    acceptances.decline_match(put.match, put.group, reason="already_met")
    assert put.match.state == MatchState.DECLINED
    assert not put.match.both_accepted


@pytest.mark.parametrize("state", [MatchState.DECLINED, MatchState.LAPSED, MatchState.WITHDRAWN])
def test_what_is_closed_is_not_accepted(put: Put, state: MatchState) -> None:
    closed = make.match(put.match.demand, put.match.supply, put.match.authority, state=state)
    with pytest.raises(WrongState):
        acceptances.accept_match(closed, put.group)
    with pytest.raises(WrongState):
        acceptances.decline_match(closed, put.group, reason="not_now")


def test_an_officer_is_told_yes_by_phone(put: Put) -> None:
    acceptances.accept_match(put.match, put.firm)
    assert acceptances.record_acceptance(put.match, put.officer, side=Side.DEMAND, text="Spoke to the secretary.")
    assert put.match.state == MatchState.AGREED
    assert put.match.demand_accepted_how == "phone"
    assert acceptances.record_acceptance(put.match, put.officer, side=Side.DEMAND) is False


def test_an_officer_is_told_no_by_phone(put: Put) -> None:
    acceptances.record_refusal(put.match, put.officer, side=Side.SUPPLY, reason="too_busy")
    assert (put.match.state, put.match.declined_by) == (MatchState.DECLINED, Side.SUPPLY)


def test_only_the_areas_officer_records(put: Put) -> None:
    stranger = actor_of(make.officer(make.authority("Westerby")))
    for by in (stranger, put.group):
        with pytest.raises(NotAllowed):
            acceptances.record_acceptance(put.match, by, side=Side.DEMAND)
        with pytest.raises(NotAllowed):
            acceptances.record_refusal(put.match, by, side=Side.DEMAND, reason="not_now")

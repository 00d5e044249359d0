"""The desk's one statement says of each row what the rules of waiting say."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from flask import Flask

from broker.domain.clock import now, today
from broker.domain.kinds import MatchState, PostingState, RegistrationState
from broker.domain.waiting import PATIENCE, Wait, due, harm
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.desk import Waiting, waiting, waiting_counts
from broker.store.listings import Listing
from broker.store.suggestions import Suggestion
from tests import make

MOMENTS = (0, 3, 40)  # days ago
WANTED = (None, 5, 14, 15, 20, 300)  # days ahead


@dataclass
class Place:
    area: Authority


@pytest.fixture
def place(database: Flask) -> Place:
    return Place(make.authority())


def pair(place: Place, **facts: object) -> tuple[Listing, Listing]:
    need = make.need(make.organisation(place.area), place.area, **facts)
    return need, make.offer(make.supplier(place.area), place.area)


def suggested(need: Listing, offer: Listing) -> None:
    facts = {"score": 0.5, "demand_rank": 1, "reason": {}, "engine": "t", "computed_at": now()}
    db.session.add(Suggestion(demand_id=need.id, supply_id=offer.id, **facts))
    db.session.flush()


def rows(place: Place, what: str = "") -> list[Waiting]:
    return waiting(place.area.id, today(), what)


@pytest.mark.parametrize("ago", MOMENTS)
@pytest.mark.parametrize("ahead", WANTED)
@pytest.mark.parametrize("careful", ["", "Children are in the room"])
@pytest.mark.parametrize("what", [Wait.CHECK, Wait.BROKER])
def test_due_and_harm_of_a_need_are_those_of_the_rules(
    place: Place, ago: int, ahead: int | None, careful: str, what: Wait
) -> None:
    wanted = today() + timedelta(days=ahead) if ahead else None
    state = PostingState.SUBMITTED if what is Wait.CHECK else PostingState.OPEN
    need, offer = pair(place, state=state, until_date=wanted, safeguarding=careful)
    suggested(need, offer)
    need.postings[0].submitted_at = need.postings[0].approved_at = now() - timedelta(days=ago)
    if what is Wait.CHECK:
        need.postings[0].approved_at = None
    db.session.flush()
    (row,) = rows(place, what)
    since = (now() - timedelta(days=ago)).date()
    assert row.since == since
    assert row.due == due(what, since, wanted)
    assert row.harm == harm(what, today(), wanted, bool(careful))


def test_the_day_an_offer_ends_is_no_day_it_is_wanted_by(place: Place) -> None:
    soon = today() + timedelta(days=2)
    make.offer(make.supplier(place.area), place.area, state=PostingState.SUBMITTED, until_date=soon)
    (row,) = rows(place)
    assert (row.due, row.harm) == (due(Wait.CHECK, today()), PATIENCE[Wait.CHECK].harm)


def test_an_application_is_due_after_its_days(place: Place) -> None:
    make.organisation(place.area, state=RegistrationState.APPLIED)
    (row,) = rows(place)
    assert (row.what, row.due, row.harm) == ("application", due(Wait.APPLICATION, today()), 4)


@pytest.mark.parametrize(("ahead", "shown"), [(-30, True), (0, True), (3, True), (4, False)])
def test_a_reply_comes_onto_the_desk_three_days_early(place: Place, ahead: int, shown: bool) -> None:
    day = today() + timedelta(days=ahead)
    make.match(*pair(place), place.area, reply_by=day)
    found = rows(place, Wait.REPLY)
    assert [row.due for row in found] == ([day] if shown else [])


def test_of_the_same_day_the_greater_harm_comes_first(place: Place) -> None:
    make.match(*pair(place), place.area, reply_by=today() + timedelta(days=2))
    make.match(*pair(place), place.area, MatchState.AGREED)
    make.need(make.organisation(place.area), place.area, state=PostingState.SUBMITTED)
    found = rows(place)
    assert [row.what for row in found] == ["confirm", "reply", "check"]
    assert [row.due for row in found] == sorted(row.due for row in found)


@pytest.mark.parametrize(
    ("state", "stays"),
    [
        (MatchState.SHORTLISTED, False),
        (MatchState.PROPOSED, False),
        (MatchState.DISMISSED, False),
        (MatchState.DECLINED, False),
    ],
)
def test_a_need_is_to_be_brokered_while_a_suggestion_is_fresh(place: Place, state: MatchState, stays: bool) -> None:
    need, offer = pair(place)
    assert rows(place, Wait.BROKER) == []
    suggested(need, offer)
    assert [row.id for row in rows(place, Wait.BROKER)] == [need.id]
    make.match(need, offer, place.area, state)
    assert bool(rows(place, Wait.BROKER)) is stays


def test_what_is_left_after_a_confirmation_is_to_be_brokered_again(place: Place) -> None:
    need, offer = pair(place)
    other = make.offer(make.supplier(place.area), place.area)
    suggested(need, offer)
    suggested(need, other)
    make.match(need, offer, place.area, MatchState.CONFIRMED)
    assert [row.id for row in rows(place, Wait.BROKER)] == [need.id]


def test_only_open_demand_is_to_be_brokered(place: Place) -> None:
    for state in (PostingState.PAUSED, PostingState.FILLED, PostingState.LAPSED):
        need, offer = pair(place, state=state)
        suggested(need, offer)
    assert rows(place) == []


def test_counts_and_pages(place: Place) -> None:
    for n in range(5):
        make.need(make.organisation(place.area), place.area, state=PostingState.SUBMITTED, title=f"Item {n}")
    make.match(*pair(place), place.area, reply_by=date(2020, 1, 1))
    assert waiting_counts(place.area.id, today()) == {"check": (5, 0), "reply": (1, 1)}
    first = waiting(place.area.id, today(), limit=4)
    rest = waiting(place.area.id, today(), offset=4, limit=4)
    assert (len(first), len(rest)) == (4, 2)
    assert len({(row.what, row.id) for row in first + rest}) == 6

"""Saying "not for us" and taking it back: whose right it is, what is kept, and what follows."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from broker.actions.preferences import say_not_for_us, take_back_not_for_us
from broker.domain.kinds import Audience, NotForUs, PreferenceState, Role, SupportKind
from broker.domain.permissions import Action, Actor
from broker.domain.preferences import Limit
from broker.domain.refusals import NotAllowed
from broker.store.base import db
from broker.store.brokering import Candidate, wanted
from broker.store.events import events_of, notes_of
from broker.store.listings import Listing
from broker.store.preferences import Preference
from tests import make


@pytest.fixture
def need(database: Flask) -> Listing:
    area = make.authority()
    made = make.need(make.organisation(area), area, support_kind=SupportKind.SPACE)
    offer = make.offer(make.supplier(area), area, from_date=date(2027, 1, 4), until_date=date(2027, 3, 31))
    make.suggestion(made, offer, reason={"distance_miles": 9.25})
    return made


def listed(listing: Listing) -> list[Candidate]:
    return wanted(listing, listing.postings[0].authority_id)


def owner(listing: Listing) -> Actor:
    return Actor(Role.MEMBER, organisation_id=listing.organisation_id)


def refuse(listing: Listing, why: NotForUs = NotForUs.OTHER, **facts: Any) -> Preference:
    return say_not_for_us(listing, listed(listing)[0], facts.pop("by", owner(listing)), why=why, **facts)


@pytest.mark.parametrize(
    ("why", "limit"),
    [
        (NotForUs.TOO_FAR, Limit(miles=9.25)),
        (NotForUs.WRONG_KIND, Limit(support_kind="goods")),
        (NotForUs.WRONG_TIME, Limit(from_date=date(2027, 1, 4), until_date=date(2027, 3, 31))),
        (NotForUs.OTHER, Limit()),
    ],
)
def test_the_limit_comes_from_what_was_suggested(need: Listing, why: NotForUs, limit: Limit) -> None:
    assert refuse(need, why).limit == limit
    assert listed(need) == []


def test_the_suggestion_is_kept_as_it_was_when_it_was_refused(need: Listing) -> None:
    said = refuse(need)
    assert said.engine == "shipped"
    assert said.score == 0.5
    assert said.reason
    assert said.reason["parts"]


def test_an_offers_owner_says_it_of_a_need(need: Listing) -> None:
    offer = db.session.get_one(Listing, listed(need)[0].id)
    said = refuse(offer, NotForUs.TOO_FAR)
    assert (said.listing_id, said.other_id, said.miles) == (offer.id, need.id, 9.25)
    assert listed(offer) == []
    assert listed(need), "the other side's list is its own"


def test_words_to_the_officer_are_for_officers(need: Listing) -> None:
    said = refuse(need, text=" Our minibus is too old for that road. ")
    [note] = notes_of("preference", said.id, frozenset(Audience))
    assert (note.audience, note.text) == (Audience.OFFICERS, "Our minibus is too old for that road.")
    [event] = events_of("preference", said.id)
    assert (event.action, event.to_state) == (Action.SAY_NOT_FOR_US, PreferenceState.STANDING)


def test_taken_back_it_is_listed_again_and_may_be_said_again(need: Listing) -> None:
    said = refuse(need, NotForUs.TOO_FAR)
    take_back_not_for_us(said, owner(need))
    take_back_not_for_us(said, owner(need))
    assert len(listed(need)) == 1
    assert len(events_of("preference", said.id)) == 2, "a second click writes nothing"
    refuse(need, NotForUs.WRONG_TIME)
    assert len(list(db.session.scalars(select(Preference)))) == 2


def test_only_the_owner_and_officers_of_the_area_may(need: Listing) -> None:
    strangers = [
        Actor(Role.MEMBER, organisation_id=listed(need)[0].organisation_id),
        Actor(Role.OFFICER, authority_id=make.authority("Westerby").id),
        Actor(Role.ADMINISTRATOR),
        Actor(Role.SYSTEM),
    ]
    for stranger in strangers:
        with pytest.raises(NotAllowed):
            refuse(need, by=stranger)
    said = refuse(need, by=Actor(Role.OFFICER, authority_id=need.postings[0].authority_id))
    for stranger in strangers:
        with pytest.raises(NotAllowed):
            take_back_not_for_us(said, stranger)

"""What stands in a listing's list of suggestions, for its owner and for its officers, and the number that is told."""

import pytest
from flask import Flask

from broker.actions import listings, matches
from broker.domain.kinds import MatchState
from broker.domain.permissions import Actor
from broker.store.accounts import actor_of
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.brokering import candidates, suggestion_counts, wanted
from broker.store.listings import Listing
from tests import make


@pytest.fixture
def area(database: Flask) -> Authority:
    return make.authority()


@pytest.fixture
def officer(area: Authority) -> Actor:
    return actor_of(make.officer(area))


@pytest.fixture
def need(area: Authority) -> Listing:
    made = make.need(make.organisation(area), area)
    for rank, title in enumerate(("First", "Second", "Third"), start=1):
        make.suggestion(made, make.offer(make.supplier(area), area, title=title), rank)
    return made


def offers(need: Listing, area: Authority) -> list[Listing]:
    return [db.session.get_one(Listing, each.id) for each in candidates(need, area.id)]


def told(need: Listing, area: Authority) -> list[str]:
    """The titles in the owner's list, which must be as many as the owner was told."""
    titles = [each.title for each in wanted(need, area.id)]
    assert [number for _, _, number in suggestion_counts(need.organisation_id)] == ([len(titles)] if titles else [])
    return titles


def test_an_officers_shortlist_takes_nothing_out_of_the_owners_list(
    need: Listing, area: Authority, officer: Actor
) -> None:
    first, second, _ = offers(need, area)
    match = matches.shortlist_match(need, first, officer)
    assert [each.title for each in candidates(need, area.id)] == ["Second", "Third"]
    assert told(need, area) == ["First", "Second", "Third"]
    assert told(first, area) == [need.latest.title]
    matches.propose_match(need, first, officer)
    assert match.state == MatchState.PROPOSED
    matches.dismiss_match(need, second, officer)
    assert told(need, area) == ["Third"]


def test_the_number_told_leaves_out_what_is_dealt_with_or_closed(
    need: Listing, area: Authority, officer: Actor
) -> None:
    first, second, third = offers(need, area)
    make.match(need, first, area, MatchState.DECLINED)
    assert told(need, area) == ["Second", "Third"]
    listings.pause_listing(second, officer)
    assert told(need, area) == ["Third"]
    third.postings[0].authority = make.authority("Elsewhere")
    db.session.flush()
    assert told(need, area) == []

"""What "not for us" keeps out of a listing's own list, and out of nobody else's."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from broker.domain.clock import now
from broker.domain.kinds import NotForUs, PreferenceState, SupportKind
from broker.store.base import db
from broker.store.brokering import candidates, suggestion_counts, wanted
from broker.store.listings import Listing
from broker.store.preferences import Preference, preferences_of
from broker.store.standpoint import standpoint
from tests import make


@pytest.fixture
def need(database: Flask) -> Listing:
    area = make.authority()
    made = make.need(make.organisation(area), area, support_kind=SupportKind.SPACE)
    offers: tuple[tuple[dict[str, Any], float | None], ...] = (
        ({"title": "Near", "support_kind": SupportKind.SPACE, "until_date": date(2027, 6, 30)}, 2.0),
        ({"title": "Far", "support_kind": SupportKind.GOODS, "until_date": date(2027, 3, 31)}, 9.25),
        ({"title": "Further", "support_kind": SupportKind.GOODS, "until_date": date(2027, 3, 1)}, 12.0),
        ({"title": "Anywhere", "support_kind": None, "until_date": None}, None),
        ({"title": "Spring", "from_date": date(2027, 2, 1), "until_date": date(2027, 3, 10)}, 3.0),
    )
    for rank, (wording, miles) in enumerate(offers, start=1):
        offer = make.offer(make.supplier(area), area, **{"support_kind": SupportKind.JOBS, **wording})
        make.suggestion(made, offer, rank, reason={"distance_miles": miles})
    return made


def titles(listing: Listing) -> list[str]:
    return [each.title for each in wanted(listing, listing.postings[0].authority_id)]


def say(listing: Listing, title: str, **limit: Any) -> Preference:
    """A preference about the offer of this title."""
    area = listing.postings[0].authority_id
    other = next(each for each in candidates(listing, area) if each.title == title)
    facts = {"why": NotForUs.OTHER, "state": PreferenceState.STANDING, "said_at": now(), **limit}
    made = Preference(listing_id=listing.id, other_id=other.id, **facts)
    db.session.add(made)
    db.session.flush()
    return made


def test_without_a_limit_only_the_pair_goes(need: Listing) -> None:
    say(need, "Far")
    assert titles(need) == ["Near", "Further", "Anywhere", "Spring"]


def test_too_far_takes_what_is_as_far_or_further_and_keeps_what_has_no_distance(need: Listing) -> None:
    say(need, "Far", miles=9.25)
    assert titles(need) == ["Near", "Anywhere", "Spring"]


def test_as_far_as_that_is_too_far(need: Listing) -> None:
    say(need, "Near", miles=9.25)
    assert titles(need) == ["Anywhere", "Spring"]


def test_wrong_kind_takes_all_of_that_kind(need: Listing) -> None:
    say(need, "Far", support_kind="goods")
    assert titles(need) == ["Near", "Anywhere", "Spring"]


def test_wrong_time_takes_what_lies_wholly_within_it(need: Listing) -> None:
    say(need, "Spring", from_date=date(2027, 2, 1), until_date=date(2027, 3, 31))
    assert titles(need) == ["Near", "Far", "Further", "Anywhere"]


def test_a_time_without_a_first_day_takes_all_that_is_over_by_then(need: Listing) -> None:
    say(need, "Far", until_date=date(2027, 3, 31))
    assert titles(need) == ["Near", "Anywhere"]


def test_a_time_without_a_last_day_takes_all_that_starts_later(need: Listing) -> None:
    say(need, "Far", from_date=date(2027, 1, 31))
    assert titles(need) == ["Near", "Further", "Anywhere"]


def test_taken_back_it_keeps_nothing_out(need: Listing) -> None:
    say(need, "Far", miles=9.25, state=PreferenceState.TAKEN_BACK)
    assert len(titles(need)) == 5


def test_it_shapes_no_other_list(need: Listing) -> None:
    area = need.postings[0].authority
    other = make.need(make.organisation(area), area)
    offer = make.offer(make.supplier(area), area, title="Another")
    make.suggestion(other, offer, reason={"distance_miles": 40.0})
    say(need, "Far", miles=9.25)
    assert titles(other) == ["Another"]
    assert [each.id for each in wanted(offer, area.id)] == [other.id]
    assert len(candidates(need, area.id)) == 5, "officers still see everything"


def test_the_count_agrees_with_the_list(need: Listing) -> None:
    say(need, "Far", miles=9.25)
    say(need, "Spring", until_date=date(2027, 3, 10))
    [(listing_id, _, number)] = suggestion_counts(need.organisation_id)
    assert (listing_id, number) == (need.id, len(titles(need)))


def test_what_was_refused_does_not_fit_on_its_own_page_either(need: Listing) -> None:
    other = next(each.id for each in candidates(need, need.postings[0].authority_id) if each.title == "Far")
    assert [fit.id for fit in standpoint(need.organisation_id, other).fits] == [need.id]
    say(need, "Far")
    assert standpoint(need.organisation_id, other).fits == []


def test_what_stands_is_told_newest_first_with_the_others_title(need: Listing) -> None:
    say(need, "Far")
    say(need, "Near", state=PreferenceState.TAKEN_BACK)
    say(need, "Spring")
    assert [said.title for said in preferences_of(need.id)] == ["Spring", "Far"]


def test_both_sides_are_heard_of_a_pair(need: Listing) -> None:
    said = say(need, "Far")
    area = need.postings[0].authority_id
    heard = {each.title: (each.not_for_us, each.not_for_them) for each in candidates(need, area)}
    assert heard.pop("Far") == (NotForUs.OTHER, None)
    assert set(heard.values()) == {(None, None)}
    [seen] = candidates(db.session.get_one(Listing, said.other_id), area)
    assert (seen.not_for_us, seen.not_for_them) == (None, NotForUs.OTHER)


def test_a_pair_stands_refused_once(need: Listing) -> None:
    say(need, "Far", state=PreferenceState.TAKEN_BACK)
    first = say(need, "Far")
    db.session.add(
        Preference(listing_id=need.id, other_id=first.other_id, why=NotForUs.OTHER, said_at=now(), state=first.state)
    )
    with pytest.raises(IntegrityError):
        db.session.flush()

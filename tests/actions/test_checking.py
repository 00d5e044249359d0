"""An officer checks listings: approves, returns, asks and corrects."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from broker.actions import checking, listings
from broker.domain.clock import now, today
from broker.domain.kinds import (
    Audience,
    ListingKind,
    MatchState,
    NoteKind,
    PlaceKind,
    PostingState,
    RegistrationState,
    SupportKind,
    Unit,
)
from broker.domain.permissions import Actor
from broker.domain.refusals import NotAllowed, Unfit, WrongState
from broker.store.accounts import actor_of
from broker.store.authorities import AuthorityRule
from broker.store.base import db
from broker.store.events import notes_of
from broker.store.listings import Posting, wording_of
from broker.store.places import Ward
from tests import make
from tests.town import WORDING, Town, opened, post


def test_approving_opens_it_with_its_newest_wording(town: Town) -> None:
    listing = post(town)
    listings.edit_listing(listing, town.member, wording=replace(WORDING, amount=Decimal(12)))
    checking.approve_listing(listing.postings[0], town.officer, seen=2)
    posting = listing.postings[0]
    assert (posting.state, posting.approved.number) == (PostingState.OPEN, 2)
    assert (listing.quantity, listing.unit) == (Decimal(12), Unit.ITEMS)
    assert listing.expires_on == today() + timedelta(days=180)
    assert listing.suggest_at is not None


def test_an_authority_says_how_long_a_listing_stays(town: Town) -> None:
    db.session.add(AuthorityRule(authority=town.north, name="listing_days", value="90"))
    assert opened(town).expires_on == today() + timedelta(days=90)


@pytest.mark.parametrize("state", [s for s in RegistrationState if s is not RegistrationState.APPROVED])
def test_no_listing_opens_before_its_organisation_is_approved(town: Town, state: RegistrationState) -> None:
    group = make.organisation(town.north, state=state)
    member = actor_of(make.member(group))
    listing = listings.post_listing(ListingKind.NEED, group, [town.north], WORDING, member, send=True)
    with pytest.raises(Unfit) as refused:
        checking.approve_listing(listing.postings[0], town.officer)
    assert refused.value.problems == {"organisation": "not_approved"}
    assert listing.postings[0].state == PostingState.SUBMITTED


def test_what_was_not_read_is_not_approved(town: Town) -> None:
    listing = post(town)
    listings.edit_listing(listing, town.member, wording=replace(WORDING, title="Laptops"))
    with pytest.raises(Unfit) as refused:
        checking.approve_listing(listing.postings[0], town.officer, seen=1)
    assert refused.value.problems == {"version": "changed"}


def test_a_quantity_promised_since_the_edit_is_not_undercut(town: Town) -> None:
    listing = opened(town)
    listings.edit_listing(listing, town.member, wording=replace(WORDING, amount=Decimal(5)))
    listing.reserved = Decimal(6)
    with pytest.raises(Unfit) as refused:
        checking.approve_listing(listing.postings[0], town.officer)
    assert refused.value.problems == {"amount": "below_promised"}


def test_each_authority_approves_for_itself(town: Town) -> None:
    listing = post(town, town.north, town.west)
    with pytest.raises(NotAllowed):
        checking.approve_listing(listing.postings[1], town.officer)
    checking.approve_listing(listing.postings[0], town.officer)
    assert [posting.state for posting in listing.postings] == [PostingState.OPEN, PostingState.SUBMITTED]


def test_exactly_one_of_two_officers_approves(town: Town) -> None:
    listing = opened(town)
    with pytest.raises(WrongState):
        checking.approve_listing(listing.postings[0], town.officer)


def said(posting: Posting, audience: Audience = Audience.OWNER) -> list[tuple[NoteKind, str]]:
    notes = notes_of("posting", posting.id, frozenset({audience}))
    return [(NoteKind(note.kind), note.text) for note in notes]


def test_returning_says_why_to_the_owner(town: Town) -> None:
    posting = post(town).postings[0]
    with pytest.raises(Unfit):
        checking.return_listing(posting, town.officer, reason=" ")
    checking.return_listing(posting, town.officer, reason="Please check the dates.")
    assert posting.state == PostingState.RETURNED
    assert said(posting) == [(NoteKind.REASON, "Please check the dates.")]


def test_a_returned_edit_leaves_the_approved_words_public(town: Town) -> None:
    listing = opened(town)
    listings.edit_listing(listing, town.member, wording=replace(WORDING, title="Laptops"))
    checking.return_listing(listing.postings[0], town.officer, reason="Please tell us more.")
    posting = listing.postings[0]
    assert (posting.is_shown, posting.approved.title) == (True, WORDING.title)


def test_one_question_at_a_time_and_its_answer_comes_back(town: Town) -> None:
    posting = post(town).postings[0]
    with pytest.raises(WrongState):
        checking.answer_question(posting, town.member, answer="Yes.")
    checking.ask_owner(posting, town.officer, question="In the evening?")
    with pytest.raises(Unfit) as refused:
        checking.ask_owner(posting, town.officer, question="And when?")
    assert refused.value.problems == {"question": "waiting"}
    checking.answer_question(posting, town.member, answer="Yes.")
    assert posting.state == PostingState.SUBMITTED
    assert said(posting) == [(NoteKind.QUESTION, "In the evening?"), (NoteKind.ANSWER, "Yes.")]
    checking.ask_owner(posting, town.officer, question="And when?")


def test_an_open_listing_is_asked_nothing(town: Town) -> None:
    with pytest.raises(WrongState):
        checking.ask_owner(opened(town).postings[0], town.officer, question="Why?")


def corrected(posting: Posting, by: Actor, **change: object) -> frozenset[str]:
    wording = wording_of(posting.listing.versions[-1])
    return checking.edit_tags(posting, by, wording=replace(wording, **change))  # type: ignore[arg-type]


def test_corrected_tags_are_a_version_beside_the_original(town: Town) -> None:
    listing = post(town)
    changed = corrected(listing.postings[0], town.officer, support_kind=SupportKind.SPACE, unit=Unit.DAYS)
    assert changed == {"support_kind", "unit"}
    original, edited = listing.versions
    assert (original.support_kind, original.edited_by_id) == (SupportKind.GOODS, None)
    assert (edited.support_kind, edited.edited_by_id) == (SupportKind.SPACE, town.officer.user_id)
    assert edited.submitted_at is not None
    checking.approve_listing(listing.postings[0], town.officer)
    assert listing.unit == Unit.DAYS


def test_nothing_corrected_is_no_version(town: Town) -> None:
    listing = post(town)
    assert corrected(listing.postings[0], town.officer) == frozenset()
    assert len(listing.versions) == 1


def test_a_correction_of_an_open_listing_counts_at_once_and_asks_the_sides_again(town: Town) -> None:
    listing = opened(town)
    offer = make.offer(make.supplier(town.north), town.north)
    match = make.match(listing, offer, town.north, MatchState.PROPOSED, demand_accepted_at=now())
    corrected(listing.postings[0], town.officer, amount=Decimal(8))
    assert (listing.quantity, listing.postings[0].approved.number) == (Decimal(8), 2)
    assert match.demand_accepted_at is None
    listing.reserved = Decimal(6)
    with pytest.raises(Unfit):
        corrected(listing.postings[0], town.officer, amount=Decimal(5))


def test_a_ward_that_an_officer_knows_stays(town: Town) -> None:
    ward = Ward(code="W1", name="Saltgate", authority=town.north, lat=53.7, lon=-4.9)
    db.session.add(ward)
    db.session.flush()
    listing = post(town, place_kind=PlaceKind.POSTCODE, postcode="QM1 1AA")
    corrected(listing.postings[0], town.officer, ward_id=ward.id)
    assert listing.versions[-1].ward_id == ward.id
    said_now = wording_of(listing.versions[-1])
    listings.edit_listing(listing, town.member, wording=replace(said_now, ward_id=None, title="Laptops"))
    assert (listing.versions[-1].title, listing.versions[-1].ward_id) == ("Laptops", ward.id)


@pytest.mark.parametrize("who", ["member", "other_officer"])
def test_only_an_officer_of_the_area_checks(town: Town, who: str) -> None:
    posting, by = post(town).postings[0], getattr(town, who)
    for deed in (
        lambda: checking.approve_listing(posting, by),
        lambda: checking.return_listing(posting, by, reason="No."),
        lambda: checking.ask_owner(posting, by, question="Why?"),
        lambda: corrected(posting, by, amount=Decimal(8)),
    ):
        with pytest.raises(NotAllowed):
            deed()

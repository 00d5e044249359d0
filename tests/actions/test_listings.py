"""Posting, changing, keeping and growing listings."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from broker.actions import checking, listings
from broker.actions.organisations import restore_organisation, suspend_organisation
from broker.domain.clock import now, today
from broker.domain.kinds import (
    ListingKind,
    MatchState,
    NodeKind,
    PlaceKind,
    PostingState,
    Role,
    SupportKind,
    Unit,
)
from broker.domain.listings import Wording
from broker.domain.permissions import Action, Actor
from broker.domain.refusals import NotAllowed, Unfit, WrongState
from broker.store.accounts import actor_of
from broker.store.base import db
from broker.store.events import Event, Note
from broker.store.frameworks import Framework, Node
from broker.store.jobs import Job
from broker.store.listings import Listing, Posting
from tests import make
from tests.town import WORDING, Town, opened, post


def states(listing: Listing) -> list[str]:
    return [posting.state for posting in listing.postings]


def test_a_draft_needs_a_title_only(town: Town) -> None:
    wording = Wording(title="A gate for the allotment")
    listing = listings.post_listing(ListingKind.NEED, town.group, [town.north, town.west], wording, town.member)
    assert states(listing) == [PostingState.DRAFT, PostingState.DRAFT]
    assert listing.versions[0].submitted_at is None


def test_a_listing_with_gaps_is_not_sent_and_says_where(town: Town) -> None:
    with pytest.raises(Unfit) as refused:
        post(town, body="", unit=Unit.HOURS, place_kind=PlaceKind.POSTCODE)
    assert refused.value.problems == {"body": "missing", "unit": "unfit_goods", "postcode": "missing"}


def test_the_same_listing_sent_twice_is_one(town: Town) -> None:
    first, second = post(town), post(town)
    assert first.id == second.id
    assert db.session.scalar(select(func.count()).select_from(Posting)) == 1
    assert post(town, amount=Decimal(11)).id != first.id


def test_only_where_the_organisation_is_known(town: Town) -> None:
    elsewhere = make.authority("Harrowdene")
    for areas, code in (([], "missing"), ([elsewhere], "not_yours")):
        with pytest.raises(Unfit) as refused:
            listings.post_listing(ListingKind.NEED, town.group, areas, WORDING, town.member)
        assert refused.value.problems == {"authorities": code}


def test_nobody_posts_for_another_organisation(town: Town) -> None:
    stranger = actor_of(make.member(make.organisation(town.north)))
    with pytest.raises(NotAllowed):
        listings.post_listing(ListingKind.NEED, town.group, [town.north], WORDING, stranger)


def test_an_officer_enters_for_an_organisation_in_the_own_area_only(town: Town) -> None:
    origin = listings.Origin(entered_how="phone")
    listing = listings.post_listing(
        ListingKind.NEED, town.group, [town.north], WORDING, town.officer, send=True, origin=origin
    )
    assert (listing.entered_how, listing.entered_by_id) == ("phone", town.officer.user_id)
    checking.approve_listing(listing.postings[0], town.officer)
    with pytest.raises(Unfit):
        listings.post_listing(ListingKind.NEED, town.group, [town.west], WORDING, town.officer)


def test_an_aspiration_has_no_quantity(town: Town) -> None:
    listing = listings.post_listing(ListingKind.ASPIRATION, town.group, [town.north], WORDING, town.member, send=True)
    checking.approve_listing(listing.postings[0], town.officer)
    assert (listing.versions[0].amount, listing.versions[0].unit, listing.quantity) == (None, None, None)


def test_no_more_than_three_priorities_of_a_frame(town: Town) -> None:
    frame = Framework(code="N", version=1, name="Northmere", level="local", status="current", wording="provisional")
    nodes = [Node(framework=frame, code=f"N{n}", kind=NodeKind.THEME, label=str(n)) for n in range(4)]
    db.session.add_all(nodes)
    db.session.flush()
    with pytest.raises(Unfit) as refused:
        post(town, priorities=frozenset(node.id for node in nodes))
    assert refused.value.problems == {"priorities": "too_many"}
    assert len(post(town, priorities=frozenset(node.id for node in nodes[:3])).versions[0].priorities) == 3


def test_a_draft_is_changed_in_place(town: Town) -> None:
    listing = post(town, send=False)
    listings.edit_listing(listing, town.member, wording=replace(WORDING, title="Twelve laptops"))
    assert [version.title for version in listing.versions] == ["Twelve laptops"]
    assert states(listing) == [PostingState.DRAFT]


def test_a_sent_wording_never_changes(town: Town) -> None:
    listing = post(town)
    listings.edit_listing(listing, town.member, wording=replace(WORDING, title="Twelve laptops"))
    assert [version.title for version in listing.versions] == [WORDING.title, "Twelve laptops"]
    db.session.refresh(listing)
    assert listing.latest.title == "Twelve laptops"
    assert all(version.submitted_at for version in listing.versions)
    assert states(listing) == [PostingState.SUBMITTED]


def test_an_officer_changing_a_members_draft_keeps_it(town: Town) -> None:
    listing = post(town, send=False)
    listings.edit_listing(listing, town.officer, wording=replace(WORDING, title="Laptops"))
    assert [(v.title, v.edited_by_id) for v in listing.versions] == [
        (WORDING.title, None),
        ("Laptops", town.officer.user_id),
    ]


@pytest.mark.parametrize(
    ("before", "stays"),
    [(None, True), (Action.PAUSE_LISTING, False), (Action.CLOSE_LISTING, False), (Action.LAPSE_LISTING, False)],
)
def test_an_edit_goes_back_for_checking_and_an_open_one_stays_public(
    town: Town, before: Action | None, stays: bool
) -> None:
    listing = opened(town)
    if before is Action.PAUSE_LISTING:
        listings.pause_listing(listing, town.member)
    if before is Action.CLOSE_LISTING:
        listings.close_listing(listing, town.member, reason="met_elsewhere")
    if before is Action.LAPSE_LISTING:
        listings.lapse_listings(Actor(Role.SYSTEM), today() + timedelta(days=400))
    listings.edit_listing(listing, town.member, wording=replace(WORDING, title="Twelve laptops"))
    posting = listing.postings[0]
    assert (posting.state, posting.is_shown) == (PostingState.SUBMITTED, stays)
    assert posting.approved is listing.versions[0]


def test_an_edit_without_a_change_sends_nothing_back(town: Town) -> None:
    listing = opened(town)
    listings.edit_listing(listing, town.member, wording=WORDING, send=True)
    assert states(listing) == [PostingState.OPEN]
    assert len(listing.versions) == 1


def test_a_returned_listing_may_rest_before_it_is_sent_again(town: Town) -> None:
    listing = post(town)
    checking.return_listing(listing.postings[0], town.officer, reason="Please check the dates.")
    listings.edit_listing(listing, town.member, wording=replace(WORDING, body=""))
    assert (states(listing), listing.versions[-1].submitted_at) == ([PostingState.RETURNED], None)
    listings.edit_listing(listing, town.member, wording=replace(WORDING, body="Better."), send=True)
    assert states(listing) == [PostingState.SUBMITTED]
    assert [version.body for version in listing.versions] == [WORDING.body, "Better."]


def test_areas_can_be_added_and_drafts_dropped(town: Town) -> None:
    listing = post(town, send=False)
    listings.edit_listing(listing, town.member, wording=WORDING, areas=[town.west])
    assert [posting.authority for posting in listing.postings] == [town.west]
    with pytest.raises(Unfit):
        listings.edit_listing(listing, town.member, wording=WORDING, areas=[])


@pytest.mark.parametrize(
    ("change", "asks_again"),
    [
        ({"amount": Decimal(8)}, True),
        ({"until_date": today() + timedelta(days=5)}, True),
        ({"place_kind": PlaceKind.REMOTE}, True),
        ({"support_kind": SupportKind.SPACE, "unit": Unit.DAYS}, True),
        ({"title": "Laptops", "body": "Ten of them."}, False),
        ({"community_led": True}, False),
    ],
)
@pytest.mark.parametrize("state", [MatchState.PROPOSED, MatchState.AGREED])
def test_a_material_edit_voids_acceptances(
    town: Town, change: dict[str, object], asks_again: bool, state: MatchState
) -> None:
    listing = opened(town)
    offer = make.offer(make.supplier(town.north), town.north)
    accepted = {} if state is MatchState.AGREED else {"demand_accepted_at": now()}
    match = make.match(listing, offer, town.north, state, **accepted)
    listings.edit_listing(listing, town.member, wording=replace(WORDING, **change))  # type: ignore[arg-type]
    assert (match.demand_accepted_at is None) is asks_again
    assert match.state == (MatchState.PROPOSED if asks_again else state)
    notes = db.session.scalars(select(Note).where(Note.subject == "match")).all()
    assert len(notes) == asks_again
    happened = db.session.scalars(select(Event).where(Event.subject == "match")).all()
    assert [event.action for event in happened] == [Action.EDIT_LISTING] * asks_again


def test_a_material_edit_after_a_return_voids_on_sending(town: Town) -> None:
    listing = opened(town)
    listings.edit_listing(listing, town.member, wording=replace(WORDING, title="Laptops"))
    checking.return_listing(listing.postings[0], town.officer, reason="Please check the dates.")
    match = make.match(listing, make.offer(make.supplier(town.north), town.north), town.north, MatchState.AGREED)
    changed = replace(WORDING, amount=Decimal(3))
    listings.edit_listing(listing, town.member, wording=changed)
    assert match.demand_accepted_at is not None
    listings.edit_listing(listing, town.member, wording=changed, send=True)
    assert match.demand_accepted_at is None


def test_less_than_what_is_promised_is_refused(town: Town) -> None:
    listing = opened(town)
    listing.reserved = Decimal(6)
    for change, problem in (
        ({"amount": Decimal(5)}, {"amount": "below_promised"}),
        ({"support_kind": SupportKind.SPACE, "unit": Unit.DAYS}, {"unit": "unit_promised"}),
    ):
        with pytest.raises(Unfit) as refused:
            listings.edit_listing(listing, town.member, wording=replace(WORDING, **change))  # type: ignore[arg-type]
        assert refused.value.problems == problem


def test_pause_and_open_again(town: Town) -> None:
    listing = opened(town)
    listings.pause_listing(listing, town.member)
    assert (states(listing), listing.postings[0].is_shown) == ([PostingState.PAUSED], False)
    listings.resume_listing(listing, town.member)
    assert states(listing) == [PostingState.OPEN]
    with pytest.raises(WrongState):
        listings.resume_listing(listing, town.member)


def test_renewal_extends_unless_the_day_has_passed(town: Town) -> None:
    listing = opened(town, until_date=today() + timedelta(days=20))
    listing.expires_on = today() + timedelta(days=1)
    listings.renew_listing(listing, town.member)
    assert listing.expires_on == today() + timedelta(days=180)
    listing.versions[0].until_date = today() - timedelta(days=1)
    for deed in (listings.renew_listing, listings.resume_listing):
        with pytest.raises(Unfit) as refused:
            deed(listing, town.member)
        assert refused.value.problems == {"until_date": "past"}


def test_nothing_comes_back_for_an_organisation_that_is_paused(town: Town) -> None:
    listing = opened(town)
    standing = next(r for r in town.group.registrations if r.authority_id == town.north.id)
    suspend_organisation(standing, town.officer, reason="We talk first")
    assert states(listing) == [PostingState.PAUSED]
    for deed in (listings.renew_listing, listings.resume_listing):
        with pytest.raises(Unfit) as refused:
            deed(listing, town.member)
        assert refused.value.problems == {"organisation": "paused"}
    restore_organisation(standing, town.officer)
    listings.resume_listing(listing, town.member)
    assert states(listing) == [PostingState.OPEN]


def test_what_has_run_out_lapses_and_can_be_renewed(town: Town) -> None:
    listing, fresh = opened(town), opened(town, title="Twelve laptops")
    listing.expires_on = today() - timedelta(days=1)
    assert listings.lapse_listings(Actor(Role.SYSTEM), today()) == 1
    assert (states(listing), states(fresh)) == ([PostingState.LAPSED], [PostingState.OPEN])
    listings.renew_listing(listing, town.member)
    assert states(listing) == [PostingState.OPEN]
    with pytest.raises(NotAllowed):
        listings.lapse_listings(town.officer, today() + timedelta(days=400))


def test_withdrawing_ends_open_talks_but_no_partnership(town: Town) -> None:
    listing = opened(town)
    offers = [make.offer(make.supplier(town.north), town.north) for _ in range(3)]
    wanted = (MatchState.PROPOSED, MatchState.AGREED, MatchState.CONFIRMED)
    matches = [make.match(listing, offer, town.north, state) for offer, state in zip(offers, wanted, strict=True)]
    listings.withdraw_listing(listing, town.member)
    assert states(listing) == [PostingState.WITHDRAWN]
    assert [match.state for match in matches] == [MatchState.WITHDRAWN, MatchState.WITHDRAWN, MatchState.CONFIRMED]
    with pytest.raises(WrongState):
        listings.edit_listing(listing, town.member, wording=WORDING)


def test_an_officer_withdraws_in_the_own_area_only(town: Town) -> None:
    listing = post(town, town.north, town.west)
    checking.approve_listing(listing.postings[0], town.officer)
    checking.approve_listing(listing.postings[1], town.other_officer)
    offers = [make.offer(make.supplier(town.north, town.west), town.north, town.west) for _ in range(2)]
    matches = [make.match(listing, offers[0], town.north), make.match(listing, offers[1], town.west)]
    listings.withdraw_listing(listing, town.officer)
    assert states(listing) == [PostingState.WITHDRAWN, PostingState.OPEN]
    assert [match.state for match in matches] == [MatchState.WITHDRAWN, MatchState.PROPOSED]


def test_closing_says_why(town: Town) -> None:
    listing = opened(town)
    match = make.match(listing, make.offer(make.supplier(town.north), town.north), town.north)
    listings.close_listing(listing, town.member, reason="met_elsewhere")
    posting = listing.postings[0]
    assert (posting.state, posting.closing_reason) == (PostingState.FILLED, "met_elsewhere")
    assert match.state == MatchState.WITHDRAWN


@pytest.mark.parametrize(
    "deed",
    [
        listings.pause_listing,
        listings.resume_listing,
        listings.renew_listing,
        listings.withdraw_listing,
        lambda listing, by: listings.close_listing(listing, by, reason="met_here"),
        lambda listing, by: listings.edit_listing(listing, by, wording=WORDING),
        listings.submit_listing,
    ],
)
def test_strangers_do_nothing_to_a_listing(town: Town, deed: object) -> None:
    listing = opened(town)
    neighbour = actor_of(make.member(make.organisation(town.north)))
    abroad = actor_of(make.officer(make.authority("Harrowdene")))
    for stranger in (neighbour, abroad):
        with pytest.raises(NotAllowed):
            deed(listing, stranger)  # type: ignore[operator]


def test_the_matcher_hears_of_what_it_sees(town: Town) -> None:
    listing = post(town)
    assert listing.suggest_at is None
    checking.approve_listing(listing.postings[0], town.officer)
    for deed in (listings.pause_listing, listings.resume_listing, listings.renew_listing, listings.withdraw_listing):
        listing.suggest_at = None
        deed(listing, town.member)
        assert listing.suggest_at is not None
    assert db.session.scalar(select(func.count()).select_from(Job).where(Job.kind == "suggest")) == 1


def test_an_aspiration_grows_into_needs_and_stays_open(town: Town) -> None:
    dream = make.aspiration(town.group, town.north)
    first = listings.grow_aspiration(dream, [town.north], WORDING, town.member, send=True)
    second = listings.grow_aspiration(dream, [town.north], replace(WORDING, title="A teacher"), town.member)
    assert [need.grown_from_id for need in (first, second)] == [dream.id, dream.id]
    assert (first.kind, states(dream)) == (ListingKind.NEED, [PostingState.OPEN])
    with pytest.raises(WrongState):
        listings.grow_aspiration(first, [town.north], WORDING, town.member)


def test_a_brought_in_listing_is_open_at_once(town: Town) -> None:
    wording = replace(WORDING, lat=53.4, lon=-2.3, place_kind=None, place_note="Trafford")
    listing = listings.bring_in_listing(
        kind=ListingKind.NEED,
        organisation=town.group,
        authority=town.north,
        source_id="A-1",
        wording=wording,
        notes="date: 2013-01-18",
        by=town.officer,
    )
    db.session.refresh(listing)
    posting = listing.postings[0]
    assert (posting.state, posting.is_shown, posting.approved.lat) == (PostingState.OPEN, True, 53.4)
    assert (listing.quantity, listing.text_hash) == (10, WORDING.text_hash)
    assert "laptops" in posting.approved.searchable
    with pytest.raises(NotAllowed):
        listings.bring_in_listing(
            kind=ListingKind.NEED,
            organisation=town.group,
            authority=town.west,
            source_id="A-1",
            wording=wording,
            notes="",
            by=town.officer,
        )

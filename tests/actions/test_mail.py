"""Who is written to about which deed: those concerned, once, and never the one whose deed it is."""

from datetime import datetime, timedelta
from typing import NamedTuple

import pytest
from flask import Flask
from sqlalchemy import select

from broker.actions import acceptances, checking, listings, matches, organisations, partnerships
from broker.actions.feedback import ask_feedback
from broker.actions.mail import tell_members
from broker.actions.reminders import remind
from broker.domain.clock import now, today
from broker.domain.kinds import (
    Audience,
    Lane,
    MatchState,
    PartnershipState,
    PostingState,
    RegistrationState,
    Role,
    Side,
)
from broker.domain.mail import NOTICE_DAYS, MailKind
from broker.domain.partnerships import Terms
from broker.domain.permissions import Actor
from broker.store.accounts import Membership, actor_of
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.listings import Listing
from broker.store.matches import Match
from broker.store.outbox import Outbox
from broker.store.partnerships import Partnership
from tests import make

TIME = Actor(Role.SYSTEM)
TUESDAY = datetime.fromisoformat("2026-11-24T07:00:00+00:00")


class Town(NamedTuple):
    """Two sides with a person each, and an area with two officers."""

    area: Authority
    need: Listing
    offer: Listing
    group: Actor
    firm: Actor
    officer: Actor
    names: dict[int | None, str]


@pytest.fixture
def town(database: Flask) -> Town:
    area = make.authority()
    group, firm = make.organisation(area), make.supplier(area)
    people = {
        "group": make.member(group), "firm": make.member(firm),
        "officer": make.officer(area), "colleague": make.officer(area),
    }  # fmt: skip
    make.member(make.organisation(area))  # somebody whom none of it concerns
    actors = {name: actor_of(membership) for name, membership in people.items()}
    names = {actor.user_id: name for name, actor in actors.items()}
    need, offer = make.need(group, area), make.offer(firm, area)
    return Town(area, need, offer, actors["group"], actors["firm"], actors["officer"], names)


def told(town: Town) -> list[tuple[str, str]]:
    """Who is owed which letter since the last time."""
    db.session.flush()
    found = [(town.names.get(row.user_id, "a stranger"), str(row.kind)) for row in db.session.scalars(select(Outbox))]
    for row in db.session.scalars(select(Outbox)):
        db.session.delete(row)
    db.session.flush()
    return sorted(found)


def proposed(town: Town) -> Match:
    return make.match(town.need, town.offer, town.area)


def running(town: Town) -> Partnership:
    match = make.match(town.need, town.offer, town.area, MatchState.CONFIRMED)
    made = Partnership(
        match=match, authority=town.area, state=PartnershipState.RUNNING, lane=Lane.TRANSACTIONAL, what="Six laptops",
        starts_on=today() - timedelta(days=9), ends_on=today(), review_on=today(), created_at=now(),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def test_an_application_is_answered(town: Town) -> None:
    group = make.organisation(town.area, state=RegistrationState.APPLIED, referee_name="A teacher")
    registration = group.registrations[0]
    town.names[make.member(group).user_id] = "applicant"
    organisations.return_organisation(registration, town.officer, reason="Tell us more.")
    assert told(town) == [("applicant", "organisation_returned")]
    organisations.approve_organisation(registration, town.officer)
    assert told(town) == [("applicant", "organisation_approved")]
    organisations.suspend_organisation(registration, town.officer, reason="Please get in touch.")
    assert told(town) == [("applicant", "organisation_paused")]
    organisations.restore_organisation(registration, town.officer)
    assert told(town) == [("applicant", "organisation_restored")]


def test_a_listing_that_is_checked(town: Town) -> None:
    def waiting() -> Listing:
        return make.need(town.need.organisation, town.area, state=PostingState.SUBMITTED)

    posting = waiting().postings[0]
    checking.ask_owner(posting, town.officer, question="How many?")
    assert told(town) == [("group", "listing_question")]
    checking.approve_listing(posting, town.officer)
    assert told(town) == [("group", "listing_approved")]
    checking.return_listing(waiting().postings[0], town.officer, reason="Say where.")
    assert told(town) == [("group", "listing_returned")]


def test_a_listing_that_runs_out_is_told_of_once(town: Town) -> None:
    town.need.expires_on = today() - timedelta(days=1)
    elsewhere = make.authority("Westerby")
    make.organisation(elsewhere)
    listings.lapse_listings(TIME, today())
    assert told(town) == [("group", "listing_lapsed")]


def test_put_to_both_sides(town: Town) -> None:
    matches.propose_match(town.need, town.offer, town.officer)
    assert told(town) == [("firm", "match_proposed"), ("group", "match_proposed")]


def test_asked_by_one_side(town: Town) -> None:
    matches.ask_for_match(town.need, town.offer, town.group)
    assert told(town) == [("firm", "match_proposed")]


def test_what_an_officer_only_thinks_of_is_told_to_nobody(town: Town) -> None:
    match = matches.shortlist_match(town.need, town.offer, town.officer)
    matches.withdraw_match(match, town.officer)
    assert told(town) == []


def test_two_yeses(town: Town) -> None:
    match = proposed(town)
    acceptances.accept_match(match, town.group)
    assert told(town) == [("firm", "match_accepted")]
    acceptances.accept_match(match, town.group)
    assert told(town) == [], "a second click tells nobody"
    acceptances.accept_match(match, town.firm)
    assert told(town) == [
        ("colleague", "match_agreed"), ("group", "match_accepted"), ("officer", "match_agreed"),
    ]  # fmt: skip


def test_a_yes_told_to_an_officer(town: Town) -> None:
    match = proposed(town)
    acceptances.record_acceptance(match, town.officer, side=Side.SUPPLY)
    assert told(town) == [("group", "match_accepted")]
    acceptances.record_acceptance(match, town.officer, side=Side.DEMAND)
    assert told(town) == [("colleague", "match_agreed"), ("firm", "match_accepted")]


def test_a_no(town: Town) -> None:
    acceptances.decline_match(proposed(town), town.firm, reason="other")
    assert told(town) == [("group", "match_declined")]
    acceptances.record_refusal(proposed(town), town.officer, side=Side.DEMAND, reason="other")
    assert told(town) == [("firm", "match_declined")]


def test_talk_and_taking_back(town: Town) -> None:
    match = proposed(town)
    matches.write_in_match(match, town.firm, text="When do you meet?")
    assert told(town) == [("group", "match_message")]
    matches.write_in_match(match, town.officer, text="Between us officers.", audience=Audience.OFFICERS)
    assert told(town) == []
    matches.withdraw_match(match, town.officer)
    assert told(town) == [("firm", "match_withdrawn"), ("group", "match_withdrawn")]
    proposed(town)
    listings.withdraw_listing(town.need, town.group)
    assert told(town) == [("firm", "match_withdrawn")]


def test_no_answer_in_time(town: Town) -> None:
    proposed(town).reply_by = today() - timedelta(days=30)
    matches.lapse_matches(TIME, today())
    assert told(town) == [("firm", "match_lapsed"), ("group", "match_lapsed")]


def test_a_partnership(town: Town) -> None:
    match = make.match(town.need, town.offer, town.area, MatchState.AGREED)
    terms = Terms(
        lane=Lane.TRANSACTIONAL, what="Six laptops", demand_amount=match.demand_amount,
        supply_amount=match.supply_amount, starts_on=today(), ends_on=today(),
    )  # fmt: skip
    partnership = partnerships.confirm_match(match, town.officer, terms=terms)
    assert told(town) == [("firm", "partnership_confirmed"), ("group", "partnership_confirmed")]
    partnerships.end_partnership(partnership, town.officer)
    assert told(town) == [("firm", "partnership_ended"), ("group", "partnership_ended")]


def test_a_review_falls_due(town: Town) -> None:
    running(town)
    assert partnerships.call_reviews(TIME, today()) == 1
    assert told(town) == [("colleague", "review_due"), ("officer", "review_due")]


def test_when_it_is_over_both_sides_are_asked_once_how_it_went(town: Town) -> None:
    made = make.partnership(town.area, town.offer.organisation, town.need.organisation)
    made.ends_on = TUESDAY.date()
    asked = []
    for days in range(3):
        remind(TUESDAY + timedelta(days=days))
        asked.append([who for who, kind in told(town) if kind == MailKind.FEEDBACK_WANTED])
    assert asked == [[], ["firm", "group"], []]


def test_whoever_has_said_it_is_not_asked_again(town: Town) -> None:
    made = make.partnership(town.area, town.offer.organisation, town.need.organisation)
    make.feedback(made, Side.DEMAND)
    ask_feedback(made, town.officer)
    ask_feedback(made, town.officer)  # the same day
    assert told(town) == [("firm", "feedback_wanted")]


def test_a_lasting_one_asks_when_it_is_closed(town: Town) -> None:
    made = make.partnership(
        town.area, town.offer.organisation, town.need.organisation, lane=Lane.SYSTEMIC, review_on=today(),
        reviewed_at=now(),
    )  # fmt: skip
    partnerships.close_partnership(made, town.officer)
    assert told(town) == [("firm", "feedback_wanted"), ("group", "feedback_wanted")]


def test_an_officer_who_has_left_is_not_written_to(town: Town) -> None:
    running(town)
    left = select(Membership).where(Membership.user_id == town.officer.user_id)
    db.session.scalars(left).one().ended_at = now()
    db.session.flush()
    partnerships.call_reviews(TIME, today())
    assert told(town) == [("colleague", "review_due")]


def test_nobody_is_written_to_where_nobody_has_an_account(town: Town) -> None:
    tell_members(MailKind.LISTING_APPROVED, make.organisation(town.area).id, town.need.postings[0], TIME)
    assert told(town) == []


def test_one_letter_a_morning_about_what_waits(town: Town) -> None:
    town.need.postings[0].state = PostingState.SUBMITTED
    quiet = make.authority("Westerby")
    town.names[make.officer(quiet).user_id] = "officer of a quiet place"
    remind(TUESDAY.replace(hour=3))
    assert told(town) == []
    remind(TUESDAY)
    assert told(town) == [("colleague", "digest"), ("officer", "digest")]
    remind(TUESDAY.replace(hour=18))
    assert told(town) == []
    remind(TUESDAY + timedelta(days=1))
    assert len(told(town)) == 2


def test_no_letters_about_the_desk_at_the_weekend(town: Town) -> None:
    town.need.postings[0].state = PostingState.SUBMITTED
    remind(TUESDAY + timedelta(days=4))
    assert told(town) == []


def test_before_a_listing_runs_out_its_owner_hears_of_it_once(town: Town) -> None:
    town.need.expires_on = TUESDAY.date() + timedelta(days=NOTICE_DAYS - 1)
    town.need.versions[0].until_date = None
    remind(TUESDAY)
    remind(TUESDAY + timedelta(days=1))
    kinds = [str(row.kind) for row in db.session.scalars(select(Outbox)) if row.kind == MailKind.LISTING_LAPSING]
    assert kinds == ["listing_lapsing"]
    town.need.expires_on += timedelta(days=3)  # renewed, and running out again
    remind(TUESDAY + timedelta(days=4))
    assert told(town).count(("group", "listing_lapsing")) == 2

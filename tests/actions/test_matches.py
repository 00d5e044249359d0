"""Asking, shortlisting, putting to both sides, talking and closing: what is allowed, what is kept, what is refused."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from broker.actions import acceptances, matches
from broker.domain.clock import now, today
from broker.domain.kinds import Audience, MatchState, NoteKind, PostingState, Role, Side, Unit
from broker.domain.permissions import Actor
from broker.domain.refusals import AlreadyThere, NotAllowed, Unfit, WrongState
from broker.domain.waiting import GRACE_DAYS
from broker.store.accounts import actor_of
from broker.store.authorities import Authority, AuthorityRule
from broker.store.base import db
from broker.store.events import Event, Note
from broker.store.listings import Listing
from broker.store.matches import Match
from broker.store.suggestions import Suggestion
from tests import make

SYSTEM = Actor(Role.SYSTEM)


@dataclass
class City:
    """A need and an offer of ten items each, open in one authority, and everybody around them."""

    area: Authority
    need: Listing
    offer: Listing
    group: Actor
    firm: Actor
    officer: Actor


@pytest.fixture
def city(database: Flask) -> City:
    area = make.authority()
    need, offer = make.need(make.organisation(area), area), make.offer(make.supplier(area), area)
    group, firm = make.member(need.organisation), make.member(offer.organisation)
    return City(area, need, offer, actor_of(group), actor_of(firm), actor_of(make.officer(area)))


def asked(city: City, **facts: object) -> Match:
    return matches.ask_for_match(city.need, city.offer, city.group, **{"supply_amount": Decimal(6), **facts})


def suggestion(city: City) -> Suggestion:
    made = Suggestion(
        demand_id=city.need.id,
        supply_id=city.offer.id,
        score=0.4,
        demand_rank=1,
        reason={"same_words": [{"word": "laptops", "share": 0.4}]},
        engine="tfidf-1",
        computed_at=now(),
    )
    db.session.add(made)
    db.session.flush()
    return made


def last_event() -> Event:
    found = db.session.scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()
    return found


# -- asking ------------------------------------------------------------------------------


def test_asking_is_a_proposal_with_one_yes(city: City) -> None:
    match = asked(city, message="We could fetch them on Friday.")
    assert match.state == MatchState.PROPOSED
    assert (match.opened_by, match.authority_id) == ("demand", city.area.id)
    assert match.demand_accepted_at is not None
    assert match.supply_accepted_at is None
    assert match.demand_version_id == city.need.postings[0].approved_version_id
    assert (match.demand_amount, match.supply_amount) == (6, 6)
    assert match.reply_by == today() + timedelta(days=14)
    note = db.session.scalars(select(Note)).one()
    assert (note.kind, note.audience, note.text) == (
        NoteKind.APPROACH,
        Audience.SIDES,
        "We could fetch them on Friday.",
    )
    assert last_event().action == "ask_for_match"


def test_a_supplier_asks_to_help(city: City) -> None:
    match = matches.ask_for_match(city.need, city.offer, city.firm, demand_amount=Decimal(4))
    assert (match.opened_by, match.supply_accepted_at is not None) == ("supply", True)
    assert match.demand_accepted_at is None


def test_the_authoritys_own_rule_gives_the_days_to_reply(city: City) -> None:
    db.session.add(AuthorityRule(authority_id=city.area.id, name="reply_days", value="21"))
    assert asked(city).reply_by == today() + timedelta(days=21)


def test_the_suggestion_is_kept_as_it_was(city: City) -> None:
    seen = suggestion(city)
    match = asked(city)
    seen.score, seen.engine = 0.9, "later"
    db.session.flush()
    assert (match.score, match.engine) == (0.4, "tfidf-1")
    assert match.reason == {"same_words": [{"word": "laptops", "share": 0.4}]}


def test_a_live_match_of_the_pair_stands_in_the_way(city: City) -> None:
    first = asked(city)
    with pytest.raises(AlreadyThere) as refusal:
        matches.ask_for_match(city.need, city.offer, city.firm)
    assert (refusal.value.noun, refusal.value.winner) == ("match", first.id)


def test_what_was_declined_may_be_asked_again(city: City) -> None:
    acceptances.decline_match(asked(city), city.firm, reason="not_now")
    assert asked(city).state == MatchState.PROPOSED


def test_a_shortlisted_pair_is_taken_over_by_the_one_who_asks(city: City) -> None:
    kept = matches.shortlist_match(city.need, city.offer, city.officer)
    match = asked(city)
    assert (match.id, match.state, match.opened_by) == (kept.id, MatchState.PROPOSED, "demand")
    assert match.demand_accepted_at is not None


@pytest.mark.parametrize("amount", ["10.5", "11"])
def test_no_more_is_asked_than_is_left(city: City, amount: str) -> None:
    with pytest.raises(Unfit) as refusal:
        asked(city, supply_amount=Decimal(amount))
    assert refusal.value.problems == {"demand_amount": "more_than_left", "supply_amount": "more_than_left"}
    assert db.session.scalars(select(Match)).all() == []


def test_units_that_differ_are_two_amounts(city: City) -> None:
    hours = make.offer(city.offer.organisation, city.area, unit=Unit.HOURS, amount=Decimal(20))
    match = matches.ask_for_match(city.need, hours, city.group, supply_amount=Decimal("7.5"))
    assert (match.demand_amount, match.supply_amount) == (None, Decimal("7.5"))


def test_an_aspiration_never_runs_out(city: City) -> None:
    hope = make.aspiration(city.need.organisation, city.area, unit=None, amount=None)
    match = matches.ask_for_match(hope, city.offer, city.group, supply_amount=Decimal(10))
    assert (match.demand_amount, match.supply_amount) == (None, 10)


def test_nobody_asks_itself(city: City) -> None:
    own = make.offer(city.need.organisation, city.area)
    with pytest.raises(Unfit) as refusal:
        matches.ask_for_match(city.need, own, city.group)
    assert refusal.value.problems == {"listing": "own_organisation"}


def test_two_needs_are_no_pair(city: City) -> None:
    other = make.need(city.offer.organisation, city.area)
    with pytest.raises(Unfit) as refusal:
        matches.ask_for_match(city.need, other, city.group)
    assert refusal.value.problems == {"listing": "wrong_sides"}


def test_listings_of_two_areas_do_not_meet(city: City) -> None:
    elsewhere = make.authority("Westerby")
    far = make.offer(make.supplier(elsewhere), elsewhere)
    with pytest.raises(Unfit) as refusal:
        matches.ask_for_match(city.need, far, city.group)
    assert refusal.value.problems == {"listing": "no_common_area"}


def test_the_credit_goes_to_the_demands_first_common_area(city: City) -> None:
    other = make.authority("Westerby")
    both = make.offer(make.supplier(other, city.area), other, city.area)
    assert matches.ask_for_match(city.need, both, city.group).authority_id == city.area.id


@pytest.mark.parametrize("state", [PostingState.PAUSED, PostingState.FILLED, PostingState.LAPSED])
def test_only_open_listings_are_asked_for(city: City, state: PostingState) -> None:
    shut = make.offer(city.offer.organisation, city.area, state=state)
    with pytest.raises(WrongState):
        matches.ask_for_match(city.need, shut, city.group)


def test_a_third_party_asks_for_neither(city: City) -> None:
    stranger = actor_of(make.member(make.organisation(city.area)))
    with pytest.raises(NotAllowed):
        matches.ask_for_match(city.need, city.offer, stranger)


# -- the officer's hand ------------------------------------------------------------------


def test_a_shortlist_is_the_officers_own_paper(city: City) -> None:
    match = matches.shortlist_match(city.need, city.offer, city.officer)
    assert match.owners == frozenset()
    assert db.session.scalars(select(Match).where(Match.owned_by(city.need.organisation_id))).all() == []
    matches.propose_match(city.need, city.offer, city.officer, demand_amount=Decimal(6))
    assert match.owners == {city.need.organisation_id, city.offer.organisation_id}
    assert db.session.scalars(select(Match).where(Match.owned_by(city.need.organisation_id))).all() == [match]


def test_proposing_from_the_shortlist_is_the_same_match(city: City) -> None:
    kept = matches.shortlist_match(city.need, city.offer, city.officer)
    match = matches.propose_match(city.need, city.offer, city.officer, demand_amount=Decimal(6), message="Have a look.")
    assert match.id == kept.id
    assert (match.state, match.opened_by) == (MatchState.PROPOSED, "officer")
    assert (match.demand_amount, match.supply_amount) == (6, 6)
    assert match.demand_accepted_at is None
    assert match.proposed_at is not None


def test_a_pair_is_shortlisted_once(city: City) -> None:
    kept = matches.shortlist_match(city.need, city.offer, city.officer)
    with pytest.raises(AlreadyThere) as refusal:
        matches.shortlist_match(city.need, city.offer, city.officer)
    assert refusal.value.winner == kept.id


def test_a_dismissal_keeps_the_suggestion_and_the_reason(city: City) -> None:
    suggestion(city)
    match = matches.dismiss_match(city.need, city.offer, city.officer, reason="Too big a van for that street.")
    assert (match.state, match.score) == (MatchState.DISMISSED, 0.4)
    note = db.session.scalars(select(Note)).one()
    assert (note.kind, note.audience) == (NoteKind.REASON, Audience.OFFICERS)


def test_a_shortlisted_pair_is_dismissed_in_place(city: City) -> None:
    kept = matches.shortlist_match(city.need, city.offer, city.officer)
    assert matches.dismiss_match(city.need, city.offer, city.officer) is kept
    assert kept.state == MatchState.DISMISSED


def test_what_was_put_to_the_sides_is_not_dismissed(city: City) -> None:
    asked(city)
    with pytest.raises(AlreadyThere):
        matches.dismiss_match(city.need, city.offer, city.officer)


@pytest.mark.parametrize("deed", [matches.shortlist_match, matches.dismiss_match, matches.propose_match])
def test_an_officer_of_elsewhere_touches_nothing(city: City, deed: object) -> None:
    stranger = actor_of(make.officer(make.authority("Westerby")))
    with pytest.raises((NotAllowed, Unfit)):
        deed(city.need, city.offer, stranger)  # type: ignore[operator]
    matches.shortlist_match(city.need, city.offer, city.officer)
    with pytest.raises((NotAllowed, AlreadyThere)):
        deed(city.need, city.offer, stranger)  # type: ignore[operator]


@pytest.mark.parametrize("deed", [matches.shortlist_match, matches.dismiss_match, matches.propose_match])
def test_another_councils_shortlist_stands_in_the_way_without_its_number(city: City, deed: object) -> None:
    both = city.area, make.authority("Westerby")
    pair = make.need(make.organisation(*both), *both), make.offer(make.supplier(*both), *both)
    matches.shortlist_match(*pair, city.officer)
    with pytest.raises(AlreadyThere) as refusal:
        deed(*pair, actor_of(make.officer(both[1])))  # type: ignore[operator]
    assert refusal.value.winner is None


def test_a_member_has_no_officers_tools(city: City) -> None:
    with pytest.raises(NotAllowed):
        matches.propose_match(city.need, city.offer, city.group)


# -- talking -----------------------------------------------------------------------------


def test_the_sides_and_the_officer_write_to_each_other(city: City) -> None:
    match = asked(city)
    matches.write_in_match(match, city.firm, text="Do you need chargers?")
    matches.write_in_match(match, city.group, text="Yes please.")
    matches.write_in_match(match, city.officer, text="I can lend a van.")
    notes = db.session.scalars(select(Note).order_by(Note.id)).all()
    assert [note.audience for note in notes] == [Audience.SIDES] * 3
    assert notes[0].author_organisation_id == city.firm.organisation_id


def test_a_member_writes_no_officers_note(city: City) -> None:
    with pytest.raises(NotAllowed):
        matches.write_in_match(asked(city), city.firm, text="x", audience=Audience.OFFICERS)


def test_nothing_said_is_not_kept(city: City) -> None:
    match = asked(city)
    for deed in (matches.write_in_match, matches.log_call):
        with pytest.raises(Unfit):
            deed(match, city.officer, text="  ")


def test_a_closed_match_is_not_written_in(city: City) -> None:
    match = asked(city)
    acceptances.decline_match(match, city.firm, reason="too_far")
    with pytest.raises(WrongState):
        matches.write_in_match(match, city.group, text="Are you sure?")
    matches.log_call(match, city.officer, text="They are sure.")


def test_a_call_is_for_officers(city: City) -> None:
    matches.log_call(asked(city), city.officer, text="Left a message.")
    note = db.session.scalars(select(Note).where(Note.kind == NoteKind.CALL)).one()
    assert note.audience == Audience.OFFICERS
    assert last_event().action == "log_call"


def test_following_up_gives_another_week(city: City) -> None:
    match = asked(city)
    match.reply_by = today() - timedelta(days=2)
    matches.follow_up(match, city.officer)
    assert match.reply_by == today() + timedelta(days=7)
    assert match.followed_up_at is not None
    matches.follow_up(match, city.officer)
    assert match.reply_by == today() + timedelta(days=7), "a second click is not a second reminder"
    match.followed_up_at = now() - timedelta(days=1)
    matches.follow_up(match, city.officer)
    assert match.reply_by == today() + timedelta(days=14)


def test_only_what_waits_is_followed_up(city: City) -> None:
    match = asked(city)
    acceptances.accept_match(match, city.firm)
    with pytest.raises(WrongState):
        matches.follow_up(match, city.officer)


# -- closing -----------------------------------------------------------------------------


def test_the_one_who_asked_takes_it_back(city: City) -> None:
    match = asked(city)
    with pytest.raises(NotAllowed):
        matches.withdraw_match(match, city.firm)
    matches.withdraw_match(match, city.group)
    assert match.state == MatchState.WITHDRAWN


def test_an_officer_withdraws_what_was_agreed(city: City) -> None:
    match = asked(city)
    acceptances.accept_match(match, city.firm)
    matches.withdraw_match(match, city.officer, reason="The firm has closed.")
    assert match.state == MatchState.WITHDRAWN
    assert not match.both_accepted


def test_time_closes_what_nobody_answers(city: City) -> None:
    match = asked(city)
    assert match.reply_by
    last_day = match.reply_by + timedelta(days=GRACE_DAYS)
    assert matches.lapse_matches(SYSTEM, last_day) == 0
    assert matches.lapse_matches(SYSTEM, last_day + timedelta(days=1)) == 1
    assert match.state == MatchState.LAPSED


def test_nobody_but_time_lapses(city: City) -> None:
    asked(city)
    with pytest.raises(NotAllowed):
        matches.lapse_matches(city.officer, today() + timedelta(days=99))


def test_both_sides_know_their_side(city: City) -> None:
    match = asked(city)
    assert match.side_of(city.firm.organisation_id) is Side.SUPPLY

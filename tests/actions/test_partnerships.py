"""From agreed to closed: what a confirmation takes, what it refuses, and what an early end gives back."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from broker.actions import partnerships
from broker.actions.milestones import reach_milestone, set_milestone
from broker.domain.clock import now, today
from broker.domain.kinds import Audience, Lane, MatchState, PartnershipState, PostingState, Role, Side, Unit
from broker.domain.partnerships import Terms
from broker.domain.permissions import Actor
from broker.domain.refusals import AlreadyThere, NotAllowed, QuantityTaken, Unfit, WrongState
from broker.store.accounts import actor_of
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.events import Note
from broker.store.feedback import feedback_on
from broker.store.frameworks import Framework
from broker.store.jobs import Job
from broker.store.listings import Listing
from broker.store.matches import Match
from broker.store.partnerships import Partnership
from tests import make

SYSTEM = Actor(Role.SYSTEM)


@dataclass
class Desk:
    """One area with its officer."""

    area: Authority
    officer: Actor


@pytest.fixture
def desk(database: Flask) -> Desk:
    area = make.authority()
    return Desk(area, actor_of(make.officer(area)))


def terms(amount: object = 6, **facts: object) -> Terms:
    number = None if amount is None else Decimal(str(amount))
    usual = Terms("Six laptops", today(), today() + timedelta(days=30), Lane.TRANSACTIONAL, None, number, number)
    return replace(usual, **facts)  # type: ignore[arg-type]


def need(desk: Desk, **facts: object) -> Listing:
    return make.need(make.organisation(desk.area), desk.area, **facts)


def offer(desk: Desk, **facts: object) -> Listing:
    return make.offer(make.supplier(desk.area), desk.area, **facts)


def agreed(desk: Desk, demand: Listing, supply: Listing, **facts: object) -> Match:
    return make.match(demand, supply, desk.area, state=MatchState.AGREED, **facts)


def confirm(desk: Desk, demand: Listing, supply: Listing, amount: object = 6, **facts: object) -> Partnership:
    return partnerships.confirm_match(agreed(desk, demand, supply), desk.officer, terms=terms(amount, **facts))


@pytest.mark.parametrize(
    ("asked", "stated", "lacks"),
    [
        ("enhanced", "basic", True),
        ("enhanced", None, True),
        ("basic", "none", True),
        ("basic", "enhanced", False),
        ("none", None, False),
        (None, None, False),
    ],
)
def test_a_check_that_is_lacking_stops_a_confirmation_until_an_officer_says_how_it_is_settled(
    desk: Desk, asked: str | None, stated: str | None, lacks: bool
) -> None:
    match = agreed(desk, need(desk, background_check=asked), offer(desk, background_check=stated))
    if lacks:
        for blank in ("", "  "):
            with pytest.raises(Unfit) as refused:
                partnerships.confirm_match(match, desk.officer, terms=terms(), settled=blank)
            assert refused.value.problems == {"settled": "unsettled"}
        assert match.state == MatchState.AGREED
    words = "The school has seen theirs; nobody starts before" if lacks else ""
    partnerships.confirm_match(match, desk.officer, terms=terms(), settled=words)
    told = [note.text for note in db.session.scalars(select(Note).where(Note.audience == Audience.OFFICERS))]
    assert told == ([words] if lacks else [])


def test_a_confirmation_makes_the_partnership_and_takes_both_parts(desk: Desk) -> None:
    demand, supply = need(desk), offer(desk)
    made = confirm(desk, demand, supply)
    assert made.match.state == MatchState.CONFIRMED
    assert made.match.confirmed_by_id == desk.officer.user_id
    assert (made.state, made.lane, made.what) == (PartnershipState.PLANNED, Lane.TRANSACTIONAL, "Six laptops")
    assert (made.demand_amount, made.demand_unit, made.supply_amount, made.supply_unit) == (6, "items", 6, "items")
    assert (demand.reserved, demand.remaining, supply.reserved) == (6, 4, 6)
    assert {p.state for p in (*demand.postings, *supply.postings)} == {PostingState.OPEN}
    assert demand.suggest_at is not None
    assert supply.suggest_at is not None
    assert [job.kind for job in db.session.scalars(select(Job))] == ["suggest"]


def test_it_keeps_the_framework_version_of_its_day(desk: Desk) -> None:
    desk.area.framework_code = "FRAME"
    facts = {"code": "FRAME", "name": "A frame", "level": "authority", "wording": "provisional"}
    old = Framework(version=1, status="current", **facts)
    db.session.add(old)
    db.session.flush()
    made = confirm(desk, need(desk), offer(desk))
    old.status = "superseded"
    db.session.add(Framework(version=2, status="current", **facts))
    db.session.flush()
    db.session.refresh(made)
    assert made.framework is old


def test_ten_laptops_are_met_by_six_and_four(desk: Desk) -> None:
    demand, first, second = need(desk), offer(desk, amount=Decimal(6)), offer(desk, amount=Decimal(4))
    confirm(desk, demand, first, 6)
    assert demand.remaining == 4
    assert demand.postings[0].state == PostingState.OPEN
    assert first.postings[0].state == PostingState.FILLED
    confirm(desk, demand, second, 4)
    assert demand.remaining == 0
    assert demand.postings[0].state == PostingState.FILLED


def test_twenty_places_spread_over_three_groups(desk: Desk) -> None:
    places = offer(desk, amount=Decimal(20), unit=Unit.PLACES)
    for amount in (8, 7, 5):
        confirm(desk, need(desk, amount=Decimal(30), unit=Unit.PLACES), places, amount)
    assert places.remaining == 0
    assert places.postings[0].state == PostingState.FILLED


def test_the_same_pair_may_agree_on_the_rest(desk: Desk) -> None:
    demand, supply = need(desk), offer(desk)
    confirm(desk, demand, supply, 6)
    confirm(desk, demand, supply, 4)
    assert (demand.remaining, supply.remaining) == (0, 0)


def test_halves_and_hundredths_add_up_exactly(desk: Desk) -> None:
    demand, supply = need(desk, amount=Decimal("0.3")), offer(desk, amount=Decimal("5"))
    for _ in range(3):
        confirm(desk, demand, supply, "0.1")
    assert demand.remaining == 0
    assert supply.remaining == Decimal("4.7")


def test_where_units_differ_each_side_gives_its_own_amount(desk: Desk) -> None:
    demand, supply = need(desk), offer(desk, unit=Unit.HOURS, amount=Decimal(40))
    match = agreed(desk, demand, supply)
    with pytest.raises(Unfit) as refusal:
        partnerships.confirm_match(match, desk.officer, terms=terms(None, demand_amount=Decimal(10)))
    assert refusal.value.problems == {"supply_amount": "needed"}
    both = terms(None, demand_amount=Decimal(10), supply_amount=Decimal("12.5"))
    partnerships.confirm_match(match, desk.officer, terms=both)
    assert (demand.remaining, supply.remaining) == (0, Decimal("27.5"))


def test_an_aspiration_has_no_remainder(desk: Desk) -> None:
    hope = make.aspiration(make.organisation(desk.area), desk.area)
    made = confirm(desk, hope, offer(desk), 6)
    assert made.demand_amount is None
    assert (hope.remaining, hope.reserved) == (None, 0)
    assert hope.postings[0].state == PostingState.OPEN


def test_no_part_is_taken_beyond_the_whole(desk: Desk) -> None:
    demand, supply = need(desk), offer(desk, amount=Decimal(100))
    confirm(desk, demand, supply, 6)
    match = agreed(desk, demand, offer(desk, amount=Decimal(50)))
    with pytest.raises(QuantityTaken) as refusal:
        partnerships.confirm_match(match, desk.officer, terms=terms(6))
    assert (refusal.value.side, refusal.value.remaining) == ("demand", 4)


def test_one_match_is_one_partnership(desk: Desk) -> None:
    made = confirm(desk, need(desk), offer(desk))
    with pytest.raises(AlreadyThere) as refusal:
        partnerships.confirm_match(made.match, desk.officer, terms=terms())
    assert (refusal.value.noun, refusal.value.winner) == ("partnership", made.id)


@pytest.mark.parametrize("state", [s for s in MatchState if s not in (MatchState.AGREED, MatchState.CONFIRMED)])
def test_only_what_is_agreed_is_confirmed(desk: Desk, state: MatchState) -> None:
    match = make.match(need(desk), offer(desk), desk.area, state=state)
    with pytest.raises(WrongState):
        partnerships.confirm_match(match, desk.officer, terms=terms())


@pytest.mark.parametrize(
    "state", [PostingState.PAUSED, PostingState.FILLED, PostingState.LAPSED, PostingState.SUBMITTED]
)
def test_both_listings_must_be_open(desk: Desk, state: PostingState) -> None:
    match = agreed(desk, need(desk), offer(desk, state=state))
    with pytest.raises(WrongState):
        partnerships.confirm_match(match, desk.officer, terms=terms())


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"what": "  "}, {"what": "needed"}),
        ({"ends_on": today() - timedelta(days=1)}, {"ends_on": "before_start"}),
        ({"lane": Lane.SYSTEMIC}, {"review_on": "needed"}),
        ({"review_on": today() - timedelta(days=1)}, {"review_on": "before_start"}),
        ({"review_on": date(2100, 1, 1)}, {"review_on": "late_review"}),
        ({"demand_amount": None, "supply_amount": None}, {"demand_amount": "needed", "supply_amount": "needed"}),
        ({"supply_amount": Decimal(7)}, {"supply_amount": "differ"}),
        ({"demand_amount": Decimal(0), "supply_amount": Decimal(6)}, {"demand_amount": "not_positive"}),
    ],
)
def test_incomplete_terms_are_refused_at_their_field(
    desk: Desk, change: dict[str, object], problem: dict[str, str]
) -> None:
    match = agreed(desk, need(desk), offer(desk))
    if change.get("demand_amount") == 0:
        match.demand.unit = Unit.HOURS
    with pytest.raises(Unfit) as refusal:
        partnerships.confirm_match(match, desk.officer, terms=replace(terms(), **change))  # type: ignore[arg-type]
    assert refusal.value.problems == problem
    assert match.state == MatchState.AGREED


def test_only_the_areas_officer_confirms(desk: Desk) -> None:
    match = agreed(desk, need(desk), offer(desk))
    others = [make.officer(make.authority("Westerby")), make.member(match.demand.organisation), make.administrator()]
    for membership in others:
        with pytest.raises(NotAllowed):
            partnerships.confirm_match(match, actor_of(membership), terms=terms())


# -- afterwards --------------------------------------------------------------------------


def running(desk: Desk, **facts: object) -> Partnership:
    made = confirm(desk, need(desk), offer(desk), **facts)
    partnerships.start_partnership(made, desk.officer)
    return made


def hear(made: Partnership, *sides: Side) -> None:
    for side in sides or Side:
        make.feedback(made, side)


def lasting(desk: Desk) -> Partnership:
    return running(desk, lane=Lane.SYSTEMIC, review_on=today(), ends_on=today() + timedelta(days=365))


def test_a_one_off_starts_and_closes_with_the_word_of_both_sides(desk: Desk) -> None:
    made = running(desk)
    with pytest.raises(Unfit) as refusal:
        partnerships.close_partnership(made, desk.officer, text="All six arrived.")
    assert refusal.value.problems == {"demand_silent": "not_said", "supply_silent": "not_said"}
    hear(made)
    partnerships.close_partnership(made, desk.officer, text="All six arrived.")
    assert made.state == PartnershipState.CLOSED
    assert made.ended_at is not None
    assert made.match.demand.reserved == 6


def test_a_lasting_one_is_reviewed_before_it_closes(desk: Desk) -> None:
    made = lasting(desk)
    with pytest.raises(Unfit) as refusal:
        partnerships.close_partnership(made, desk.officer)
    assert refusal.value.problems == {"review_on": "review_first"}
    for next_review in (today() + timedelta(days=90), None):
        partnerships.call_review(made, desk.officer)
        with pytest.raises(Unfit) as refusal:
            partnerships.close_partnership(made, desk.officer)
        assert refusal.value.problems == {"review_on": "review_due"}, "nor does the review before it stand for this one"
        partnerships.review_partnership(made, desk.officer, text="Both are glad.", review_on=next_review)
    partnerships.close_partnership(made, desk.officer)
    assert made.state == PartnershipState.CLOSED


def test_silence_of_one_side_is_written_down_and_never_a_score(desk: Desk) -> None:
    made = running(desk)
    hear(made, Side.DEMAND)
    with pytest.raises(Unfit) as refusal:
        partnerships.close_partnership(made, desk.officer, silent={Side.SUPPLY: "  "})
    assert refusal.value.problems == {"supply_silent": "not_said"}
    partnerships.close_partnership(made, desk.officer, silent={Side.SUPPLY: "Rang twice in May."})
    kept = feedback_on(made.id)[Side.SUPPLY]
    assert (kept.score, kept.channel, kept.words, kept.by_id) == (
        None,
        None,
        "Rang twice in May.",
        desk.officer.user_id,
    )
    assert made.state == PartnershipState.CLOSED


def test_it_closes_on_an_open_step_only_with_a_reason(desk: Desk) -> None:
    made = lasting(desk)
    made.reviewed_at = now()
    db.session.flush()
    step = set_milestone(made, desk.officer, what="Ten lessons are given", due_on=today())
    with pytest.raises(Unfit) as refusal:
        partnerships.close_partnership(made, desk.officer, left_open=" ")
    assert refusal.value.problems == {"left_open": "steps_open"}
    partnerships.close_partnership(made, desk.officer, left_open="The hall burnt down.")
    assert (made.state, step.reached_at) == (PartnershipState.CLOSED, None)
    assert db.session.scalars(select(Note.text).where(Note.audience == "sides")).all() == ["The hall burnt down."]


def test_it_closes_once_its_steps_are_reached(desk: Desk) -> None:
    made = running(desk)
    hear(made)
    reach_milestone(set_milestone(made, desk.officer, what="All are wiped", due_on=today()), desk.officer)
    partnerships.close_partnership(made, desk.officer)
    assert made.state == PartnershipState.CLOSED


def test_time_calls_the_reviews(desk: Desk) -> None:
    made, later = lasting(desk), running(desk)
    assert partnerships.call_reviews(SYSTEM, today() - timedelta(days=1)) == 0
    assert partnerships.call_reviews(SYSTEM, today()) == 1
    assert (made.state, later.state) == (PartnershipState.REVIEW_DUE, PartnershipState.RUNNING)
    assert partnerships.call_reviews(SYSTEM, today()) == 0


def test_a_review_says_how_it_goes_and_when_to_ask_again(desk: Desk) -> None:
    made = lasting(desk)
    partnerships.call_review(made, desk.officer)
    for bad in (
        {"text": " "},
        {"text": "Well", "review_on": today()},
        {"text": "Well", "review_on": made.ends_on + timedelta(days=366)},
    ):
        with pytest.raises(Unfit):
            partnerships.review_partnership(made, desk.officer, **bad)  # type: ignore[arg-type]
    again = today() + timedelta(days=90)
    partnerships.review_partnership(made, desk.officer, text="Well", review_on=again)
    assert (made.state, made.review_on) == (PartnershipState.RUNNING, again)
    assert made.reviewed_at == now() or made.reviewed_at is not None
    assert db.session.scalars(select(Note).where(Note.kind == "review")).one().text == "Well"


def test_an_early_end_gives_back_what_was_not_used(desk: Desk) -> None:
    demand, supply = need(desk), offer(desk, amount=Decimal(6))
    made = confirm(desk, demand, supply, 6)
    assert supply.postings[0].state == PostingState.FILLED
    partnerships.end_partnership(made, desk.officer, demand_back=Decimal(6), supply_back=Decimal("2.5"))
    assert made.state == PartnershipState.ENDED_EARLY
    assert (demand.reserved, supply.reserved) == (0, Decimal("3.5"))
    assert supply.postings[0].state == PostingState.OPEN


def test_what_its_owner_closed_stays_closed(desk: Desk) -> None:
    demand, supply = need(desk), offer(desk)
    made = confirm(desk, demand, supply, 6)
    posting = supply.postings[0]
    posting.state, posting.closing_reason = PostingState.FILLED, "met_elsewhere"
    db.session.flush()
    partnerships.end_partnership(made, desk.officer, supply_back=Decimal(6))
    assert posting.state == PostingState.FILLED


@pytest.mark.parametrize("back", ["-1", "6.01", "100"])
def test_no_more_comes_back_than_went(desk: Desk, back: str) -> None:
    made = confirm(desk, need(desk), offer(desk), 6)
    with pytest.raises(Unfit) as refusal:
        partnerships.end_partnership(made, desk.officer, supply_back=Decimal(back))
    assert refusal.value.problems == {"supply_back": "more_than_taken"}
    assert made.state == PartnershipState.PLANNED


def test_nothing_comes_back_to_what_never_stated_a_whole(desk: Desk) -> None:
    hope = make.aspiration(make.organisation(desk.area), desk.area)
    made = confirm(desk, hope, offer(desk), 6)
    with pytest.raises(Unfit):
        partnerships.end_partnership(made, desk.officer, demand_back=Decimal(1))
    partnerships.end_partnership(made, desk.officer, supply_back=Decimal(6))
    assert hope.reserved == 0


def test_what_is_over_stays_over(desk: Desk) -> None:
    made = running(desk)
    hear(made)
    partnerships.close_partnership(made, desk.officer)
    for deed in (partnerships.start_partnership, partnerships.call_review, partnerships.end_partnership):
        with pytest.raises(WrongState):
            deed(made, desk.officer)  # type: ignore[operator]


def test_the_two_sides_only_watch(desk: Desk) -> None:
    made = confirm(desk, need(desk), offer(desk))
    member = actor_of(make.member(made.match.demand.organisation))
    for deed in (partnerships.start_partnership, partnerships.close_partnership, partnerships.end_partnership):
        with pytest.raises(NotAllowed):
            deed(made, member)  # type: ignore[operator]

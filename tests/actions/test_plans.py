"""A plan from the asking to its lines on the shortlist: what it may use, what it counts, and what has changed since."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import select

from broker.actions import listings, matches, planning, plans
from broker.domain.clock import now
from broker.domain.kinds import MatchState, NotForUs, PlanMode, PreferenceState, Role, SupportKind, Unit
from broker.domain.permissions import Actor
from broker.domain.refusals import AlreadyThere, NotAllowed, Unfit, WrongState
from broker.store.base import db
from broker.store.events import Event
from broker.store.jobs import Job
from broker.store.listings import Listing
from broker.store.matches import Match
from broker.store.organisations import Identifier
from broker.store.plan_lines import line_counts, lines_left, lines_of
from broker.store.plans import Plan, PlanLine
from broker.store.preferences import Preference
from broker.store.suggestions import Suggestion
from broker.work import jobs
from tests import make
from tests.town import Town


def suggest(demand: Listing, supply: Listing, score: float) -> None:
    seen = Suggestion(
        demand=demand, supply=supply, score=score, demand_rank=1, reason={}, engine="x", computed_at=now()
    )
    db.session.add(seen)
    db.session.flush()


def need(town: Town, amount: float | None = 10, **facts: object) -> Listing:
    group = facts.pop("group", None) or make.organisation(town.north)
    return make.need(group, town.north, amount=None if amount is None else Decimal(amount), **facts)  # type: ignore[arg-type]


def offer(town: Town, amount: float | None = 10, **facts: object) -> Listing:
    firm = facts.pop("firm", None) or make.supplier(town.north)
    return make.offer(firm, town.north, amount=None if amount is None else Decimal(amount), **facts)  # type: ignore[arg-type]


def planned(town: Town, mode: PlanMode = PlanMode.BEST_TOTAL, cap: int = 3) -> Plan:
    plan = plans.ask_for_plan(town.north, town.officer, mode=mode, cap=cap)
    db.session.flush()
    drawn = planning.draw(plan.id, lambda _done, _total: None)
    assert drawn is not None
    planning.keep(drawn)
    return plan


def lines(plan: Plan) -> list[tuple[int, int, Decimal | None, Unit | None]]:
    found = db.session.scalars(select(PlanLine).where(PlanLine.plan_id == plan.id).order_by(PlanLine.id))
    return [(line.demand_id, line.supply_id, line.amount, line.unit) for line in found]


def line_of(plan: Plan) -> PlanLine:
    return db.session.scalars(select(PlanLine).where(PlanLine.plan_id == plan.id)).one()


# -- asking ----------------------------------------------------------------------------------


def test_an_officer_asks_for_the_own_area_and_twice_is_once(town: Town) -> None:
    asked = [plans.ask_for_plan(town.north, town.officer, mode=PlanMode.SPREAD, cap=2) for _ in range(2)]
    assert asked[0] is asked[1]
    assert [(job.kind, job.argument) for job in db.session.scalars(select(Job))] == [("plan", asked[0].id)]
    assert db.session.scalars(select(Event.action).where(Event.subject == "plan")).all() == ["plan_market"]
    for actor in (town.member, town.other_officer, Actor(Role.ADMINISTRATOR)):
        with pytest.raises(NotAllowed):
            plans.ask_for_plan(town.north, actor, mode=PlanMode.SPREAD, cap=2)


def test_the_worker_draws_it_and_shows_how_far_it_is(town: Town) -> None:
    suggest(need(town), offer(town), 0.5)
    plan = plans.ask_for_plan(town.north, town.officer, mode=PlanMode.SERVE_FIRST, cap=3)
    db.session.commit()
    jobs.work_off()
    job = db.session.scalars(select(Job).where(Job.kind == "plan")).one()
    assert (job.state, job.done, job.total) == ("done", 3, 3)
    db.session.refresh(plan)
    assert plan.finished_at is not None
    assert len(lines(plan)) == 1


def test_drawn_twice_it_is_written_once(town: Town) -> None:
    suggest(need(town), offer(town), 0.5)
    plan = plans.ask_for_plan(town.north, town.officer, mode=PlanMode.BEST_TOTAL, cap=3)
    first, second = (planning.draw(plan.id, lambda _done, _total: None) for _ in range(2))
    assert first is not None
    assert second is not None
    planning.keep(first)
    planning.keep(replace(second, lines=[]))
    assert len(lines(plan)) == 1
    assert planning.draw(plan.id, lambda _done, _total: None) is None


def test_a_plan_that_failed_is_asked_for_again(town: Town) -> None:
    plan = plans.ask_for_plan(town.north, town.officer, mode=PlanMode.SPREAD, cap=2)
    job = db.session.scalars(select(Job)).one()
    job.state = "failed"
    plans.start_again(plan, town.officer)
    assert [each.state for each in db.session.scalars(select(Job).order_by(Job.id))] == ["failed", "waiting"]
    with pytest.raises(NotAllowed):
        plans.start_again(plan, town.other_officer)


# -- what it may use -------------------------------------------------------------------------


def test_it_gives_what_one_by_one_picking_would_not(town: Town) -> None:
    """The first need could take either offer, the second only the one that fits the first best."""
    choosy, easy = need(town), need(town)
    near, far = offer(town), offer(town)
    suggest(easy, near, 0.9)
    suggest(easy, far, 0.8)
    suggest(choosy, near, 0.7)
    plan = planned(town)
    assert lines(plan) == [(easy.id, far.id, Decimal(10), Unit.ITEMS), (choosy.id, near.id, Decimal(10), Unit.ITEMS)]
    assert (plan.needs, plan.offers, plan.pairs) == (2, 2, 3)
    assert (plan.served, plan.hand_served) == (2, 1)
    assert plan.total == pytest.approx(1.5)
    assert plan.hand_total == pytest.approx(0.9)
    assert plan.wards == [{"ward_id": None, "open": 2, "served": 2}]


def test_amounts_go_in_the_unit_that_both_count_in(town: Town) -> None:
    hours = {"support_kind": SupportKind.SKILLS, "unit": Unit.HOURS}
    help_, time = need(town, 7.5, **hours), offer(town, 2.5, **hours)
    suggest(help_, time, 0.5)
    plan = planned(town)
    assert lines(plan) == [(help_.id, time.id, Decimal("2.5"), Unit.HOURS)]
    assert line_of(plan).part == pytest.approx(1 / 3)


@pytest.mark.parametrize("supply", [{"amount": None, "unit": Unit.ITEMS}, {"unit": Unit.DAYS}])
def test_what_cannot_be_counted_together_goes_as_a_whole(town: Town, supply: dict[str, object]) -> None:
    wanted = need(town)
    loose = offer(town, **supply)  # type: ignore[arg-type]
    suggest(wanted, loose, 0.5)
    assert lines(planned(town)) == [(wanted.id, loose.id, None, None)]


def _paused(town: Town, demand: Listing, supply: Listing) -> None:
    listings.pause_listing(supply, town.officer)


def _elsewhere(town: Town, demand: Listing, supply: Listing) -> None:
    supply.postings[0].authority = town.west
    db.session.flush()


def _talked_about(town: Town, demand: Listing, supply: Listing) -> None:
    make.match(demand, supply, town.north, demand_amount=Decimal(1), supply_amount=Decimal(1))


def _set_aside(town: Town, demand: Listing, supply: Listing) -> None:
    matches.dismiss_match(demand, supply, town.officer)


def _declined(town: Town, demand: Listing, supply: Listing) -> None:
    make.match(demand, supply, town.north, MatchState.DECLINED)


@pytest.mark.parametrize("spoil", [_paused, _elsewhere, _talked_about, _set_aside, _declined])
def test_only_what_is_open_here_and_not_dealt_with_is_planned(
    town: Town, spoil: Callable[[Town, Listing, Listing], None]
) -> None:
    wanted, given = need(town), offer(town)
    suggest(wanted, given, 0.5)
    assert len(lines(planned(town))) == 1
    spoil(town, wanted, given)
    assert lines(planned(town)) == []


def test_what_people_talk_about_is_not_promised_twice(town: Town) -> None:
    wanted, given, rival = need(town), offer(town), need(town)
    suggest(wanted, given, 0.5)
    make.match(rival, given, town.north, demand_amount=Decimal(7), supply_amount=Decimal(7))
    assert [amount for _, _, amount, _ in lines(planned(town))] == [3]


def test_a_shortlisted_line_counts_in_the_next_plan(town: Town) -> None:
    wanted, given, rival = need(town, 4), offer(town), need(town)
    suggest(wanted, given, 0.9)
    first = planned(town)
    plans.take_plan(first, town.officer)
    suggest(rival, given, 0.5)
    assert lines(planned(town)) == [(rival.id, given.id, Decimal(6), Unit.ITEMS)]


def test_a_loose_promise_that_people_talk_about_is_taken(town: Town) -> None:
    wanted, loose, rival = need(town), offer(town, None), need(town)
    suggest(wanted, loose, 0.5)
    make.match(rival, loose, town.north, demand_amount=None, supply_amount=None)
    assert lines(planned(town)) == []


def test_small_groups_choose_first_when_the_load_is_spread(town: Town) -> None:
    charity, street = make.organisation(town.north), make.organisation(town.north)
    db.session.add(Identifier(organisation=charity, scheme="GB-CHC", number="1234567"))
    known, small, given = need(town, group=charity), need(town, group=street), offer(town, 1)
    suggest(known, given, 0.9)
    suggest(small, given, 0.1)
    assert [demand for demand, *_ in lines(planned(town))] == [known.id]
    assert [demand for demand, *_ in lines(planned(town, PlanMode.SPREAD))] == [small.id]


# -- taking it over --------------------------------------------------------------------------


@pytest.fixture
def plan(town: Town) -> Plan:
    """A plan of three lines: each need with an offer of its own."""
    for score in (0.9, 0.8, 0.7):
        suggest(need(town), offer(town), score)
    return planned(town)


def states(plan: Plan) -> list[MatchState | None]:
    found = db.session.scalars(select(PlanLine).where(PlanLine.plan_id == plan.id).order_by(PlanLine.id))
    return [line.match.state if line.match else None for line in found]


def test_one_click_puts_every_line_on_the_shortlist(town: Town, plan: Plan) -> None:
    assert plans.take_plan(plan, town.officer) == plans.TakenOver(3, 0, 0)
    assert states(plan) == [MatchState.SHORTLISTED] * 3
    made = db.session.scalars(select(Match)).all()
    assert {(match.demand_amount, match.supply_amount, match.score is None) for match in made} == {
        (Decimal(10), Decimal(10), False)
    }
    assert plans.take_plan(plan, town.officer) == plans.TakenOver(0, 0, 0)


def test_what_has_changed_meanwhile_is_left_out(town: Town, plan: Plan) -> None:
    closed, taken, _ = lines_left(plan, 9)
    _paused(town, closed.demand, closed.supply)
    matches.shortlist_match(taken.demand, taken.supply, town.officer)
    assert plans.take_plan(plan, town.officer) == plans.TakenOver(1, 2, 0)
    assert states(plan) == [None, None, MatchState.SHORTLISTED]


def test_less_than_was_counted_on_and_what_was_turned_down_is_left_out(town: Town, plan: Plan) -> None:
    smaller, dismissed, _ = lines_left(plan, 9)
    smaller.supply.reserved = Decimal(1)
    matches.dismiss_match(dismissed.demand, dismissed.supply, town.officer)
    assert plans.take_plan(plan, town.officer) == plans.TakenOver(1, 2, 0)
    with pytest.raises(Unfit):
        plans.take_line(smaller, town.officer)
    assert plans.take_line(dismissed, town.officer).state == MatchState.SHORTLISTED


@pytest.mark.parametrize(("says", "about"), [("demand", "supply"), ("supply", "demand")])
def test_what_one_side_called_not_for_us_since_is_left_out(town: Town, plan: Plan, says: str, about: str) -> None:
    first = lines_left(plan, 9)[0]
    listing, other = getattr(first, says), getattr(first, about)
    said = Preference(
        listing=listing, other_id=other.id, why=NotForUs.OTHER, state=PreferenceState.STANDING, said_at=now()
    )
    db.session.add(said)
    assert plans.take_plan(plan, town.officer) == plans.TakenOver(2, 1, 0)
    assert [row.turned_down for row in lines_of(plan, 1, 9)] == [True, False, False]
    said.state = PreferenceState.TAKEN_BACK
    assert plans.take_plan(plan, town.officer) == plans.TakenOver(1, 0, 0)


def test_what_another_council_talks_about_is_left_to_it(town: Town, plan: Plan) -> None:
    """Its officers' shortlist is their own paper: no number of the match, and nothing to take."""
    first = lines_left(plan, 9)[0]
    make.match(first.demand, first.supply, town.west, MatchState.SHORTLISTED)
    row = lines_of(plan, 1, 9)[0]
    assert (row.is_elsewhere, row.match_id) == (True, None)
    assert plans.take_plan(plan, town.officer) == plans.TakenOver(2, 1, 0)


def test_what_is_left_out_stands_in_nobodys_way(town: Town, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next click reaches what comes after it, and the page stops offering what cannot be had."""
    monkeypatch.setattr(plans, "MOST_AT_ONCE", 1)
    first, second, _ = lines_left(plan, 9)
    first.supply.reserved = Decimal(1)
    matches.dismiss_match(second.demand, second.supply, town.officer)
    assert line_counts(plan) == (3, 3, 1)
    assert plans.take_plan(plan, town.officer) == plans.TakenOver(1, 2, 0)
    assert line_counts(plan) == (3, 2, 0)


def test_a_large_plan_is_taken_over_in_a_few_clicks(town: Town, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "MOST_AT_ONCE", 2)
    assert plans.take_plan(plan, town.officer) == plans.TakenOver(2, 0, 1)
    assert plans.take_plan(plan, town.officer) == plans.TakenOver(1, 0, 0)


def test_each_line_is_taken_and_taken_back_alone(town: Town, plan: Plan) -> None:
    line = lines_left(plan, 9)[1]
    first = plans.take_line(line, town.officer)
    assert plans.take_line(line, town.officer) is first
    plans.put_back(line, town.officer)
    plans.put_back(line, town.officer)
    assert states(plan) == [None, MatchState.WITHDRAWN, None]
    assert plans.take_plan(plan, town.officer) == plans.TakenOver(2, 0, 0)
    assert plans.take_line(line, town.officer) is not first
    assert states(plan) == [MatchState.SHORTLISTED] * 3


def test_what_was_put_to_the_sides_is_not_taken_back_here(town: Town, plan: Plan) -> None:
    line, other, _ = lines_left(plan, 9)
    match = plans.take_line(line, town.officer)
    matches.propose_match(line.demand, line.supply, town.officer, demand_amount=match.demand_amount)
    for each in (line, other):
        with pytest.raises(WrongState):
            plans.put_back(each, town.officer)
    with pytest.raises(AlreadyThere):
        plans.take_line(line, town.officer)


def test_officers_of_elsewhere_and_members_keep_their_hands_off(town: Town, plan: Plan) -> None:
    line = lines_left(plan, 9)[0]
    for actor in (town.other_officer, town.member):
        for deed in (lambda who: plans.take_plan(plan, who), lambda who: plans.take_line(line, who)):
            with pytest.raises(NotAllowed):
                deed(actor)
        with pytest.raises(NotAllowed):
            plans.put_back(line, actor)
    assert states(plan) == [None] * 3

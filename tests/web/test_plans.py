"""The pages of plans: asking, waiting, reading, taking over and taking back; for officers of the area alone."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import null, select, update

from broker.domain.clock import now
from broker.domain.kinds import MatchState, PlanMode, PostingState, SupportKind, Unit
from broker.store.accounts import Membership
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.frameworks import Framework, Node
from broker.store.jobs import Job
from broker.store.listings import Posting
from broker.store.matches import Match
from broker.store.places import Ward
from broker.store.plans import Plan, PlanLine
from broker.store.suggestions import Suggestion
from broker.work import jobs
from tests import make
from tests.conftest import PageChecker

SQUARE = {"type": "Polygon", "coordinates": [[[-2.0, 53.0], [-2.0, 53.1], [-1.9, 53.1], [-2.0, 53.0]]]}


@dataclass
class City:
    """An area with two needs and two offers, each pair suggested, one of them in different units."""

    area: int
    officer: PageChecker
    stranger: PageChecker
    member: PageChecker


@pytest.fixture
def city(app: Flask, sign_in: Callable[[Membership | int], PageChecker]) -> City:
    with app.app_context():
        area, other = make.authority(), make.authority("Westerby")
        group = make.organisation(area)
        people = [make.officer(area).id, make.officer(other).id, make.member(group).id]
        ward = Ward(code="W1", name="Abbot's Walk", authority=area, lat=53.0, lon=-2.0, outline=SQUARE)
        needs = [
            make.need(group, area, title="Laptops for homework", ward=ward),
            make.need(make.organisation(area), area, title="Somebody to mend bikes", support_kind=SupportKind.SKILLS,
                      unit=Unit.HOURS),
        ]  # fmt: skip
        offers = [make.offer(make.supplier(area), area, title=f"{name} offer") for name in ("First", "Second")]
        for demand in needs:
            for supply in offers:
                suggest(demand.id, supply.id, 0.5 if demand.unit == supply.unit else 0.2)
        shared = Framework(
            code="SHARED", version=1, name="Shared", level="regional", status="current", wording="provisional"
        )
        db.session.add_all([shared, Node(framework=shared, code="H01", kind="hub", label="Everyone is online")])
        db.session.commit()
        area_id = area.id
    return City(area_id, *(sign_in(person) for person in people))


def suggest(demand_id: int, supply_id: int, score: float) -> None:
    reason = {"parts": [], "dates": "overlap"}
    db.session.add(
        Suggestion(
            demand_id=demand_id, supply_id=supply_id, score=score, demand_rank=1, reason=reason, engine="x",
            computed_at=now(),
        )
    )  # fmt: skip


def page(client: PageChecker, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def asked(city: City, mode: str = "serve_first") -> str:
    """The address of a plan that was asked for."""
    answer = city.officer.post("/plans", data={"mode": mode, "cap": "3"})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return str(answer.location)


def drawn(app: Flask, city: City, mode: str = "serve_first") -> str:
    """The address of a plan that the worker has drawn."""
    url = asked(city, mode)
    with app.app_context():
        jobs.work_off()
    return url


def line_ids(app: Flask) -> list[int]:
    with app.app_context():
        return list(db.session.scalars(select(PlanLine.id).order_by(PlanLine.id)))


def states(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(Match.state).order_by(Match.id)))


def test_from_the_navigation_to_a_plan(app: Flask, city: City) -> None:
    assert 'href="/plans"' in page(city.officer, "/desk")
    empty = page(city.officer, "/plans")
    assert "No plan has been made yet" in empty
    assert "even if it is only a part" in empty
    url = asked(city)
    waiting = page(city.officer, url)
    assert "Your plan is waiting for its turn." in waiting
    assert 'http-equiv="refresh"' in waiting
    assert "Not ready yet" in page(city.officer, "/plans")
    with app.app_context():
        jobs.work_off()
    ready = page(city.officer, url)
    assert "Laptops for homework" in ready
    assert "First offer" in ready
    assert "The dates fit." in ready
    assert "10 items" in ready
    assert "Amount to agree" in ready
    assert "Picking one by one" in ready
    assert "http-equiv" not in ready
    assert "2 of 2" in page(city.officer, "/plans")


def test_progress_and_failure_are_read_from_the_stored_row(app: Flask, city: City) -> None:
    url = asked(city)
    with app.app_context():
        db.session.execute(update(Job).values(done=1, total=3, state="running"))
        db.session.commit()
    assert "The market is read." in page(city.officer, url)
    with app.app_context():
        db.session.execute(update(Job).values(state="failed"))
        db.session.commit()
    failed = page(city.officer, url)
    assert "Something went wrong on our side" in failed
    assert "http-equiv" not in failed
    assert city.officer.post(f"{url}/again").status_code == 303
    with app.app_context():
        jobs.work_off()
    assert "Picking one by one" in page(city.officer, url)


@pytest.mark.parametrize("mode", list(PlanMode))
def test_every_way_of_planning_has_its_page(app: Flask, city: City, mode: PlanMode) -> None:
    text = page(city.officer, drawn(app, city, mode))
    assert ("Nobody appears more than 3 times." in text) == (mode == PlanMode.SPREAD)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"mode": "best", "cap": "3"}, "Choose what matters most"),
        ({"mode": "spread", "cap": "4000"}, "Choose how often"),
    ],
)
def test_a_form_that_makes_no_sense_is_told_so(city: City, sent: dict[str, str], said: str) -> None:
    answer = city.officer.post("/plans", data=sent)
    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)


def test_who_is_served_by_ward_is_drawn_and_listed(app: Flask, city: City) -> None:
    text = page(city.officer, drawn(app, city))
    assert '<path class="map__area' in text
    assert "Abbot&#39;s Walk" in text
    assert "1 of 1" in text
    assert "The whole area, online, or not known" in text


def test_without_outlines_the_wards_are_bars(app: Flask, city: City) -> None:
    with app.app_context():
        db.session.execute(update(Ward).values(outline=null()))
        db.session.commit()
    text = page(city.officer, drawn(app, city))
    assert '<path class="map__area' not in text
    assert "Abbot&#39;s Walk" in text
    assert "Needs served, of those that are open" in text


def test_all_lines_are_taken_over_and_each_can_be_taken_back(app: Flask, city: City) -> None:
    url = drawn(app, city)
    taken = city.officer.post(f"{url}/take", follow_redirects=True).get_data(as_text=True)
    assert "2 lines are on your shortlist now. Nobody else sees them yet." in taken
    assert "You have been through every line." in taken
    assert states(app) == [MatchState.SHORTLISTED] * 2
    first = line_ids(app)[0]
    back = city.officer.post(f"{url}/lines/{first}/undo", data={"page": "1"})
    assert back.location == f"{url}#line-{first}"
    assert "Taken back" in page(city.officer, url)
    assert states(app) == [MatchState.WITHDRAWN, MatchState.SHORTLISTED]
    assert city.officer.post(f"{url}/lines/{first}/take", data={"page": "2"}).location == f"{url}?page=2#line-{first}"
    assert sorted(states(app)) == [MatchState.SHORTLISTED, MatchState.SHORTLISTED, MatchState.WITHDRAWN]
    assert "First offer" not in page(city.member, "/my-matches")


def test_the_amount_of_a_line_is_what_the_officer_would_propose(app: Flask, city: City) -> None:
    url = drawn(app, city)
    with app.app_context():
        line = db.session.scalars(select(PlanLine).where(PlanLine.amount.is_not(None))).one()
        line.amount = Decimal(4)
        pair = f"/listings/{line.demand_id}/broker/{line.supply_id}"
        db.session.commit()
    assert 'value="10"' in page(city.officer, pair)
    city.officer.post(f"{url}/take")
    assert 'value="4"' in page(city.officer, pair)


def test_what_changed_since_is_left_out_and_said(app: Flask, city: City) -> None:
    url = drawn(app, city)
    with app.app_context():
        first = db.session.scalars(select(PlanLine).order_by(PlanLine.id)).first()
        assert first is not None
        db.session.execute(
            update(Posting).where(Posting.listing_id == first.supply_id).values(state=PostingState.PAUSED)
        )
        db.session.commit()
    taken = city.officer.post(f"{url}/take", follow_redirects=True).get_data(as_text=True)
    assert "1 line is on your shortlist now" in taken
    assert "1 line is left out, because something changed since the plan." in taken
    assert "No longer open on both sides" in taken
    assert len(states(app)) == 1


def test_a_line_whose_offer_has_shrunk_says_so(app: Flask, city: City) -> None:
    url = drawn(app, city)
    with app.app_context():
        line = db.session.scalars(select(PlanLine).where(PlanLine.amount.is_not(None))).one()
        line.supply.reserved = Decimal(3)
        line_id = line.id
        db.session.commit()
    said = city.officer.post(f"{url}/lines/{line_id}/take", follow_redirects=True).get_data(as_text=True)
    assert "Less is left than the plan counted on" in said
    assert states(app) == []


def test_what_another_council_talks_about_is_said_without_a_way_in(app: Flask, city: City) -> None:
    url = drawn(app, city)
    with app.app_context():
        line = db.session.scalars(select(PlanLine).order_by(PlanLine.id).limit(1)).one()
        make.match(line.demand, line.supply, make.authority("Eastham"), MatchState.SHORTLISTED)
        db.session.commit()
    text = page(city.officer, url)
    assert "Another council is talking about this pair" in text
    assert 'href="/matches/' not in text


def test_nothing_to_pair_says_what_to_do(app: Flask, city: City) -> None:
    with app.app_context():
        db.session.execute(update(Posting).values(state=PostingState.PAUSED))
        db.session.commit()
    text = page(city.officer, drawn(app, city))
    assert "There was nothing to pair" in text
    assert "Approve what waits on your desk" in text


def test_a_suggestion_that_is_gone_is_said(app: Flask, city: City) -> None:
    url = drawn(app, city)
    with app.app_context():
        db.session.query(Suggestion).delete()
        db.session.commit()
    assert "The computer no longer suggests this pair." in page(city.officer, url)


def test_plans_are_for_officers_of_the_area(app: Flask, city: City) -> None:
    url = drawn(app, city)
    line = f"{url}/lines/{line_ids(app)[0]}"
    for path in (url, f"{url}/again", f"{url}/take", f"{line}/take", f"{line}/undo"):
        for client, status in ((city.stranger, 404), (city.member, 403)):
            answer = client.get(path) if path == url else client.post(path)
            assert answer.status_code == status, path
    assert "Laptops" not in page(city.stranger, "/plans")
    assert states(app) == []


def test_a_line_of_another_plan_is_not_found_in_this_one(app: Flask, city: City) -> None:
    first, second = drawn(app, city), drawn(app, city, "spread")
    assert city.officer.post(f"{second}/lines/{line_ids(app)[0]}/take").status_code == 404
    assert city.officer.post(f"{first}/lines/999/undo").status_code == 404


@pytest.mark.parametrize("number", [1, 40])
def test_the_pages_ask_the_database_a_fixed_number_of_times(
    app: Flask, city: City, statements: list[str], number: int
) -> None:
    with app.app_context():
        area = db.session.get_one(Authority, city.area)
        for _ in range(number):
            demand, supply = make.need(make.organisation(area), area), make.offer(make.supplier(area), area)
            suggest(demand.id, supply.id, 0.4)
        db.session.commit()
    url = drawn(app, city)
    page(city.officer, url)
    for path in ("/plans", url, f"{url}?page=2"):
        statements.clear()
        text = page(city.officer, path)
        assert len(statements) <= 5, f"{path}: {statements}"
    if number == 40:
        assert "42 lines" in page(city.officer, url)
        assert 'rel="prev"' in text
    waiting = asked(city)
    statements.clear()
    page(city.officer, waiting)
    assert len(statements) <= 5


def test_a_large_plan_is_taken_over_quickly(app: Flask, city: City, statements: list[str]) -> None:
    """A handful of statements for each line, and none for each pair of lines."""
    with app.app_context():
        area = db.session.get_one(Authority, city.area)
        plan = Plan(authority=area, mode=PlanMode.SPREAD, cap=3, created_at=now(), finished_at=now())
        for _ in range(20):
            demand, supply = make.need(make.organisation(area), area), make.offer(make.supplier(area), area)
            db.session.add(
                PlanLine(plan=plan, demand=demand, supply=supply, amount=Decimal(5), unit=Unit.ITEMS, part=1, score=1)
            )
        db.session.commit()
        plan_id = plan.id
    statements.clear()
    city.officer.post(f"/plans/{plan_id}/take")
    assert len(states(app)) == 20
    assert len(statements) <= 20 * 8 + 10

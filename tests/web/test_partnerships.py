"""A partnership on screen, on paper and in a calendar: who reads it, what its officer does with it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from broker.domain.clock import today
from broker.domain.kinds import Lane, MatchState, PartnershipState
from broker.store.accounts import Membership
from broker.store.base import db
from broker.store.frameworks import Framework
from broker.store.listings import Listing
from broker.store.partnerships import Partnership
from tests import make
from tests.conftest import PageChecker

SignIn = Callable[[Membership], PageChecker]


@dataclass
class Made:
    """A partnership of six of ten, and the people around it."""

    id: int
    need: int
    offer: int
    group: Membership
    firm: Membership
    officer: Membership
    elsewhere: Membership
    stranger: Membership


@pytest.fixture
def build(app: Flask) -> Callable[..., Made]:
    def built(**facts: Any) -> Made:
        with app.app_context():
            area = make.authority()
            need = make.need(make.organisation(area, name="Harbour Street Helpers"), area)
            offer = make.offer(make.supplier(area, name="Quayside; Builders, Ltd"), area)
            match = make.match(need, offer, area, MatchState.CONFIRMED)
            frame = Framework(code="F", version=3, name="Our frame", level="authority", status="current",
                              wording="provisional")  # fmt: skip
            usual = {
                "state": PartnershipState.PLANNED,
                "lane": Lane.TRANSACTIONAL,
                "what": "Six laptops,\nwiped; ready \\o/ on Friday, with a lead for each and a bag to carry it in ☺",
                "demand_amount": Decimal(6),
                "demand_unit": "items",
                "supply_amount": Decimal(6),
                "supply_unit": "items",
                "starts_on": today(),
                "ends_on": today() + timedelta(days=30),
                "created_at": match.created_at,
            }
            made = Partnership(match=match, authority_id=area.id, framework=frame, **{**usual, **facts})
            for listing in (need, offer):
                listing.reserved = Decimal(6)
            need.postings[0].approved.safeguarding = "Canary: children are in the room"
            db.session.add(made)
            db.session.flush()
            people = [
                make.member(need.organisation),
                make.member(offer.organisation),
                make.officer(area),
                make.officer(make.authority("Westerby")),
                make.member(make.organisation(area)),
            ]
            db.session.commit()
            ids = made.id, need.id, offer.id
            for person in people:
                db.session.refresh(person)
                db.session.expunge(person)
            return Made(*ids, *people)

    return built


def text(client: PageChecker, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status, response.get_data(as_text=True)
    return response.get_data(as_text=True)


def state_of(app: Flask, made: Made) -> str:
    with app.app_context():
        return db.session.get_one(Partnership, made.id).state


def test_both_sides_read_who_what_how_much_when_and_under_what(build: Callable[..., Made], sign_in: SignIn) -> None:
    made = build()
    for membership in (made.group, made.firm, made.officer):
        page = text(sign_in(membership), f"/partnerships/{made.id}")
        for said in ("Harbour Street Helpers", "Quayside; Builders, Ltd", "6 items", "One-off", "Our frame, version 3"):
            assert said in page
        assert "Provisional wording" in page
        assert len(re.findall(r"private\d+@example.org", page)) >= 2, "the contacts of both sides"


def test_nobody_else_reads_it(build: Callable[..., Made], sign_in: SignIn, client: PageChecker) -> None:
    made = build()
    for membership in (made.stranger, made.elsewhere):
        text(sign_in(membership), f"/partnerships/{made.id}", 404)
        text(sign_in(membership), f"/partnerships/{made.id}/calendar.ics", 404)
    assert client.get(f"/partnerships/{made.id}").status_code == 302


def test_safeguarding_reminds_the_officer_only(build: Callable[..., Made], sign_in: SignIn) -> None:
    made = build()
    assert "Canary" in text(sign_in(made.officer), f"/partnerships/{made.id}")
    assert "Canary" not in text(sign_in(made.firm), f"/partnerships/{made.id}")


def test_the_sides_have_no_buttons(build: Callable[..., Made], sign_in: SignIn) -> None:
    made = build()
    assert "It has started" not in text(sign_in(made.group), f"/partnerships/{made.id}")
    for deed in ("start", "call-review", "review", "close", "end"):
        assert sign_in(made.group).post(f"/partnerships/{made.id}/{deed}").status_code == 403
        assert sign_in(made.elsewhere).post(f"/partnerships/{made.id}/{deed}").status_code == 404


def test_the_calendar_file_is_well_formed(build: Callable[..., Made], sign_in: SignIn) -> None:
    made = build(review_on=today() + timedelta(days=10))
    response = sign_in(made.group).get(f"/partnerships/{made.id}/calendar.ics")
    assert response.mimetype == "text/calendar"
    raw = response.get_data()
    lines = raw.decode().split("\r\n")
    assert "\n" not in "".join(lines), "every line ends in CRLF"
    assert all(len(line.encode()) <= 75 for line in lines)
    whole = raw.decode().replace("\r\n ", "")
    assert whole.count("BEGIN:VEVENT") == whole.count("END:VEVENT") == 3
    assert f"DTSTART;VALUE=DATE:{today():%Y%m%d}" in whole
    assert f"DTEND;VALUE=DATE:{today() + timedelta(days=1):%Y%m%d}" in whole
    assert "SUMMARY:Quayside\\; Builders\\, Ltd and Harbour Street Helpers: starts" in whole
    assert "Six laptops\\,\\nwiped\\; ready \\\\o/ on Friday" in whole
    assert "☺" in whole
    assert len(set(re.findall(r"UID:(\S+)", whole))) == 3


def say(client: PageChecker, made: Made, words: str = "It went well.", **more: str) -> None:
    sent = {"score": "4", "words": words, **more}
    assert client.post(f"/partnerships/{made.id}/feedback", data=sent).status_code == 303


def test_from_start_to_close(app: Flask, build: Callable[..., Made], sign_in: SignIn) -> None:
    made = build()
    officer = sign_in(made.officer)
    assert officer.post(f"/partnerships/{made.id}/start", data={"next": "/desk"}).location == "/desk"
    assert state_of(app, made) == PartnershipState.RUNNING
    assert officer.post(f"/partnerships/{made.id}/start").status_code == 409
    url = f"/partnerships/{made.id}/close"
    assert "Not said yet" in text(officer, url)
    refused = officer.post(url, data={"text": "All arrived."})
    assert refused.status_code == 422
    assert "All arrived." in refused.get_data(as_text=True), "nothing typed is lost"
    say(sign_in(made.group), made, "Just what we needed.")
    assert "Just what we needed." in text(officer, url)
    sent = {"text": "All arrived.", "supply_silent": "Rang twice."}
    assert officer.post(url, data=sent).status_code == 303
    assert state_of(app, made) == PartnershipState.CLOSED
    page = text(sign_in(made.firm), f"/partnerships/{made.id}")
    assert "Asked, no answer" in page
    assert "Rang twice." in page
    assert "All arrived." in text(sign_in(made.firm), f"/partnerships/{made.id}")


def lasting(build: Callable[..., Made]) -> Made:
    return build(state=PartnershipState.RUNNING, lane=Lane.SYSTEMIC, review_on=today())


def test_a_lasting_one_is_not_closed_without_its_review(
    app: Flask, build: Callable[..., Made], sign_in: SignIn
) -> None:
    made = lasting(build)
    response = sign_in(made.officer).post(f"/partnerships/{made.id}/close", data={"text": "Done"})
    assert response.status_code == 422
    assert "reviewed before it is closed" in response.get_data(as_text=True)
    assert state_of(app, made) == PartnershipState.RUNNING


def test_a_review_goes_on_or_closes(app: Flask, build: Callable[..., Made], sign_in: SignIn) -> None:
    made = lasting(build)
    officer = sign_in(made.officer)
    officer.post(f"/partnerships/{made.id}/call-review")
    assert state_of(app, made) == PartnershipState.REVIEW_DUE
    url = f"/partnerships/{made.id}/review"
    text(officer, url)
    for bad in ({"text": "", "then": "close"}, {"text": "Well", "then": "again"}):
        assert officer.post(url, data=bad).status_code == 422
    soon = today() + timedelta(days=90)
    form = {"text": "Well", "then": "again", "review_on-day": soon.day, "review_on-month": soon.month,
            "review_on-year": soon.year}  # fmt: skip
    assert officer.post(url, data=form).status_code == 303
    assert state_of(app, made) == PartnershipState.RUNNING
    officer.post(f"/partnerships/{made.id}/call-review")
    assert officer.post(url, data={"text": "All done", "then": "close"}).status_code == 303
    assert state_of(app, made) == PartnershipState.CLOSED
    assert "All done" in text(sign_in(made.group), f"/partnerships/{made.id}")


def test_an_early_end_gives_back(app: Flask, build: Callable[..., Made], sign_in: SignIn) -> None:
    made = build()
    officer = sign_in(made.officer)
    text(officer, f"/partnerships/{made.id}/end")
    response = officer.post(f"/partnerships/{made.id}/end", data={"demand_back": "7", "text": "Kept"})
    assert response.status_code == 422
    assert "No more can go back" in response.get_data(as_text=True)
    assert (
        officer.post(f"/partnerships/{made.id}/end", data={"demand_back": "6", "supply_back": "2"}).status_code == 303
    )
    assert state_of(app, made) == PartnershipState.ENDED_EARLY
    with app.app_context():
        assert db.session.get_one(Listing, made.need).reserved == 0
        assert db.session.get_one(Listing, made.offer).reserved == 4


def test_nothing_goes_back_where_somebody_says_nothing(app: Flask, build: Callable[..., Made], sign_in: SignIn) -> None:
    made = build()
    data = {"demand_back": "0", "supply_back": ""}
    assert sign_in(made.officer).post(f"/partnerships/{made.id}/end", data=data).status_code == 303
    with app.app_context():
        assert [db.session.get_one(Listing, each).reserved for each in (made.need, made.offer)] == [6, 6]


def test_the_page_asks_the_database_six_times(
    build: Callable[..., Made], sign_in: SignIn, statements: list[str]
) -> None:
    made = build()
    client = sign_in(made.officer)
    text(client, f"/partnerships/{made.id}")
    statements.clear()
    text(client, f"/partnerships/{made.id}")
    assert len(statements) <= 6, statements

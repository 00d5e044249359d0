"""A match through its two sides' eyes: asking, answering, and what each may read when."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from broker.domain.clock import now, today
from broker.domain.kinds import Audience, MatchState, NoteKind, PlaceKind, PostingState, Role
from broker.store.accounts import Membership
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.events import Note
from broker.store.listings import Listing, Posting
from broker.store.matches import Match
from broker.store.suggestions import Suggestion
from tests import make
from tests.conftest import PageChecker

SignIn = Callable[[Membership], PageChecker]
REASON = {
    "same_words": [{"word": "laptops", "share": 0.3}, {"word": "homework", "share": 0.1}],
    "same_kind": "goods",
    "distance_miles": 0.4,
    "remote": False,
    "dates": "overlap",
    "same_priorities": [],
    "lane_same": True,
}
SECRETS = {
    "demand": ("Gwen Private", "gwen@private.example", "01632 960111", "QM1 1AA", "QM9 9ZZ"),
    "supply": ("Sid Private", "sid@private.example", "01632 960222", "QM2 2BB", "QM8 8YY"),
}


@dataclass
class City:
    """Ids and people around one need of ten and one offer of ten in one area."""

    area: int
    need: int
    offer: int
    group: Membership
    firm: Membership
    stranger: Membership
    officer: Membership
    administrator: Membership


def organisation_facts(side: str) -> dict[str, str]:
    name, email, phone, postcode, _ = SECRETS[side]
    return {"contact_name": name, "contact_email": email, "contact_phone": phone, "postcode": postcode}


@pytest.fixture
def city(app: Flask) -> City:
    with app.app_context():
        area = make.authority()
        group = make.organisation(area, name="Harbour Street Helpers", **organisation_facts("demand"))
        firm = make.supplier(area, name="Quayside Builders", **organisation_facts("supply"))
        place = {"place_kind": PlaceKind.POSTCODE, "lat": 53.4, "lon": -2.2}
        need = make.need(group, area, title="Laptops for homework", postcode="QM9 9ZZ", **place)
        offer = make.offer(firm, area, title="Old office laptops", postcode="QM8 8YY", **place)
        need.postings[0].approved.safeguarding = "Canary: children are in the room"
        made = City(
            area.id,
            need.id,
            offer.id,
            make.member(group),
            make.member(firm),
            make.member(make.organisation(area)),
            make.officer(area),
            make.administrator(),
        )
        db.session.commit()
        for membership in vars(made).values():
            if isinstance(membership, Membership):
                db.session.refresh(membership)
                db.session.expunge(membership)
        return made


def put(app: Flask, city: City, state: MatchState = MatchState.PROPOSED, **facts: Any) -> int:
    """A match of the two listings in a state."""
    with app.app_context():
        need, offer = db.session.get_one(Listing, city.need), db.session.get_one(Listing, city.offer)
        match = make.match(need, offer, db.session.get_one(Authority, city.area), state, **{"reason": REASON, **facts})
        db.session.commit()
        return match.id


def state_of(app: Flask, match_id: int) -> str:
    with app.app_context():
        return db.session.get_one(Match, match_id).state


def text(client: PageChecker, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status, response.get_data(as_text=True)
    return response.get_data(as_text=True)


# -- asking ------------------------------------------------------------------------------


def test_a_group_asks_for_an_offer(app: Flask, city: City, sign_in: SignIn) -> None:
    client = sign_in(city.group)
    page = text(client, f"/listings/{city.offer}/ask")
    assert "Laptops for homework" in page
    assert "10 items left" in page
    form = {"listing": city.need, "amount": "6", "message": "We can fetch them."}
    response = client.post(f"/listings/{city.offer}/ask", data=form)
    assert response.status_code == 303
    with app.app_context():
        match = db.session.scalars(select(Match)).one()
        assert (match.opened_by, match.supply_amount, match.demand_amount) == ("demand", 6, 6)
        assert response.location == f"/matches/{match.id}"
        assert db.session.scalars(select(Note)).one().text == "We can fetch them."
    page = text(client, response.location)
    assert "We can fetch them." in page
    assert "You have said yes." in page


def test_a_supplier_offers_to_help(app: Flask, city: City, sign_in: SignIn) -> None:
    client = sign_in(city.firm)
    assert "Offer to help" in text(client, f"/listings/{city.need}/ask")
    assert client.post(f"/listings/{city.need}/ask", data={"listing": city.offer}).status_code == 303
    with app.app_context():
        assert db.session.scalars(select(Match)).one().opened_by == "supply"


def test_too_many_is_told_at_the_field_and_nothing_typed_is_lost(city: City, sign_in: SignIn) -> None:
    form = {"listing": city.need, "amount": "11", "message": "Kept words"}
    response = sign_in(city.group).post(f"/listings/{city.offer}/ask", data=form)
    page = response.get_data(as_text=True)
    assert response.status_code == 422
    assert "That is more than is left" in page
    assert 'href="#amount"' in page
    assert "Kept words" in page
    assert 'value="11"' in page


@pytest.mark.parametrize("amount", ["lots", "-3", "0", "1e9", "9" * 40])
def test_a_strange_amount_is_told_kindly(city: City, sign_in: SignIn, amount: str) -> None:
    form = {"listing": city.need, "amount": amount}
    response = sign_in(city.group).post(f"/listings/{city.offer}/ask", data=form)
    assert response.status_code == 422
    assert "Enter a number" in response.get_data(as_text=True)


def test_a_listing_of_somebody_else_cannot_be_put_in(city: City, sign_in: SignIn) -> None:
    client = sign_in(city.group)
    for sent in (city.offer, 999_999, "x"):
        assert client.post(f"/listings/{city.offer}/ask", data={"listing": sent}).status_code == 422


def test_whoever_has_nothing_fitting_is_shown_how_to_post_it(city: City, sign_in: SignIn) -> None:
    page = text(sign_in(city.stranger), f"/listings/{city.offer}/ask")
    assert f"/listings/new/need?answers={city.offer}" in page
    page = text(sign_in(city.stranger), f"/listings/{city.need}/ask")
    assert f"/listings/new/offer?answers={city.need}" in page


def test_nobody_asks_for_the_own_or_the_hidden(app: Flask, city: City, sign_in: SignIn) -> None:
    assert "This one is yours" in text(sign_in(city.group), f"/listings/{city.need}/ask")
    with app.app_context():
        posting = db.session.scalars(select(Posting).where(Posting.listing_id == city.offer)).one()
        posting.state = PostingState.PAUSED
        db.session.commit()
    text(sign_in(city.group), f"/listings/{city.offer}/ask", 404)
    text(sign_in(city.group), "/listings/999999/ask", 404)


def test_asking_twice_leads_to_the_one_that_is_there(app: Flask, city: City, sign_in: SignIn) -> None:
    match_id = put(app, city)
    response = sign_in(city.group).post(f"/listings/{city.offer}/ask", data={"listing": city.need})
    assert response.status_code == 409
    assert f"/matches/{match_id}" in response.get_data(as_text=True)


# -- answering ---------------------------------------------------------------------------


def test_yes_and_yes_open_the_contacts(app: Flask, city: City, sign_in: SignIn) -> None:
    match_id = put(app, city)
    group, firm = sign_in(city.group), sign_in(city.firm)
    assert "It is your turn" in text(group, f"/matches/{match_id}")
    assert group.post(f"/matches/{match_id}/accept").status_code == 303
    assert "Said yes" in text(firm, f"/matches/{match_id}")
    assert firm.post(f"/matches/{match_id}/accept").status_code == 303
    assert state_of(app, match_id) == MatchState.AGREED
    assert SECRETS["supply"][1] in text(group, f"/matches/{match_id}")


def test_a_second_yes_is_said_kindly(app: Flask, city: City, sign_in: SignIn) -> None:
    match_id = put(app, city)
    group = sign_in(city.group)
    group.post(f"/matches/{match_id}/accept")
    assert group.post(f"/matches/{match_id}/accept").status_code == 303
    assert "You have said yes already" in text(group, f"/matches/{match_id}")


def test_no_is_one_tap(app: Flask, city: City, sign_in: SignIn) -> None:
    match_id = put(app, city)
    response = sign_in(city.firm).post(f"/matches/{match_id}/decline", data={"decline-reason": "too_busy"})
    assert response.status_code == 303
    assert state_of(app, match_id) == MatchState.DECLINED


def test_an_unknown_reason_is_no_reason(app: Flask, city: City, sign_in: SignIn) -> None:
    match_id = put(app, city)
    response = sign_in(city.firm).post(f"/matches/{match_id}/decline", data={"decline-reason": "because"})
    assert response.status_code == 422
    assert state_of(app, match_id) == MatchState.PROPOSED


def test_questions_go_to_both_sides(app: Flask, city: City, sign_in: SignIn) -> None:
    match_id = put(app, city)
    group, firm = sign_in(city.group), sign_in(city.firm)
    assert firm.post(f"/matches/{match_id}/write", data={"write-text": "Chargers too?"}).status_code == 303
    page = text(group, f"/matches/{match_id}")
    assert "Chargers too?" in page
    assert "Quayside Builders" in page
    response = group.post(f"/matches/{match_id}/write", data={"write-text": "  "})
    assert response.status_code == 422
    assert "Write something first" in response.get_data(as_text=True)


def test_a_member_cannot_smuggle_an_officers_note(app: Flask, city: City, sign_in: SignIn) -> None:
    match_id = put(app, city)
    sign_in(city.firm).post(f"/matches/{match_id}/write", data={"write-text": "Hello", "note": "1"})
    with app.app_context():
        assert db.session.scalars(select(Note)).one().audience == Audience.SIDES


def test_the_one_who_asked_takes_it_back(app: Flask, city: City, sign_in: SignIn) -> None:
    match_id = put(app, city, opened_by="demand", demand_accepted_at=now())
    assert "Take back what I asked" in text(sign_in(city.group), f"/matches/{match_id}")
    assert "Take back what I asked" not in text(sign_in(city.firm), f"/matches/{match_id}")
    assert sign_in(city.firm).post(f"/matches/{match_id}/withdraw").status_code == 403
    assert sign_in(city.group).post(f"/matches/{match_id}/withdraw").status_code == 303
    assert state_of(app, match_id) == MatchState.WITHDRAWN


def test_what_is_over_says_so(app: Flask, city: City, sign_in: SignIn) -> None:
    match_id = put(app, city, MatchState.LAPSED)
    response = sign_in(city.group).post(f"/matches/{match_id}/accept")
    assert response.status_code == 409
    assert "Something changed since you opened the page" in response.get_data(as_text=True)


# -- who reads what ----------------------------------------------------------------------


def secrets_in(page: str, side: str) -> list[str]:
    return [secret for secret in SECRETS[side] if secret in page]


def test_contacts_are_hidden_until_both_said_yes(app: Flask, city: City, sign_in: SignIn) -> None:
    for facts in ({}, {"demand_accepted_at": now()}, {"supply_accepted_at": now()}):
        match_id = put(app, city, **facts)
        assert secrets_in(text(sign_in(city.group), f"/matches/{match_id}"), "supply") == []
        assert secrets_in(text(sign_in(city.firm), f"/matches/{match_id}"), "demand") == []
        with app.app_context():
            db.session.delete(db.session.get_one(Match, match_id))
            db.session.commit()


def test_contacts_are_open_to_both_once_both_said_yes(app: Flask, city: City, sign_in: SignIn) -> None:
    match_id = put(app, city, MatchState.AGREED)
    assert set(secrets_in(text(sign_in(city.group), f"/matches/{match_id}"), "supply")) == set(SECRETS["supply"])
    assert set(secrets_in(text(sign_in(city.firm), f"/matches/{match_id}"), "demand")) == set(SECRETS["demand"])


@pytest.mark.parametrize("state", [MatchState.DECLINED, MatchState.WITHDRAWN, MatchState.LAPSED])
def test_contacts_close_again_when_it_comes_to_nothing(
    app: Flask, city: City, sign_in: SignIn, state: MatchState
) -> None:
    match_id = put(app, city, state, demand_accepted_at=now(), supply_accepted_at=now())
    assert secrets_in(text(sign_in(city.group), f"/matches/{match_id}"), "supply") == []


def test_officers_of_the_area_read_both_and_nobody_else(app: Flask, city: City, sign_in: SignIn) -> None:
    match_id = put(app, city)
    page = text(sign_in(city.officer), f"/matches/{match_id}")
    assert len(secrets_in(page, "demand")) == len(secrets_in(page, "supply")) == 5
    page = text(sign_in(city.administrator), f"/matches/{match_id}")
    assert secrets_in(page, "demand") + secrets_in(page, "supply") == []
    with app.app_context():
        elsewhere = make.officer(make.authority("Westerby"))
        db.session.commit()
        db.session.refresh(elsewhere)
        db.session.expunge(elsewhere)
    for membership in (city.stranger, elsewhere):
        text(sign_in(membership), f"/matches/{match_id}", 404)
        assert sign_in(membership).post(f"/matches/{match_id}/withdraw").status_code == 404


def test_safeguarding_is_for_its_side_and_officers(app: Flask, city: City, sign_in: SignIn) -> None:
    match_id = put(app, city, MatchState.AGREED)
    assert "Canary" in text(sign_in(city.group), f"/matches/{match_id}")
    assert "Canary" in text(sign_in(city.officer), f"/matches/{match_id}")
    assert "Canary" not in text(sign_in(city.firm), f"/matches/{match_id}")
    assert "Canary" not in text(sign_in(city.administrator), f"/matches/{match_id}")


def test_why_somebody_said_no_stays_with_them_and_the_officers(app: Flask, city: City, sign_in: SignIn) -> None:
    match_id = put(app, city)
    data = {"decline-reason": "too_far", "decline-text": "Canary: that bus"}
    sign_in(city.firm).post(f"/matches/{match_id}/decline", data=data)
    phrase = "too far away for us"
    assert phrase in text(sign_in(city.firm), f"/matches/{match_id}")
    page = text(sign_in(city.officer), f"/matches/{match_id}")
    assert phrase in page
    assert "Canary: that bus" in page
    for url in (f"/matches/{match_id}", "/my-matches"):
        page = text(sign_in(city.group), url)
        assert phrase not in page
        assert "that bus" not in page
        assert "said no, thank you" in page.lower()


@pytest.mark.parametrize("kind", [NoteKind.NOTE, NoteKind.CALL, NoteKind.REASON])
def test_officers_notes_are_for_officers(app: Flask, city: City, sign_in: SignIn, kind: NoteKind) -> None:
    match_id = put(app, city, MatchState.AGREED)
    with app.app_context():
        note = Note(
            at=now(),
            kind=kind,
            audience=Audience.OFFICERS,
            subject="match",
            subject_id=match_id,
            author_id=city.officer.user_id,
            author_role=Role.OFFICER,
            text="Canary: rang twice",
        )
        db.session.add(note)
        db.session.commit()
    assert "Canary: rang twice" in text(sign_in(city.officer), f"/matches/{match_id}")
    for membership in (city.group, city.firm):
        assert "Canary: rang" not in text(sign_in(membership), f"/matches/{match_id}")


def test_a_shortlist_is_unknown_to_the_sides(app: Flask, city: City, sign_in: SignIn) -> None:
    match_id = put(app, city, MatchState.SHORTLISTED, proposed_at=None)
    text(sign_in(city.group), f"/matches/{match_id}", 404)
    assert f"/matches/{match_id}" not in text(sign_in(city.group), "/my-matches")
    text(sign_in(city.officer), f"/matches/{match_id}")


def test_a_stranger_is_asked_to_sign_in(app: Flask, city: City, client: PageChecker) -> None:
    match_id = put(app, city)
    for url in ("/my-matches", f"/matches/{match_id}", f"/listings/{city.need}/ask", "/desk"):
        assert client.get(url).location == "/sign-in"


# -- my matches --------------------------------------------------------------------------


def test_my_matches_says_whose_turn_it_is(app: Flask, city: City, sign_in: SignIn) -> None:
    put(app, city, demand_accepted_at=now())
    assert "Waiting for the other side" in text(sign_in(city.group), "/my-matches")
    assert "Waiting for your answer" in text(sign_in(city.firm), "/my-matches")
    page = text(sign_in(city.stranger), "/my-matches")
    assert "Nothing here yet" in page


def test_my_matches_counts_suggestions(app: Flask, city: City, sign_in: SignIn) -> None:
    with app.app_context():
        pair = {"demand_id": city.need, "supply_id": city.offer}
        db.session.add(Suggestion(score=0.4, demand_rank=1, reason=REASON, engine="tfidf-1", computed_at=now(), **pair))
        db.session.commit()
    page = text(sign_in(city.group), "/my-matches")
    assert "1 suggestion for Laptops for homework" in page
    assert f"/listings/{city.need}/suggestions" in page
    assert "suggestion for" not in text(sign_in(city.firm), "/my-matches")


@pytest.mark.parametrize("number", [1, 40])
def test_the_pages_ask_the_database_a_fixed_number_of_times(
    app: Flask, city: City, sign_in: SignIn, statements: list[str], number: int
) -> None:
    match_id = put(app, city, MatchState.AGREED)
    for _ in range(number):
        put(app, city, MatchState.LAPSED, created_at=now() - timedelta(days=3))
    with app.app_context():
        for n in range(number):
            note = Note(at=now(), kind=NoteKind.QUESTION, audience=Audience.SIDES, subject="match", text=f"Word {n}",
                        subject_id=match_id, author_role=Role.MEMBER, author_id=city.group.user_id)  # fmt: skip
            db.session.add(note)
        db.session.commit()
    client, officer = sign_in(city.group), sign_in(city.officer)
    text(client, "/my-matches")
    for visitor, url, most in (
        (client, "/my-matches", 5),
        (client, f"/matches/{match_id}", 5),
        (officer, f"/matches/{match_id}", 5),
        (client, f"/listings/{city.offer}/ask", 5),
    ):
        statements.clear()
        text(visitor, url)
        assert len(statements) <= most, f"{url}: {statements}"


def test_amounts_in_two_units_are_said_in_words(app: Flask, city: City, sign_in: SignIn) -> None:
    match_id = put(app, city, demand_amount=Decimal("2.5"), supply_amount=None, reply_by=today())
    page = text(sign_in(city.group), f"/matches/{match_id}")
    assert "2.5 items" in page
    assert "Not settled yet" in page


def test_saying_no_to_what_is_closed_is_told_as_that(app: Flask, sign_in: Callable[[Membership], PageChecker]) -> None:
    with app.app_context():
        area = make.authority()
        group = make.organisation(area)
        closed = make.match(make.need(group, area), make.offer(make.supplier(area), area), area, MatchState.LAPSED)
        member, officer = make.member(group), make.officer(area)
        db.session.commit()
        match_id = closed.id
        for person in (member, officer):
            db.session.refresh(person)
            db.session.expunge(person)
    assert sign_in(member).post(f"/matches/{match_id}/decline").status_code == 409
    assert sign_in(officer).post(f"/matches/{match_id}/record-refusal").status_code == 409

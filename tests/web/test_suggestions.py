"""An organisation sees what fits its listing, with the reason, and nobody else's."""

import re
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from broker.domain.kinds import SupportKind
from broker.store.accounts import Membership
from broker.store.base import db
from broker.store.listings import Listing
from broker.store.suggestions import Suggestion
from tests import make

SignIn = Callable[[Membership], FlaskClient]


def market(app: Flask, offers: int) -> tuple[int, Membership, Membership]:
    """A need with this many suggested offers: its id, a member of its group and one of the firm's."""
    with app.app_context():
        area = make.authority()
        group = make.organisation(area)
        need = make.need(group, area, support_kind=SupportKind.SPACE)
        firm = make.supplier(area)
        for rank in range(1, offers + 1):
            offer = make.offer(firm, area, title=f"Offer {rank}")
            make.suggestion(need, offer, rank, reason={"distance_miles": 2.0 * rank, "kind": "goods"})
        own, other = make.member(group), make.member(firm)
        db.session.commit()
        for person in (own, other):
            db.session.refresh(person)
            db.session.expunge(person)
        return need.id, own, other


def test_each_suggestion_says_why(app: Flask, sign_in: SignIn) -> None:
    need_id, own, _ = market(app, 2)
    page = sign_in(own).get(f"/listings/{need_id}/suggestions").get_data(as_text=True)
    assert page.count("Both talk about") == 2
    assert "Both are about goods." in page
    assert f"?with={need_id}" in page
    assert "@example.org" not in page


def test_it_is_not_for_others(app: Flask, sign_in: SignIn, client: FlaskClient) -> None:
    need_id, _, other = market(app, 1)
    assert sign_in(other).get(f"/listings/{need_id}/suggestions").status_code == 404
    assert client.get(f"/listings/{need_id}/suggestions").status_code == 302


def test_nothing_fitting_says_what_to_do(app: Flask, sign_in: SignIn) -> None:
    need_id, own, _ = market(app, 0)
    page = sign_in(own).get(f"/listings/{need_id}/suggestions").get_data(as_text=True)
    assert "Browse the list" in page


def test_statements_do_not_grow(app: Flask, sign_in: SignIn, statements: list[str]) -> None:
    need_id, own, _ = market(app, 15)
    browser = sign_in(own)
    browser.get("/")
    statements.clear()
    browser.get(f"/listings/{need_id}/suggestions")
    assert len(statements) <= 5, "\n\n".join(statements)


def test_a_listing_says_why_it_fits_the_visitors_own(app: Flask, sign_in: SignIn, client: FlaskClient) -> None:
    need_id, _, other = market(app, 1)
    page = sign_in(other).get(f"/listings/{need_id}").get_data(as_text=True)
    assert "Why it fits you" in page
    assert "Both talk about" in page
    assert "Why it fits you" not in client.get(f"/listings/{need_id}").get_data(as_text=True)


def path_of(app: Flask, need_id: int, rank: int) -> str:
    with app.app_context():
        query = select(Suggestion.supply_id).where(Suggestion.demand_id == need_id, Suggestion.demand_rank == rank)
        return f"/listings/{need_id}/suggestions/{db.session.scalar(query)}/not-for-us"


def refuse(browser: FlaskClient, path: str, **facts: str) -> TestResponse:
    other_id = path.split("/")[-2]
    return browser.post(path, data={f"not-{other_id}-{name}": value for name, value in facts.items()})


def test_too_far_changes_the_list_at_once_and_undo_brings_it_back(app: Flask, sign_in: SignIn) -> None:
    need_id, own, _ = market(app, 3)
    browser = sign_in(own)
    answer = refuse(browser, path_of(app, need_id, 2), why="too_far")
    assert answer.status_code == 303
    page = browser.get(answer.location).get_data(as_text=True)
    assert ">Offer 1</a>" in page
    assert ">Offer 2</a>" not in page
    assert ">Offer 3</a>" not in page, "it is further than what was too far"
    assert "Only what is nearer than about 4 miles is shown." in page
    assert "<strong>Offer 2</strong>" in page
    [undo] = re.findall(rf"/listings/{need_id}/suggestions/undo/[0-9]+", page)
    page = browser.get(browser.post(undo).location).get_data(as_text=True)
    assert all(f">Offer {rank}</a>" in page for rank in (1, 2, 3))
    assert "Undone." in page


def test_each_reason_says_beforehand_what_it_does(app: Flask, sign_in: SignIn) -> None:
    need_id, own, _ = market(app, 1)
    page = sign_in(own).get(f"/listings/{need_id}/suggestions").get_data(as_text=True)
    for said in (
        "Only what is nearer than about 2 miles is shown.",
        "Nothing of the kind “Goods” is shown.",
        "Nothing that is over by",
        "Only this one is hidden.",
    ):
        assert said in page


def test_no_reason_is_asked_for_kindly_and_nothing_is_lost(app: Flask, sign_in: SignIn) -> None:
    need_id, own, _ = market(app, 2)
    answer = refuse(sign_in(own), path_of(app, need_id, 2), text="We have no driver")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Choose the reason that comes nearest" in page
    assert "We have no driver" in page
    assert "<title>Error: " in page
    assert ">Offer 1</a>" in page
    assert ">Offer 2</a>" in page


def test_what_they_wrote_is_read_by_officers_alone_until_it_is_taken_back(app: Flask, sign_in: SignIn) -> None:
    need_id, own, other = market(app, 1)
    with app.app_context():
        officer = make.officer(db.session.get_one(Listing, need_id).postings[0].authority)
        offer_id = db.session.scalars(select(Suggestion.supply_id)).one()
        db.session.commit()
        db.session.refresh(officer)
        db.session.expunge(officer)
    browser = sign_in(own)
    refuse(browser, path_of(app, need_id, 1), why="other", text="We have no driver")
    pages = [f"/listings/{each}/broker" for each in (need_id, offer_id)]
    for page in pages:
        assert "They wrote: “We have no driver”" in sign_in(officer).get(page).get_data(as_text=True)
    for page in (f"/listings/{offer_id}", f"/listings/{offer_id}/suggestions", f"/listings/{need_id}", *pages):
        assert "no driver" not in sign_in(other).get(page).get_data(as_text=True)
    [undo] = re.findall(
        r'action="(/listings/\d+/suggestions/undo/\d+)"', browser.get(f"/listings/{need_id}/suggestions").text
    )
    browser.post(undo)
    assert "no driver" not in sign_in(officer).get(pages[0]).get_data(as_text=True)


def test_a_reason_that_nobody_offered_is_refused(app: Flask, sign_in: SignIn) -> None:
    need_id, own, _ = market(app, 1)
    assert refuse(sign_in(own), path_of(app, need_id, 1), why="too_dear").status_code == 422


def test_a_second_click_finds_it_gone_and_is_told_so(app: Flask, sign_in: SignIn) -> None:
    need_id, own, _ = market(app, 1)
    browser, path = sign_in(own), path_of(app, need_id, 1)
    refuse(browser, path, why="other")
    answer = refuse(browser, path, why="too_far")
    assert answer.status_code == 303
    page = browser.get(answer.location).get_data(as_text=True)
    assert "not in this list any more" in page
    assert "Nothing else fits just now" in page


def test_strangers_neither_refuse_nor_undo(app: Flask, sign_in: SignIn) -> None:
    need_id, own, other = market(app, 1)
    browser, stranger, path = sign_in(own), sign_in(other), path_of(app, need_id, 1)
    assert refuse(stranger, path, why="other").status_code == 404
    refuse(browser, path, why="other")
    page = browser.get(f"/listings/{need_id}/suggestions").get_data(as_text=True)
    [undo] = re.findall(rf"/listings/{need_id}/suggestions/undo/[0-9]+", page)
    assert stranger.post(undo).status_code == 404
    assert browser.post(f"/listings/{need_id}/suggestions/undo/999").status_code == 404


def test_statements_do_not_grow_with_what_was_said(app: Flask, sign_in: SignIn, statements: list[str]) -> None:
    need_id, own, _ = market(app, 15)
    browser = sign_in(own)
    for rank in (3, 5, 7):
        refuse(browser, path_of(app, need_id, rank), why="other")
    browser.get("/")
    statements.clear()
    browser.get(f"/listings/{need_id}/suggestions")
    assert len(statements) <= 5, "\n\n".join(statements)

"""An organisation sees what fits its listing, with the reason, and nobody else's."""

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from broker.actions import suggesting
from broker.actions.jobs import owe_suggestions
from broker.store.accounts import Membership
from broker.store.base import db
from tests import make

SignIn = Callable[[Membership], FlaskClient]


def market(app: Flask, offers: int) -> tuple[int, Membership, Membership]:
    """A need with this many fitting offers: its id, a member of its group and one of another."""
    with app.app_context():
        area = make.authority()
        group = make.organisation(area)
        need = make.need(group, area)
        firm = make.supplier(area)
        for _ in range(offers):
            make.offer(firm, area)
        own, other = make.member(group), make.member(firm)
        owe_suggestions(need)
        outlook = suggesting.look()
        assert outlook
        suggesting.keep(outlook)
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

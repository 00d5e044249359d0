"""A page that is kept for everybody shows nothing that has ended, and nothing that is somebody's own."""

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask, Response, request
from flask import session as flask_session
from flask.testing import FlaskClient
from flask_wtf.csrf import validate_csrf
from sqlalchemy import event

from broker import create_app
from broker.actions.moving import record
from broker.domain.kinds import PostingState, Role
from broker.domain.permissions import Action, Actor
from broker.store.base import db
from broker.store.listings import Listing, Posting
from broker.store.organisations import Organisation
from broker.web import gaps, kept_pages, strangers
from broker.web.transaction import SAFE
from tests import make


@pytest.fixture
def keeping(own_instance: object) -> Iterator[Flask]:
    """The app with its pages kept, and one open need."""
    app = create_app({"TESTING": True, "KEEP_PAGES": True, "WTF_CSRF_ENABLED": False, "SECRET_KEY": "t" * 40})
    with app.app_context():
        area = make.authority()
        make.need(make.organisation(area), area, title="Ten warm coats")
        db.session.commit()
        db.session.remove()
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def questions(keeping: Flask) -> Iterator[list[str]]:
    sent: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    with keeping.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def stranger(app: Flask) -> FlaskClient:
    return app.test_client()


def read(client: FlaskClient) -> str:
    return client.get("/listings").get_data(as_text=True)


def tokens(page: str) -> set[str]:
    return set(re.findall('name="csrf_token" value="([^"]+)"', page))


def withdraw(app: Flask) -> None:
    """As another process would, past this one's knowledge."""
    with app.app_context():
        listing = db.session.query(Listing).one()
        db.session.query(type(listing.postings[0])).update({"state": PostingState.WITHDRAWN})
        db.session.commit()
        db.session.remove()


def test_the_second_stranger_costs_no_question(keeping: Flask, questions: list[str]) -> None:
    first = stranger(keeping).get("/listings")
    assert "Ten warm coats" in first.get_data(as_text=True)
    questions.clear()
    second = stranger(keeping).get("/listings")
    assert second.data == first.data
    assert [each for each in questions if "listing" in each] == []


def test_all_that_goes_with_an_answer_goes_with_a_kept_one(keeping: Flask) -> None:
    first, second = stranger(keeping).get("/listings"), stranger(keeping).get("/listings")
    different = {"X-Request-Id", "Date"}
    assert {k: v for k, v in first.headers if k not in different} == {
        k: v for k, v in second.headers if k not in different
    }
    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]
    assert "Cookie" in second.headers["Vary"]
    assert "Set-Cookie" not in second.headers


def test_another_search_is_another_page(keeping: Flask) -> None:
    assert "Ten warm coats" in stranger(keeping).get("/listings").get_data(as_text=True)
    assert "Ten warm coats" not in stranger(keeping).get("/listings?q=zebra").get_data(as_text=True)


def test_what_a_member_sees_is_nothing_for_strangers(
    keeping: Flask, sign_in_to: Callable[[Flask], FlaskClient]
) -> None:
    assert "Sign out" in read(sign_in_to(keeping))
    assert "Sign out" not in read(stranger(keeping))
    assert "Sign out" in read(sign_in_to(keeping))


def test_a_colleague_gets_the_page_with_a_name_and_keys_of_their_own(
    keeping: Flask, questions: list[str], sign_in_to: Callable[..., FlaskClient]
) -> None:
    first, second = sign_in_to(keeping, "Ada <b>"), sign_in_to(keeping, "Ben & Co")
    one = read(first)
    questions.clear()
    two = read(second)
    assert [each for each in questions if "posting" in each] == [], "it was drawn once"
    assert "Ada &lt;b&gt;" in one
    assert "Ben &amp; Co" in two
    assert "Ada" not in two
    assert tokens(one).isdisjoint(tokens(two))
    for client, page in ((first, one), (second, two)):
        with client.session_transaction() as own, keeping.test_request_context():
            flask_session["csrf_token"] = own["csrf_token"]
            for token in tokens(page):
                validate_csrf(token)


def test_who_has_no_name_gets_no_key_in_its_place() -> None:
    app = Flask(__name__)
    app.secret_key = "t" * 40
    with app.test_request_context():
        assert gaps.filled(gaps.parted(f"<p>{gaps.NAME}</p>"), "") == "<p></p>"


def test_what_is_done_is_seen_at_the_very_next_look(keeping: Flask, sign_in_to: Callable[[Flask], FlaskClient]) -> None:
    member = sign_in_to(keeping)
    assert "Ten warm coats" in read(member)
    withdraw(keeping)
    assert "Ten warm coats" in read(member), "so it was kept"
    with keeping.app_context():
        record(db.session.query(Posting).one(), Action.WITHDRAW_LISTING, Actor(Role.SYSTEM))
        db.session.commit()
        db.session.remove()
    assert "Ten warm coats" not in read(member)


def test_what_is_told_once_is_told_once(keeping: Flask, sign_in_to: Callable[[Flask], FlaskClient]) -> None:
    member = sign_in_to(keeping)
    with member.session_transaction() as session:
        session["_flashes"] = [("success", "Saved for you")]
    assert "Saved for you" in read(member)
    assert "Saved for you" not in read(member)
    assert "Saved for you" not in read(sign_in_to(keeping))


def test_what_another_process_did_is_seen_at_the_next_look(keeping: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    pages: kept_pages.KeptPages = keeping.extensions["kept_pages"]
    listing = stranger(keeping).get("/listings").get_data(as_text=True)
    assert "Ten warm coats" in listing
    withdraw(keeping)
    ends = iter([object(), object()])
    monkeypatch.setattr(strangers, "head", lambda: next(ends))  # the record has grown
    pages.looked -= strangers.LOOK_EVERY
    assert "Ten warm coats" not in stranger(keeping).get("/listings").get_data(as_text=True)


def test_whatever_is_sent_here_makes_it_forget(keeping: Flask) -> None:
    assert "Ten warm coats" in stranger(keeping).get("/listings").get_data(as_text=True)
    withdraw(keeping)
    assert "POST" not in SAFE
    stranger(keeping).post("/sign-in", data={})
    assert "Ten warm coats" not in stranger(keeping).get("/listings").get_data(as_text=True)


def test_a_page_made_before_a_change_is_not_kept_after_it() -> None:
    pages = kept_pages.KeptPages()
    turn, key = pages.turn, ("http", "localhost", "/listings", "")
    pages.forget()
    pages.keep(key, "old", turn)
    assert pages.find(key) is None
    pages.keep(key, "new", pages.turn)
    assert pages.find(key) is not None
    pages.look("elsewhere")
    assert pages.find(key) is None


def test_nothing_is_shown_while_the_database_is_away(keeping: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    pages: kept_pages.KeptPages = keeping.extensions["kept_pages"]
    assert stranger(keeping).get("/listings").status_code == 200
    assert len(pages._pages) == 1

    def away() -> None:
        raise OSError

    monkeypatch.setattr(strangers, "head", away)
    pages.looked -= strangers.LOOK_EVERY
    assert stranger(keeping).get("/listings").status_code == 200, "the pages themselves have the last word"
    assert pages.turn > 1


def test_what_time_may_have_changed_is_drawn_anew() -> None:
    pages = kept_pages.KeptPages()
    pages.keep("key", "page", pages.turn)
    assert pages.find("key") == "page"
    assert pages.find("key", oldest=0) is None


def test_an_answer_that_sets_a_cookie_is_nobody_elses(keeping: Flask) -> None:
    """Nor is one that says itself that it must not be stored."""

    @keeping.after_request
    def _own(response: Response) -> Response:
        name = request.args.get("q", "")
        response.headers.update({"Set-Cookie": "a=b"} if name == "cookie" else {"Cache-Control": "no-store"})
        return response

    for word in ("cookie", "private"):
        assert stranger(keeping).get(f"/listings?q={word}").status_code == 200
    assert keeping.extensions["kept_pages"]._pages == {}


def test_no_more_pages_are_kept_than_fit(keeping: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_pages, "MOST", 3)
    pages: kept_pages.KeptPages = keeping.extensions["kept_pages"]
    for number in range(8):
        stranger(keeping).get(f"/listings?q={number}")
        assert len(pages._pages) <= 3


def test_another_host_is_turned_away_all_the_same(keeping: Flask) -> None:
    assert stranger(keeping).get("/listings").status_code == 200
    assert stranger(keeping).get("/listings", headers={"Host": "elsewhere.example"}).status_code == 400


def test_a_missing_listing_is_not_kept(keeping: Flask) -> None:
    assert stranger(keeping).get("/listings/987654").status_code == 404
    assert keeping.extensions["kept_pages"]._pages == {}


@pytest.fixture
def sign_in_to() -> Callable[[Flask], FlaskClient]:
    from datetime import timedelta
    from secrets import token_urlsafe

    from broker.domain.clock import now
    from broker.store.accounts import SignIn, hash_token

    def signed(app: Flask, name: str = "Someone") -> FlaskClient:
        """Each of the same organisation, under this name."""
        token = token_urlsafe(32)
        with app.app_context():
            group = db.session.query(Organisation).filter_by(name="Those who read").one_or_none()
            member = make.member(group or make.organisation(name="Those who read"))
            member.user.name = name
            facts = {"token_hash": hash_token(token), "membership_id": member.id, "created_at": now()}
            db.session.add(SignIn(**facts, expires_at=now() + timedelta(hours=1)))
            db.session.commit()
            db.session.remove()
        client = app.test_client()
        with client.session_transaction() as session:
            session["_user_id"] = token
            session["_fresh"] = True
        return client

    return signed

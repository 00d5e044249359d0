"""Several browsers at once, on one database file: one wins, the others read what happened, and nothing is doubled."""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select
from werkzeug.test import TestResponse

from broker.domain.clock import today
from broker.domain.kinds import MatchState, PostingState, RegistrationState
from broker.store.accounts import Membership, User
from broker.store.authorities import Authority
from broker.store.base import db, sqlite_module
from broker.store.events import Note
from broker.store.imports import Import
from broker.store.listings import Listing
from broker.store.matches import Match
from broker.store.organisations import Organisation
from broker.store.partnerships import Partnership
from broker.web.gaps import new_key
from tests import make
from tests.conftest import check_page
from tests.databases import IS_POSTGRESQL

Fields = dict[str, Any]
SignIn = Callable[[Membership | int], FlaskClient]
DAY = today() + timedelta(days=40)


def at_once(sendings: Sequence[tuple[FlaskClient, str, Fields]]) -> list[TestResponse]:
    """Post from all these browsers at the same moment, each in a thread of its own."""
    gate, answers = threading.Barrier(len(sendings)), [None] * len(sendings)

    def run(place: int, browser: FlaskClient, path: str, fields: Fields) -> None:
        gate.wait(timeout=10)
        answers[place] = browser.post(path, data=fields)  # type: ignore[call-overload]

    threads = [threading.Thread(target=run, args=(place, *sending)) for place, sending in enumerate(sendings)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    found = [answer for answer in answers if answer is not None]
    assert len(found) == len(sendings), "a request ended in an error"
    assert all(answer.status_code < 500 for answer in found)
    return found


def statuses(answers: list[TestResponse]) -> list[int]:
    return sorted(answer.status_code for answer in answers)


def dated(name: str) -> Fields:
    return {f"{name}-{part}": str(getattr(DAY, part)) for part in ("day", "month", "year")}


def terms(amount: int) -> Fields:
    """The form of a confirmation."""
    numbers = {"demand_amount": str(amount), "supply_amount": str(amount)}
    return {"what": "Laptops", "lane": "transactional", **numbers, **dated("starts_on"), **dated("ends_on")}


class Scene:
    """A need of ten, two offers of ten, a match with each, and everybody's browsers."""

    def __init__(self, app: Flask, sign_in: SignIn, state: MatchState = MatchState.AGREED) -> None:
        self.app, self._sign_in = app, sign_in
        with app.app_context():
            area = make.authority("Northmere", code="X99000001")
            group, firm = make.organisation(area), make.supplier(area)
            need, offer, other = make.need(group, area), make.offer(firm, area), make.offer(make.supplier(area), area)
            first = make.match(need, offer, area, state=state, opened_by="demand")
            second = make.match(need, other, area, state=state)
            free = make.need(group, area)
            waiting = make.need(group, area, state=PostingState.SUBMITTED)
            applied = make.organisation(area, state=RegistrationState.APPLIED, referee_name="Somebody known")
            people = make.member(group), make.member(firm), make.officer(area), make.administrator()
            self.match, self.second, self.need, self.free, self.offer = (
                first.id, second.id, need.id, free.id, offer.id,
            )  # fmt: skip
            self.area, self.posting, self.registration = area.id, waiting.postings[0].id, applied.registrations[0].id
            self.group, self.firm, self.officer, self.administrator = (person.id for person in people)
            db.session.commit()

    def browsers(self, who: int, number: int = 2) -> list[FlaskClient]:
        return [self._sign_in(who) for _ in range(number)]

    def count(self, model: type[Any]) -> int:
        with self.app.app_context():
            return db.session.scalar(select(func.count()).select_from(model)) or 0

    def reserved(self, listing_id: int) -> int:
        with self.app.app_context():
            return int(db.session.get_one(Listing, listing_id).reserved)


def test_eight_officers_confirm_one_match(app: Flask, sign_in: SignIn) -> None:
    scene = Scene(app, sign_in)
    path = f"/matches/{scene.match}/confirm"
    answers = at_once([(browser, path, terms(6)) for browser in scene.browsers(scene.officer, 8)])
    assert statuses(answers) == [303, *[409] * 7]
    assert scene.count(Partnership) == 1
    assert scene.reserved(scene.need) == 6
    with app.app_context():
        made = db.session.scalars(select(Partnership.id)).one()
    assert all(f'href="/partnerships/{made}"' in answer.text for answer in answers if answer.status_code == 409)


def test_six_and_six_of_ten(app: Flask, sign_in: SignIn) -> None:
    scene = Scene(app, sign_in)
    one, two = scene.browsers(scene.officer)
    paths = [f"/matches/{scene.match}/confirm", f"/matches/{scene.second}/confirm"]
    answers = at_once([(one, paths[0], terms(6)), (two, paths[1], terms(6))])
    assert statuses(answers)[0] == 303
    assert statuses(answers)[1] in {409, 422}
    assert scene.count(Partnership) == 1
    assert scene.reserved(scene.need) == 6


def test_a_yes_while_it_is_taken_back(app: Flask, sign_in: SignIn) -> None:
    scene = Scene(app, sign_in, MatchState.PROPOSED)
    group, firm = scene.browsers(scene.group, 1)[0], scene.browsers(scene.firm, 1)[0]
    yes, back = at_once([(firm, f"/matches/{scene.match}/accept", {}), (group, f"/matches/{scene.match}/withdraw", {})])
    assert back.status_code == 303
    assert yes.status_code in {303, 409}
    with app.app_context():
        assert db.session.get_one(Match, scene.match).state == MatchState.WITHDRAWN


def test_confirmed_while_the_listing_is_withdrawn(app: Flask, sign_in: SignIn) -> None:
    scene = Scene(app, sign_in)
    group, officer = scene.browsers(scene.group, 1)[0], scene.browsers(scene.officer, 1)[0]
    answers = at_once(
        [(group, f"/listings/{scene.need}/withdraw", {}), (officer, f"/matches/{scene.match}/confirm", terms(6))]
    )
    assert answers[0].status_code == 303
    confirmed = answers[1].status_code == 303
    assert scene.count(Partnership) == int(confirmed)
    assert scene.reserved(scene.need) == (6 if confirmed else 0)


@pytest.mark.parametrize("what", ["posting", "registration"])
def test_approved_twice(app: Flask, sign_in: SignIn, what: str) -> None:
    scene = Scene(app, sign_in)
    path = f"/{what}s/{getattr(scene, what)}/approve"
    answers = at_once([(browser, path, {}) for browser in scene.browsers(scene.officer)])
    assert statuses(answers) == [303, 409]


SIGN_UP = {
    "name": "Harbour Street", "what": "group", "scheme": "GB-CHC", "number": "1089464", "does": "We cook.",
    "serves": "All", "contact_name": "Someone", "contact_email": "new@example.org", "password": "three random words",
}  # fmt: skip
LISTING = {
    "title": "Twelve chairs", "body": "For our hall.", "support_kind": "goods", "amount": "12", "unit": "items",
    "place_kind": "authority", "lane": "transactional", "deed": "send",
}  # fmt: skip
ENTERED = {"name": "Old Dock Choir", "what": "group", "scheme": "GB-CHC", "how": "phone", "note": "I know them."}
AUTHORITY = {"code": "E08000009", "name": "Elsewhere", "framework_code": ""}
FILE = b"id,kind,title,description\n1,need,Chairs,Twelve chairs for our hall\n"

# Who presses, on what, what is sent, what it makes, and what the two answers may be.
CREATIONS = {
    "sign-up": (None, "/sign-up", SIGN_UP, User, {303}),
    "listing": ("group", "/listings/new/need", LISTING, Listing, {303}),
    "ask": ("group", "/listings/{offer}/ask", {"listing": "{free}", "amount": "1"}, Match, {303, 409}),
    "propose": ("officer", "/listings/{free}/broker/{offer}", {"demand_amount": "1"}, Match, {303, 409}),
    "organisation": ("officer", "/organisations/enter", ENTERED, Organisation, {303}),
    "authority": ("administrator", "/administration/authorities", AUTHORITY, Authority, {303, 422}),
    "import": ("officer", "/imports", {"file": FILE}, Import, {302}),
    "message": ("officer", "/matches/{match}/write", {"write-text": "How is it going?"}, Note, {303}),
}


def filled(value: Any, scene: Scene) -> Any:
    if isinstance(value, bytes):
        return BytesIO(value), "needs.csv"
    return str(value).format(**{name: getattr(scene, name) for name in ("offer", "free", "match")})


@pytest.mark.parametrize("together", [True, False], ids=["at once", "one after the other"])
@pytest.mark.parametrize("keyed", [True, False], ids=["with its key", "without"])
@pytest.mark.parametrize("name", CREATIONS)
def test_a_button_pressed_twice(app: Flask, sign_in: SignIn, name: str, together: bool, keyed: bool) -> None:
    """A form has its key; without it words that are alike are looked for, which needs one writer after the other."""
    if together and not keyed and IS_POSTGRESQL:
        pytest.skip("two that write at the same moment do not see each other's words")
    key = {"once": new_key()} if keyed else {}
    scene = Scene(app, sign_in)
    who, path, fields, model, allowed = CREATIONS[name]
    browsers = scene.browsers(getattr(scene, who)) if who else [app.test_client(), app.test_client()]
    before = scene.count(model)

    def sending(browser: FlaskClient) -> tuple[FlaskClient, str, Fields]:
        said = {key: filled(value, scene) for key, value in fields.items()}
        return (
            browser,
            filled(path, scene),
            key | said | ({"authorities": str(scene.area)} if name == "sign-up" else {}),
        )

    if together:
        answers = at_once([sending(browser) for browser in browsers])
    else:
        answers = [answer for browser in browsers for answer in at_once([sending(browser)])]
    assert scene.count(model) == before + 1, statuses(answers)
    assert set(statuses(answers)) <= (allowed | {303} if keyed else allowed)
    assert min(statuses(answers)) in {302, 303}


def test_a_database_that_is_busy_for_too_long(app: Flask, sign_in: SignIn, tmp_path: Path) -> None:
    """Somebody else holds the write lock: a page says so and when to try again; reading goes on; nothing is lost."""
    if IS_POSTGRESQL:
        pytest.skip("this lock is SQLite's own; a PostgreSQL that is away or too slow is tried in tests/reliability")
    scene = Scene(app, sign_in)
    browser = scene.browsers(scene.group, 1)[0]
    with app.app_context():
        event.listen(db.engine, "connect", lambda connection, _record: connection.execute("PRAGMA busy_timeout = 200"))
        db.engine.dispose()
    before = scene.count(Listing)
    other = sqlite_module().connect(tmp_path / "broker.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute("UPDATE authority SET region = 'Mereland'")
    began = time.monotonic()
    answer = browser.post("/listings/new/need", data=LISTING)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert time.monotonic() - began < 5
    check_page(answer.text)
    assert browser.get("/my-listings").status_code == 200, "reading waits for nobody"
    other.execute("COMMIT")
    other.close()
    assert scene.count(Listing) == before
    assert browser.post("/listings/new/need", data=LISTING).status_code == 303
    with app.app_context():
        assert db.session.scalars(select(Authority.region)).one() == "Mereland"


def test_the_gate_lets_all_in_together(app: Flask, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the check for a match that was confirmed before, these threads would find it out."""
    monkeypatch.setattr("broker.actions.listings._twin", lambda *_args: None)
    scene = Scene(app, sign_in)
    before = scene.count(Listing)
    at_once([(browser, "/listings/new/need", LISTING) for browser in scene.browsers(scene.group)])
    assert scene.count(Listing) == before + 2


def test_whoever_comes_too_late_is_led_to_how_it_stands_now(app: Flask, sign_in: SignIn) -> None:
    scene = Scene(app, sign_in)
    officer = scene.browsers(scene.officer, 1)[0]
    for kind, number in (("postings", scene.posting), ("registrations", scene.registration)):
        answers = [officer.post(f"/{kind}/{number}/approve") for _ in range(2)]
        assert [answer.status_code for answer in answers] == [303, 409]
        assert f'href="/{kind}/{number}"' in answers[1].text

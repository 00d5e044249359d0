"""A guess is called a guess, says why, and is put right with one button by the people whose listing it is."""

from collections.abc import Callable
from typing import NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient

from broker.actions.guesses import note_guesses
from broker.domain.kinds import GuessState
from broker.matching.records import Guess
from broker.store.accounts import Membership
from broker.store.base import db
from broker.store.frameworks import Framework, Node
from broker.store.guesses import ListingGuess
from tests import make

SignIn = Callable[[Membership | int], FlaskClient]
GUESSES = (Guess("theme", "H09", ("laptops", "online")), Guess("kind", "skills", ("teach", "mentor", "coach")))


class Scene(NamedTuple):
    listing: int
    posting: int
    guess: int
    owner: FlaskClient
    officer: FlaskClient
    neighbour: FlaskClient
    far_officer: FlaskClient
    administrator: FlaskClient


@pytest.fixture
def scene(app: Flask, sign_in: SignIn) -> Scene:
    with app.app_context():
        hub = Framework(code="HUB", version=1, name="Hub", level="national", status="current", wording="confirmed")
        hub.nodes = [Node(code="H09", kind="hub", label="Digital inclusion", order=9)]
        db.session.add(hub)
        area, far = make.authority(), make.authority("Westerby")
        group = make.organisation(area)
        need = make.need(group, area)
        note_guesses(need.id, GUESSES)
        guess = db.session.query(ListingGuess).filter_by(value="H09").one()
        people = (
            make.member(group), make.officer(area), make.member(make.organisation(area)), make.officer(far),
            make.administrator(),
        )  # fmt: skip
        db.session.commit()
        ids = need.id, need.postings[0].id, guess.id, [person.id for person in people]
    return Scene(*ids[:3], *(sign_in(person) for person in ids[3]))


def state_of(app: Flask, scene: Scene) -> str:
    with app.app_context():
        return str(db.session.get_one(ListingGuess, scene.guess).state)


def test_owner_and_officer_see_what_is_guessed_and_why(scene: Scene) -> None:
    own = scene.owner.get(f"/listings/{scene.listing}").get_data(as_text=True)
    assert "Digital inclusion" in own
    assert "because you wrote “laptops” and “online”" in own
    assert "because you wrote “teach”, “mentor” and “coach”" in own
    assert own.count('<span class="state state--yellow">Guessed</span>') == 2
    for page in (f"/listings/{scene.listing}", f"/postings/{scene.posting}"):
        seen = scene.officer.get(page).get_data(as_text=True)
        assert "because it says “laptops” and “online”" in seen
        assert "Not this" in seen


def test_nobody_else_sees_a_guess(scene: Scene, client: FlaskClient) -> None:
    for visitor in (client, scene.neighbour, scene.far_officer):
        assert "guess" not in visitor.get(f"/listings/{scene.listing}").get_data(as_text=True)
    seen = scene.administrator.get(f"/listings/{scene.listing}").get_data(as_text=True)
    assert "Digital inclusion" in seen
    assert "Not this" not in seen


def test_one_button_puts_it_right(app: Flask, scene: Scene) -> None:
    answer = scene.owner.post(f"/listings/{scene.listing}/guesses/{scene.guess}/refuse")
    assert answer.location == f"/listings/{scene.listing}#guesses"
    assert state_of(app, scene) == GuessState.REFUSED
    page = scene.owner.get(f"/listings/{scene.listing}").get_data(as_text=True)
    assert "It is not guessed again" in page
    assert f"/guesses/{scene.guess}/refuse" not in page
    scene.officer.post(f"/listings/{scene.listing}/guesses/{scene.guess}/agree")
    assert state_of(app, scene) == GuessState.AGREED
    assert "an officer said yes" in scene.owner.get(f"/listings/{scene.listing}").get_data(as_text=True)


def test_an_officer_comes_back_to_the_check_and_to_no_other_page(scene: Scene) -> None:
    url = f"/listings/{scene.listing}/guesses/{scene.guess}"
    answer = scene.officer.post(f"{url}/agree", data={"posting": str(scene.posting)})
    assert answer.location == f"/postings/{scene.posting}#guesses"
    for wrong in ("9999", "//evil.example", ""):
        answer = scene.officer.post(f"{url}/refuse", data={"posting": wrong})
        assert answer.location == f"/listings/{scene.listing}#guesses"
        scene.officer.post(f"{url}/agree")


@pytest.mark.parametrize("deed", ["agree", "refuse"])
def test_others_cannot(app: Flask, scene: Scene, client: FlaskClient, deed: str) -> None:
    url = f"/listings/{scene.listing}/guesses/{scene.guess}/{deed}"
    assert client.post(url).status_code == 302
    assert scene.neighbour.post(url).status_code == 404
    assert scene.far_officer.post(url).status_code == 404
    assert scene.administrator.post(url).status_code == 403
    assert state_of(app, scene) == GuessState.GUESSED


def test_a_guess_of_another_listing_is_not_reached_through_ones_own(app: Flask, scene: Scene, sign_in: SignIn) -> None:
    with app.app_context():
        area = make.authority()
        group = make.organisation(area)
        own, member = make.need(group, area).id, make.member(group).id
        db.session.commit()
    assert sign_in(member).post(f"/listings/{own}/guesses/{scene.guess}/refuse").status_code == 404
    assert state_of(app, scene) == GuessState.GUESSED


def test_saying_it_twice_is_said_kindly(scene: Scene) -> None:
    url = f"/listings/{scene.listing}/guesses/{scene.guess}/agree"
    scene.owner.post(url)
    assert scene.owner.post(url).status_code == 409


def test_guesses_come_with_their_listing(scene: Scene, statements: list[str]) -> None:
    for browser, url in ((scene.owner, f"/listings/{scene.listing}"), (scene.officer, f"/postings/{scene.posting}")):
        browser.get(url)
        statements.clear()
        browser.get(url)
        assert sum("listing_guess" in each for each in statements) == 1, (url, statements)
        assert len(statements) <= 6, (url, statements)

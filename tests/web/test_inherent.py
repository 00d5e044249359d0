"""A group's pages of what it does anyway: its list, telling it, and every mistake said kindly."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient

from broker.domain.clock import today
from broker.store.accounts import Membership
from broker.store.base import db
from tests import make

SignIn = Callable[[Membership | int], FlaskClient]
YEAR = today().year


@dataclass
class Scene:
    group: FlaskClient
    firm: FlaskClient
    officer: FlaskClient
    measure: int
    area: int

    def tell(self, **fields: object) -> tuple[int, str]:
        typed = {"measure": self.measure, "quantity": "800", "year": YEAR - 1, "note": "Cooking on Tuesdays"} | fields
        answer = self.group.post(f"/inherent/new?area={self.area}", data=typed, follow_redirects=True)
        return answer.status_code, answer.get_data(as_text=True)


@pytest.fixture
def scene(app: Flask, sign_in: SignIn) -> Scene:
    with app.app_context():
        area, far = make.authority(), make.authority("Westerby")
        group, measure = make.organisation(area, far), make.measure()
        people = make.member(group), make.member(make.supplier(area)), make.officer(area)
        db.session.commit()
        ids, facts = [person.id for person in people], (measure.id, area.id)
    return Scene(*(sign_in(each) for each in ids), *facts)


def text_of(browser: FlaskClient, path: str, status: int = 200) -> str:
    answer = browser.get(path)
    assert answer.status_code == status
    page: str = answer.get_data(as_text=True)
    return page


def test_a_group_tells_a_year_and_finds_it_in_its_list(scene: Scene) -> None:
    assert "You have told nothing yet" in text_of(scene.group, "/inherent")
    status, page = scene.tell()
    assert status == 200
    assert f"800 hours in {YEAR - 1} are told" in page
    assert ">800 hours</a>" in page
    assert "/withdraw" in page
    assert "Tell in numbers" in text_of(scene.group, "/my-organisation")


def test_the_same_year_again_leads_to_the_first(scene: Scene) -> None:
    scene.tell()
    status, page = scene.tell(quantity="900")
    assert status == 422
    assert "You have told this for that year already" in page
    assert "See what you told for that year" in page
    assert 'value="900"' in page
    assert "Cooking on Tuesdays" in page


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"quantity": ""}, "Say how much it was"),
        ({"measure": "", "quantity": ""}, "Say how much it was"),
        ({"quantity": "-5"}, "Enter a number above 0"),
        ({"quantity": "many"}, "Enter a number"),
        ({"quantity": "1000001"}, "up to 1,000,000"),
        ({"measure": ""}, "Choose one from the list"),
        ({"measure": "9" * 30}, "Choose one from the list"),
        ({"year": "1999"}, "Choose one from the list"),
        ({"note": "x" * 2001}, "under 2,000 characters"),
    ],
)
def test_each_mistake_is_said_and_nothing_is_lost(scene: Scene, fields: dict[str, str], said: str) -> None:
    status, page = scene.tell(**fields)
    assert status == 422
    assert said in page
    assert "Cooking on Tuesdays" in page or "note" in fields


def test_it_is_for_groups(scene: Scene) -> None:
    assert "This page is for community groups" in text_of(scene.firm, "/inherent")
    assert scene.firm.get("/inherent/new").location == "/inherent"
    text_of(scene.officer, "/inherent", 403)

"""Saying how a partnership went: on one's own page, through an officer, and who may read it."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask

from broker.domain.kinds import PartnershipState, Side
from broker.store.accounts import Membership
from broker.store.base import db
from broker.store.feedback import feedback_on
from broker.store.partnerships import Partnership
from tests import make
from tests.conftest import PageChecker

SignIn = Callable[[int], PageChecker]
WORDS = "They came when they said they would."


@dataclass
class Scene:
    """A partnership under way, by numbers: itself and the people around it."""

    id: int
    group: int
    firm: int
    officer: int
    stranger: int

    @property
    def url(self) -> str:
        return f"/partnerships/{self.id}"


@pytest.fixture
def scene(app: Flask) -> Scene:
    with app.app_context():
        area = make.authority()
        made = make.partnership(area, receiver=make.organisation(area, name="Harbour Street Helpers"))
        sides: list[Membership] = [make.member(made.match.listing(side).organisation) for side in Side]
        people = [*sides, make.officer(area), make.member(make.organisation(area))]
        db.session.commit()
        return Scene(made.id, *(each.id for each in people))


def page(client: PageChecker, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status
    return response.get_data(as_text=True)


def scores(app: Flask, scene: Scene) -> dict[str, int | None]:
    with app.app_context():
        return {str(side): each.score for side, each in feedback_on(scene.id).items()}


def test_a_side_says_it_and_the_other_reads_it(app: Flask, scene: Scene, sign_in: SignIn) -> None:
    group = sign_in(scene.group)
    assert "Say how it went" in page(group, scene.url)
    assert "Who told you this" not in page(group, f"{scene.url}/feedback")
    assert group.post(f"{scene.url}/feedback", data={"score": "4", "words": WORDS}).status_code == 303
    assert scores(app, scene) == {"demand": 4}
    for reader in (scene.firm, scene.officer):
        assert WORDS in page(sign_in(reader), scene.url)
    assert WORDS in page(group, f"{scene.url}/feedback"), "one may say it anew"
    page(sign_in(scene.stranger), f"{scene.url}/feedback", 404)


def test_an_officer_writes_down_what_a_side_told(app: Flask, scene: Scene, sign_in: SignIn) -> None:
    officer = sign_in(scene.officer)
    assert 'value="supply" checked' in page(officer, f"{scene.url}/feedback?side=supply")
    sent = {"side": "supply", "score": "2", "words": WORDS}
    assert officer.post(f"{scene.url}/feedback", data=sent).status_code == 303
    assert scores(app, scene) == {"supply": 2}
    assert "Told to an officer" in page(officer, scene.url)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"words": WORDS}, "Choose how it went"),
        ({"score": "9", "words": WORDS}, "Choose one from the list"),
        ({"score": "4", "words": "  "}, "Say why, in a sentence"),
        ({"score": "4", "words": "x" * 2001}, "under 2,000"),
    ],
)
def test_bad_input_is_told_and_nothing_is_lost(
    app: Flask, scene: Scene, sign_in: SignIn, sent: dict[str, str], said: str
) -> None:
    answer = sign_in(scene.group).post(f"{scene.url}/feedback", data=sent)
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    assert said in text
    assert sent["words"].strip() in text
    assert scores(app, scene) == {}


def test_once_over_the_word_stands(app: Flask, scene: Scene, sign_in: SignIn) -> None:
    with app.app_context():
        made = db.session.get_one(Partnership, scene.id)
        make.feedback(made, Side.DEMAND, 5)
        make.feedback(made, Side.SUPPLY, None, words="Rang twice.")
        made.state = PartnershipState.CLOSED
        db.session.commit()
    assert "Say how it went" not in page(sign_in(scene.group), scene.url)
    assert "Say how it went" in page(sign_in(scene.firm), scene.url), "silence can still be broken"
    answer = sign_in(scene.group).post(f"{scene.url}/feedback", data={"score": "1", "words": WORDS})
    assert answer.status_code == 422
    assert "what was said stands" in answer.get_data(as_text=True)


def test_the_officer_asks_by_letter(scene: Scene, sign_in: SignIn) -> None:
    officer = sign_in(scene.officer)
    assert officer.post(f"{scene.url}/ask-feedback").location == f"{scene.url}/close"
    assert "Asked both sides how it went" in page(officer, scene.url)
    assert sign_in(scene.group).post(f"{scene.url}/ask-feedback").status_code == 403


def test_steps_are_set_reached_and_stand_in_the_way_of_the_close(app: Flask, scene: Scene, sign_in: SignIn) -> None:
    group, officer = sign_in(scene.group), sign_in(scene.officer)
    with app.app_context():
        ends = db.session.get_one(Partnership, scene.id).ends_on
    day = {"due_on-day": ends.day, "due_on-month": ends.month, "due_on-year": ends.year}
    url = f"{scene.url}/milestones"
    for bad in ({"what": "", **day}, {"what": "Six lessons"}, {"what": "Six lessons", **day, "due_on-year": 2199}):
        assert group.post(url, data=bad).status_code == 422
    assert group.post(url, data={"what": "Six lessons are given", **day}).status_code == 303
    assert "Six lessons are given" in page(officer, scene.url)
    sent = {"supply_silent": "Rang.", "demand_silent": "Rang."}
    refused = officer.post(f"{scene.url}/close", data=sent)
    assert refused.status_code == 422
    assert "Some steps on the way are not reached" in refused.get_data(as_text=True)
    sent["left_open"] = "The hall burnt down."
    assert officer.post(f"{scene.url}/close", data=sent).status_code == 303
    assert "The hall burnt down." in page(group, scene.url)
    assert group.post(url, data={"what": "One more", **day}).status_code == 409

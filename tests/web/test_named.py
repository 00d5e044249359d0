"""Being named in public: nobody is without having said so, and only its own people say so for an organisation."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask

from broker.domain.kinds import Side
from broker.store.base import db
from broker.store.organisations import Organisation
from tests import make
from tests.conftest import PageChecker

SignIn = Callable[[int], PageChecker]


@dataclass
class Scene:
    """A group with a person of its own, one that nobody has claimed, and who else there is."""

    group: int
    unclaimed: int
    member: int
    officer: int
    stranger: int

    @property
    def url(self) -> str:
        return f"/organisations/{self.group}/named"


@pytest.fixture
def scene(app: Flask) -> Scene:
    with app.app_context():
        area = make.authority()
        group, unclaimed = make.organisation(area), make.organisation(area, claimed_at=None, entered_how="phone")
        people = make.member(group), make.officer(area), make.member(make.organisation(area))
        db.session.commit()
        return Scene(group.id, unclaimed.id, *(each.id for each in people))


def is_named(app: Flask, organisation_id: int) -> bool:
    with app.app_context():
        return db.session.get_one(Organisation, organisation_id).is_named


def test_its_own_people_say_so_and_take_it_back(app: Flask, scene: Scene, sign_in: SignIn) -> None:
    member = sign_in(scene.member)
    page = member.get("/my-organisation").get_data(as_text=True)
    assert "Our name may stand in public results" in page
    assert 'value="y" checked' not in page
    assert not is_named(app, scene.group)
    assert member.post(scene.url, data={"agreed": "y"}).location == "/my-organisation"
    assert is_named(app, scene.group)
    page = member.get("/my-organisation").get_data(as_text=True)
    assert "Public results may name you." in page
    assert 'value="y" checked' in page
    assert "Yes, it agreed" in sign_in(scene.officer).get(f"/organisations/{scene.group}").get_data(as_text=True)
    member.post(scene.url)
    assert not is_named(app, scene.group)


def test_an_officer_can_only_take_it_back(app: Flask, scene: Scene, sign_in: SignIn) -> None:
    officer = sign_in(scene.officer)
    assert "agreed" not in officer.get(f"/organisations/{scene.group}").get_data(as_text=True)
    assert officer.post(scene.url, data={"agreed": "y"}).status_code == 403
    sign_in(scene.member).post(scene.url, data={"agreed": "y"})
    assert 'name="agreed"' in officer.get(f"/organisations/{scene.group}").get_data(as_text=True)
    assert officer.post(scene.url).location == f"/organisations/{scene.group}"
    assert not is_named(app, scene.group)


def test_for_one_without_an_account_an_officer_writes_down_what_it_told(
    app: Flask, scene: Scene, sign_in: SignIn
) -> None:
    officer = sign_in(scene.officer)
    assert "Only where it told you so" in officer.get(f"/organisations/{scene.unclaimed}").get_data(as_text=True)
    officer.post(f"/organisations/{scene.unclaimed}/named", data={"agreed": "y"})
    assert is_named(app, scene.unclaimed)


def test_nobody_else_says_it(app: Flask, scene: Scene, sign_in: SignIn, client: PageChecker) -> None:
    assert sign_in(scene.stranger).post(scene.url, data={"agreed": "y"}).status_code == 404
    assert client.post(scene.url, data={"agreed": "y"}).status_code == 302
    assert "Named in public" not in client.get(f"/organisations/{scene.group}").get_data(as_text=True)
    assert not is_named(app, scene.group)


def test_how_partnerships_went_shows_to_itself_and_officers_once_five_have_said(
    app: Flask, scene: Scene, sign_in: SignIn, client: PageChecker
) -> None:
    url = f"/organisations/{scene.group}"
    assert "Told once five partners have said" in sign_in(scene.officer).get(url).get_data(as_text=True)
    with app.app_context():
        group = db.session.get_one(Organisation, scene.group)
        area = group.registrations[0].authority
        for score in (5, 4, 4, 4, 4):
            made = make.partnership(area, receiver=group)
            make.feedback(made, Side.SUPPLY, score, words="Canary words")
        db.session.commit()
    for reader, place in ((scene.officer, url), (scene.member, "/my-organisation")):
        page = sign_in(reader).get(place).get_data(as_text=True)
        assert "4.2 of 5 on average, as 5 partners said" in page
        assert "Canary words" not in page
    assert "on average" not in client.get(url).get_data(as_text=True)

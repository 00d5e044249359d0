"""Officers read the record within their area, administrators all of it; reading and taking away are recorded."""

import csv
import re
from collections.abc import Callable
from io import StringIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from broker.actions.audit import check_record, note_check
from broker.actions.matches import propose_match, withdraw_match
from broker.domain.permissions import Action
from broker.store.accounts import Membership, actor_of
from broker.store.audit import head
from broker.store.base import db
from broker.store.events import Event
from broker.store.matches import Match
from tests import make

SignIn = Callable[[Membership | int], FlaskClient]


class Scene:
    """A match in each of two areas, put forward by its officer and taken back; ids only."""

    def __init__(self, app: Flask, sign_in: SignIn) -> None:
        self.app = app
        with app.app_context():
            self.here, self.there = self._area("Northmere"), self._area("Westerby")
            administrator = make.administrator()
            member = make.member(make.organisation(make.authority()))
            db.session.commit()
            self.administrator, self.member = administrator.id, member.id
        self.officer = sign_in(self.here["officer"])
        self.sign_in = sign_in

    @staticmethod
    def _area(name: str) -> dict[str, int]:
        area = make.authority(name)
        officer = make.officer(area)
        by = actor_of(officer)
        need, offer = make.need(make.organisation(area), area), make.offer(make.supplier(area), area)
        match = propose_match(need, offer, by)
        withdraw_match(match, by, reason="=cmd private words")
        db.session.flush()
        return {"officer": officer.id, "person": officer.user_id, "match": match.id, "area": area.id}

    def last(self) -> Event:
        with self.app.app_context():
            found = db.session.scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()
            db.session.expunge(found)
            return found


@pytest.fixture
def scene(app: Flask, sign_in: SignIn) -> Scene:
    return Scene(app, sign_in)


def opened(client: FlaskClient, **fields: object) -> str:
    answer = client.post("/record", data={key: str(value) for key, value in fields.items()})
    assert answer.status_code == 303, answer.text
    return client.get(answer.location).text


def test_an_officer_reads_what_happened_to_a_thing(scene: Scene) -> None:
    page = opened(scene.officer, about="match", about_id=scene.here["match"])
    assert "Propose match" in page
    assert "State: proposed → withdrawn" in page
    assert "Read record" in page, "the look itself stands there too"
    assert "private words" not in page
    assert "Person " in page
    assert not re.search(r"\d{4}-\d\d-\d\dT", page), "a moment as a machine writes it"


def test_an_officer_of_another_authority_sees_nothing_of_it(scene: Scene) -> None:
    page = opened(scene.officer, about="match", about_id=scene.there["match"])
    assert "Nothing is recorded that fits" in page
    everything = opened(scene.officer)
    assert f"/matches/{scene.here['match']}" in everything
    assert f"/matches/{scene.there['match']}" not in everything


def test_an_administrator_reads_all(scene: Scene) -> None:
    page = opened(scene.sign_in(scene.administrator))
    assert all(f"/matches/{area['match']}" in page for area in (scene.here, scene.there))


def test_a_person_is_looked_up_by_address_or_number_and_only_within_reach(scene: Scene) -> None:
    person = scene.here["person"]
    with scene.app.app_context():
        emails = {key: db.session.scalar(text('SELECT email FROM "user" WHERE id = :id'), {"id": key})
                  for key in (person, scene.there["person"])}  # fmt: skip
    for said in (person, emails[person]):
        assert "Propose match" in opened(scene.officer, person=said)
    answers = [
        scene.officer.post("/record", data={"person": said})
        for said in (scene.there["person"], emails[scene.there["person"]], "nobody@example.org", "99999", "²")
    ]
    assert {answer.status_code for answer in answers} == {422}
    assert all("Nobody whose deeds you may read has this address or number" in answer.text for answer in answers)


def test_a_deed_and_days_narrow_it(scene: Scene) -> None:
    page = opened(scene.officer, action="withdraw_match")
    assert "Withdraw match" in page
    assert "Propose match:" not in page
    long_ago = {f"until-{part}": number for part, number in (("day", 1), ("month", 1), ("year", 2020))}
    assert "Nothing is recorded that fits" in opened(scene.officer, **long_ago)


def test_what_does_not_fit_together_is_said_and_kept(scene: Scene) -> None:
    for fields, message in (
        ({"about": "match"}, "Enter its number"),
        ({"about_id": "7"}, "Choose what kind of thing"),
        ({"about": "match", "about_id": "seven"}, "Enter a number, such as 12"),
    ):
        answer = scene.officer.post("/record", data={**fields, "action": "confirm_match"})
        assert answer.status_code == 422
        assert message in answer.text
        assert 'value="confirm_match" selected' in answer.text


def test_looking_and_taking_away_are_recorded(scene: Scene) -> None:
    answer = scene.officer.post("/record", data={"about": "match", "about_id": str(scene.here["match"])})
    looked = scene.last()
    assert (looked.action, looked.subject, looked.subject_id) == ("read_record", "match", scene.here["match"])
    assert looked.actor_id == scene.here["person"]
    assert looked.request_id == answer.headers["X-Request-Id"]
    before = looked.id
    scene.officer.get(answer.location)
    assert scene.last().id == before, "turning its pages writes nothing"
    scene.officer.post(f"{answer.location}/export")
    assert scene.last().action == Action.EXPORT_RECORD


def test_the_file_holds_no_personal_text_and_no_formula(scene: Scene) -> None:
    place = scene.officer.post("/record", data={}).location
    answer = scene.officer.post(f"{place}/export")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    cells = list(csv.DictReader(StringIO(answer.text)))
    assert [int(row["row"]) for row in cells] == sorted(int(row["row"]) for row in cells)
    assert {row["deed"] for row in cells} >= {"propose_match", "withdraw_match"}
    assert str(scene.here["person"]) in {row["person"] for row in cells}
    for private in ("private words", "example.org", "Private Person", "QM1", "=cmd"):
        assert private not in answer.text
    assert not [cell for row in cells for cell in row.values() if cell[:1] in ("=", "+", "-", "@")]


def test_pages_of_things_lead_to_their_record(scene: Scene) -> None:
    with scene.app.app_context():
        match = db.session.get_one(Match, scene.here["match"])
        demand, owner = match.demand_id, match.demand.organisation_id
        group = make.member(match.demand.organisation)
        db.session.commit()
        group_id = group.id
    member = scene.sign_in(group_id)
    for about, number in (("match", scene.here["match"]), ("listing", demand), ("organisation", owner)):
        path = {"match": "matches", "listing": "listings", "organisation": "organisations"}[about]
        page = scene.officer.get(f"/{path}/{number}").text
        assert f'name="about" value="{about}"><input type="hidden" name="about_id" value="{number}"' in page
        assert 'action="/record"' not in member.get(f"/{path}/{number}").text


def test_a_look_is_ones_own(scene: Scene) -> None:
    place = scene.officer.post("/record", data={}).location
    other = scene.sign_in(scene.there["officer"])
    for answer in (other.get(place), other.post(f"{place}/export")):
        assert answer.status_code == 404
    event = scene.last().id
    assert scene.officer.get(f"/record/readings/{event - 1}").status_code == 404, "no reading has this number"


def test_members_and_strangers_read_nothing(scene: Scene) -> None:
    assert scene.sign_in(scene.member).get("/record").status_code == 403
    assert scene.app.test_client().get("/record").status_code == 302


def test_the_page_says_how_sure_one_can_be(scene: Scene) -> None:
    assert "Nobody has checked yet" in scene.officer.get("/record").text
    with scene.app.app_context():
        number = head().seq
        note_check(check_record())
        db.session.commit()
    assert f"all {number} rows are as they were written" in scene.officer.get("/record").text
    with scene.app.app_context():
        off = (
            "DROP TRIGGER event_UPDATE"
            if db.engine.dialect.name == "sqlite"
            else "ALTER TABLE event DISABLE TRIGGER ALL"
        )
        db.session.execute(text(off))
        db.session.execute(text("UPDATE event SET subject_id = 77 WHERE id = (SELECT max(id) FROM event)"))
        note_check(check_record())
        db.session.commit()
    for client, path in ((scene.officer, "/record"), (scene.sign_in(scene.administrator), "/administration")):
        assert f"The record has been tampered with: row {number}" in client.get(path).text


def test_long_records_are_paged(scene: Scene, monkeypatch: pytest.MonkeyPatch, statements: list[str]) -> None:
    monkeypatch.setattr("broker.web.audit.A_PAGE", 1)
    place = scene.officer.post("/record", data={}).location
    statements.clear()
    first = scene.officer.get(place).text
    assert len(statements) <= 6, statements
    assert f"{place}?page=2" in first
    assert f"{place}?page=1" in scene.officer.get(f"{place}?page=2").text

"""Bringing wards and their deprivation from files: for the own authority alone, and every bad file refused kindly."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from broker.actions.boundaries import MOST_WARDS
from broker.domain.kinds import PlaceKind
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.listings import Listing
from broker.store.places import Ward, WardDeprivation, owners_of_wards
from broker.work.jobs import work_off
from tests import make
from tests.conftest import PageChecker

SignIn = Callable[[int], PageChecker]
OURS, THEIRS = "E08000009", "E08000003"
TABLE = b"wd18cd,Index of Multiple Deprivation\nE05000001,10\nE05000002,60\nE05000009,30\n"


@dataclass
class Scene:
    """Two authorities, an officer of the one, a councillor, and a need that lies in no ward yet."""

    officer: int
    councillor: int
    need: int


@pytest.fixture
def scene(app: Flask) -> Scene:
    with app.app_context():
        area, other = make.authority("Trafford", code=OURS), make.authority("Manchester", code=THEIRS)
        make.ward(other, code="E05000009", name="Ancoats")
        facts = {"place_kind": PlaceKind.POSTCODE, "lat": 53.5, "lon": 1.5}
        need = make.need(make.organisation(area), area, **facts)
        people = make.officer(area), make.councillor(area)
        db.session.commit()
        return Scene(people[0].id, people[1].id, need.id)


def ward(number: int, council: str = OURS) -> dict[str, Any]:
    west = number % 90
    square = [[west, 53], [west + 1, 53], [west + 1, 54], [west, 54], [west, 53]]
    return {
        "type": "Feature",
        "properties": {"WD23CD": f"E05{number:06}", "WD23NM": f"Ward {number}", "LAD23CD": council},
        "geometry": {"type": "Polygon", "coordinates": [square]},
    }


def geojson(*features: dict[str, Any]) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def send(client: PageChecker, content: bytes, what: str = "wards", source: str = "") -> tuple[int, str]:
    sent = {"what": what, "source": source, "file": (BytesIO(content), "file.geojson")}
    answer = client.post("/places/load", data=sent, content_type="multipart/form-data")
    return answer.status_code, answer.get_data(as_text=True)


def names(app: Flask) -> dict[str, str]:
    with app.app_context():
        return {ward.code: ward.name for ward in db.session.scalars(select(Ward).order_by(Ward.code))}


def tenths(app: Flask) -> list[tuple[str, int, str]]:
    with app.app_context():
        query = select(Ward.code, WardDeprivation.tenth, WardDeprivation.source).join_from(WardDeprivation, Ward)
        return [(code, tenth, source) for code, tenth, source in db.session.execute(query.order_by(Ward.code))]


def test_own_wards_are_kept_others_left_out_and_listings_find_theirs(app: Flask, scene: Scene, sign_in: SignIn) -> None:
    officer = sign_in(scene.officer)
    assert "Load your wards" in officer.get("/wards").get_data(as_text=True)
    assert send(officer, geojson(ward(1), ward(2), ward(30, THEIRS)))[0] == 303
    page = officer.get("/wards").get_data(as_text=True)
    assert "2 wards are loaded. 1 of other councils were left out." in page
    assert names(app) == {"E05000001": "Ward 1", "E05000002": "Ward 2", "E05000009": "Ancoats"}
    with app.app_context():
        work_off()
        placed = db.session.get_one(Listing, scene.need).versions[0].ward
        assert placed is not None
        assert placed.code == "E05000001"


def test_a_ward_that_is_known_is_changed_and_none_is_lost(app: Flask, scene: Scene, sign_in: SignIn) -> None:
    officer = sign_in(scene.officer)
    send(officer, geojson(ward(1), ward(2)))
    renamed = ward(1)
    renamed["properties"]["WD23NM"] = "New name"
    assert send(officer, geojson(renamed))[0] == 303
    assert names(app) == {"E05000001": "New name", "E05000002": "Ward 2", "E05000009": "Ancoats"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04", "not a file of boundaries"),
        (geojson(ward(1, THEIRS)), "None of the wards in this file is yours"),
        (geojson(ward(9)), "belongs to another council here"),
        (geojson(*(ward(n) for n in range(100, 101 + MOST_WARDS))), "more than 200 wards of yours"),
        (geojson(ward(1), ward(1)), "have the same code"),
    ],
)
def test_a_bad_file_is_told_and_nothing_of_it_is_kept(
    app: Flask, scene: Scene, sign_in: SignIn, content: bytes, said: str
) -> None:
    status, page = send(sign_in(scene.officer), content)
    assert status == 422
    assert said in page
    assert names(app) == {"E05000009": "Ancoats"}


def test_deprivation_is_kept_for_own_wards_with_its_source(app: Flask, scene: Scene, sign_in: SignIn) -> None:
    officer = sign_in(scene.officer)
    send(officer, geojson(ward(1), ward(2)))
    status, page = send(officer, TABLE, "deprivation")
    assert status == 422
    assert "Say whose figures they are" in page
    for _ in range(2):
        assert send(officer, TABLE, "deprivation", "Indices of 2019")[0] == 303
    assert "How deprived 2 of your wards are is loaded. 1 of other" in officer.get("/wards").get_data(as_text=True)
    assert tenths(app) == [("E05000001", 7, "Indices of 2019"), ("E05000002", 1, "Indices of 2019")]
    assert send(officer, b"ward_code;decile\ne05000002;4\n", "deprivation", "x" * 301)[0] == 422
    assert send(officer, b"ward_code;decile\ne05000002;4\n", "deprivation", "Indices of 2025")[0] == 303
    assert tenths(app) == [("E05000002", 4, "Indices of 2025")], "two sources never stand beside each other"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe", "This table was not understood"),
        (b"ward_code,decile\nE05000001,11\n", "has no decile from 1 to 10"),
        (b"ward_code,decile\nE05000077,1\n", "None of the wards in this file is yours"),
        (b"ward_code,decile\n" + b'E05000001,"' + b"x" * 200_000, "This table was not understood"),
    ],
)
def test_a_table_that_says_nothing_is_refused(scene: Scene, sign_in: SignIn, content: bytes, said: str) -> None:
    officer = sign_in(scene.officer)
    early = send(officer, b"ward_code,decile\nE05000001,1\n", "deprivation", "Somebody")
    assert (early[0], "Load the boundaries of your wards first" in early[1]) == (422, True)
    send(officer, geojson(ward(1)))
    status, page = send(officer, content, "deprivation", "Somebody")
    assert status == 422
    assert said in page
    assert 'value="Somebody"' in page, "nothing typed is lost"


def test_no_file_is_asked_for_and_only_officers_send_one(scene: Scene, sign_in: SignIn) -> None:
    officer = sign_in(scene.officer)
    assert officer.get("/places/load").status_code == 200
    assert "Choose a file" in officer.post("/places/load", data={"what": "wards"}).get_data(as_text=True)
    assert sign_in(scene.councillor).get("/places/load").status_code == 403
    assert "ask" in sign_in(scene.councillor).get("/wards").get_data(as_text=True).lower()


def test_a_ward_that_newer_boundaries_leave_out_keeps_what_was_done_in_it_and_hands_on_its_needs(
    app: Flask, scene: Scene, sign_in: SignIn
) -> None:
    officer, councillor = sign_in(scene.officer), sign_in(scene.councillor)
    send(officer, geojson(ward(1), ward(2)))
    with app.app_context():
        work_off()
        area = db.session.scalars(select(Authority).where(Authority.code == OURS)).one()
        old = db.session.scalars(select(Ward).where(Ward.code == "E05000001")).one()
        made = make.partnership(area)
        make.delivery(made, make.measure(), ward=old)
        db.session.commit()
    newer = ward(3) | {"geometry": ward(1)["geometry"]}
    assert send(officer, geojson(newer))[0] == 303
    page = officer.get("/wards").get_data(as_text=True)
    assert "2 that are not in the file are earlier wards now" in page
    assert "Ward 1 (until" in page, "a delivery is counted in it"
    assert "Ward 2" not in page, "nothing was ever in it"
    assert "<title>Ward 1" not in page, "it is not on the map"
    with app.app_context():
        work_off()
        placed = db.session.get_one(Listing, scene.need).versions[0].ward
        assert placed is not None
        assert placed.code == "E05000003"
    assert "earlier boundaries" in councillor.get("/wards/E05000001").get_data(as_text=True)
    assert councillor.get("/wards/E05000001/suggest").status_code == 404
    assert councillor.get("/wards/E05000003/suggest").status_code == 200
    choices = officer.get(f"/listings?authority={OURS}").get_data(as_text=True)
    assert 'value="E05000003"' in choices
    assert 'value="E05000001"' not in choices
    assert officer.get("/reports/unmet-needs?ward=E05000001").status_code == 200
    send(officer, geojson(ward(1), ward(2)))
    with app.app_context():
        work_off()
        assert owners_of_wards(["E05000003"]) == set(), "another council may have it now"
    assert "(until" not in officer.get("/wards").get_data(as_text=True), "a file that has them brings them back"

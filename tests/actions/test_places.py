"""Wards and postcodes from files, and the point of a place."""

import json
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

import broker
from broker.actions import places
from broker.domain.refusals import Unfit
from broker.store.base import db
from broker.store.places import Postcode, Ward, WardDeprivation, wards_with_outlines
from tests import make

HOUSE = Path(broker.__file__).parent
WARDS = HOUSE / "demonstration" / "wards.geojson"
POSTCODES = HOUSE / "demonstration" / "postcodes.csv"


@pytest.fixture
def mereland(database: Flask) -> None:
    for number in (1, 2, 3):
        make.authority(f"Authority {number}", code=f"X9900000{number}")


@pytest.mark.usefixtures("mereland")
def test_loading_twice_changes_nothing() -> None:
    for _ in range(2):
        assert places.load_wards(WARDS) == 30
        assert places.load_postcodes(POSTCODES) == 150
    assert len(db.session.scalars(select(Ward)).all()) == 30
    codes = list(db.session.scalars(select(Postcode.code)))
    assert len([code for code in codes if " " in code]) == 150
    assert "QM1" in codes


@pytest.mark.usefixtures("mereland")
def test_a_changed_file_changes_the_rows(tmp_path: Path) -> None:
    places.load_wards(WARDS)
    said = json.loads(WARDS.read_text(encoding="utf-8"))
    said["features"][0]["properties"] |= {"area_name": "New Saltgate", "lat": "53.78", "lon": "-4.92"}
    changed = tmp_path / "wards.geojson"
    changed.write_text(json.dumps(said), encoding="utf-8")
    places.load_wards(changed)
    db.session.expire_all()
    ward = db.session.scalars(select(Ward).where(Ward.code == "X98000001")).one()
    assert (ward.name, ward.lat, ward.lon) == ("New Saltgate", 53.78, -4.92)


def test_wards_of_councils_that_are_not_here_are_left_out(database: Flask) -> None:
    make.authority("Northmere", code="X99000001")
    assert 0 < places.load_wards(WARDS) < 30


def test_the_shipped_outcodes_load(database: Flask) -> None:
    assert places.load_outcodes(HOUSE / "store" / "seed" / "outcodes.csv") > 2900
    spot = places.find_point(postcode="M33 4RZ")
    assert spot is not None
    assert spot.ward_id is None
    assert spot.authority_code == "E08000009"


@pytest.mark.usefixtures("mereland")
def test_a_whole_postcode_tells_the_ward_even_where_the_table_does_not() -> None:
    places.load_wards(WARDS)
    places.load_postcodes(POSTCODES)
    named = places.find_point(postcode="QM1 1AA")
    assert named is not None
    ward = db.session.get(Ward, named.ward_id)
    assert ward is not None
    assert ward.code == "X98000001"
    row = db.session.get(Postcode, "QM1 1AA")
    assert row is not None
    row.ward_code = None
    drawn = places.find_point(postcode="QM1 1AA")
    assert drawn is not None
    assert drawn.ward_id == named.ward_id
    assert len(wards_with_outlines("X99000001")) == 14


@pytest.mark.usefixtures("mereland")
def test_a_place_that_nobody_knows() -> None:
    assert places.find_point(postcode="ZZ9 9ZZ") is None
    assert places.find_point(ward_id=99) is None
    assert places.find_point() is None


@pytest.mark.parametrize(
    "text", ["postcode,lat\nQM1 1AA,53\n", "postcode,lat,lon\nNOWHERE,53,-2\n", "postcode,lat,lon\nQM1 1AA,north,-2\n"]
)
def test_a_bad_file_is_refused_with_its_line(database: Flask, tmp_path: Path, text: str) -> None:
    file = tmp_path / "postcodes.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Unfit) as refused:
        places.load_postcodes(file)
    assert refused.value.problems == {"line 2": "not_a_postcode"}


@pytest.mark.parametrize("text", ["{}", "[]", "not json", '{"features": [{"properties": {}}]}'])
def test_a_file_that_holds_no_wards(database: Flask, tmp_path: Path, text: str) -> None:
    file = tmp_path / "wards.geojson"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Unfit):
        places.load_wards(file)


def test_boundaries_loaded_later_place_what_was_posted_before(database: Flask, tmp_path: Path) -> None:
    area = make.authority(code="X99000001")
    group = make.organisation(area)
    inside_it = make.need(group, area, place_kind=None, lat=53.5, lon=-4.5)
    outside = make.need(group, area, place_kind=None, lat=51.5, lon=0.1)
    everywhere = make.need(group, area)
    square = [[-5.0, 53.0], [-4.0, 53.0], [-4.0, 54.0], [-5.0, 54.0], [-5.0, 53.0]]
    feature = {
        "type": "Feature",
        "properties": {"area_code": "X98", "area_name": "Saltgate", "local_authority_area_code": "X99000001"},
        "geometry": {"type": "Polygon", "coordinates": [square]},
    }
    file = tmp_path / "wards.geojson"
    file.write_text(json.dumps({"features": [feature]}))
    places.load_wards(file)
    assert places.place_again() == 1
    found = inside_it.versions[0].ward
    assert found is not None
    assert found.name == "Saltgate"
    assert outside.versions[0].ward_id is everywhere.versions[0].ward_id is None


@pytest.mark.usefixtures("mereland")
def test_the_shipped_deprivation_is_marked_as_invented() -> None:
    places.load_wards(WARDS)
    assert places.load_deprivation(HOUSE / "demonstration" / "deprivation.csv", "Invented") == (30, 30)
    rows = db.session.scalars(select(WardDeprivation)).all()
    assert {row.source for row in rows} == {"Invented"}
    assert {row.tenth for row in rows} == set(range(1, 11))


@pytest.mark.usefixtures("mereland")
def test_scores_become_tenths_among_the_wards_of_the_file(tmp_path: Path) -> None:
    places.load_wards(WARDS)
    scores = "\n".join(f"X980000{number:02},{number / 10}" for number in range(1, 21))
    file = tmp_path / "scores.csv"
    file.write_text(f"wd18cd,Index of Multiple Deprivation\n{scores}\nE05000783,64.1\n", encoding="utf-8")
    assert places.load_deprivation(file, "A council") == (21, 20)
    tenths = dict(db.session.execute(select(Ward.code, WardDeprivation.tenth).join_from(WardDeprivation, Ward)).all())
    assert (tenths["X98000020"], tenths["X98000019"], tenths["X98000018"], tenths["X98000001"]) == (1, 1, 2, 10)


@pytest.mark.usefixtures("mereland")
def test_a_newer_table_of_deprivation_takes_the_place_of_the_older(tmp_path: Path) -> None:
    places.load_wards(WARDS)
    places.load_deprivation(HOUSE / "demonstration" / "deprivation.csv", "Older")
    file = tmp_path / "newer.csv"
    file.write_text("ward_code,decile\nX98000001,9\n", encoding="utf-8")
    assert places.load_deprivation(file, "Newer") == (1, 1)
    told = {row.source for row in db.session.scalars(select(WardDeprivation))}
    assert told == {"Older", "Newer"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\nb,c\n",
        "name,decile\nA,3\n",
        "ward_code,score\nX1,3\n",
    ],
)
def test_a_file_without_deprivation_is_refused(database: Flask, tmp_path: Path, text: str) -> None:
    file = tmp_path / "odd.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Unfit) as refusal:
        places.load_deprivation(file, "")
    assert refusal.value.problems == {"file": "not_deprivation"}

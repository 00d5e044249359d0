"""The map of the wards."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from broker.store.base import db
from broker.store.places import Ward
from tests import make

SQUARE = {"type": "Polygon", "coordinates": [[[0, 53], [1, 53], [1, 54], [0, 54], [0, 53]]]}


@pytest.fixture
def code(app: Flask) -> str:
    with app.app_context():
        north = make.authority("Northmere")
        ward = Ward(code="W1", name="Saltgate", authority=north, lat=53.5, lon=0.5, outline=SQUARE)
        db.session.add(ward)
        db.session.flush()
        make.need(make.organisation(north), north, ward_id=ward.id)
        code = north.code
        db.session.commit()
    return code


def test_each_ward_is_drawn_counted_and_linked(client: FlaskClient, code: str, statements: list[str]) -> None:
    page = client.get(f"/listings/map?authority={code}").get_data(as_text=True)
    assert "<title>Saltgate: 1 open listings</title>" in page
    assert f'href="/listings?authority={code}&amp;ward=W1"' in page
    assert len(statements) <= 5
    assert "Ten laptops" in client.get(f"/listings?authority={code}&ward=W1").get_data(as_text=True)


def test_the_list_leads_to_the_map(client: FlaskClient, code: str) -> None:
    assert f"/listings/map?authority={code}" in client.get(f"/listings?authority={code}").get_data(as_text=True)


def test_an_area_without_boundaries_says_so(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        plain = make.authority("Westerby").code
        db.session.commit()
    assert "No map yet" in client.get(f"/listings/map?authority={plain}").get_data(as_text=True)


@pytest.mark.parametrize("authority", ["", "nowhere", "%00", "'><script>"])
def test_an_unknown_area_is_a_page(client: FlaskClient, code: str, authority: str) -> None:
    answer = client.get(f"/listings/map?authority={authority}")
    assert answer.status_code == 200
    assert "<path class" not in answer.get_data(as_text=True)

"""Boundaries of wards: what a file may look like, and how every other one is refused."""

import json
from typing import Any

import pytest

from broker.domain.boundaries import MOST_CORNERS, read_boundaries
from broker.domain.refusals import Unfit

SQUARE = [[0, 53], [1, 53], [1, 54], [0, 54], [0, 53]]
BOW = [[0, 53], [1, 54], [1, 53], [0, 54.01], [0, 53]]  # it crosses itself
METRES = [[385000, 397000], [385100, 397000], [385100, 397100], [385000, 397000]]
ROUND = [[n / 1e6, 53] for n in range(MOST_CORNERS)]


def ward(**changed: Any) -> dict[str, Any]:
    properties = {"WD23CD": "E05000001", "WD23NM": "Saltgate", "LAD23CD": "E08000009", **changed.pop("properties", {})}
    geometry = {"type": "Polygon", "coordinates": [SQUARE], **changed.pop("geometry", {})}
    return {"type": "Feature", "properties": properties, "geometry": geometry, **changed}


def file(*features: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()


def test_a_ward_is_read_as_the_ons_or_as_anybody_writes_it() -> None:
    ours = {"ward_code": "E05000002", "ward_name": " Weir\u202e  Side ", "la_code": "E08000009"}
    two = {"type": "Feature", "properties": ours, "geometry": {"type": "MultiPolygon", "coordinates": [[SQUARE]]}}
    found = read_boundaries(b"\xef\xbb\xbf" + file(ward(), two))
    assert [(each.code, each.name, each.council) for each in found] == [
        ("E05000001", "Saltgate", "E08000009"), ("E05000002", "Weir Side", "E08000009"),
    ]  # fmt: skip
    assert found[0].centre == (53.5, 0.5)
    assert found[0].outline == {"type": "MultiPolygon", "coordinates": [[[[float(x), float(y)] for x, y in SQUARE]]]}


@pytest.mark.parametrize("said", [{"lat": "53.48", "lon": 0.2}, {"lat": 53.48, "lon": "0.2"}])
def test_its_middle_is_taken_from_the_file_where_it_says_one(said: dict[str, Any]) -> None:
    assert read_boundaries(file(ward(properties=said)))[0].centre == (53.48, 0.2)


@pytest.mark.parametrize("lat", ["north", 1e400, 200, [1], None, 10])
def test_a_middle_that_is_none_or_lies_elsewhere_is_worked_out(lat: object) -> None:
    assert read_boundaries(file(ward(properties={"lat": lat, "lon": 1})))[0].centre == (53.5, 0.5)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_wards"),
        (b"\xff\xfe\x00", "not_wards"),
        (b"[]", "not_wards"),
        (b'{"features": {}}', "not_wards"),
        (b'{"features": []}', "not_wards"),
        (b"[" * 100_000, "not_wards"),
        (b'{"features": [' + b"9" * 5000 + b"]}", "not_wards"),
        (file(3), "not_wards"),
        (file({"properties": None, "geometry": None}), "not_wards"),
        (file(ward(properties={"WD23CD": " "})), "no_code"),
        (file(ward(properties={"WD23NM": 7})), "no_code"),
        (file(ward(), ward()), "code_twice"),
        *((file(ward(properties={"WD23CD": code})), "odd_code") for code in ("A/B", "x?y", "..", "None", "other")),
        *((file(ward(properties={"WD23CD": code})), "other_areas") for code in ("E01034001", "E08000009", "W06000015")),
        (file(ward(geometry={"coordinates": [[corner[::-1] for corner in SQUARE]]})), "swapped"),
        (file(ward(geometry={"coordinates": [BOW]})), "bad_shape"),
        (file({**ward(), "geometry": None}), "bad_shape"),
        (file(ward(geometry={"type": "Point", "coordinates": [0, 53]})), "bad_shape"),
        (file(ward(geometry={"type": ["Polygon"]})), "bad_shape"),
        (file(ward(geometry={"coordinates": []})), "bad_shape"),
        (file(ward(geometry={"coordinates": [[]]})), "bad_shape"),
        (file(ward(geometry={"coordinates": "abc"})), "bad_shape"),
        (file(ward(geometry={"coordinates": [SQUARE[:-1]]})), "bad_shape"),
        (file(ward(geometry={"coordinates": [[[0, 53], [0, 54], [0, 55], [0, 53]]]})), "bad_shape"),
        (file(ward(geometry={"coordinates": [[["0", 53], *SQUARE[1:-1], ["0", 53]]]})), "bad_shape"),
        (file(ward(geometry={"coordinates": [[[True, 53], *SQUARE[1:-1], [True, 53]]]})), "bad_shape"),
        (file(ward()).replace(b"[0, 53]", b"[NaN, 53]"), "bad_shape"),
        (file(ward()).replace(b"[0, 53]", b"[1e999, 53]"), "bad_shape"),
        (file(ward(geometry={"coordinates": [METRES]})), "not_degrees"),
        (file(ward(geometry={"coordinates": [[*ROUND, ROUND[0]]]})), "too_fine"),
    ],
)  # fmt: skip
def test_every_other_file_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Unfit) as refusal:
        read_boundaries(content)
    assert refusal.value.problems == {"file": code}

"""Postcodes are read kindly, distances are right, areas hold what lies in them."""

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.domain.places import (
    Point,
    bounding_box,
    inside,
    miles_between,
    normalise_postcode,
    outcode_of,
    outward,
)

MANCHESTER = Point(53.4794, -2.2453)
LONDON = Point(51.5080, -0.1281)
EDINBURGH = Point(55.9533, -3.1883)
BRITAIN = st.builds(Point, st.floats(49.8, 61.0), st.floats(-8.7, 1.8))


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("m33 4rz", "M33 4RZ"),
        ("M334RZ", "M33 4RZ"),
        ("  sw1a\t1aa ", "SW1A 1AA"),
        ("M1 1AE", "M1 1AE"),
        ("w1a 0ax", "W1A 0AX"),
        ("W1X 1AA", "W1X 1AA"),
        ("ec1a1bb", "EC1A 1BB"),
        ("CR2 6XH", "CR2 6XH"),
        ("dn55 1pt", "DN55 1PT"),
        ("gir 0aa", "GIR 0AA"),
        ("qm1 1aa", "QM1 1AA"),
        ("WA15 OHF", "WA15 0HF"),
        ("ol1 oaa", "OL1 0AA"),
        ("QH12 3DW", "QH12 3DW"),
    ],
)
def test_a_postcode_is_written_one_way(typed: str, written: str) -> None:
    assert normalise_postcode(typed) == written
    assert normalise_postcode(written) == written


@pytest.mark.parametrize(
    "nonsense",
    [
        "",
        "M33",
        "4RZ",
        "M33 4R",
        "M33 4RZZ",
        "M33 4RZ or near",
        "VX1 1AA",
        "MI1 1AA",
        "M33 4CI",
        "M33 4OZ",
        "1M3 4RZ",
        "M333 4RZ",
        "M33-4RZ",
        "ß1 1AA",
        "M３３ 4RZ",
        "M33 ٤RZ",
        "Sale, near the station",
    ],
)
def test_what_is_no_postcode_is_refused(nonsense: str) -> None:
    assert normalise_postcode(nonsense) is None


@given(st.text())
def test_any_text_is_read_without_harm(text: str) -> None:
    written = normalise_postcode(text)
    assert written is None or normalise_postcode(written) == written


@pytest.mark.parametrize("pump", ["A", "M33 ", " ", "1", "AA1A", "M33 4RZ ", "ſ"])
def test_long_nonsense_is_refused_at_once(pump: str) -> None:
    text = pump * 100_000
    started = time.perf_counter()
    assert normalise_postcode(text) is None
    assert outcode_of(text) is None
    assert time.perf_counter() - started < 0.5


def test_the_outward_half_hides_the_street() -> None:
    assert outward("M33 4RZ") == "M33"
    assert outward("SW1A 1AA") == "SW1A"
    assert outward("M1 1AE") == "M1"


@pytest.mark.parametrize(
    ("typed", "outcode"),
    [
        ("m33", "M33"),
        (" sw1a ", "SW1A"),
        ("M33 4RZ", "M33"),
        ("QM1", "QM1"),
        ("M333", None),
        ("M", None),
        ("", None),
    ],
)
def test_the_outward_half_is_found_alone_or_in_a_whole_postcode(typed: str, outcode: str | None) -> None:
    assert outcode_of(typed) == outcode


@pytest.mark.parametrize(
    ("a", "b", "miles"),
    [(MANCHESTER, LONDON, 163), (LONDON, EDINBURGH, 332), (MANCHESTER, EDINBURGH, 175)],
)
def test_distances_between_cities(a: Point, b: Point, miles: float) -> None:
    assert miles_between(a, b) == pytest.approx(miles, abs=1)
    assert miles_between(a, b) == miles_between(b, a)


def test_distances_at_the_edges() -> None:
    assert miles_between(LONDON, LONDON) == 0
    assert miles_between(Point(50, 0), Point(51, 0)) == pytest.approx(69.09, abs=0.01)
    assert miles_between(Point(0, 0), Point(0, 180)) == pytest.approx(math.pi * 3958.7613)


@given(BRITAIN, BRITAIN, st.floats(0.1, 800))
def test_the_box_loses_nobody(centre: Point, other: Point, miles: float) -> None:
    box = bounding_box(centre, miles)
    if miles_between(centre, other) <= miles * 0.999:
        assert box.south <= other.lat <= box.north
        assert box.west <= other.lon <= box.east


def test_the_box_fits_closely() -> None:
    box = bounding_box(MANCHESTER, 10)
    for edge in [
        Point(box.south, MANCHESTER.lon),
        Point(box.north, MANCHESTER.lon),
        Point(MANCHESTER.lat, box.west),
        Point(MANCHESTER.lat, box.east),
    ]:
        assert miles_between(MANCHESTER, edge) == pytest.approx(10, abs=0.01)


def test_a_box_round_the_pole_goes_all_the_way_round() -> None:
    box = bounding_box(Point(89.9, 0), 100)
    assert (box.north, box.west, box.east) == (90, -180, 180)
    assert bounding_box(Point(90, 0), 13_000) == (-90, -180, 90, 180)


SQUARE = [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]
HOLE = [[1, 1], [1, 3], [3, 3], [3, 1], [1, 1]]
FAR_SQUARE = [[10, 0], [12, 0], [12, 2], [10, 2], [10, 0]]


@pytest.mark.parametrize(
    ("point", "held"),
    [
        (Point(0.5, 0.5), True),
        (Point(2, 2), False),
        (Point(2, 3.5), True),
        (Point(1, 11), True),
        (Point(5, 2), False),
        (Point(1, -1), False),
        (Point(1, 5), False),
        (Point(1, 13), False),
    ],
)
def test_an_area_in_two_parts_with_a_hole(point: Point, held: bool) -> None:
    assert inside(point, {"type": "MultiPolygon", "coordinates": [[SQUARE, HOLE], [FAR_SQUARE]]}) is held


def test_a_plain_polygon_with_heights_is_read_too() -> None:
    ring = [[*position, 120.0] for position in SQUARE]
    assert inside(Point(2, 2), {"type": "Polygon", "coordinates": [ring]})
    assert not inside(Point(2, 4.5), {"type": "Polygon", "coordinates": [ring]})


@given(st.floats(0, 4), st.floats(-1, 5))
def test_neighbours_never_share_a_point(lat: float, lon: float) -> None:
    """Two wards with a slanting border between them: nobody lives in both, nobody falls between."""
    west = {"type": "Polygon", "coordinates": [[[-1, 0], [1, 0], [3, 4], [-1, 4], [-1, 0]]]}
    east = {"type": "Polygon", "coordinates": [[[1, 0], [5, 0], [5, 4], [3, 4], [1, 0]]]}
    whole = {"type": "Polygon", "coordinates": [[[-1, 0], [5, 0], [5, 4], [-1, 4], [-1, 0]]]}
    point = Point(lat, lon)
    assert inside(point, west) + inside(point, east) == inside(point, whole)


def test_an_unknown_shape_is_an_error() -> None:
    with pytest.raises(KeyError):
        inside(LONDON, {"type": "Point", "coordinates": [0, 0]})

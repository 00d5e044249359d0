"""The shipped table of outcodes is whole, British, and right where we can check it."""

import csv
from pathlib import Path

from broker.domain.places import Point, miles_between, outcode_of

SEED = Path(__file__).parents[2] / "broker" / "store" / "seed"
ROWS = list(csv.DictReader((SEED / "outcodes.csv").read_text(encoding="utf-8").splitlines()))
PLACES = {row["outcode"]: Point(float(row["lat"]), float(row["lon"])) for row in ROWS}


def test_each_outcode_of_great_britain_stands_there_once() -> None:
    assert len(ROWS) == len(PLACES) == 2996
    assert all(outcode_of(outcode) == outcode for outcode in PLACES)
    assert all(row["authority"][0] in "ESW" and len(row["authority"]) == 9 for row in ROWS)


def test_neither_northern_ireland_nor_an_invented_area_is_in_it() -> None:
    assert not [outcode for outcode in PLACES if outcode.startswith(("BT", "Q", "GY", "JE", "IM"))]


def test_all_of_it_lies_on_the_island_or_near() -> None:
    assert all(49.8 < place.lat < 60.9 and -7.7 < place.lon < 1.8 for place in PLACES.values())


def test_known_places_are_where_they_are() -> None:
    assert miles_between(PLACES["M1"], Point(53.4794, -2.2453)) < 1
    assert miles_between(PLACES["EH1"], Point(55.9533, -3.1883)) < 1
    assert 2 < miles_between(PLACES["M33"], PLACES["WA14"]) < 6
    authorities = {row["outcode"]: row["authority"] for row in ROWS}
    assert (authorities["M1"], authorities["M33"], authorities["EH1"]) == ("E08000003", "E08000009", "S12000036")


def test_the_notice_that_its_licence_asks_for_is_beside_it() -> None:
    notice = (SEED / "README.md").read_text(encoding="utf-8")
    for line in (
        "Contains OS data © Crown copyright and database right",
        "Contains Royal Mail data © Royal Mail copyright and database right",
        "Source: Office for National Statistics licensed under the Open Government Licence v3.0",
    ):
        assert line in notice

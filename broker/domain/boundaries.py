"""Boundaries of wards as files bring them (GeoJSON): what is read, and what is refused before it is drawn or kept."""

import json
import math
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from broker.domain.places import ELSEWHERE, NOWHERE, Point, middle
from broker.domain.refusals import Unfit
from broker.domain.texts import tidy

MOST_CORNERS = 5_000  # of one ward; ten times what a map on a page can show
LONGEST_CODE, LONGEST_NAME = 20, 200
SHAPES = ("Polygon", "MultiPolygon")
# As the Office for National Statistics names its columns in whatever year, and as others write them out.
CODE = re.compile(r"(area|ward)_code|wd[0-9]{2}cd", re.IGNORECASE)
NAME = re.compile(r"(area|ward)_name|wd[0-9]{2}nm", re.IGNORECASE)
FIT = re.compile(r"[A-Z0-9][A-Z0-9_-]*", re.IGNORECASE)  # a code stands in addresses
# Codes of the Office for National Statistics: census areas, councils, regions, countries and constituencies.
OTHER_AREAS = re.compile(r"([EWS]0[0-2]|E0[6-9]|E1[0-4]|[EWSN]92|W0[67]|S12|N0[09])[0-9]{6}", re.IGNORECASE)
COUNCIL = re.compile(r"local_authority_area_code|authority_code|la_code|lad[0-9]{2}cd", re.IGNORECASE)


class Boundary(NamedTuple):
    """A ward of a file. `council` is '' where the file does not say whose it is."""

    code: str
    name: str
    council: str
    centre: Point
    outline: Mapping[str, Any]


def read_boundaries(content: bytes) -> list[Boundary]:
    """The wards of a file. Raises Unfit on `file`: not_wards, no_code, odd_code, other_areas,
    code_twice, bad_shape, not_degrees, swapped, too_fine.
    """
    try:
        features = json.loads(content.decode("utf-8-sig"))["features"]
        if not isinstance(features, list):
            raise TypeError
    except (KeyError, TypeError, ValueError, RecursionError) as problem:
        raise Unfit({"file": "not_wards"}) from problem
    found = [_boundary(feature) for feature in features]
    if not found:
        raise Unfit({"file": "not_wards"})
    if len({each.code for each in found}) < len(found):
        raise Unfit({"file": "code_twice"})
    return found


def _boundary(feature: Any) -> Boundary:
    if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
        raise Unfit({"file": "not_wards"})
    said = feature["properties"]
    code, name = _said(said, CODE, LONGEST_CODE), _said(said, NAME, LONGEST_NAME)
    if not code or not name:
        raise Unfit({"file": "no_code"})
    if not FIT.fullmatch(code) or code.casefold() in (NOWHERE, ELSEWHERE):
        raise Unfit({"file": "odd_code"})
    if OTHER_AREAS.fullmatch(code):
        raise Unfit({"file": "other_areas"})
    outline = _outline(feature.get("geometry"))
    return Boundary(code, name, _said(said, COUNCIL, LONGEST_CODE), _centre(said, outline), outline)


def _said(properties: Mapping[str, Any], names: re.Pattern[str], longest: int) -> str:
    """What stands under the first of these names; '' where nothing does, or something that is no word."""
    value = next((value for name, value in properties.items() if names.fullmatch(name)), "")
    return " ".join(tidy(value).split())[:longest] if isinstance(value, str) else ""


def _outline(geometry: Any) -> dict[str, Any]:
    """What can be drawn of it, and nothing else: closed rings of at least a triangle, in degrees."""
    if not isinstance(geometry, dict) or geometry.get("type") not in SHAPES:
        raise Unfit({"file": "bad_shape"})
    coordinates: Any = geometry.get("coordinates")
    polygons: Any = [coordinates] if geometry["type"] == "Polygon" else coordinates
    if not _is_filled(polygons) or not all(map(_is_filled, polygons)):
        raise Unfit({"file": "bad_shape"})
    drawn = [[_ring(ring) for ring in polygon] for polygon in polygons]
    if sum(len(ring) for polygon in drawn for ring in polygon) > MOST_CORNERS:
        raise Unfit({"file": "too_fine"})
    return {"type": "MultiPolygon", "coordinates": drawn}


def _is_filled(value: object) -> bool:
    return isinstance(value, list) and bool(value)


def _ring(ring: Any) -> list[list[float]]:
    if not isinstance(ring, list) or len(ring) < 4 or ring[0] != ring[-1]:
        raise Unfit({"file": "bad_shape"})
    return [_corner(corner) for corner in ring]


def _corner(corner: Any) -> list[float]:
    if not isinstance(corner, list) or not 2 <= len(corner) <= 4 or not all(_is_number(part) for part in corner):
        raise Unfit({"file": "bad_shape"})
    if abs(corner[0]) > 180 or abs(corner[1]) > 90:
        raise Unfit({"file": "not_degrees"})
    if 49 <= corner[0] <= 61 and -9 <= corner[1] <= 3:  # Britain, the wrong way round: nobody lives off Somalia
        raise Unfit({"file": "swapped"})
    return [round(float(part), 6) for part in corner[:2]]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12


def _centre(said: Mapping[str, Any], outline: Mapping[str, Any]) -> Point:
    """As the file says, or else where the outline has its middle. Neither may lie beside it."""
    given = _point(said.get("lat"), said.get("lon"))
    if given and _is_around(given, outline):
        return given
    try:
        worked_out = middle(outline)
    except ZeroDivisionError as problem:  # all on one line
        raise Unfit({"file": "bad_shape"}) from problem
    if not _is_around(worked_out, outline):  # it crosses itself
        raise Unfit({"file": "bad_shape"})
    return worked_out


def _is_around(point: Point, outline: Mapping[str, Any]) -> bool:
    """Whether the point lies within the outermost corners."""
    corners = [corner for polygon in outline["coordinates"] for ring in polygon for corner in ring]
    east, north = [float(corner[0]) for corner in corners], [float(corner[1]) for corner in corners]
    return min(east) <= point.lon <= max(east) and min(north) <= point.lat <= max(north)


def _point(lat: Any, lon: Any) -> Point | None:
    try:
        point = Point(float(lat), float(lon))
    except (TypeError, ValueError):
        return None
    within = all(map(math.isfinite, point)) and abs(point.lat) <= 90 and abs(point.lon) <= 180
    return point if within else None

"""Postcodes, points, distances and areas, in plain arithmetic."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

# What stands in an address for the code of a ward: what lies in none, and in one of another authority.
NOWHERE, ELSEWHERE = "none", "other"
EARTH_RADIUS_MILES = 3958.7613  # mean radius, IUGG

# The shapes of Royal Mail, ended ones (W1X) included. Q opens no real postcode; the demonstration city uses it.
_OUTWARD = r"(GIR|[A-UWYZ][0-9][0-9A-HJKMNPR-Y]?|[A-UWYZ][A-HK-Y][0-9][0-9ABEHMNPRVWXY]?)"
_OUTCODE = re.compile(_OUTWARD)
_POSTCODE = re.compile(_OUTWARD + "([0-9O][ABD-HJLNP-UW-Z]{2})")


class Point(NamedTuple):
    """A place on the earth in degrees, WGS 84."""

    lat: float
    lon: float


class Box(NamedTuple):
    """What lies between two latitudes and two longitudes, in degrees."""

    south: float
    west: float
    north: float
    east: float


def normalise_postcode(text: str) -> str | None:
    """A whole UK postcode as it is written ("m334rz" gives "M33 4RZ"); None where the text is not one.

    A letter O typed for the figure 0 of the second half is forgiven, since no letter may stand there.
    Only the shape is checked: whether the outward part exists is for the table of outcodes to say.
    """
    found = _POSTCODE.fullmatch(_compact(text))
    return f"{found[1]} {found[2][0].replace('O', '0')}{found[2][1:]}" if found else None


def outcode_of(text: str) -> str | None:
    """The outward part of what was typed, whole postcode or that part alone; None where it is neither."""
    whole = normalise_postcode(text)
    if whole:
        return outward(whole)
    alone = _OUTCODE.fullmatch(_compact(text))
    return alone[0] if alone else None


def outward(postcode: str) -> str:
    """The half of a normalised postcode that may be shown in public: "M33 4RZ" gives "M33"."""
    return postcode[:-3].rstrip()


def miles_between(a: Point, b: Point) -> float:
    """How far it is as the crow flies (haversine, within half a per cent)."""
    a_lat, b_lat = math.radians(a.lat), math.radians(b.lat)
    half_lat, half_lon = (b_lat - a_lat) / 2, math.radians(b.lon - a.lon) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(a_lat) * math.cos(b_lat) * math.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_MILES * math.asin(math.sqrt(min(1.0, chord)))


def bounding_box(point: Point, miles: float) -> Box:
    """The smallest box that holds every point within so many miles: a cheap first sieve for a query.

    It does not wrap round the 180th meridian, which Britain is far from.
    """
    angle = miles / EARTH_RADIUS_MILES
    lat_reach = math.degrees(angle)
    width = math.sin(min(angle, math.pi / 2)) / max(math.cos(math.radians(point.lat)), 1e-12)
    lon_reach = math.degrees(math.asin(width)) if width < 1 else 180.0
    return Box(
        south=max(-90.0, point.lat - lat_reach),
        west=max(-180.0, point.lon - lon_reach),
        north=min(90.0, point.lat + lat_reach),
        east=min(180.0, point.lon + lon_reach),
    )


def inside(point: Point, geometry: Mapping[str, Any]) -> bool:
    """Whether a GeoJSON Polygon or MultiPolygon holds the point; a hole does not count as inside.

    A point on a shared border belongs to one neighbour only.
    """
    return sum(_crosses(point, start, end) for start, end in _edges(geometry)) % 2 == 1


def middle(geometry: Mapping[str, Any]) -> Point:
    """The centre of gravity of a GeoJSON Polygon or MultiPolygon, its holes left out."""
    area = lat = lon = 0.0
    for start, end in _edges(geometry):
        cross = start[0] * end[1] - end[0] * start[1]
        area += cross
        lat += (start[1] + end[1]) * cross
        lon += (start[0] + end[0]) * cross
    return Point(lat / (3 * area), lon / (3 * area))


def _edges(geometry: Mapping[str, Any]) -> Iterator[tuple[Sequence[float], Sequence[float]]]:
    polygons = {"Polygon": [geometry["coordinates"]], "MultiPolygon": geometry["coordinates"]}[geometry["type"]]
    for polygon in polygons:
        for ring in polygon:
            yield from pairwise(ring)


def _crosses(point: Point, start: Sequence[float], end: Sequence[float]) -> bool:
    """Whether a ray from the point to the east meets the edge; GeoJSON says longitude first."""
    if (start[1] > point.lat) == (end[1] > point.lat):
        return False
    share = (point.lat - start[1]) / (end[1] - start[1])
    return point.lon < start[0] + share * (end[0] - start[0])


def _compact(text: str) -> str:
    return "".join(text.split()).upper() if text.isascii() else ""

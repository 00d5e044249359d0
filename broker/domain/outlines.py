"""Boundaries on the earth as paths on a flat picture."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Ring = Sequence[Sequence[float]]


def outline_paths(outlines: Sequence[Mapping[str, Any]], width: int) -> tuple[list[str], int]:
    """SVG paths of GeoJSON polygons, north up, filling so many units of width; and the height that they need.

    Degrees of longitude are narrowed as they are at the middle of the picture, which is right for a region.
    """
    corners = [corner for outline in outlines for ring in _rings(outline) for corner in ring]
    if not corners:
        return [], 0
    west, east = min(c[0] for c in corners), max(c[0] for c in corners)
    south, north = min(c[1] for c in corners), max(c[1] for c in corners)
    narrow = math.cos(math.radians((south + north) / 2))
    scale = width / ((east - west) * narrow)

    def place(corner: Sequence[float]) -> str:
        return f"{(corner[0] - west) * narrow * scale:.1f} {(north - corner[1]) * scale:.1f}"

    paths = ["".join(f"M{'L'.join(map(place, ring))}Z" for ring in _rings(outline)) for outline in outlines]
    return paths, math.ceil((north - south) * scale)


def _rings(outline: Mapping[str, Any]) -> Iterator[Ring]:
    polygons = {"Polygon": [outline["coordinates"]], "MultiPolygon": outline["coordinates"]}[outline["type"]]
    for polygon in polygons:
        yield from polygon

"""Boundaries as paths."""

from broker.domain.outlines import outline_paths


def test_north_is_up_and_the_picture_is_filled() -> None:
    square = {"type": "Polygon", "coordinates": [[[0, 0], [2, 0], [2, 1], [0, 1], [0, 0]]]}
    paths, height = outline_paths([square], 600)
    assert paths == ["M0.0 300.0L600.0 300.0L600.0 0.0L0.0 0.0L0.0 300.0Z"]
    assert height == 301  # degrees of longitude are a little narrower half a degree from the equator


def test_every_part_of_a_ward_is_drawn() -> None:
    part = [[[0, 0], [1, 0], [1, 1], [0, 0]]]
    paths, _ = outline_paths([{"type": "MultiPolygon", "coordinates": [part, part]}], 100)
    assert paths[0].count("M") == paths[0].count("Z") == 2


def test_nothing_to_draw() -> None:
    assert outline_paths([], 600) == ([], 0)

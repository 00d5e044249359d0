"""Wards and postcodes from files into tables, and the point of a place that somebody names."""

import csv
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, select, update

from broker.domain.boundaries import Boundary, read_boundaries
from broker.domain.clock import today
from broker.domain.deprivation import read_tenths
from broker.domain.places import Point, inside, normalise_postcode
from broker.domain.refusals import Unfit
from broker.store.authorities import all_authorities
from broker.store.base import db
from broker.store.listings import ListingVersion, unplaced_versions
from broker.store.places import (
    Postcode,
    Ward,
    WardDeprivation,
    postcode_point,
    ward_with_code,
    wards_with_outlines,
)


class Spot(NamedTuple):
    """A place as we know it: its point, and its ward and authority where boundaries or tables tell."""

    point: Point
    ward_id: int | None = None
    authority_code: str | None = None

    @property
    def nearby(self) -> Point:
        """The point to about half a mile. A postcode is private, and anyone may search by distance: what listings
        keep is this, so that no search finds the doorstep."""
        return Point(*(round(part, 2) for part in self.point))


def find_point(*, postcode: str = "", ward_id: int | None = None) -> Spot | None:
    """Where a postcode or a ward lies; None when neither is known. A postcode that is not in the tables but whose
    outward half is gets that half's middle, which is too coarse to tell the ward."""
    if ward_id is not None:
        ward = db.session.get(Ward, ward_id)
        return Spot(Point(ward.lat, ward.lon), ward.id) if ward else None
    row = postcode_point(postcode) if postcode else None
    if row is None:
        return None
    point = Point(row.lat, row.lon)
    return Spot(point, _ward_of(row, point) if " " in row.code else None, row.authority_code)


def _ward_of(row: Postcode, point: Point) -> int | None:
    named = ward_with_code(row.ward_code) if row.ward_code else None
    if named is not None:
        return named.id
    around = wards_with_outlines(row.authority_code) if row.authority_code else []
    return next((ward.id for ward in around if ward.outline and inside(point, ward.outline)), None)


def load_outcodes(path: Path) -> int:
    """The middle of every outward half of a postcode (columns outcode, lat, lon); gives how many were read."""
    return _load_postcodes(path, "outcode", lambda text: text.strip().upper())


def load_postcodes(path: Path) -> int:
    """Whole postcodes (columns postcode, lat, lon, and if known a ward and an authority by ONS code).

    An outward half that no table has yet gets the middle of its postcodes.
    """
    number = _load_postcodes(path, "postcode", normalise_postcode)
    _fill_halves()
    return number


def load_wards(path: Path) -> int:
    """Wards with their boundaries from GeoJSON in WGS 84; gives how many. Wards of councils not here are left out."""
    here = {authority.code: authority.id for authority in all_authorities()}
    found = [each for each in read_boundaries(path.read_bytes()) if each.council in here]
    keep_boundaries((here[each.council], each) for each in found)
    return len(found)


def keep_boundaries(found: Iterable[tuple[int, Boundary]]) -> int:
    """Keep these wards, each with the authority that it lies in; one that is known by its code is changed, and one of
    these authorities that is not among them becomes an earlier one; how many those are."""
    known = dict(db.session.execute(select(Ward.code, Ward.id)).all())
    rows = [
        {
            "code": each.code,
            "name": each.name,
            "authority_id": authority_id,
            "lat": each.centre.lat,
            "lon": each.centre.lon,
            "outline": each.outline,
            "ended_on": None,
        }
        for authority_id, each in found
    ]
    ended = _left_out(rows)
    _rewrite(Ward, [{"id": ward_id, "ended_on": today()} for ward_id in ended])
    _write(Ward, [row for row in rows if row["code"] not in known])
    _rewrite(Ward, [{**row, "id": known[str(row["code"])]} for row in rows if row["code"] in known])
    return len(ended)


def _left_out(rows: Iterable[Mapping[str, Any]]) -> list[int]:
    """The wards of today that these do not have, of the authorities that they are of."""
    codes, areas = {row["code"] for row in rows}, {row["authority_id"] for row in rows}
    own = select(Ward.id).where(Ward.authority_id.in_(areas), Ward.ended_on.is_(None))
    return list(db.session.scalars(own.where(Ward.code.not_in(codes))))


def load_deprivation(path: Path, source: str) -> tuple[int, int]:
    """How deprived each ward is, from a table of wards; gives how many rows there were, and how many found their ward.

    A column of ward codes (ward_code, or as the Office for National Statistics names it, wd18cd), and either one of
    tenths (decile; 1 is the most deprived), or the score of the Index of Multiple Deprivation. Scores become tenths
    among the wards of the file. Codes change when boundaries do, and a ward is found by its code alone: a name that
    stayed may lie around other streets.
    """
    tenths = read_tenths(path.read_bytes())
    wards = dict(db.session.execute(select(Ward.code, Ward.id)).all())
    return len(tenths), keep_tenths({wards[code]: tenth for code, tenth in tenths.items() if code in wards}, source)


def keep_tenths(tenths: Mapping[int, int], source: str, among: Iterable[int] = ()) -> int:
    """Keep in which tenth each ward lies, by its id, in place of what was known of it and of those `among` which it
    is; how many those are."""
    db.session.execute(delete(WardDeprivation).where(WardDeprivation.ward_id.in_({*tenths, *among})))
    rows = [{"ward_id": ward_id, "tenth": tenth, "source": source} for ward_id, tenth in tenths.items()]
    if rows:
        db.session.execute(insert(WardDeprivation), rows)
    return len(rows)


def place_again() -> int:
    """Find the ward of listings that were posted before its boundary was loaded, or in a ward of earlier boundaries;
    how many wordings gained one."""
    return keep_places(missing_places())


def missing_places() -> dict[int, int]:
    """The ward of each wording that lies in one that was not known when it was written, by its id."""
    wards = [ward for ward in db.session.scalars(select(Ward).where(Ward.ended_on.is_(None))) if ward.outline]
    unplaced = unplaced_versions()
    spots = {code: find_point(postcode=code) for code in {version.postcode for version in unplaced} if code}
    found: dict[int, int] = {}
    for version in unplaced:
        spot = spots.get(version.postcode)
        ward_id = spot.ward_id if spot else None
        if spot is None and version.lat is not None and version.lon is not None:
            point = Point(version.lat, version.lon)
            ward_id = next((ward.id for ward in wards if ward.outline and inside(point, ward.outline)), None)
        if ward_id is not None:
            found[version.id] = ward_id
    return found


def keep_places(found: Mapping[int, int]) -> int:
    """Let these wordings lie in these wards; how many they are."""
    if found:
        db.session.execute(
            update(ListingVersion), [{"id": version_id, "ward_id": ward_id} for version_id, ward_id in found.items()]
        )
    return len(found)


def _load_postcodes(path: Path, column: str, read: Callable[[str], str | None]) -> int:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = {row["code"]: row for row in _postcode_rows(csv.DictReader(file), column, read)}
    known = {row.code: row for row in db.session.execute(select(*Postcode.__table__.columns))}
    _write(Postcode, [row for code, row in rows.items() if code not in known])
    _rewrite(Postcode, [row for code, row in rows.items() if code in known and known[code]._asdict() != row])
    return len(rows)


def _fill_halves() -> None:
    rows = db.session.execute(select(Postcode.code, Postcode.lat, Postcode.lon, Postcode.authority_code)).all()
    known = {row.code for row in rows}
    halves: dict[str, list[Any]] = {}
    for row in rows:
        half = row.code.split(" ")[0]
        if half not in known:
            halves.setdefault(half, []).append(row)
    found = [
        {
            "code": half,
            "lat": fmean(row.lat for row in inside_it),
            "lon": fmean(row.lon for row in inside_it),
            "authority_code": inside_it[0].authority_code,
        }
        for half, inside_it in halves.items()
    ]
    _write(Postcode, found)


def _postcode_rows(
    lines: Iterable[Mapping[str, str]], column: str, read: Callable[[str], str | None]
) -> Iterable[dict[str, Any]]:
    for number, line in enumerate(lines, start=2):
        try:
            code, lat, lon = read(line[column]), float(line["lat"]), float(line["lon"])
        except (KeyError, TypeError, ValueError) as problem:
            raise Unfit({f"line {number}": "not_a_postcode"}) from problem
        if code is None:
            raise Unfit({f"line {number}": "not_a_postcode"})
        authority = line.get("la_code") or line.get("authority") or None
        ward = line.get("ward_code") or line.get("ward") or None
        yield {"code": code, "lat": lat, "lon": lon, "authority_code": authority, "ward_code": ward}


def _write(table: type[Ward | Postcode], rows: list[dict[str, Any]]) -> None:
    if rows:
        db.session.execute(insert(table), rows)


def _rewrite(table: type[Ward | Postcode], rows: list[dict[str, Any]]) -> None:
    """By primary key, which each row holds."""
    if rows:
        db.session.execute(update(table), rows)

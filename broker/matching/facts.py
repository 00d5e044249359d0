"""The facts beside the text, in columns: hard ones filter whole sides at once, soft ones give part of a score.

Kind, area, distance, dates, what is left, not the same organisation. An unknown value passes every filter.
"""

import math
from collections.abc import Hashable
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from broker.matching.growing import Growing
from broker.matching.records import Dates, Record, Side

T = TypeVar("T", bound=Hashable)
Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]
Slots = NDArray[np.intp] | slice
"""Some slots of a side, or all of them without copying."""

EARTH_RADIUS_MILES = 3958.7613
"""Mean radius (IUGG), 6371.0088 km."""

# Chords are compared, not miles. This much rounding is 30 feet for two points in one place.
_ROUNDING = 1e-12
_FAR = 5.0  # a squared chord that no two places reach
_NO_FIRST_DAY, _NO_LAST_DAY = 0, 4_000_000
_UNKNOWN = -1
_FIELDS = np.dtype(
    [
        ("owner", "i8"),
        ("kind", "i4"),
        ("areas", "i4"),
        ("point", "f8", 3),
        ("reach", "f8"),
        ("remote", "?"),
        ("first", "i4"),
        ("last", "i4"),
        ("left", "?"),
        ("lane", "i4"),
        ("led", "?"),
        ("checks", "i1"),
        ("priorities", "i4"),
        ("boost", "f8"),
    ]
)


def miles_between(one: Record, other: Record) -> float | None:
    """Great-circle distance in miles (haversine); None where a place is unknown or one is remote."""
    if one.remote or other.remote:
        return None
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return None
    north, south = math.radians(one.lat), math.radians(other.lat)
    rise = math.sin((north - south) / 2) ** 2
    turn = math.sin(math.radians(one.lon - other.lon) / 2) ** 2
    half_chord = math.sqrt(rise + math.cos(north) * math.cos(south) * turn)
    return 2 * EARTH_RADIUS_MILES * math.asin(min(1.0, half_chord))


def checks_between(demand: Record, supply: Record) -> bool | None:
    """Whether the supply has the background check that the demand asks for; None where nothing is asked or stated."""
    return demand.checks <= supply.checks if demand.checks and supply.checks is not None else None


def dates_between(one: Record, other: Record) -> Dates:
    """Whether the two periods meet, as far as their stated ends tell."""
    crossings = ((one.from_date, other.until_date), (other.from_date, one.until_date))
    told = [start <= end for start, end in crossings if start is not None and end is not None]
    if not told:
        return "unknown"
    return "overlap" if all(told) else "apart"


class Codes(Generic[T]):
    """Each distinct value as a number, in the order in which they came; shared by both sides."""

    def __init__(self) -> None:
        self._numbers: dict[T, int] = {}

    def of(self, value: T) -> int:
        return self._numbers.setdefault(value, len(self._numbers))

    @property
    def values(self) -> list[T]:
        return list(self._numbers)


class Facts:
    """One side's facts: slot i is the listing in slot i of the words' index. What is gone is the index's to know."""

    def __init__(self, words: Codes[str], areas: Codes[frozenset[str]]) -> None:
        self._words, self._areas = words, areas
        self._priorities = Codes[frozenset[str]]()
        self._rows: Growing[np.void] = Growing(_FIELDS)

    def put(self, slot: int, record: Record) -> None:
        """The facts of the listing that stands in this slot from now on."""
        if slot >= len(self._rows):
            self._rows.extend(np.zeros(1, dtype=_FIELDS)[0], slot + 1 - len(self._rows))
        self._rows[slot] = self._row(record)

    def _row(self, record: Record) -> tuple[object, ...]:
        return (
            record.owner,
            _UNKNOWN if record.kind is None else self._words.of(record.kind),
            self._areas.of(record.areas),
            _point(record),
            _squared_reach(record),
            record.remote,
            record.from_date.toordinal() if record.from_date else _NO_FIRST_DAY,
            record.until_date.toordinal() if record.until_date else _NO_LAST_DAY,
            record.remaining is None or record.remaining > 0,
            _UNKNOWN if record.lane is None else self._words.of(record.lane),
            record.led,
            _UNKNOWN if record.checks is None else record.checks,
            self._priorities.of(record.priorities),
            record.boost,
        )

    def allowed(self, record: Record) -> Mask:
        """Which slots may be paired with a listing of the other side: every filter passed."""
        rows = self._rows.values
        kind = _UNKNOWN if record.kind is None else self._words.of(record.kind)
        passing: Mask = (rows["owner"] != record.owner) & rows["left"]
        passing &= np.array(record.remaining is None or record.remaining > 0)
        if kind != _UNKNOWN:
            passing &= (rows["kind"] == kind) | (rows["kind"] == _UNKNOWN)
        meets = [not areas or not record.areas or not areas.isdisjoint(record.areas) for areas in self._areas.values]
        passing &= np.array(meets, dtype=np.bool_)[rows["areas"]] if len(rows) else passing
        if record.until_date:
            passing &= rows["first"] <= record.until_date.toordinal()
        if record.from_date:
            passing &= rows["last"] >= record.from_date.toordinal()
        chord = self._squared_chords(record, slice(None))
        passing &= ~(chord > np.minimum(rows["reach"], _squared_reach(record)) + _ROUNDING)
        return passing

    def nearness(self, record: Record, slots: Slots, half: float) -> Floats:
        """1 in one place, one half at `half` miles, ever less beyond; 0 where a place is unknown, or none matters."""
        chord = self._squared_chords(record, slots)
        near: Floats = np.nan_to_num(half / (half + EARTH_RADIUS_MILES * np.sqrt(chord)))
        return near

    def dates_meet(self, record: Record, slots: Slots) -> Floats:
        """1 where the periods are known to meet. For pairs that the filters pass."""
        rows = self._rows.values
        first, last = rows["first"][slots], rows["last"][slots]
        told = np.zeros(len(first), dtype=np.bool_)
        if record.until_date:
            told |= first != _NO_FIRST_DAY
        if record.from_date:
            told |= last != _NO_LAST_DAY
        return told.astype(np.float64)

    def same_lane(self, record: Record, slots: Slots) -> Floats:
        """1 where both state the same lane."""
        lane = _UNKNOWN - 1 if record.lane is None else self._words.of(record.lane)
        same: Floats = (self._rows.values["lane"][slots] == lane).astype(np.float64)
        return same

    def led(self, record: Record, slots: Slots) -> Floats:
        """1 where one of the two is led by the community."""
        led: Floats = (self._rows.values["led"][slots] | record.led).astype(np.float64)
        return led

    def checks_met(self, side: Side, record: Record, slots: Slots) -> Floats:
        """1 where the supply has the background check that the demand asks for. side: that of the record."""
        own, theirs = _UNKNOWN if record.checks is None else record.checks, self._rows.values["checks"][slots]
        met: Floats = ((theirs >= own) & (own > 0) if side == "demand" else (theirs <= own) & (theirs > 0)).astype(
            np.float64
        )
        return met

    def same_priority(self, record: Record, slots: Slots) -> Floats:
        """1 where both name the same priority of an authority."""
        rows = self._rows.values["priorities"][slots]
        if not record.priorities:
            return np.zeros(len(rows))
        same = [not priorities.isdisjoint(record.priorities) for priorities in self._priorities.values]
        shared: Floats = np.array(same, dtype=np.float64)[rows]
        return shared

    def boost(self, record: Record, slots: Slots) -> Floats:
        """How strongly officers ask for the two to be seen, added up."""
        boosts: Floats = self._rows.values["boost"][slots] + record.boost
        return boosts

    def _squared_chords(self, record: Record, slots: Slots) -> Floats:
        """The square of the straight line through the earth, in earth radii; not a number where no distance counts."""
        ours, theirs = _point(record), self._rows.values["point"][slots]
        apart = [theirs[:, axis] - ours[axis] for axis in range(3)]
        squared: Floats = apart[0] * apart[0] + apart[1] * apart[1] + apart[2] * apart[2]
        return squared


def _point(record: Record) -> tuple[float, float, float]:
    """The place as a unit vector from the centre of the earth; not a number where no place counts."""
    if record.remote or record.lat is None or record.lon is None:
        return (math.nan, math.nan, math.nan)
    lat, lon = math.radians(record.lat), math.radians(record.lon)
    return (math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat))


def _squared_reach(record: Record) -> float:
    """The square of the chord that the reach spans, in earth radii."""
    if record.reach_miles is None:
        return _FAR
    angle = max(0.0, record.reach_miles) / EARTH_RADIUS_MILES
    return (2 * math.sin(angle / 2)) ** 2 if angle < math.pi else _FAR

"""The facts beside the text, in columns: hard ones filter whole sides at once, soft ones give part of a score.

Kind, area, distance, dates, what is left, not the same organisation. An unknown value passes every filter.
"""

import math
from collections.abc import Hashable, Sequence
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from broker.matching.growing import Columns
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
_AXES = ("x", "y", "z")
_FIELDS = {
    "owner": np.int64,
    "kind": np.int16,
    "areas": np.int32,
    **dict.fromkeys(_AXES, np.float64),
    "reach": np.float64,
    "first": np.int32,
    "last": np.int32,
    "left": np.bool_,
    "lane": np.int16,
    "led": np.bool_,
    "checks": np.int8,
    "priorities": np.int32,
    "boost": np.float64,
}


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

    def __len__(self) -> int:
        return len(self._numbers)


class Facts:
    """One side's facts: slot i is the listing in slot i of the words' index. What is gone is the index's to know."""

    def __init__(self, words: Codes[str], areas: Codes[frozenset[str]]) -> None:
        self._words, self._areas = words, areas
        self._priorities = Codes[frozenset[str]]()
        self._rows = Columns(_FIELDS)

    def put(self, slots: NDArray[np.intp], records: Sequence[Record]) -> None:
        """The facts of the listings that stand in these slots from now on."""
        rows = [self._row(record) for record in records]
        self._rows.put(slots, dict(zip(_FIELDS, zip(*rows, strict=True), strict=True)))

    def _row(self, record: Record) -> tuple[object, ...]:
        return (
            record.owner,
            _UNKNOWN if record.kind is None else self._words.of(record.kind),
            self._areas.of(record.areas),
            *_point(record),
            _squared_reach(record),
            record.from_date.toordinal() if record.from_date else _NO_FIRST_DAY,
            record.until_date.toordinal() if record.until_date else _NO_LAST_DAY,
            record.remaining is None or record.remaining > 0,
            _UNKNOWN if record.lane is None else self._words.of(record.lane),
            record.led,
            _UNKNOWN if record.checks is None else record.checks,
            self._priorities.of(record.priorities),
            record.boost,
        )

    def allowed(self, record: Record, alive: Mask) -> NDArray[np.intp]:
        """Of the slots alive those that may be paired with a listing of the other side: every filter passed."""
        rows = self._rows
        passing = alive & rows["left"] & (rows["owner"] != record.owner)
        if record.remaining is not None and record.remaining <= 0:
            passing[:] = False
        if record.kind is not None:
            passing &= (rows["kind"] == self._words.of(record.kind)) | (rows["kind"] == _UNKNOWN)
        if record.until_date:
            passing &= rows["first"] <= record.until_date.toordinal()
        if record.from_date:
            passing &= rows["last"] >= record.from_date.toordinal()
        # What takes longer to compare is compared for those alone that are left.
        return self._within_reach(record, self._in_areas(record, np.flatnonzero(passing)))

    def _in_areas(self, record: Record, slots: NDArray[np.intp]) -> NDArray[np.intp]:
        if not record.areas:
            return slots
        meets = [not areas or not areas.isdisjoint(record.areas) for areas in self._areas.values]
        inside: NDArray[np.intp] = slots[np.array(meets, dtype=np.bool_)[self._rows["areas"][slots]]]
        return inside

    def _within_reach(self, record: Record, slots: NDArray[np.intp]) -> NDArray[np.intp]:
        limits = np.minimum(self._rows["reach"][slots], _squared_reach(record))
        limited = np.flatnonzero(limits < _FAR)
        beyond = self._squared_chords(record, slots[limited]) > limits[limited] + _ROUNDING
        return np.delete(slots, limited[beyond])

    def nearness(self, record: Record, slots: Slots, half: float) -> Floats:
        """1 in one place, one half at `half` miles, ever less beyond; 0 where a place is unknown, or none matters."""
        chord = self._squared_chords(record, slots)
        near: Floats = np.nan_to_num(half / (half + EARTH_RADIUS_MILES * np.sqrt(chord)))
        return near

    def dates_meet(self, record: Record, slots: Slots) -> Floats:
        """1 where the periods are known to meet. For pairs that the filters pass."""
        first, last = self._rows["first"][slots], self._rows["last"][slots]
        told = np.zeros(len(first), dtype=np.bool_)
        if record.until_date:
            told |= first != _NO_FIRST_DAY
        if record.from_date:
            told |= last != _NO_LAST_DAY
        return told.astype(np.float64)

    def same_lane(self, record: Record, slots: Slots) -> Floats:
        """1 where both state the same lane."""
        lane = _UNKNOWN - 1 if record.lane is None else self._words.of(record.lane)
        same: Floats = (self._rows["lane"][slots] == lane).astype(np.float64)
        return same

    def led(self, record: Record, slots: Slots) -> Floats:
        """1 where one of the two is led by the community."""
        led: Floats = (self._rows["led"][slots] | record.led).astype(np.float64)
        return led

    def checks_met(self, side: Side, record: Record, slots: Slots) -> Floats:
        """1 where the supply has the background check that the demand asks for. side: that of the record."""
        own, theirs = _UNKNOWN if record.checks is None else record.checks, self._rows["checks"][slots]
        met: Floats = ((theirs >= own) & (own > 0) if side == "demand" else (theirs <= own) & (theirs > 0)).astype(
            np.float64
        )
        return met

    def same_priority(self, record: Record, slots: Slots) -> Floats:
        """1 where both name the same priority of an authority."""
        rows = self._rows["priorities"][slots]
        if not record.priorities:
            return np.zeros(len(rows))
        same = [not priorities.isdisjoint(record.priorities) for priorities in self._priorities.values]
        shared: Floats = np.array(same, dtype=np.float64)[rows]
        return shared

    def boost(self, record: Record, slots: Slots) -> Floats:
        """How strongly officers ask for the two to be seen, added up."""
        boosts: Floats = self._rows["boost"][slots] + record.boost
        return boosts

    def _squared_chords(self, record: Record, slots: Slots) -> Floats:
        """The square of the straight line through the earth, in earth radii; not a number where no distance counts."""
        apart = [self._rows[axis][slots] - ours for axis, ours in zip(_AXES, _point(record), strict=True)]
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

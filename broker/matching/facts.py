"""Which pairs may be suggested at all: the filters, for two records and for whole blocks of them.

Kind, area, distance, dates, what is left, not the same organisation. An unknown value passes every filter.
"""

import math
from collections.abc import Hashable, Sequence
from datetime import date
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from broker.matching.records import Dates, Record

T = TypeVar("T", bound=Hashable)

EARTH_RADIUS_MILES = 3958.7613
"""Mean radius (IUGG), 6371.0088 km."""

# Cosines of angles are compared, not miles. This much rounding is 30 feet for two points in one place,
# and under an inch from five miles on.
_ROUNDING = 1e-12
_ANY_DISTANCE = -2.0
_NO_FIRST_DAY = 0
_NO_LAST_DAY = date.max.toordinal() + 1


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


def dates_between(one: Record, other: Record) -> Dates:
    """Whether the two periods meet, as far as their stated ends tell."""
    crossings = ((one.from_date, other.until_date), (other.from_date, one.until_date))
    told = [start <= end for start, end in crossings if start is not None and end is not None]
    if not told:
        return "unknown"
    return "overlap" if all(told) else "apart"


class Facts:
    """The facts of n records as columns, so that a block of pairs is filtered at once.

    Row i of every column is record i of the sequence given. Nothing changes after the start.
    """

    def __init__(self, records: Sequence[Record]) -> None:
        self._owner = np.array([r.owner for r in records], dtype=np.int64)
        self._kind, self._kinds_meet = _meeting([_one(r.kind) for r in records])
        self._area, self._areas_meet = _meeting([r.areas for r in records])
        self._point = np.array([_point(r) for r in records], dtype=np.float64).reshape(-1, 3).T
        self._reach = np.array([_cosine_of_reach(r) for r in records], dtype=np.float64)
        self._first_day = np.array(
            [r.from_date.toordinal() if r.from_date else _NO_FIRST_DAY for r in records], dtype=np.int64
        )
        self._last_day = np.array(
            [r.until_date.toordinal() if r.until_date else _NO_LAST_DAY for r in records], dtype=np.int64
        )
        self._left = np.array([r.remaining is None or r.remaining > 0 for r in records], dtype=np.bool_)

    def allowed(self, rows: NDArray[np.intp], cols: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Which pairs pass every filter: a table of len(rows) by len(cols), symmetric in the pair."""
        across, down = rows[:, None], cols[None, :]
        passing: NDArray[np.bool_] = self._owner[across] != self._owner[down]
        passing &= self._left[across] & self._left[down]
        # Rows of the small table first, then its columns: seven times faster than both at once.
        passing &= self._kinds_meet[self._kind[rows]][:, self._kind[cols]]
        passing &= self._areas_meet[self._area[rows]][:, self._area[cols]]
        passing &= self._first_day[across] <= self._last_day[down]
        passing &= self._first_day[down] <= self._last_day[across]
        passing &= self._near(across, down)
        return passing

    def _near(self, across: NDArray[np.intp], down: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Within the smaller of the two stated reaches, or no telling."""
        # Summed by hand, not by a matrix product, whose last digit depends on the shape of the block.
        ours, theirs = self._point[:, across], self._point[:, down]
        cosine = ours[0] * theirs[0] + ours[1] * theirs[1] + ours[2] * theirs[2]
        widest = np.maximum(self._reach[across], self._reach[down])
        near: NDArray[np.bool_] = np.isnan(cosine) | (cosine >= widest - _ROUNDING)
        return near


def _one(word: str | None) -> frozenset[str]:
    return frozenset() if word is None else frozenset({word})


def _meeting(sets: Sequence[frozenset[str]]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """A code for each set, and a table over codes: do the two sets meet? An empty set meets all.

    There are few distinct sets (kinds, authorities), so the table is small however many records there are.
    """
    codes, distinct = _coded(sets)
    _, words = _coded([word for members in distinct for word in sorted(members)])
    column = {word: number for number, word in enumerate(words)}
    holds = np.zeros((len(distinct), len(words)), dtype=np.float32)
    for row, members in enumerate(distinct):
        holds[row, [column[word] for word in members]] = 1
    empty = np.array([not members for members in distinct], dtype=np.bool_)
    meets: NDArray[np.bool_] = np.greater(holds @ holds.T, 0)
    return codes, meets | empty[:, None] | empty[None, :]


def _coded(values: Sequence[T]) -> tuple[NDArray[np.intp], list[T]]:
    """Each value as a number, and the distinct values in the order of those numbers."""
    numbers: dict[T, int] = {}
    codes = [numbers.setdefault(value, len(numbers)) for value in values]
    return np.array(codes, dtype=np.intp), list(numbers)


def _point(record: Record) -> tuple[float, float, float]:
    """The place as a unit vector from the centre of the earth; not a number where no place counts."""
    if record.remote or record.lat is None or record.lon is None:
        return (math.nan, math.nan, math.nan)
    lat, lon = math.radians(record.lat), math.radians(record.lon)
    return (math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat))


def _cosine_of_reach(record: Record) -> float:
    """The cosine of the angle that the reach spans at the centre of the earth: the further, the smaller."""
    if record.reach_miles is None:
        return _ANY_DISTANCE
    angle = max(0.0, record.reach_miles) / EARTH_RADIUS_MILES
    return math.cos(angle) if angle < math.pi else _ANY_DISTANCE

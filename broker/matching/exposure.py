"""Who is seen: how the places in stored lists spread over organisations and groups, and why a listing has none.

A place is one listing standing in another one's list. Nobody reads a list to its end, so the attention that a place
brings falls with its rank: 1 for the first place, 1/log2(rank + 1) from there on, 0.23 for the twentieth.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple

from broker.matching.facts import dates_between, miles_between
from broker.matching.records import Record
from broker.matching.text import stems

Why = Literal["spent", "short", "nobody", "kind", "far", "dates", "unlike", "outranked"]
SHORT = 3  # different words that count; fewer say too little to tell one listing from another


class Listed(NamedTuple):
    """A listing that could be seen. `bands`: for each way to group listings, the group that it is in."""

    id: int
    owner: int
    bands: Mapping[str, str]


class Place(NamedTuple):
    """A listing stands in somebody's list, at this rank (from 1)."""

    id: int
    rank: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What one organisation, or one group of listings, has: shares are of the whole."""

    name: str
    organisations: int
    listings: int
    places: int
    firsts: int
    unseen: int
    """Listings that stand in nobody's list."""
    share_of_listings: float
    share_of_places: float
    share_of_attention: float


@dataclass(frozen=True, slots=True)
class Exposure:
    """How the places of one side of a market are spread."""

    organisations: tuple[Standing, ...]
    """Each by its id as the name, the most seen first."""
    bands: Mapping[str, tuple[Standing, ...]]
    listings: int
    places: int
    unseen: int
    half: int
    """The fewest organisations that have half of all places between them."""
    top: float
    """The share of attention of the one that is seen most."""
    top_tenth: float
    """The share of attention of the tenth of organisations that are seen most (at least one)."""
    gini: float
    """0: all organisations get the same attention; towards 1: one gets nearly all."""

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary that json.dumps takes."""
        return asdict(self) | {"bands": {way: [asdict(each) for each in found] for way, found in self.bands.items()}}


def attention(rank: int) -> float:
    """What a place brings, by its rank from 1."""
    return 1 / math.log2(rank + 1)


def measure(listed: Collection[Listed], places: Iterable[Place]) -> Exposure:
    """The spread of these places; places of listings that are not listed count for nothing."""
    counted = _Count(listed, places)
    owners = counted.standings(lambda each: str(each.owner))
    owners.sort(key=lambda each: (-each.share_of_attention, int(each.name)))
    ways = sorted({way for each in listed for way in each.bands})
    shares = [each.share_of_attention for each in owners]
    return Exposure(
        organisations=tuple(owners),
        bands={way: tuple(counted.standings(_band(way))) for way in ways},
        listings=len(listed),
        places=sum(counted.places.values()),
        unseen=sum(1 for each in listed if not counted.places[each.id]),
        half=_fewest([each.places for each in owners]),
        top=max(shares, default=0.0),
        top_tenth=sum(shares[: math.ceil(len(shares) / 10)]),
        gini=gini(shares),
    )


def _band(way: str) -> Callable[[Listed], str]:
    return lambda each: each.bands.get(way, "")


def gini(shares: Sequence[float]) -> float:
    """The Gini coefficient: 0 where all are alike; 0 as well for nobody and where nobody has anything."""
    ordered, total = sorted(shares), sum(shares)
    if not total:
        return 0.0
    ranked = sum(place * share for place, share in enumerate(ordered, start=1))
    return max(0.0, 2 * ranked / (len(ordered) * total) - (len(ordered) + 1) / len(ordered))


def _fewest(numbers: Sequence[int]) -> int:
    """How many of these, largest first, make up half of their sum."""
    half, reached = sum(numbers) / 2, 0.0
    for count, number in enumerate(sorted(numbers, reverse=True), start=1):
        reached += number
        if number and reached >= half:
            return count
    return 0


class _Count:
    """Places, first places and attention by listing, summed up for any way of grouping listings."""

    def __init__(self, listed: Collection[Listed], places: Iterable[Place]) -> None:
        self._listed = listed
        known = {each.id for each in listed}
        self.places: Counter[int] = Counter()
        self._firsts: Counter[int] = Counter()
        ranks: dict[int, list[int]] = defaultdict(list)
        for place in places:
            if place.id in known:
                self.places[place.id] += 1
                self._firsts[place.id] += place.rank == 1
                ranks[place.id].append(place.rank)
        # Summed exactly, so that the order in which places are told changes no digit.
        self._attention = {key: math.fsum(map(attention, each)) for key, each in ranks.items()}

    def standings(self, name_of: Callable[[Listed], str]) -> list[Standing]:
        """One for each name, in the order of names."""
        groups: dict[str, list[Listed]] = defaultdict(list)
        for each in self._listed:
            groups[name_of(each)].append(each)
        return [self._standing(name, groups[name]) for name in sorted(groups)]

    def _standing(self, name: str, group: Sequence[Listed]) -> Standing:
        ids = [each.id for each in group]
        places = sum(self.places[each] for each in ids)
        seen = math.fsum(self._attention.get(each, 0.0) for each in ids)
        return Standing(
            name=name,
            organisations=len({each.owner for each in group}),
            listings=len(ids),
            places=places,
            firsts=sum(self._firsts[each] for each in ids),
            unseen=sum(1 for each in ids if not self.places[each]),
            share_of_listings=len(ids) / len(self._listed),
            share_of_places=_part(places, sum(self.places.values())),
            share_of_attention=_part(seen, math.fsum(self._attention.values())),
        )


def _part(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def why_unseen(record: Record, others: Iterable[Record], is_alone: bool) -> Why:
    """Why a listing stands in nobody's list, told from the other side of the market (`others`).

    `is_alone`: its own list is empty too. What stands in the way first is told: what is left of it, how little it says,
    then each filter; where somebody passes them all, either nobody fits it at all or others fit better.
    """
    if record.remaining is not None and record.remaining <= 0:
        return "spent"
    if len(set(stems(record.words))) < SHORT:
        return "short"
    left = list(others)
    for why, passes in FILTERS:
        left = [other for other in left if passes(record, other)]
        if not left:
            return why
    return "unlike" if is_alone else "outranked"


def _is_here(record: Record, other: Record) -> bool:
    is_met = not record.areas or not other.areas or not record.areas.isdisjoint(other.areas)
    has_some = other.remaining is None or other.remaining > 0
    return record.owner != other.owner and is_met and has_some


def _is_of_kind(record: Record, other: Record) -> bool:
    return record.kind is None or other.kind is None or record.kind == other.kind


def _is_near(record: Record, other: Record) -> bool:
    miles = miles_between(record, other)
    reach = [each for each in (record.reach_miles, other.reach_miles) if each is not None]
    return miles is None or not reach or miles <= min(reach)


def _is_in_time(record: Record, other: Record) -> bool:
    return dates_between(record, other) != "apart"


FILTERS: tuple[tuple[Why, Callable[[Record, Record], bool]], ...] = (
    ("nobody", _is_here),
    ("kind", _is_of_kind),
    ("far", _is_near),
    ("dates", _is_in_time),
)
"""The matcher's own filters (facts.py), one by one; a test holds the two against each other."""

"""What goes into the matcher and what comes out: frozen records, no database row, no page, no person.

Words that the product writes as enumerations (kind of support, lane) arrive as plain strings.
"""

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

Dates = Literal["overlap", "apart", "unknown"]


@dataclass(frozen=True, slots=True)
class Record:
    """One listing as the matcher sees it. None, or an empty set, means unknown and passes every filter."""

    id: int
    """Unique on its side; ties in score are broken by it, smallest first."""
    owner: int
    """The organisation. It is never paired with itself."""
    title: str
    text: str
    kind: str | None = None
    areas: frozenset[str] = frozenset()
    """Codes of the authorities in which the listing is open."""
    lat: float | None = None
    """Degrees, WGS 84. A place is known when both lat and lon are."""
    lon: float | None = None
    reach_miles: float | None = None
    """How far it can travel, in miles from its place."""
    remote: bool = False
    """It happens at no place, so no distance matters."""
    from_date: date | None = None
    until_date: date | None = None
    """The last day, itself included."""
    remaining: Decimal | None = None
    """What is left of its quantity; at zero nothing is paired with it any more."""
    priorities: frozenset[str] = frozenset()
    lane: str | None = None

    @property
    def words(self) -> str:
        """Title and text joined: everything that is compared."""
        return f"{self.title}\n{self.text}"


@dataclass(frozen=True, slots=True)
class WordShare:
    """A word that both texts have, as the demand writes it, and its exact part of the score."""

    word: str
    share: float


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a demand and a supply go together, as facts for a page to put into words."""

    same_words: tuple[WordShare, ...]
    """Largest share first; the shares add up to the score."""
    same_kind: str | None
    """The kind of support where both state the same, else None."""
    distance_miles: float | None
    """Between the two places; None where one is unknown or nothing happens at a place."""
    remote: bool
    """One of the two happens at no place."""
    dates: Dates
    """unknown where too little is stated to tell; apart only for a pair that the filters would refuse."""
    same_priorities: tuple[str, ...]
    lane_same: bool | None
    """None where one of the two states no lane."""

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary that json.dumps takes: what the store keeps and the page reads."""
        return asdict(self) | {
            "same_words": [asdict(shared) for shared in self.same_words],
            "same_priorities": list(self.same_priorities),
        }


@dataclass(frozen=True, slots=True)
class Scored:
    """One place in a ranking: the other listing and the score, above 0 and at most 1."""

    id: int
    score: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A demand and a supply with their score and the reason for it."""

    demand: int
    supply: int
    score: float
    reason: Reason

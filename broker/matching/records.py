"""What goes into the matcher and what comes out: frozen records, no database row, no page, no person.

Words that the product writes as enumerations (kind of support, lane) arrive as plain strings.
"""

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal, get_args

Side = Literal["demand", "supply"]
Dates = Literal["overlap", "apart", "unknown"]
PartName = Literal[
    "words",
    "synonyms",
    "related",
    "spelling",
    "meaning",
    "encoder",
    "kind",
    "theme",
    "place",
    "dates",
    "lane",
    "led",
    "checks",
    "boost",
]
PART_NAMES: tuple[PartName, ...] = get_args(PartName)


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
    """The priorities it is tagged with, as the authorities that published them name them."""
    themes: frozenset[str] = frozenset()
    """The shared outcomes behind its priorities ("H09"), so that two authorities' priorities can meet."""
    guesses_refused: frozenset[str] = frozenset()
    """Kinds and themes that its owner said are wrong: they are guessed no more."""
    lane: str | None = None
    led: bool = False
    """Marked as led or owned by the community."""
    checks: int | None = None
    """The background check that a demand asks for or a supply's people have: 0 none, and the more the stricter."""
    boost: float = 0.0
    """How strongly officers ask for it to be seen, 0 to 3."""

    @property
    def words(self) -> str:
        """Title and text joined: everything that is compared."""
        return f"{self.title}\n{self.text}"


@dataclass(frozen=True, slots=True)
class WordShare:
    """One word of each text that meet, and their exact part of the score. For the same word both are alike."""

    word: str
    """As the demand writes it."""
    other: str
    """As the supply writes it."""
    share: float
    about: str = ""
    """The entry of words that mean the same by which the two meet; empty where they meet by themselves."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a score, above 0. Where words make it up they are listed, largest first, and add up to it."""

    name: PartName
    share: float
    words: tuple[WordShare, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a demand and a supply go together: parts that add up to the score, and the facts behind them."""

    parts: tuple[Part, ...]
    """In the order of PART_NAMES; without the parts that bring nothing."""
    kind: str | None
    """The kind of support that both have, else None."""
    kind_guessed: bool
    """At least one of the two kinds was guessed from a text."""
    themes: tuple[str, ...]
    """The shared outcomes that both serve."""
    themes_guessed: bool
    same_priorities: tuple[str, ...]
    distance_miles: float | None
    """Between the two places; None where one is unknown or nothing happens at a place."""
    remote: bool
    """One of the two happens at no place."""
    dates: Dates
    """unknown where too little is stated to tell; apart only for a pair that the filters would refuse."""
    lane_same: bool | None
    """None where one of the two states no lane."""
    checks_met: bool | None
    """The supply has the background check that the demand asks for; None where none is asked for, or none is stated."""

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary that json.dumps takes: what the store keeps and the page reads."""
        return asdict(self) | {
            "parts": [asdict(part) | {"words": [asdict(pair) for pair in part.words]} for part in self.parts],
            "themes": list(self.themes),
            "same_priorities": list(self.same_priorities),
        }


@dataclass(frozen=True, slots=True)
class Guess:
    """What a text seems to be about, and the words that say so."""

    what: Literal["kind", "theme"]
    value: str
    cues: tuple[str, ...]
    """As the text writes them, the most telling first."""


@dataclass(frozen=True, slots=True)
class Scored:
    """One place in a ranking: the other listing and the score, above 0."""

    id: int
    score: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A demand and a supply with their score and the reason for it."""

    demand: int
    supply: int
    score: float
    reason: Reason

"""What a listing must say before it is checked, which of its changes matter to what was agreed, and its renewal."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, timedelta
from decimal import Decimal

from broker.domain.kinds import (
    UNITS,
    BackgroundCheck,
    Frequency,
    Lane,
    ListingKind,
    NodeKind,
    PlaceKind,
    PostingState,
    SupportKind,
    Unit,
)

LISTING_DAYS = 180  # how long an approved listing stays without a renewal, where the authority has no rule of its own
MOST_PRIORITIES = 3  # in each authority
CHOOSABLE = frozenset({NodeKind.THEME, NodeKind.PRIORITY, NodeKind.OUTCOME, NodeKind.MISSION})

# What a match was agreed on: whoever changes one of these has to ask the other side again.
MATERIAL = frozenset(
    {
        "support_kind",
        "amount",
        "unit",
        "frequency",
        "from_date",
        "until_date",
        "place_kind",
        "postcode",
        "ward_id",
        "reach_miles",
    }
)

# States in which nobody but the owner and the officers waits for the listing: its wording may be left half done.
AT_REST = frozenset({PostingState.DRAFT, PostingState.RETURNED, PostingState.WITHDRAWN})

ASKABLE = frozenset({PostingState.SUBMITTED})  # where an officer may ask its owner something
CORRECTABLE = frozenset({PostingState.SUBMITTED, PostingState.OPEN, PostingState.PAUSED})  # and correct its tags

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Wording:
    """Everything a version of a listing says. `priorities` are ids of framework nodes, in no order."""

    title: str
    body: str = ""
    support_kind: SupportKind | None = None
    amount: Decimal | None = None
    unit: Unit | None = None
    roughly: bool = False
    frequency: Frequency | None = None
    from_date: date | None = None
    until_date: date | None = None
    place_kind: PlaceKind | None = None
    postcode: str = ""
    ward_id: int | None = None
    place_note: str = ""
    lat: float | None = None
    lon: float | None = None
    reach_miles: float | None = None
    lane: Lane = Lane.TRANSACTIONAL
    community_led: bool = False
    community_owned: bool = False
    background_check: BackgroundCheck | None = None
    safeguarding: str = ""
    priorities: frozenset[int] = frozenset()

    @property
    def text_hash(self) -> str:
        """The same for texts that differ only in blanks and capitals."""
        return hashlib.sha256(" ".join(f"{self.title}\n{self.body}".casefold().split()).encode()).hexdigest()

    @property
    def fingerprint(self) -> str:
        """The same for the same wording, so that a page can tell whether it changed meanwhile."""
        said = [getattr(self, field.name) for field in fields(self)]
        said = [sorted(value) if isinstance(value, frozenset) else str(value) for value in said]
        return hashlib.sha256(repr(said).encode()).hexdigest()[:16]

    @property
    def searchable(self) -> str:
        """All its words, plain, each with a blank before and after it."""
        return f" {' '.join(plain_words(f'{self.title} {self.body} {self.place_note}'))} "


COLUMNS = tuple(field.name for field in fields(Wording) if field.name != "priorities")


def plain_words(text: str) -> list[str]:
    """The words of a text without capitals and accents, so that 'Café' is found by 'cafe'."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(letter for letter in letters if not unicodedata.combining(letter)))


def gaps(kind: ListingKind, wording: Wording, on: date) -> dict[str, str]:
    """What stands in the way of checking: field to code. Empty when the listing may be sent."""
    needed = {"title": wording.title, "body": wording.body, "support_kind": wording.support_kind}
    found = {name: "missing" for name, value in needed.items() if not value}
    return found | _quantity_gaps(kind, wording) | _date_gaps(wording, on) | _place_gaps(wording)


def _quantity_gaps(kind: ListingKind, wording: Wording) -> dict[str, str]:
    if kind is ListingKind.ASPIRATION:
        return {}
    if (wording.amount is None) != (wording.unit is None):
        return {"unit": "missing"} if wording.unit is None else {"amount": "unit_alone"}
    if wording.unit and wording.support_kind and wording.unit not in UNITS[wording.support_kind]:
        return {"unit": f"unfit_{wording.support_kind}"}
    return {}


def _date_gaps(wording: Wording, on: date) -> dict[str, str]:
    if wording.until_date and wording.until_date < on:
        return {"until_date": "past"}
    if wording.from_date and wording.until_date and wording.from_date > wording.until_date:
        return {"until_date": "before_start"}
    return {}


def _place_gaps(wording: Wording) -> dict[str, str]:
    match wording.place_kind:
        case None:
            return {"place_kind": "missing"}
        case PlaceKind.POSTCODE if not wording.postcode:
            return {"postcode": "missing"}
        case PlaceKind.WARD if wording.ward_id is None:
            return {"ward": "missing"}
        case _:
            return {}


def quantity_problem(kind: ListingKind, wording: Wording, reserved: Decimal, unit: Unit | str | None) -> dict[str, str]:
    """Whether the new wording still covers what confirmed matches have reserved, in the `unit` they counted in."""
    if kind is ListingKind.ASPIRATION or not reserved or wording.amount is None:
        return {}
    if wording.unit != unit:
        return {"unit": "unit_promised"}
    return {"amount": "below_promised"} if wording.amount < reserved else {}


def changes(before: Wording, after: Wording) -> frozenset[str]:
    """The names of the fields in which two wordings differ; the point follows from the place and is no news."""
    names = {field.name for field in fields(Wording)} - {"lat", "lon"}
    return frozenset(name for name in names if getattr(before, name) != getattr(after, name))


def are_material(changed: Iterable[str]) -> bool:
    """True when a change touches what the other side of a match agreed to."""
    return not MATERIAL.isdisjoint(changed)


def expiry(on: date, days: int = LISTING_DAYS) -> date:
    """The last day of a listing that is approved or renewed today."""
    return on + timedelta(days=days)


def renewal_problem(until_date: date | None, on: date) -> dict[str, str]:
    """Why a listing cannot simply go on: the day it was for lies behind us."""
    return {"until_date": "past"} if until_date and until_date < on else {}


def may_rest(states: Iterable[str]) -> bool:
    """True when a listing in these states (one for each authority) may be saved without being sent."""
    return AT_REST.issuperset(states)

"""The search of the public list: what a visitor typed, read kindly, and the addresses that repeat it."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from urllib.parse import urlencode

from broker.domain.kinds import Lane, ListingKind, SupportKind
from broker.domain.listings import plain_words
from broker.domain.places import Point, normalise_postcode, outcode_of
from broker.store.market import NEAREST, NEWEST, SOONEST, Choice, Filters
from broker.store.places import postcode_point
from broker.web import saying, words
from broker.web.forms.base import typed

NAMES = (
    "q",
    "kind",
    "support",
    "authority",
    "ward",
    "theme",
    "lane",
    "near",
    "within",
    "since",
    "until",
    "led",
    "order",
)
FIRST = ("q", "kind", "support", "authority")
MILES = {str(number): number for number in (1, 3, 5, 10, 25)}
MILES_CHOICES = [(key, f"{key} mile{'s' if number > 1 else ''}") for key, number in MILES.items()]
MOST_WORDS = 8
UNKNOWN_DAY = "Enter a real date, such as 27 3 2027"
UNKNOWN_POSTCODE = "We do not know this postcode. Enter one such as M33 4RZ, or its first half, such as M33"


@dataclass(frozen=True)
class Search:
    """`typed`: each field as it was sent; `problems`: field to message; `page`: from 1."""

    typed: Mapping[str, str]
    filters: Filters
    problems: Mapping[str, str] = field(default_factory=dict)
    page: int = 1

    @property
    def is_narrow(self) -> bool:
        """Whether anything but the order was asked for."""
        return any(value for name, value in self.typed.items() if name != "order")

    @property
    def asks_more(self) -> bool:
        """Whether something was asked for beyond the first row of fields."""
        return any(value for name, value in self.typed.items() if name not in FIRST)

    def url(self, page: int = 1, path: str = "/listings", **changed: str) -> str:
        """The address of this search, with some of its fields changed."""
        said = {name: value for name, value in {**self.typed, **changed}.items() if value}
        query = urlencode(said | ({"page": str(page)} if page > 1 else {}))
        return f"{path}?{query}" if query else path


@dataclass(frozen=True)
class Pages:
    """The addresses of the pages before and after this one."""

    previous_url: str | None
    next_url: str | None
    label: str

    @classmethod
    def around(cls, url: Callable[[int], str], page: int, more: bool) -> "Pages":
        """The pages beside this one; there are no more than can be seen from it, since nobody counts them."""
        return cls(url(page - 1) if page > 1 else None, url(page + 1) if more else None, f"Page {page}")


def read_search(known: Iterable[Choice]) -> Search:
    """The search in this request's address. What is not understood narrows nothing; a bad place or day says so."""
    said = {name: typed(name) for name in NAMES}
    keys = {(choice.what, choice.key) for choice in known}
    filters = Filters(
        words=tuple(plain_words(said["q"])[:MOST_WORDS]),
        kind=_member(ListingKind, said["kind"]),
        support=_member(SupportKind, said["support"]),
        lane=_member(Lane, said["lane"]),
        authority=_known(keys, "authority", said["authority"]),
        ward=_known(keys, "ward", said["ward"]),
        node=_known(keys, "node", said["theme"]),
        community_led=said["led"] == "y",
        since=_day(said["since"]),
        until=_day(said["until"]),
        order=said["order"] if said["order"] in (SOONEST, NEAREST) else NEWEST,
    )
    problems = {name: UNKNOWN_DAY for name in ("since", "until") if said[name] and not getattr(filters, name)}
    if said["near"]:
        filters, found = _near(filters, said["near"], said["within"])
        problems |= {} if found else {"near": UNKNOWN_POSTCODE}
    return Search(said, filters, problems, page_number())


def narrowed(search: Search, known: Iterable[Choice]) -> list[tuple[str, str]]:
    """What the list is narrowed to, each in words with the address of the same search without it."""
    said, wanted = search.typed, search.filters
    names = {(choice.what, choice.key): choice.pair[1] for choice in known}
    within = f"Within {dict(MILES_CHOICES).get(said['within'], '')} of " if wanted.miles else "Distance from "
    parts = (
        ("q", f"“{said['q']}”" if wanted.words else ""),
        ("kind", words.LISTING_KIND[ListingKind(wanted.kind)] if wanted.kind else ""),
        ("support", words.SUPPORT_KIND[SupportKind(wanted.support)] if wanted.support else ""),
        ("authority", names.get(("authority", wanted.authority), "")),
        ("ward", names.get(("ward", wanted.ward), "")),
        ("theme", names.get(("node", wanted.node), "")),
        ("lane", words.LANE[Lane(wanted.lane)] if wanted.lane else ""),
        ("near", within + said["near"].upper() if wanted.point else ""),
        ("since", f"From {saying.day(wanted.since)}" if wanted.since else ""),
        ("until", f"To {saying.day(wanted.until)}" if wanted.until else ""),
        ("led", "Community-led" if wanted.community_led else ""),
    )
    return [(text, replace(search, typed={**said, name: ""}).url()) for name, text in parts if text]


def _near(filters: Filters, near: str, within: str) -> tuple[Filters, bool]:
    postcode = normalise_postcode(near) or outcode_of(near)
    row = postcode_point(postcode) if postcode else None
    if row is None:
        return filters, False
    miles = MILES.get(within)
    place = replace(filters, point=Point(row.lat, row.lon), point_authority=row.authority_code, miles=miles)
    return place, True


def _member(kind: type[StrEnum], value: str) -> str:
    return value if value in set(kind) else ""


def _known(keys: set[tuple[str, str]], what: str, value: str) -> str:
    return value if (what, value) in keys else ""


def _day(text: str) -> date | None:
    """A day as a browser sends it (2027-03-27) or as people type it (27 3 2027, 27/3/2027)."""
    parts = re.findall(r"[0-9]+", text, re.ASCII)[:4]
    if len(parts) != 3 or any(len(part) > 4 for part in parts):
        return None
    year, month, day = parts if len(parts[0]) == 4 else reversed(parts)
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def page_number() -> int:
    """The page asked for, from 1."""
    text = typed("page")
    return min(int(text), 1000) if re.fullmatch(r"[1-9][0-9]{0,5}", text, re.ASCII) else 1

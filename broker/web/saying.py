"""How facts are said to people: amounts, days, distances, and where, when and how much a listing is."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from broker.domain.clock import today
from broker.domain.kinds import Frequency, ListingKind, PlaceKind, Unit
from broker.domain.places import outward
from broker.web.words import FREQUENCY, UNIT


def plural(number: Decimal | int, unit: Unit | str) -> str:
    """'1 hour', '2.5 hours', '£400', '£6.50'."""
    text = figure(number)
    if unit == Unit.POUNDS:
        return f"£{Decimal(number):,.2f}" if "." in text else f"£{text}"
    one, many = UNIT[Unit(unit)]
    return f"{text} {one if number == 1 else many}"


def amount(number: Decimal | None, unit: Unit | str | None, roughly: bool = False) -> str:
    """A quantity as people say it; 'Not stated' where there is none."""
    if number is None or unit is None:
        return "Not stated"
    return f"roughly {plural(number, unit)}" if roughly else plural(number, unit)


def counted(number: Decimal | int, measure: Any) -> str:
    """So much of a measure, in its unit: '40 hours', '1 device', '£500', '0.5 FTE-year', '3 assets'."""
    if measure.unit_kind == "pounds":
        return plural(number, Unit.POUNDS)
    if measure.unit in set(Unit):
        return plural(number, measure.unit)
    unit = str(measure.unit).partition(",")[0]  # what is counted; behind the comma stands how
    return f"{figure(number)} {unit.removesuffix('s') if number == 1 else unit}"


def figure(number: Decimal | int) -> str:
    """'1,200' or '2.5': a number without empty decimals."""
    text = f"{Decimal(number):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def day(value: date | datetime | None) -> str:
    """'4 December 2026'."""
    return f"{value.day} {value:%B %Y}" if value else ""


def days(first: date, last: date) -> str:
    """'4 December 2026', '4 to 6 December 2026', '30 November 2026 to 2 December 2026'."""
    if first == last:
        return day(first)
    return f"{first.day if (first.year, first.month) == (last.year, last.month) else day(first)} to {day(last)}"


def when(value: date | datetime | None) -> str:
    """A day as seen from today: 'today', 'in 3 days', '2 weeks ago', '4 December 2026'."""
    if value is None:
        return ""
    plain = value.date() if isinstance(value, datetime) else value
    days = (plain - today()).days
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}
    if days in near:
        return near[days]
    if abs(days) > 60:
        return day(plain)
    span = _span(abs(days))
    return f"in {span}" if days > 0 else f"{span} ago"


def late(value: date) -> str:
    """How long a day has passed: '1 day late', 'Over 3 months late'; '' where it has not."""
    days = (today() - value).days
    if days > 60:
        return f"Over {days // 31} months late"
    return f"{_span(days)} late" if days > 0 else ""


def _span(days: int) -> str:
    weeks, left = divmod(days, 7)
    if weeks and not left:
        return f"{weeks} week{'s' if weeks > 1 else ''}"
    return f"{days} day{'s' if days > 1 else ''}"


def miles(value: float | None) -> str:
    """'less than a mile away', 'about 3 miles away'."""
    if value is None:
        return ""
    if value < 1:
        return "less than a mile away"
    return f"about {round(value)} mile{'s' if round(value) != 1 else ''} away"


def place(version: Any, authority: str, *, whole: bool = False) -> str:
    """Where a listing is, as anyone may read it: half a postcode, the ward, the area. `whole`: the whole postcode."""
    if version.place_kind == PlaceKind.REMOTE:
        return "Online or by phone"
    if version.place_kind == PlaceKind.AUTHORITY:
        return f"Anywhere in {authority}"
    ward = version.ward.name if version.ward else ""
    postcode = version.postcode if whole else outward(version.postcode) if version.postcode else ""
    return ", ".join(part for part in (ward, postcode) if part) or version.place_note or "Not stated"


def dates(version: Any, kind: ListingKind | str) -> str:
    """When a listing is for: 'needed by 4 December 2026', 'from 1 May to 3 June 2027', 'any time'."""
    first, last = day(version.from_date), day(version.until_date)
    if last and not first:
        return f"{'Needed by' if kind == ListingKind.NEED else 'Until'} {last}"
    if first and last:
        return f"{first} to {last}"
    return f"From {first}" if first else "Any time"


def how_much(listing: Any, version: Any) -> str:
    """The quantity of a listing, and once part of it is promised, what is left: '4 of 10 items still open'."""
    if listing.quantity is None or not listing.reserved:
        text = amount(version.amount, version.unit, version.roughly)
    elif listing.remaining:
        text = f"{plural(listing.remaining, listing.unit)} still open of {plural(listing.quantity, listing.unit)}"
    else:
        text = f"All of {plural(listing.quantity, listing.unit)} promised"
    often = version.frequency and version.frequency != Frequency.ONCE and FREQUENCY[version.frequency]
    return f"{text}, {often}" if often else text


FILTERS: dict[str, Callable[..., str]] = {"day": day, "when": when, "miles": miles, "outward": outward}

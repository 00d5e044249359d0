"""The figures of fairness as rows of charts, tables and files: who is seen, who gets a match, who takes part."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from broker.domain.reached import FEWEST, Reached
from broker.web import words
from broker.web.reports import Bar

TOO_LITTLE = 0.6  # a group that gets less than this part of what its listings would get if all were alike is named
ENOUGH = 3  # listings, below which a group says nothing
MOST_NAMED = 10  # organisations in a chart
NOTHING_TAKEN: dict[str, Any] = {"total": 0, "organisations": []}  # in a report from before this was counted
GONE = "An organisation that is gone"
UNKNOWN = "In no one ward, or not known"
COLUMNS = (
    "what", "by", "group", "organisations", "listings", "of all listings, in 100", "places", "first places",
    "in nobody's list", "of all attention, in 100", "with a match", "of its listings, in 100", "with a partnership",
    "days to the first match", "partnerships", "of all partnerships, in 100",
)  # fmt: skip
BANDS = {
    "size": {**words.SIZE, "": "Those who have not said"},
    "kind": {
        "informal": "Groups without a written constitution",
        "constituted": "Groups with a written constitution, in no register",
        "registered": "Groups in a public register",
        "supplier": "Firms and public bodies",
        "": "Not known yet",
    },
    "novelty": {"new": "Newcomers (here for less than 90 days)", "known": "Here for longer"},
    "deprivation": {
        "most": "Most deprived wards (tenths 1 to 3)",
        "middle": "Wards in the middle (tenths 4 to 7)",
        "least": "Least deprived wards (tenths 8 to 10)",
        "": UNKNOWN,
    },
    "tenth": {
        "01": "1, the most deprived",
        **{f"{tenth:02}": str(tenth) for tenth in range(2, 10)},
        "10": "10, the least deprived",
        "": UNKNOWN,
    },
    "ward": {"": "In no one ward"},
}
HEADING = {
    "size": "By how many people work or volunteer there",
    "kind": "By the kind of organisation",
    "deprivation": "By how deprived the ward is",
    "novelty": "By how long the organisation has been here",
    "ward": "By ward",
}
HEADING_THEN = {
    "size": HEADING["size"],
    "kind": HEADING["kind"],
    "novelty": "By how long the organisation had been here when it posted",
    "deprivation": HEADING["deprivation"],
    "tenth": "By the tenth of deprivation",
    "ward": HEADING["ward"],
}
TAKES = {"supply": "gives", "demand": "receives"}


class Share(NamedTuple):
    """A group of listings with the part of them that got a match. `text`: the same, or that they are too few to say."""

    name: str
    percent: float
    text: str
    cells: list[str]


class Line(NamedTuple):
    """One bar: a name, its share of all attention, the same in words, and the figures of the table beside it."""

    name: str
    percent: float
    text: str
    cells: list[str]
    href: str | None = None


def in_words(share: float) -> str:
    """0.123 as '12 in 100'; what is little but not nothing is said to be so."""
    return "less than 1 in 100" if 0 < share < 0.005 else f"{share * 100:.0f} in 100"


def organisation(told: dict[str, Any], names: dict[int, str]) -> Line:
    key = int(told["name"])
    return _line(names.get(key, GONE), told, f"/organisations/{key}")


def bands(told: dict[str, list[dict[str, Any]]]) -> list[tuple[str, list[Line]]]:
    """Each way of grouping with its groups in the order of BANDS, wards by name."""
    return [
        (heading, [_line(_named(way, each), each) for each in _ordered(way, told.get(way, []))])
        for way, heading in HEADING.items()
    ]


def _named(way: str, group: dict[str, Any]) -> str:
    name: str = group["name"]
    return BANDS[way].get(name, name)


def _ordered(way: str, groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Groups in the order of BANDS; wards by name, what is in none of them last."""
    order = list(BANDS[way])
    return sorted(groups, key=lambda each: (order.index(each["name"]) if each["name"] in order else -1, each["name"]))


def reached(told: dict[str, list[dict[str, Any]]]) -> list[tuple[str, list[Share]]]:
    """Each way of grouping with its groups, in the order of BANDS: what their listings came to."""
    ways = ((way, heading) for way, heading in HEADING_THEN.items() if way in told)
    return [(heading, [_share(way, Reached(**each)) for each in _ordered(way, told[way])]) for way, heading in ways]


def _share(way: str, each: Reached) -> Share:
    part = 100 * each.matched / each.listings if each.is_enough else 0.0
    waited = "Too few" if each.days is None else "Under a day" if each.days < 1 else f"{each.days:.0f}"
    return Share(
        BANDS[way].get(each.name, each.name),
        round(part, 1),
        f"{part:.0f}" if each.is_enough else "Too few",
        [f"{each.listings:,}", f"{each.matched:,}", f"{each.partnerships:,}", waited],
    )


def too_little(told: dict[str, list[dict[str, Any]]]) -> list[str]:
    """A sentence for each group of listings that gets far less attention than it has listings."""
    return [
        f"{_named(way, each)}: {in_words(each['share_of_listings'])} of all listings, "
        f"but {in_words(each['share_of_attention'])} of all attention."
        for way in HEADING
        for each in told.get(way, [])
        if each["listings"] >= ENOUGH and each["share_of_attention"] < TOO_LITTLE * each["share_of_listings"]
    ]


def _line(name: str, told: dict[str, Any], href: str | None = None) -> Line:
    share = told["share_of_attention"]
    return Line(
        name,
        round(share * 100, 1),
        f"{share * 100:.0f}" if href else f"{share * 100:.0f} / {told['share_of_listings'] * 100:.0f}",
        [
            f"{told['organisations']:,}",
            f"{told['listings']:,}",
            f"{told['share_of_listings'] * 100:.0f}",
            f"{told['places']:,}",
            f"{told['firsts']:,}",
            f"{told['unseen']:,}",
        ],
        href,
    )


def ids_of(sides: dict[str, Any], side: str) -> set[int]:
    """Every organisation that the page of a side may name."""
    taken = [told.get("taken", NOTHING_TAKEN)["organisations"] for told in sides.values()]
    return {int(each["name"]) for found in (sides[side]["organisations"], *taken) for each in found}


def takers(told: dict[str, Any], names: dict[int, str]) -> list[Bar]:
    """The organisations with most of a side's partnerships, each with its part of all."""
    taken = told.get("taken", NOTHING_TAKEN)
    return [
        Bar(
            names.get(int(each["name"]), GONE),
            each["partnerships"],
            f"{each['partnerships']:,} of {taken['total']:,}",
            f"/organisations/{each['name']}",
        )
        for each in taken["organisations"][:MOST_NAMED]
    ]


def too_much(sides: dict[str, Any], names: dict[int, str]) -> list[str]:
    """A warning for each organisation that has more of a side's partnerships than one should."""
    return [
        f"{names.get(int(each['name']), GONE)} {TAKES[side]} {in_words(each['partnerships'] / taken['total'])} of all "
        f"partnerships of the last 12 months ({each['partnerships']:,} of {taken['total']:,}). "
        f"We warn you above {told['most_matched']} in 100."
        for side, told in sides.items()
        if (taken := told.get("taken", NOTHING_TAKEN))["total"] >= FEWEST
        for each in taken["organisations"]
        if 100 * each["partnerships"] > told["most_matched"] * taken["total"]
    ]


def sheet_rows(told: dict[str, Any], names: dict[int, str]) -> Iterator[tuple[object, ...]]:
    """The same figures as rows of a file, with the columns of COLUMNS."""
    taken = told.get("taken", NOTHING_TAKEN)
    for each in taken["organisations"][:MOST_NAMED]:
        part = _hundred(each["partnerships"] / taken["total"])
        name = names.get(int(each["name"]), GONE)
        yield ("who takes part", "Organisation", name, *[None] * 11, each["partnerships"], part)
    for each in told["organisations"][:MOST_NAMED]:
        yield ("who is seen", "Organisation", names.get(int(each["name"]), GONE), *_seen(each), *[None] * 6)
    for way, heading in HEADING.items():
        for each in _ordered(way, told["bands"].get(way, [])):
            yield ("who is seen", heading, _named(way, each), *_seen(each), *[None] * 6)
    for way, heading in HEADING_THEN.items():
        for each in _ordered(way, told.get("reached", {}).get(way, [])):
            yield ("who gets a match", heading, _named(way, each), *_matched(Reached(**each)))


def _seen(told: dict[str, Any]) -> tuple[object, ...]:
    listings, attention = _hundred(told["share_of_listings"]), _hundred(told["share_of_attention"])
    return (
        told["organisations"], told["listings"], listings, told["places"], told["firsts"], told["unseen"], attention
    )  # fmt: skip


def _matched(each: Reached) -> tuple[object, ...]:
    """A part of too few is left out, as on the page."""
    part = _hundred(each.matched / each.listings) if each.is_enough else None
    return (None, each.listings, *[None] * 5, each.matched, part, each.partnerships, each.days, None, None)


def _hundred(share: float) -> float:
    return round(100 * share, 1)

"""How a committee pack is counted, in words: the same beneath the page, on paper and at the end of the file."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from broker.actions.packs import Figures
from broker.domain.kinds import Unit
from broker.web import saying

TITLE = "How this is counted"
MEANINGS = (
    (
        "Promised",
        "What suppliers were to keep in this time: under a contract that had begun by its end, or freely promised by"
        " then, and not due before it began. A promise is told whole, also where it goes on for longer, so one quarter"
        " need not come near it. A promise that grows with spending counts with what is spent so far. What was taken"
        " back does not count.",
    ),
    (
        "Matched",
        "What partnerships that ran in this time are to give towards a promise, told whole as well; of those that"
        " ended early what came of them.",
    ),
    ("Delivered", "What a giver wrote down as done, on its last day. What it took back does not count."),
    (
        "Verified",
        "What the group that received it confirmed; for larger amounts an officer has also seen a document. It is never"
        " more than was delivered, and never vouched for by the giver.",
    ),
    ("Claimed", "Verified units of this time that are set against a promise, each of them once."),
    (
        "Done anyway",
        "What groups do as their ordinary work. They tell it; it stands in a column of its own, and is never claimed.",
    ),
    (
        "What is not counted",
        "What nobody wrote down, what has no date in this time, and what has changed in anybody's life because of it:"
        " these are counts of what was done.",
    ),
)
SURE = "Two ways of being sure"
NO_MONEY = "No edition of values is in use, so nothing is told in pounds. The report is complete without."


def notes_on(figures: Figures) -> Iterator[tuple[str, str]]:
    """Each word that the pack uses, and what it means there."""
    yield from MEANINGS
    yield SURE, _sure(figures.get("rules"))
    yield "Money", _money(figures["value"]) if figures["value"] else NO_MONEY
    if figures["framework"]:
        yield "Themes", _themes(figures)


def _sure(rules: dict[str, Any] | None) -> str:
    """By the council's own rules; of a period that was closed before packs kept them, by what is usual."""
    said = "Small amounts need the group's word. Larger ones need a document and a second person too."
    if rules is None:
        return f"{said} Each council sets where the line is; unless it says otherwise it lies above 40 hours or £500."
    hours, pounds = (saying.plural(Decimal(rules[unit]), unit) for unit in (Unit.HOURS, Unit.POUNDS))
    return (
        f"{said} The line lies above {hours} or {pounds}, as the rules of this council were when this was counted. What"
        f" was written down under an earlier rule keeps to that. A group has {saying.plural(rules['days'], Unit.DAYS)}"
        " to answer; without its word nothing is verified."
    )


def _money(value: dict[str, Any]) -> str:
    said = [
        "Verified units times the worth of one, less what would have happened anyway, what is due to others and what"
        " was taken from elsewhere; later years fade.",
        "A range in two digits, because more would promise what nobody knows: each is rounded by itself, so the parts"
        " can come to a little more or less than the whole.",
        f"Values are from “{value['edition']}”, in pounds of {value['price_year']}.",
        _sentence("Source", value["source"]),
        _sentence("Licence", value["licence"]),
        _sentence("Counted, and not valued", "; ".join(value["only_counted"])),
    ]
    return " ".join(each for each in said if each)


def _sentence(head: str, words: str) -> str:
    """With one full stop at its end, however it was typed."""
    return f"{head}: {words.rstrip().removesuffix('.')}." if words.strip() else ""


def _themes(figures: Figures) -> str:
    wording = " Its wording is provisional." if figures["provisional"] else ""
    return (
        f"Themes are those of {figures['framework']}.{wording} A measure counts for a theme where both are mapped to"
        " the same shared outcome; what is only related is not counted. One that serves two themes stands under both."
    )

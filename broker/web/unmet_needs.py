"""The report of the needs that nobody met: counted, listed and as a file, narrowed by what stands in the address."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict
from enum import StrEnum

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from broker.domain.clock import now
from broker.domain.kinds import ListingKind, SupportKind
from broker.domain.permissions import Action
from broker.domain.places import NOWHERE
from broker.domain.unmet_needs import Age, Outcome
from broker.store.market import Choice
from broker.store.unmet_needs import (
    Area,
    Cell,
    Filters,
    UnmetRow,
    area_of,
    choices_in,
    themes_of_unmet,
    unmet_cells,
    unmet_rows,
)
from broker.web import words
from broker.web.forms.base import typed
from broker.web.guard import acting, allow
from broker.web.reports import OUTSIDE, Bar, address, bars
from broker.web.searching import Pages, page_number
from broker.web.sheets import sheet

bp = Blueprint("unmet_needs", __name__)

PAGE, WHOLE = 25, 1000
PATH = "/reports/unmet-needs"
KIND = {ListingKind.NEED: "Needs", ListingKind.ASPIRATION: "Hopes"}
AGE = {
    Age.MONTH: "Up to a month ago",
    Age.QUARTER: "One to three months ago",
    Age.HALF: "Three to six months ago",
    Age.YEAR: "Six months to a year ago",
    Age.LONGER: "More than a year ago",
}
OUTCOME = {
    Outcome.OPEN: "Still open",
    Outcome.LAPSED: "Ran out",
    Outcome.WITHDRAWN: "Taken back by its owner",
    Outcome.MET_ELSEWHERE: "Closed: met in another way",
    Outcome.NOT_NEEDED: "Closed: not needed any more",
    Outcome.YOUNG: "Still open, not counted yet",
}
NO_SUPPORT, NO_THEME = "No kind stated", "No theme stated"
EARLIER_THEME = "A theme of an earlier framework"
COLUMNS = (
    "number", "what", "title", "organisation", "ward", "kind of support", "themes and priorities", "amount", "unit",
    "first asked for", "days ago", "how long ago", "what became of it",
)  # fmt: skip
_address = address(PATH)
_file_address = address(f"{PATH}.csv")


@bp.get(PATH)
@allow(Action.SEE_REPORTS)
def show() -> str:
    area, known = area_of(acting().authority_id or 0, now()), choices_in(acting().authority_id or 0)
    wanted, page = _wanted(known), page_number()
    size = WHOLE if typed("whole") == "y" else PAGE
    said, rows = asdict(wanted), unmet_rows(area, wanted, page, size)
    cells, young = _apart(unmet_cells(area, wanted, with_young=not wanted.outcome), wanted)
    by_outcome = _counted(cells, lambda cell: cell.outcome)
    return render_template(
        "unmet_needs/show.html",
        on=area.at,
        days=area.days,
        young=young,
        young_href=_address(said, outcome=Outcome.YOUNG),
        said=said,
        known=known,
        choices={"kind": KIND, "support": words.SUPPORT_KIND, "age": AGE, "outcome": OUTCOME},
        outside=OUTSIDE,
        names={"ward": OUTSIDE[NOWHERE], "theme": NO_THEME, "support": NO_SUPPORT},
        no_theme=NOWHERE,
        narrowed=_narrowed(said, known),
        total=sum(by_outcome.values()),
        by_outcome=by_outcome,
        charts=_charts(said, known, cells),
        rows=rows[:size],
        outcomes=OUTCOME,
        csv_href=_file_address(said),
        whole_href=_address(said, whole="y"),
        pages=Pages.around(
            lambda to: _address(said, whole=typed("whole", 1), page=str(to) if to > 1 else ""), page, len(rows) > size
        ),
    )


@bp.get(f"{PATH}.csv")
@allow(Action.SEE_REPORTS)
def download() -> ResponseReturnValue:
    area = area_of(acting().authority_id or 0, now())
    wanted = _wanted(choices_in(area.authority_id))
    themes = themes_of_unmet(area, wanted)
    rows = (_cells(area, row, themes.get(row.id, [])) for row in unmet_rows(area, wanted))
    return sheet("needs-nobody-met", COLUMNS, rows)


def _wanted(known: Iterable[Choice]) -> Filters:
    """What this request's address narrows the report to; what is not understood narrows nothing."""
    keys = {(choice.what, choice.key) for choice in known} | {("node", NOWHERE)}

    def one_of(name: str, kind: type[StrEnum]) -> str:
        return typed(name) if typed(name) in set(kind) else ""

    return Filters(
        theme=typed("theme") if ("node", typed("theme")) in keys else "",
        ward=typed("ward") if typed("ward") in OUTSIDE or ("ward", typed("ward")) in keys else "",
        kind=typed("kind") if typed("kind") in KIND else "",
        support=one_of("support", SupportKind),
        age=one_of("age", Age),
        outcome=one_of("outcome", Outcome),
    )


def _apart(cells: list[Cell], wanted: Filters) -> tuple[list[Cell], int]:
    """What counts, and how many are too young to."""
    if wanted.outcome:
        return cells, 0
    counted = [cell for cell in cells if cell.outcome != Outcome.YOUNG]
    return counted, sum(cell.number for cell in cells if cell.outcome == Outcome.YOUNG)


def _narrowed(said: dict[str, str], known: Iterable[Choice]) -> list[tuple[str, str]]:
    """What the report is narrowed to, each in words with the address of the same report without it."""
    names = {(choice.what, choice.key): choice.label for choice in known}
    names |= {("node", NOWHERE): NO_THEME}
    parts = (
        ("theme", names.get(("node", said["theme"]), "")),
        ("ward", OUTSIDE.get(said["ward"]) or names.get(("ward", said["ward"]), "")),
        ("kind", KIND[ListingKind(said["kind"])] if said["kind"] else ""),
        ("support", words.SUPPORT_KIND[SupportKind(said["support"])] if said["support"] else ""),
        ("age", f"Asked for {AGE[Age(said['age'])].lower()}" if said["age"] else ""),
        ("outcome", OUTCOME[Outcome(said["outcome"])] if said["outcome"] else ""),
    )
    return [(text, _address(said, **{name: ""})) for name, text in parts if text]


def _counted(cells: Iterable[Cell], key: Callable[[Cell], str | None]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for cell in cells:
        counts[key(cell) or ""] += cell.number
    return counts


def _counted_each(cells: Iterable[Cell]) -> Counter[str]:
    """The same by theme: a need counts for each that it names, or for NOWHERE."""
    counts: Counter[str] = Counter()
    for cell in cells:
        for code in cell.themes or (NOWHERE,):
            counts[code] += cell.number
    return counts


def _charts(said: dict[str, str], known: Iterable[Choice], cells: list[Cell]) -> list[tuple[str, str, list[Bar]]]:
    """Each chart: its title, what it counts, its bars. Wards and themes by number, ages and outcomes in their order."""
    labels = {(choice.what, choice.key): choice.label for choice in known}
    ward, support = _counted(cells, lambda cell: cell.ward), _counted(cells, lambda cell: cell.support)
    age, outcome = _counted(cells, lambda cell: cell.age), _counted(cells, lambda cell: cell.outcome)
    theme = _counted_each(cells)
    themes = [(labels.get(("node", code), EARLIER_THEME), theme[code], code) for code in theme if code != NOWHERE]
    themes.append((NO_THEME, theme[NOWHERE], NOWHERE))
    wards = [(OUTSIDE.get(code) or labels[("ward", code)], number, code) for code, number in ward.items()]
    kinds = [(words.SUPPORT_KIND[SupportKind(k)] if k else NO_SUPPORT, number, k) for k, number in support.items()]

    def linked(name: str, rows: Iterable[tuple[str, int, str]]) -> list[Bar]:
        return bars(
            (text, number, _address(said, **{name: key}) if key else None) for text, number, key in rows if number
        )

    return [
        ("What for", "needs that name the theme, or a priority under it", linked("theme", _most_first(themes))),
        ("What kind of support", "needs", linked("support", _most_first(kinds))),
        ("Where", "needs", linked("ward", _most_first(wards))),
        ("How long ago it was first asked for", "needs", linked("age", [(AGE[each], age[each], each) for each in Age])),
        ("What became of it", "needs", linked("outcome", [(OUTCOME[each], outcome[each], each) for each in Outcome])),
    ]


def _most_first(rows: Iterable[tuple[str, int, str]]) -> list[tuple[str, int, str]]:
    return sorted(rows, key=lambda row: (-row[1], row[0]))


def _cells(area: Area, row: UnmetRow, themes: list[str]) -> tuple[object, ...]:
    return (
        row.id,
        words.LISTING_KIND[row.kind],
        row.title,
        row.organisation,
        row.ward or "",
        words.SUPPORT_KIND[row.support] if row.support else "",
        "; ".join(themes),
        row.amount,
        row.unit or "",
        row.asked_at.date(),
        (area.at - row.asked_at).days,
        AGE[row.age],
        OUTCOME[row.outcome],
    )

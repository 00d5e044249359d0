"""Public results: what came of it, council by council, for anybody to read and to take away."""

import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from broker.actions.results import Part, Result, Results, results_for
from broker.domain.clock import today
from broker.domain.hiding import FEWEST
from broker.domain.periods import last_release
from broker.store.authorities import Authority, all_authorities
from broker.store.frameworks import Framework, framework_in
from broker.store.rules import rule_in
from broker.web import words
from broker.web.guard import public
from broker.web.kept_pages import kept
from broker.web.pack_tables import NO_THEME, NO_WARD, between, written
from broker.web.reports import Bar
from broker.web.sheets import sheet

bp = Blueprint("results", __name__)

CODE = re.compile(r"[A-Za-z0-9]{1,20}")
HIDDEN = f"under {FEWEST}"
WHOLE, OTHERS = "The whole area", "Other wards together"
COLUMNS = (
    "council", "code", "from", "to", "known until", "theme", "ward", "measure", "one-off or lasting", "unit",
    "verified deliveries", "verified amount", "licence",
)  # fmt: skip


@bp.get("/results")
@public
@kept
def index() -> str:
    return render_template("results/index.html", areas=all_authorities())


@bp.get("/results/<code>")
@public
@kept
def show(code: str) -> str:
    area, framework = _area(code)
    found = results_for(area.id, framework, last_release(today()))
    return render_template(
        "results/show.html",
        area=area,
        framework=framework,
        found=found,
        days=between(*found.release.span),
        themes=_by_theme(found),
        charts=[(_title(each), each.measure.unit, _bars(each)) for each in found.results if each.wards],
        fewest=FEWEST,
        licence=_licence(area),
    )


@bp.get("/results/<code>.csv")
@public
def download(code: str) -> ResponseReturnValue:
    area, framework = _area(code)
    found = results_for(area.id, framework, last_release(today()))
    return sheet(f"results-{area.code}", COLUMNS, _rows(area, found, _licence(area)))


def label(result: Result) -> str:
    """What a measure is called in public: of a council's own list, which may be licensed, the list and the code."""
    measure = result.measure
    return f"{measure.list_name} {measure.code}" if measure.authority_id else measure.label


def _area(code: str) -> tuple[Authority, Framework | None]:
    found = framework_in(code) if CODE.fullmatch(code) else None
    return found or abort(404)


def _licence(area: Authority) -> str:
    return rule_in(area.id, "open_data_licence") or ""


def _by_theme(found: Results) -> list[tuple[str, list[tuple[str, ...]]]]:
    """Each theme with what it comes to, measure by measure; last what has no theme."""
    themes: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for result in found.results:
        for theme in result.themes:
            name = f"{_title(result)} ({result.measure.unit})"
            themes[theme].append((name, *(written(each) for each in _told(result.whole))))
    return [
        (theme or NO_THEME, rows) for theme, rows in sorted(themes.items(), key=lambda each: (not each[0], each[0]))
    ]


def _title(result: Result) -> str:
    return f"{label(result)}, {words.LANE[result.lane].lower()}"


def _told(part: Part | None) -> tuple[int | str, Decimal | str]:
    """How many deliveries there were, and what they come to."""
    return (part.deliveries, _plain(part.verified)) if part else (HIDDEN, HIDDEN)


def _plain(amount: Decimal) -> Decimal:
    """Without noughts at its end: one database keeps them and another does not."""
    return amount.normalize() + 0


def _ward(part: Part) -> str:
    return OTHERS if part.ward is None else part.ward or NO_WARD


def _bars(result: Result) -> list[Bar]:
    return [Bar(_ward(each), float(each.verified), written(_plain(each.verified))) for each in result.wards]


def _rows(area: Authority, found: Results, licence: str) -> Iterator[tuple[object, ...]]:
    for result in found.results:
        themes = "; ".join(theme or NO_THEME for theme in result.themes)
        parts = [(WHOLE, result.whole), *((_ward(each), each) for each in result.wards)]
        for ward, part in parts:
            yield (
                area.name, area.code, *found.release.span, found.release.known_until, themes, ward, label(result),
                words.LANE[result.lane], result.measure.unit, *_told(part), licence,
            )  # fmt: skip

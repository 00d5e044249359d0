"""The ward pages: what is asked for, matched and proven in each part of an area, on screen, on paper and as a file."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from broker.domain.clock import today
from broker.domain.kinds import Lane, PartnershipState, SupportKind, Unit
from broker.domain.outlines import outline_paths
from broker.domain.permissions import Action
from broker.domain.places import ELSEWHERE, NOWHERE
from broker.domain.wards import months_before
from broker.store.places import Ward
from broker.store.project_ideas import ideas_for
from broker.store.wards import Tally, WardRow, open_needs, tallies, wards_in
from broker.web import saying, words
from broker.web.guard import acting, allow
from broker.web.reports import OUTSIDE, Bar, bars
from broker.web.sheets import sheet

bp = Blueprint("wards", __name__)

WIDTH, LISTED = 600, 10
NO_SUPPORT = "No kind stated"
UNDER_WAY = frozenset({PartnershipState.PLANNED, PartnershipState.RUNNING, PartnershipState.REVIEW_DUE})
PARTS = {
    "open": "needs open now",
    "asked": "needs asked for",
    "matched": "partnerships made",
    "proven": "deliveries verified",
}
MONTHLY = (
    ("asked", "Asked for, month by month", "needs"),
    ("matched", "Agreed, month by month", "partnerships"),
    ("proven", "Verified, by the month in which it was done", "deliveries"),
)
COLUMNS = (
    "ward", "code", "needs open now", "asked for in 12 months", "in talks", "partnerships under way",
    "partnerships finished", "verified deliveries", "deprivation tenth (1 is the most deprived)",
)  # fmt: skip


class Numbers(NamedTuple):
    """What a ward comes to."""

    open: int = 0
    asked: int = 0
    talks: int = 0
    under_way: int = 0
    finished: int = 0
    proven: int = 0


class Result(NamedTuple):
    """What was verified of one measure in one lane."""

    measure: str
    lane: str
    amount: str
    number: int


@bp.get("/wards")
@allow(Action.SEE_WARD)
def index() -> str:
    area = acting().authority_id or 0
    numbers = _numbers(tallies(area, months_before(today())))
    rows = _worth_a_line(wards_in(area), numbers)
    shapes, box = _shapes(rows, {row.ward.id: numbers[row.ward.id].open for row in rows})
    return render_template(
        "wards/index.html",
        rows=rows,
        numbers=numbers,
        outside=_outside(rows, numbers),
        shapes=shapes,
        box=box,
        source=next((row.source for row in rows if row.source), ""),
        named=_named,
    )


@bp.get("/wards.csv")
@allow(Action.SEE_WARD)
def download() -> ResponseReturnValue:
    area = acting().authority_id or 0
    numbers = _numbers(tallies(area, months_before(today())))
    rows = _worth_a_line(wards_in(area), numbers)
    lines: list[tuple[object, ...]] = [
        (_named(row.ward), row.ward.code, *numbers[row.ward.id], row.tenth) for row in rows
    ]
    return sheet("wards", COLUMNS, [*lines, *((name, None, *each, None) for name, each in _outside(rows, numbers))])


@bp.get("/wards/<code>")
@allow(Action.SEE_WARD)
def show(code: str) -> str:
    area = acting().authority_id or 0
    rows = wards_in(area)
    row = _found(rows, code)
    found = tallies(area, months_before(today()), row.ward.id)
    shapes, box = _shapes(rows, {row.ward.id: 1})
    return render_template(
        "wards/show.html",
        ward=row.ward,
        row=row,
        numbers=_numbers(found)[row.ward.id],
        kinds=_kinds(found),
        months=[(title, unit, _months(found, what)) for what, title, unit in MONTHLY],
        results=_results(found),
        listed=open_needs(area, row.ward.id, LISTED),
        ideas=ideas_for(row.ward.id),
        shapes=shapes,
        box=box,
    )


@bp.get("/wards/<code>/numbers.csv")
@allow(Action.SEE_WARD)
def numbers(code: str) -> ResponseReturnValue:
    area = acting().authority_id or 0
    row = _found(wards_in(area), code)
    found = tallies(area, months_before(today()), row.ward.id)
    return sheet(
        f"ward-{row.ward.code}", ("part", "what", "one-off or lasting", "number", "amount", "unit"), _lines(found)
    )


def _found(rows: Iterable[WardRow], code: str) -> WardRow:
    """The ward of this code in the visitor's own area; another's is no page of theirs."""
    return next((row for row in rows if row.ward.code == code), None) or abort(404)


def _numbers(found: Iterable[Tally]) -> defaultdict[int | None, Numbers]:
    """The totals of each ward."""
    totals: defaultdict[int | None, Numbers] = defaultdict(Numbers)
    for tally in found:
        if name := _total(tally):
            before = totals[tally.ward_id]
            totals[tally.ward_id] = before._replace(**{name: getattr(before, name) + tally.number})
    return totals


def _worth_a_line(rows: Iterable[WardRow], numbers: Mapping[int | None, Numbers]) -> list[WardRow]:
    """The wards of today, and of the earlier ones those in which anything is counted."""
    return [row for row in rows if row.ward.ended_on is None or any(numbers.get(row.ward.id, ()))]


def _named(ward: Ward) -> str:
    return f"{ward.name} (until {saying.day(ward.ended_on)})" if ward.ended_on else ward.name


def _outside(rows: Iterable[WardRow], numbers: Mapping[int | None, Numbers]) -> list[tuple[str, Numbers]]:
    """The totals of what lies in no ward of the area: in no one ward, and where there is any in another council's."""
    own = {row.ward.id for row in rows}
    others = [each for key, each in numbers.items() if key is not None and key not in own]
    nowhere, elsewhere = numbers.get(None, Numbers()), Numbers(*map(sum, zip(*others, strict=True)))
    return [(OUTSIDE[NOWHERE], nowhere), *([(OUTSIDE[ELSEWHERE], elsewhere)] if any(elsewhere) else [])]


def _total(tally: Tally) -> str:
    """To which total a tally belongs; '' for none."""
    if tally.what == "partnership":
        state = PartnershipState(tally.key)
        return "under_way" if state in UNDER_WAY else "finished" if state is PartnershipState.CLOSED else ""
    return {"open": "open", "asked": "asked", "talks": "talks", "done": "proven"}.get(tally.what, "")


def _kinds(found: Iterable[Tally]) -> list[Bar]:
    counts = [(_support(tally), tally.number) for tally in found if tally.what == "open"]
    return bars((name, number, None) for name, number in sorted(counts, key=lambda each: (-each[1], each[0])))


def _support(tally: Tally) -> str:
    return words.SUPPORT_KIND[SupportKind(tally.key)] if tally.key else NO_SUPPORT


def _months(found: Iterable[Tally], what: str) -> list[Bar]:
    """A number for each month, those months included in which there was nothing."""
    counts = {tally.key: tally.number for tally in found if tally.what == what}
    numbers = [(month, counts.get(month.isoformat(), 0)) for month in months_before(today())]
    return bars((f"{month:%b %Y}", number, None) for month, number in numbers)


def _results(found: Iterable[Tally]) -> list[Result]:
    return [Result(each.key, words.LANE[Lane(each.lane)], _in_unit(each), each.number) for each in _done(found)]


def _done(found: Iterable[Tally]) -> list[Tally]:
    """What was verified, the most deliveries first."""
    done = (tally for tally in found if tally.what == "done")
    return sorted(done, key=lambda tally: (-tally.number, tally.key, tally.lane))


def _in_unit(tally: Tally) -> str:
    number = tally.amount or Decimal(0)
    return saying.plural(number, tally.unit) if tally.unit in set(Unit) else f"{saying.figure(number)} {tally.unit}"


def _lines(found: list[Tally]) -> list[tuple[object, ...]]:
    """The same numbers as rows of a file."""
    lines: list[tuple[object, ...]] = [
        (PARTS["open"], bar.name, None, int(bar.value), None, None) for bar in _kinds(found)
    ]
    for what in ("asked", "matched", "proven"):
        lines += [(PARTS[what], month.name, None, int(month.value), None, None) for month in _months(found, what)]
    states = [(PartnershipState(tally.key), tally.number) for tally in found if tally.what == "partnership"]
    lines += [("partnerships", words.PARTNERSHIP_STATE[state][0], None, number, None, None) for state, number in states]
    results = [
        ("verified results", each.key, words.LANE[Lane(each.lane)], each.number, each.amount, each.unit)
        for each in _done(found)
    ]
    return lines + results


def _shapes(rows: list[WardRow], values: dict[int, int]) -> tuple[list[dict[str, object]], str]:
    """The wards as shapes of a map, and the size of the picture."""
    drawn = [row.ward for row in rows if row.ward.outline and row.ward.ended_on is None]
    paths, height = outline_paths([ward.outline or {} for ward in drawn], WIDTH)
    shapes: list[dict[str, object]] = [
        {"name": ward.name, "path": path, "value": values.get(ward.id, 0), "href": f"/wards/{ward.code}"}
        for ward, path in zip(drawn, paths, strict=True)
    ]
    return shapes, f"0 0 {WIDTH} {height}"

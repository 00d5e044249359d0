"""Public results: what is verified in an area, by theme and ward, with nothing in it that tells of a few."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from broker.actions.packs import themes_by_hub
from broker.domain.hiding import hidden, is_shown
from broker.domain.periods import Span
from broker.store.frameworks import Framework
from broker.store.measures import Measure, measures_with_ids
from broker.store.results import Cell, named_in, verified_cells


class Part(NamedTuple):
    """What is verified in one ward ('' for none), or altogether. Both numbers are None where they are hidden."""

    ward: str
    deliveries: int | None
    verified: Decimal | None


@dataclass(frozen=True)
class Result:
    """One measure: its themes ('' for none), what it comes to altogether, and ward by ward."""

    measure: Measure
    themes: list[str]
    whole: Part
    wards: list[Part]


@dataclass(frozen=True)
class Results:
    """What an area shows of a time."""

    span: Span
    results: list[Result]
    named: list[str]
    has_hidden: bool


def results_for(authority_id: int, framework: Framework | None, span: Span) -> Results:
    """What may be shown of a time."""
    themes = themes_by_hub(framework)
    by_measure: dict[int, list[Cell]] = defaultdict(list)
    for cell in verified_cells(authority_id, span):
        by_measure[cell.measure_id].append(cell)
    results = [
        _result(
            measure, sorted({theme for hub in measure.hubs for theme in themes.get(hub, ())}), by_measure[measure.id]
        )
        for measure in measures_with_ids(by_measure)
    ]
    parts = [part for result in results for part in (result.whole, *result.wards)]
    return Results(span, results, named_in(authority_id, span), any(part.verified is None for part in parts))


def _result(measure: Measure, themes: list[str], cells: list[Cell]) -> Result:
    """A measure with its small numbers hidden, and those that would give them away."""
    counts = {cell.ward or "": cell.deliveries for cell in cells}
    away, shown = hidden(counts), is_shown(counts)
    number, amount = sum(counts.values()), sum((cell.verified for cell in cells), start=Decimal(0))
    wards = [
        _part(cell, (cell.ward or "") in away) for cell in sorted(cells, key=lambda each: (not each.ward, each.ward))
    ]
    return Result(measure, themes or [""], Part("", number if shown else None, amount if shown else None), wards)


def _part(cell: Cell, is_hidden: bool) -> Part:
    return Part(cell.ward or "", None if is_hidden else cell.deliveries, None if is_hidden else cell.verified)

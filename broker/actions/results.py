"""Public results: what is verified in an area, by theme and ward, with nothing in it that tells of a few."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from broker.actions.catalogues import themes_by_hub
from broker.domain.hiding import hidden, is_shown
from broker.domain.periods import Span
from broker.store.frameworks import Framework
from broker.store.measures import Measure, measures_with_ids
from broker.store.results import Cell, named_in, verified_cells


class Part(NamedTuple):
    """So many verified deliveries, and how much they come to. `ward`: '' for no ward, None for several together."""

    ward: str | None
    deliveries: int
    verified: Decimal


@dataclass(frozen=True)
class Result:
    """One measure: its themes ('' for none), what it comes to altogether, and ward by ward. Without a `whole` there is
    too little of it to be shown at all.
    """

    measure: Measure
    themes: list[str]
    whole: Part | None
    wards: list[Part]


@dataclass(frozen=True)
class Results:
    """What an area shows of a time."""

    span: Span
    results: list[Result]
    named: list[str]


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
    return Results(span, results, named_in(authority_id, span))


def _result(measure: Measure, themes: list[str], cells: list[Cell]) -> Result:
    """A measure ward by ward; those wards together that are too small to be told apart."""
    counts = {cell.ward or "": cell.deliveries for cell in cells}
    if not is_shown(counts):
        return Result(measure, themes or [""], None, [])
    away = hidden(counts)
    shown = [cell for cell in cells if (cell.ward or "") not in away]
    wards = [_together(cell.ward or "", [cell]) for cell in sorted(shown, key=lambda each: (not each.ward, each.ward))]
    others = [cell for cell in cells if (cell.ward or "") in away]
    return Result(measure, themes or [""], _together(None, cells), wards + [_together(None, others)] * bool(others))


def _together(ward: str | None, cells: list[Cell]) -> Part:
    return Part(ward, sum(cell.deliveries for cell in cells), sum((cell.verified for cell in cells), start=Decimal(0)))

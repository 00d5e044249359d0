"""Public results: what is verified in an area, by theme and ward, with nothing in it that tells of a few."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from broker.actions.catalogues import themes_by_hub
from broker.domain.hiding import hidden, is_shown
from broker.domain.kinds import Lane
from broker.domain.periods import Release
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
    """One measure, one-off or lasting: its themes ('' for none), what it comes to altogether, and ward by ward. Without
    a `whole` there is too little of it to be shown at all.
    """

    measure: Measure
    lane: Lane
    themes: list[str]
    whole: Part | None
    wards: list[Part]


@dataclass(frozen=True)
class Results:
    """What an area shows of a time."""

    release: Release
    results: list[Result]
    named: list[str]


def results_for(authority_id: int, framework: Framework | None, release: Release) -> Results:
    """What may be shown of a time."""
    themes = themes_by_hub(framework)
    alike: dict[tuple[int, Lane], list[Cell]] = defaultdict(list)
    for cell in verified_cells(authority_id, release):
        alike[cell.measure_id, Lane(cell.lane)].append(cell)
    results = [
        _result(measure, lane, _themes(measure, themes), alike[measure.id, lane])
        for measure in measures_with_ids({measure_id for measure_id, _ in alike})
        for lane in Lane
        if (measure.id, lane) in alike
    ]
    return Results(release, results, named_in(authority_id, release))


def _themes(measure: Measure, by_hub: dict[str, list[str]]) -> list[str]:
    return sorted({theme for hub in measure.hubs for theme in by_hub.get(hub, ())}) or [""]


def _result(measure: Measure, lane: Lane, themes: list[str], cells: list[Cell]) -> Result:
    """A measure ward by ward; those wards together that are too small to be told apart.

    Small is what counts few deliveries, and what comes to few, such as four people in five deliveries.
    """
    counts = {cell.ward or "": min(cell.deliveries, int(cell.verified)) for cell in cells}
    if not is_shown(counts):
        return Result(measure, lane, themes, None, [])
    away = hidden(counts)
    shown = [cell for cell in cells if (cell.ward or "") not in away]
    wards = [_together(cell.ward or "", [cell]) for cell in sorted(shown, key=lambda each: (not each.ward, each.ward))]
    others = [cell for cell in cells if (cell.ward or "") in away]
    return Result(measure, lane, themes, _together(None, cells), wards + [_together(None, others)] * bool(others))


def _together(ward: str | None, cells: list[Cell]) -> Part:
    return Part(ward, sum(cell.deliveries for cell in cells), sum((cell.verified for cell in cells), start=Decimal(0)))

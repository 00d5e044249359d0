"""How suggestions are weighed: the weights in use, what decisions taught, what came before. Nothing changes here."""

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from flask import Blueprint, render_template

from broker.domain.kinds import WeightsState
from broker.domain.permissions import Action
from broker.store.counts import parts_off
from broker.store.decisions import Decided, decisions
from broker.store.weights import WeightsVersion, versions
from broker.web.guard import allow
from broker.web.reasons import PART

bp = Blueprint("weights", __name__)

STATE = {
    WeightsState.PROPOSED: ("Proposed", "yellow"),
    WeightsState.IN_USE: ("In use", "green"),
    WeightsState.RETIRED: ("Used before", "grey"),
}
SMALLEST_CHANGE = 0.0005  # what a page with three decimals can show


class Taken(NamedTuple):
    """The decisions so far. `both`: needs on which there is a yes and a no, which is what can be learned from."""

    chosen: int
    refused: int
    both: int


@bp.get("/weights")
@allow(Action.SEE_WEIGHTS)
def show() -> str:
    known, off = versions(), parts_off()
    present = next((each for each in known if each.state == WeightsState.IN_USE), None)
    learned = next((each for each in known if each.verdict is not None), None)
    return render_template(
        "weights/show.html",
        present=present,
        bars=weight_bars(present, off) if present else [],
        off=[PART[name].lower() for name in off],
        learned=learned,
        tested=_tested(learned) if learned else None,
        changes=list(_changes(learned)) if learned else [],
        known=known,
        standing=STATE,
        taken=_taken(decisions()),
    )


def weight_bars(version: WeightsVersion, off: Collection[str]) -> list[tuple[str, float, str]]:
    """The parts of a score that are at work here (not `off`) by their weight, the heaviest first."""
    rows = [(text, version.numbers.get(name, 0.0)) for name, text in PART.items() if name not in off]
    return [(text, number, f"{number:.3f}") for text, number in sorted(rows, key=lambda row: -row[1])]


def _tested(version: WeightsVersion) -> dict[str, Any]:
    """How many of 100 chosen pairs stood above a refused one, before and after, and between what the gain lies."""
    before, after, gain = (version.figures[each]["right"] for each in ("before", "after", "gain"))
    return {
        "before": round(100 * before),
        "after": round(100 * after),
        "low": round(100 * gain["low"], 1),
        "high": round(100 * gain["high"], 1),
        "is_better": version.verdict == "better",
    }


def _changes(version: WeightsVersion) -> Iterator[tuple[str, str, str]]:
    """Each part whose weight a proposal changed: before and after."""
    earlier = version.before.numbers if version.before else {}
    for name, text in PART.items():
        was, became = earlier.get(name, 0.0), version.numbers.get(name, 0.0)
        if abs(was - became) >= SMALLEST_CHANGE:
            yield text, f"{was:.3f}", f"{became:.3f}"


def _taken(found: list[Decided]) -> Taken:
    chosen = [each for each in found if each.strength > 0]
    refused = [each for each in found if each.strength < 0]
    both = {each.demand_id for each in chosen} & {each.demand_id for each in refused}
    return Taken(len(chosen), len(refused), len(both))

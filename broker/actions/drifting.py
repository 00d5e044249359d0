"""The nightly check: are the stored lists what the matcher would say? What it finds is kept for the officers' desk."""

from datetime import timedelta
from math import isclose

from broker.actions.jobs import owe
from broker.actions.weighing import engine_now, held_from, stored_lists
from broker.domain.clock import now
from broker.matching import Progress, Scored
from broker.matching.lists import SIDES
from broker.store.base import db
from broker.store.counts import last_weighing
from broker.store.suggestions import ListCheck, last_check, market_rows, waiting_listings

NIGHT = 2  # the hour (UTC) after which the nightly check is owed
SAME = 1e-9  # scores no further apart than this are the same
EXAMPLES = 10


def check(progress: Progress | None = None) -> ListCheck | None:
    """Compare every stored list with one computed from scratch under the last weighing; None while listings wait, or
    where nothing stored is of this matcher. Writes nothing.
    """
    weighing, engine = last_weighing(), engine_now()
    if weighing is None or weighing.engine != engine.version or waiting_listings():
        return None
    stored, held = stored_lists(), held_from(market_rows(), engine, weighing)
    held.lists.fill(progress)
    wrong: list[dict[str, object]] = []
    for side in SIDES:
        for each in sorted({*held.lists.ids(side), *stored[side]}):
            found, right = stored[side].get(each, []), held.lists.of(side, each)
            if not _alike(found, right):
                wrong.append({"listing": each, "stored": [s.id for s in found], "right": [s.id for s in right]})
    return ListCheck(checked_at=now(), compared=len(held.records), wrong=len(wrong), examples=wrong[:EXAMPLES])


def note_check(found: ListCheck) -> None:
    """Keep what a check found, for the officers' desk."""
    db.session.add(found)


def owe_check() -> None:
    """Owe the nightly check if the night has passed without one. After a night with the power off it comes late."""
    night = now().replace(hour=NIGHT, minute=0, second=0, microsecond=0)
    night -= timedelta(days=night > now())
    weighing, (last, _) = last_weighing(), last_check()
    if weighing and weighing.made_at < night and (last is None or last.checked_at < night):
        owe("check_lists")


def _alike(found: list[Scored], right: list[Scored]) -> bool:
    """The same listings in the same order with the same scores, but for the last digits."""
    return len(found) == len(right) and all(
        one.id == two.id and isclose(one.score, two.score, abs_tol=SAME) for one, two in zip(found, right, strict=True)
    )

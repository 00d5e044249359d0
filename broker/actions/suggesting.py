"""From the store to the matcher and back: which pairs to suggest, and why.

Two steps, so that nobody who writes has to wait while the matcher thinks: `look` only reads, `keep` only writes. A
listing that changed costs what it touches. Once a twentieth of the market has changed, or the matcher itself has, all
of it is weighed anew and every list computed from scratch.
"""

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar, cast

from sqlalchemy import Table, bindparam, delete, insert, update

from broker.actions.guesses import note_guesses_of_each
from broker.actions.jobs import owe
from broker.actions.weighing import READER, Engine, Held, engine_now, held_from, hold, recalled, take_held
from broker.domain.clock import now
from broker.matching import Guess, Progress
from broker.matching.lists import SIDES, Lists
from broker.matching.records import Side
from broker.store.base import db
from broker.store.counts import (
    Weighing,
    forget_words,
    keep_weighing,
    keep_words,
    last_weighing,
    stamp_weighing,
    text_hash,
)
from broker.store.listings import Listing
from broker.store.suggestions import (
    Pair,
    Stored,
    Suggestion,
    market_rows,
    stored_pairs,
    waiting_listings,
)

PART = 20  # words are weighed anew once one in so many listings has changed
BATCH = 1000
TABLE = cast(Table, Suggestion.__table__)

Row = TypeVar("Row")
Places = tuple[int | None, int | None]  # from 1: in the demand's list and in the supply's
NOWHERE: Places = (None, None)


class Overtaken(Exception):
    """Another worker wrote suggestions while this one was looking: what it found is not to be kept."""


@dataclass(frozen=True)
class Changes:
    """What has to be written so that what is stored equals the lists."""

    fresh: list[dict[str, object]]
    moved: list[dict[str, object]]
    gone: list[Pair]


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What the matcher found, and which listings it has now caught up with.

    `stamp`: the state of the store that it started from. `is_whole`: all was weighed anew; `is_worn`: that is due.
    """

    seen: Mapping[int, datetime]
    held: Held
    stamp: str | None
    changes: Changes
    guesses: Mapping[int, tuple[Guess, ...]]
    changed: int = 0
    is_whole: bool = False
    is_worn: bool = False

    @property
    def size(self) -> int:
        return len(self.changes.fresh) + len(self.changes.moved) + len(self.changes.gone)


def look(progress: Progress | None = None, *, whole: bool = False) -> Outlook | None:
    """What follows from the listings that wait, or from weighing all anew (`whole`, or where that is due); None when
    there is nothing to do. Writes nothing.
    """
    seen, weighing, engine = waiting_listings(), last_weighing(), engine_now()
    if weighing is None and not seen:
        return None
    if whole or weighing is None or weighing.engine != engine.version or _is_worn(len(seen), weighing.listings):
        return _look_whole(seen, engine, weighing.stamp if weighing else None, progress or _nobody)
    return _look_around(seen, engine, weighing) if seen else None


def keep(outlook: Outlook) -> None:
    """Write what `look` found. A listing that changed again in the meantime goes on waiting.

    Overtaken where the suggestions are not those any more that `look` started from.
    """
    stamp = _stamp(outlook)
    _write(outlook.changes)
    note_guesses_of_each(outlook.guesses)
    _keep_words(outlook)
    for listing_id, since in outlook.seen.items():
        db.session.execute(
            update(Listing)
            .where(Listing.id == listing_id, Listing.suggest_at == since)
            .values(suggest_at=None)
            .execution_options(synchronize_session=False)
        )
    if outlook.is_worn:
        owe("suggest_all")
    outlook.held.stamp = stamp
    hold(outlook.held)


def warm() -> bool:
    """Load the market, so that the first change after a start is as quick as the others. False where what is stored
    was made by another matcher, so that there is work to do before anything changes.
    """
    weighing, engine = last_weighing(), engine_now()
    if weighing is not None and weighing.engine == engine.version and not waiting_listings():
        held = recalled(weighing, engine, ())
        held.stamp = weighing.stamp
        hold(held)
    return weighing is None or weighing.engine == engine.version


def _look_whole(seen: Mapping[int, datetime], engine: Engine, stamp: str | None, progress: Progress) -> Outlook:
    """Everything weighed anew, every list from scratch: first half of the way the lists, second half the reasons."""
    hold(None)  # one market at a time
    held = held_from(market_rows(), engine)
    size = len(held.records)
    held.lists.fill(lambda done, _: progress(done, 2 * size))
    held.lists.take_touched()
    ranks = _Ranks(held.lists, {side: held.lists.ids(side) for side in SIDES})
    stored = stored_pairs()
    changes = _changes(held, ranks, stored, seen.keys(), lambda part: progress(size + round(part * size), 2 * size))
    guesses = held.guesses(held.records)
    return Outlook(seen=seen, held=held, stamp=stamp, changes=changes, guesses=guesses, is_whole=True)


def _look_around(seen: Mapping[int, datetime], engine: Engine, weighing: Weighing) -> Outlook:
    """What follows from a few changed listings, under the last weighing."""
    held, changed = take_held(weighing.stamp, engine.version), set(seen)
    if held is None:
        held = recalled(weighing, engine, seen)
    else:
        changed = held.change(seen, market_rows(seen))
    touched = held.lists.take_touched()
    stored = stored_pairs(touched["demand"], touched["supply"])
    return Outlook(
        seen=seen,
        held=held,
        stamp=weighing.stamp,
        changes=_changes(held, _Ranks(held.lists, touched), stored, changed),
        guesses=held.guesses(changed & held.records.keys()),
        changed=len(changed),
        is_worn=_is_worn(weighing.changed + len(changed), weighing.listings),
    )


def _is_worn(changed: int, listings: int) -> bool:
    """Whether so much of a market has changed that its words should be weighed anew."""
    return changed * PART > listings


class _Ranks:
    """Where everybody stands in the lists; each list is read once."""

    def __init__(self, lists: Lists, owners: Mapping[Side, Iterable[int]]) -> None:
        self._lists = lists
        self._known: dict[tuple[Side, int], dict[int, tuple[int, float]]] = {}
        self.pairs: set[Pair] = {(each, o) for each in owners["demand"] for o in self._of("demand", each)}
        self.pairs |= {(o, each) for each in owners["supply"] for o in self._of("supply", each)}

    def __getitem__(self, pair: Pair) -> tuple[Places, float]:
        """The places of a pair in the demand's and in the supply's list, and its score."""
        demand, supply = pair
        first = self._of("demand", demand).get(supply)
        second = self._of("supply", supply).get(demand)
        one = first or second
        return (first and first[0], second and second[0]), one[1] if one else 0.0

    def _of(self, side: Side, listing_id: int) -> dict[int, tuple[int, float]]:
        if (side, listing_id) not in self._known:
            scored = self._lists.of(side, listing_id)
            self._known[side, listing_id] = {each.id: (place, each.score) for place, each in enumerate(scored, 1)}
        return self._known[side, listing_id]


def _changes(
    held: Held,
    ranks: _Ranks,
    stored: Mapping[Pair, Stored],
    changed: Set[int],
    progress: Callable[[float], None] = lambda part: None,
) -> Changes:
    """What differs between the lists and the stored pairs; a pair with a listing that changed has another reason."""
    changes, pairs = Changes([], [], []), sorted(ranks.pairs | stored.keys())
    for number, pair in enumerate(pairs):
        if number % BATCH == 0:
            progress(number / len(pairs))
        known, (places, score) = stored.get(pair), ranks[pair]
        as_known = known is not None and (known.score, known.engine) == (score, held.engine.version)
        if places == NOWHERE:
            changes.gone.append(pair)
        elif not as_known or not changed.isdisjoint(pair):
            changes.fresh.append(_row(held, pair, places))
            changes.gone.extend([pair] if known else [])
        elif known and known[:2] != places:
            changes.moved.append({**_named(pair), **_placed(places)})
    progress(1.0)
    return changes


def _row(held: Held, pair: Pair, places: Places) -> dict[str, object]:
    suggestion = held.market.explain(*pair)
    return {
        **_named(pair),
        **_placed(places),
        "score": suggestion.score,
        "reason": suggestion.reason.to_json(),
        "engine": held.engine.version,
        "computed_at": now(),
    }


def _named(pair: Pair) -> dict[str, object]:
    return {"demand_id": pair[0], "supply_id": pair[1]}


def _placed(places: Places) -> dict[str, object]:
    return {"demand_rank": places[0], "supply_rank": places[1]}


def _write(changes: Changes) -> None:
    drop = delete(TABLE).where(TABLE.c.demand_id == bindparam("d"), TABLE.c.supply_id == bindparam("s"))
    for pairs in _batches(changes.gone):
        db.session.connection().execute(drop, [{"d": demand, "s": supply} for demand, supply in pairs])
    for rows in _batches(changes.fresh):
        db.session.execute(insert(Suggestion), rows)
    for rows in _batches(changes.moved):
        db.session.execute(update(Suggestion), rows)


def _stamp(outlook: Outlook) -> str:
    """The stamp of what is about to be written, unless somebody else has written since the look."""
    stamp = stamp_weighing(outlook.stamp, outlook.changed) if outlook.stamp else None
    if stamp is None and (outlook.stamp or last_weighing()):
        raise Overtaken
    if outlook.is_whole:
        weighing = outlook.held.market.weighing
        stamp = keep_weighing(outlook.held.engine.version, weighing.listings, weighing.found, now())
    return stamp or ""


def _keep_words(outlook: Outlook) -> None:
    """Remember the words of texts that were read; of those that nobody posts any more forget them, once a night."""
    keep_words(outlook.held.unkept, READER)
    outlook.held.unkept = {}
    if outlook.is_whole:
        forget_words({text_hash(record.words) for _, record in outlook.held.records.values()})


def _batches(rows: list[Row]) -> list[list[Row]]:
    return [rows[start : start + BATCH] for start in range(0, len(rows), BATCH)]


def _nobody(_done: int, _total: int) -> None:
    """Progress that nobody watches."""

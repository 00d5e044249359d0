"""The best k of every listing, on both sides, kept exact as listings arrive, change and leave.

A list is the k best of the other side, best score first, equal scores by id. One look at everything that a new
listing scores gives its own list and says which lists of the other side it enters: those are patched. A list that
loses a place may owe it to somebody it never held, so it is computed again, all of them at once, by `settle`.

    lists = Lists(market, 20)
    lists.fill()                       # everything, from scratch
    market.put("supply", record)
    lists.put("supply", record.id)     # after the market has it
    lists.settle()
    lists.of("demand", need_id)        # equal to market.best("demand", 20)[need_id]
    lists.take_touched()["demand"]     # the lists that are not as they were
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from broker.matching.records import Scored, Side

Ids = NDArray[np.int32]
Scores = NDArray[np.float64]
Slots = NDArray[np.intp]
Bars = Callable[[NDArray[np.int64]], Scores]

SIDES: tuple[Side, Side] = ("demand", "supply")
NOBODY = np.iinfo(np.int32).max  # the id in an empty place: behind every real one
_FIRST_ROOM = 64


class Scorer(Protocol):
    """What the lists ask of a market. While they are kept, the score of a pair depends on its two listings alone."""

    def scored(self, side: Side, listing_id: int, k: int, bars: Bars) -> tuple[NDArray[np.integer], Scores]:
        """The ids of the other side that this listing scores above 0 with, all filters passed, and the exact scores.

        Its k best must be among them, and all whose score reaches their bar; the rest may be left out.
        """
        ...

    def best(
        self,
        side: Side,
        k: int = 20,
        ids: Iterable[int] | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Mapping[int, list[Scored]]:
        """For listings of that side (all where ids is None), their up to k best of the other side."""
        ...


def other(side: Side) -> Side:
    return "supply" if side == "demand" else "demand"


class Lists:
    """The lists of both sides. An id is a count from 1 such as a table gives: memory grows with the largest one."""

    def __init__(self, scorer: Scorer, k: int = 20) -> None:
        self._scorer = scorer
        self._k = k
        self._tables = {side: _Table(k) for side in SIDES}
        self._touched: dict[Side, set[int]] = {side: set() for side in SIDES}
        self._fallen: dict[Side, set[int]] = {side: set() for side in SIDES}

    def fill(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Compute every list from scratch; progress counts through both sides."""
        before = 0

        def show(done: int, lists: int) -> None:
            if progress:
                progress(before + done, before + lists)

        for side in SIDES:
            best = self._scorer.best(side, self._k, progress=show)
            self._touched[side].update(self.ids(side), best)
            self.load(side, best)
            before += len(best)

    def load(self, side: Side, lists: Mapping[int, Iterable[Scored]]) -> None:
        """Take lists as they were stored, in the place of all that this side has."""
        self._tables[side] = table = _Table(self._k)
        for listing_id, scored in lists.items():
            table.write(listing_id, scored)
        self._fallen[side] = set()

    def put(self, side: Side, listing_id: int) -> None:
        """A listing is new or has changed, and the scorer has it: its own list, and the other side's, follow."""
        ours, theirs = self._tables[side], self._tables[other(side)]
        ids, scores = self._scorer.scored(side, listing_id, self._k, theirs.bars)
        if listing_id in ours:
            self._leave(other(side), listing_id, _lookup(ids, scores, theirs.room))
        entered = theirs.enter(listing_id, ids, scores)
        self._touched[other(side)].update(entered.tolist())
        ours.write(listing_id, _best(ids, scores, self._k))
        self._touched[side].add(listing_id)
        self._fallen[side].discard(listing_id)

    def remove(self, side: Side, listing_id: int) -> None:
        """A listing has left, and the scorer has it no more. One that was never here is no matter."""
        ours, theirs = self._tables[side], self._tables[other(side)]
        if listing_id in ours:
            self._leave(other(side), listing_id, np.zeros(theirs.room))
            ours.drop(listing_id)
            self._touched[side].add(listing_id)
            self._fallen[side].discard(listing_id)

    def settle(self) -> None:
        """Compute again the lists that lost somebody and may have room for somebody they never held."""
        for side in SIDES:
            fallen, self._fallen[side] = self._fallen[side], set()
            if fallen:
                for listing_id, scored in self._scorer.best(side, self._k, ids=sorted(fallen)).items():
                    self._tables[side].write(listing_id, scored)

    def of(self, side: Side, listing_id: int) -> list[Scored]:
        """The list of one listing; empty where it has none or is unknown."""
        return self._tables[side].read(listing_id)

    def ids(self, side: Side) -> list[int]:
        """Whose lists are kept, smallest id first."""
        return self._tables[side].ids()

    def take_touched(self) -> dict[Side, set[int]]:
        """Whose lists may differ since the last time of asking, those that left included."""
        touched, self._touched = self._touched, {side: set() for side in SIDES}
        return touched

    def _leave(self, side: Side, listing_id: int, now: Scores) -> None:
        """Take a listing out of the lists of this side that hold it. `now`: by id, what it scores with their owners."""
        left, fallen = self._tables[side].leave(listing_id, now)
        self._touched[side].update(left.tolist())
        self._fallen[side].update(fallen.tolist())


class _Table:
    """The lists of one side: row `slot[id]` of two tables, the ids in order and their scores, and by id the score and
    the id in last place, which a newcomer must beat: (0, NOBODY) while there is room, infinite where nobody may enter.
    """

    def __init__(self, k: int) -> None:
        self._k = k
        self._used = 0
        self._free: list[int] = []
        self._names = np.full((_FIRST_ROOM, k), NOBODY, dtype=np.int32)
        self._scores = np.zeros((_FIRST_ROOM, k))
        self._owner = np.zeros(_FIRST_ROOM, dtype=np.int32)
        self._slot = np.full(_FIRST_ROOM, -1, dtype=np.int32)
        self._bar = np.full(_FIRST_ROOM, np.inf)
        self._last = np.full(_FIRST_ROOM, NOBODY, dtype=np.int32)

    @property
    def room(self) -> int:
        """One more than the largest id that there is a place for."""
        return len(self._slot)

    def __contains__(self, listing_id: int) -> bool:
        return listing_id < self.room and self._slot[listing_id] >= 0

    def ids(self) -> list[int]:
        listing_ids: list[int] = np.flatnonzero(self._slot >= 0).tolist()
        return listing_ids

    def read(self, listing_id: int) -> list[Scored]:
        if listing_id not in self:
            return []
        slot = self._slot[listing_id]
        places = zip(self._names[slot].tolist(), self._scores[slot].tolist(), strict=True)
        return [Scored(name, score) for name, score in places if name != NOBODY]

    def write(self, listing_id: int, scored: Iterable[Scored]) -> None:
        slot = self._slot_for(listing_id)
        held = list(scored)
        self._names[slot], self._scores[slot] = NOBODY, 0.0
        self._names[slot, : len(held)] = [each.id for each in held]
        self._scores[slot, : len(held)] = [each.score for each in held]
        self._raise_bars(np.array([slot]))

    def drop(self, listing_id: int) -> None:
        slot = int(self._slot[listing_id])
        self._names[slot], self._scores[slot] = NOBODY, 0.0
        self._slot[listing_id], self._bar[listing_id] = -1, np.inf
        self._free.append(slot)

    def bars(self, ids: NDArray[np.integer]) -> Scores:
        """By id, what a score must reach to matter to that list: 0 while it has room, infinite where there is none."""
        self._make_room(ids)
        bars: Scores = self._bar[ids]
        return bars

    def enter(self, newcomer: int, ids: NDArray[np.integer], scores: Scores) -> Ids:
        """Put somebody into every list where its score earns a place; the ids of those lists."""
        self._make_room(ids)
        hopeful = np.flatnonzero(scores >= self._bar[ids])
        ids, scores = ids[hopeful], scores[hopeful]
        ahead = (scores > self._bar[ids]) | (newcomer < self._last[ids])
        slots, score = self._slot[ids[ahead]], scores[ahead][:, None]
        # A list that was computed since the newcomer came to the market holds it already.
        without = ~(self._names[slots] == newcomer).any(axis=1)
        slots, score = slots[without], score[without]
        names, held = self._names[slots], self._scores[slots]
        place = ((held > score) | ((held == score) & (names < newcomer))).sum(axis=1)[:, None]
        # Behind the newcomer everybody moves down by one, and the last one out.
        column = np.arange(self._k)
        source = column - (column > place)
        shifted_names = np.take_along_axis(names, source, axis=1)
        shifted_held = np.take_along_axis(held, source, axis=1)
        self._names[slots] = np.where(column == place, newcomer, shifted_names)
        self._scores[slots] = np.where(column == place, score, shifted_held)
        self._raise_bars(slots)
        entered: Ids = self._owner[slots]
        return entered

    def leave(self, leaver: int, now: Scores) -> tuple[Ids, Ids]:
        """Take somebody out of every list: the ids of those lists, and of those that must be computed again.

        `now` holds, by id, what the leaver scores from now on: where that still beats the last of a full list,
        nobody outside can have a better claim to the place, and `enter` may put it back.
        """
        slots, column = np.divmod(np.flatnonzero(self._names[: self._used].ravel() == leaver), self._k)
        owners = self._owner[slots]
        score, bar, last = now[owners], self._bar[owners], self._last[owners]
        stays = (score > bar) | ((score == bar) & (leaver <= last))
        columns = np.arange(self._k)
        source = np.minimum(columns + (columns >= column[:, None]), self._k - 1)
        names = np.take_along_axis(self._names[slots], source, axis=1)
        held = np.take_along_axis(self._scores[slots], source, axis=1)
        names[:, -1], held[:, -1] = NOBODY, 0.0
        self._names[slots], self._scores[slots] = names, held
        self._raise_bars(slots)
        fallen: Ids = owners[(bar > 0) & ~stays]
        self._bar[fallen] = np.inf
        return owners, fallen

    def _raise_bars(self, slots: Slots) -> None:
        owners = self._owner[slots]
        self._bar[owners] = self._scores[slots, -1]
        self._last[owners] = self._names[slots, -1]

    def _slot_for(self, listing_id: int) -> int:
        if listing_id in self:
            return int(self._slot[listing_id])
        if listing_id >= self.room:
            self._grow(listing_id)
        if not self._free:
            if self._used == len(self._names):
                self._names = np.concatenate([self._names, np.full_like(self._names, NOBODY)])
                self._scores = np.concatenate([self._scores, np.zeros_like(self._scores)])
                self._owner = np.concatenate([self._owner, np.zeros_like(self._owner)])
            self._free.append(self._used)
            self._used += 1
        slot = self._free.pop()
        self._slot[listing_id], self._owner[slot] = slot, listing_id
        return slot

    def _make_room(self, ids: NDArray[np.integer]) -> None:
        if len(ids) and ids.max() >= self.room:
            self._grow(int(ids.max()))

    def _grow(self, listing_id: int) -> None:
        """Make room for an id, and for as many again."""
        more = 2 * listing_id - self.room + 2
        self._slot = np.concatenate([self._slot, np.full(more, -1, dtype=np.int32)])
        self._bar = np.concatenate([self._bar, np.full(more, np.inf)])
        self._last = np.concatenate([self._last, np.full(more, NOBODY, dtype=np.int32)])


def _lookup(ids: NDArray[np.integer], scores: Scores, room: int) -> Scores:
    """The scores by id; 0 for everybody else."""
    by_id = np.zeros(max(room, int(ids.max(initial=0)) + 1))
    by_id[ids] = scores
    return by_id


def _best(ids: NDArray[np.integer], scores: Scores, k: int) -> list[Scored]:
    """The k best of a row, in order."""
    if len(ids) > k:
        hopeful = np.flatnonzero(scores >= np.partition(scores, -k)[-k])
        ids, scores = ids[hopeful], scores[hopeful]
    order = np.lexsort((ids, -scores))[:k]
    return [Scored(name, score) for name, score in zip(ids[order].tolist(), scores[order].tolist(), strict=True)]

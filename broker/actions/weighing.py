"""The market as the matcher holds it: read from the store, weighed as the store says, with the lists of both sides.

A process keeps it from one job to the next, because reading and weighing a whole market takes far longer than putting
one listing into it. It counts only as long as its stamp is the one in the store.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

from broker import matching
from broker.domain.checks import strictness
from broker.domain.kinds import DEMAND, ListingKind, PlaceKind
from broker.matching import Guess, Market, Record, Scored, Side
from broker.matching import Weighing as Worth
from broker.matching.lists import SIDES, Lists
from broker.matching.meaning.encoder import Encoder
from broker.matching.meaning.table import shipped as shipped_table
from broker.matching.synonyms import Entry, Synonyms, shipped
from broker.matching.text import stems
from broker.matching.weights import Weights
from broker.store.counts import ENCODED, NO_TABLE, Weighing, last_weighing, stored_words, text_hash
from broker.store.decisions import Decided, versions_then
from broker.store.suggestions import MarketRow, Pair, market_rows, past_rows, stored_pairs
from broker.store.synonyms import open_entries, synonym_counts, synonyms_version
from broker.store.weights import weights_in_use

LIST_LENGTH = 20  # how many suggestions each listing keeps
MARK = 8  # characters of a mark that tells versions apart


def mark_of(*names: str) -> str:
    """A mark of the matcher's own files of these patterns: whoever changes a rule need not say so anywhere."""
    digest = blake2b(digest_size=MARK // 2)
    for path in sorted(path for name in names for path in Path(matching.__file__).parent.glob(name)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


CODE = mark_of("**/*.py", "**/*.txt", "**/*.toml", "**/*.npz")
READER = mark_of("text.py", "stopwords.txt")

Ids = Collection[int]


@dataclass(frozen=True)
class Engine:
    """All that makes a score beside the listings. `version` is another one as soon as a score could be."""

    version: str
    weights: Weights
    synonyms: Synonyms


@dataclass
class Held:
    """One market with its lists. `stamp`: the state of the store that it equals. `unkept`: the words of texts that the
    store does not have yet, by the hash of the text.
    """

    engine: Engine
    market: Market
    records: dict[int, tuple[Side, Record]]
    unkept: dict[bytes, list[str]]
    stamp: str | None = None
    lists: Lists = field(init=False)

    def __post_init__(self) -> None:
        self.lists = Lists(self.market, LIST_LENGTH)

    def change(self, ids: Ids, rows: Collection[MarketRow]) -> set[int]:
        """Of these listings, `rows` are those that are open now: bring market and lists up to date. Those that differ
        from what was held; the rest said nothing new.
        """
        now_open = _records(rows)
        changed = {each for each in ids if self.records.get(each) != now_open.get(each)}
        read, self.unkept = read_texts(now_open[each][1] for each in changed & now_open.keys())
        for each in sorted(changed):
            if each in now_open:
                side, record = self.records[each] = now_open[each]
                self.market.put(side, record, read[record.words])
            else:
                side, record = self.records.pop(each)
                self.market.remove(side, each)
        self.patch(changed)
        return changed

    def guesses(self, ids: Ids) -> dict[int, tuple[Guess, ...]]:
        """What the matcher guesses of these listings."""
        return {each: self.market.guess(self.records[each][0], each) for each in ids}

    def patch(self, ids: Ids) -> None:
        """The lists follow a market that these listings have come to, changed in, or left."""
        for each in sorted(ids):
            if each in self.records:
                self.lists.put(self.records[each][0], each)
            else:
                for side in SIDES:
                    self.lists.remove(side, each)
        self.lists.settle()


_shelf: list[Held] = []  # what this process holds: nothing or one


def take_held(stamp: str, version: str) -> Held | None:
    """What this process holds, if that is what the store has. It is given away: `hold` it again when all went well."""
    held = _shelf.pop() if _shelf else None
    return held if held and (held.stamp, held.engine.version) == (stamp, version) else None


def hold(held: Held | None) -> None:
    """Keep this market until somebody takes it; None: keep none."""
    _shelf[:] = [held] if held else []


_read: dict[str, Synonyms] = {}  # the words that mean the same, as last read, by their version


def engine_now() -> Engine:
    """The matcher as it is installed, with the weights and the words that are in force."""
    (name, numbers), words = weights_in_use(), synonyms_version()[:MARK]
    marks = (ENCODED if Encoder.chosen() else "") + ("" if shipped_table() else NO_TABLE)
    return Engine(f"{name}/{CODE}{marks}/{words}", Weights.from_json(numbers), _synonyms(words))


def _synonyms(version: str) -> Synonyms:
    """Those of this version; in a database that none were written to yet, those that ship."""
    if version not in _read:
        entries = [Entry.of(row) for row in open_entries()]
        if not entries:
            return Synonyms([]) if any(synonym_counts()) else shipped()
        _read.clear()
        _read[version] = Synonyms(entries)
    return _read[version]


def held_from(rows: Iterable[MarketRow], engine: Engine, weighing: Weighing | None = None) -> Held:
    """A market of these listings, under a weighing of before or (None) weighed now. Its lists are empty."""
    records = _records(rows)
    read, unkept = read_texts(record for _, record in records.values())
    sides: dict[Side, list[Record]] = {side: [r for s, r in records.values() if s == side] for side in SIDES}
    market = Market(
        sides["demand"],
        sides["supply"],
        weights=engine.weights,
        synonyms=engine.synonyms,
        encoder=Encoder.chosen(),
        weighing=Worth(weighing.listings, weighing.words) if weighing else None,
        read=read,
    )
    return Held(engine, market, records, unkept)


def explained(decided: Collection[Decided]) -> dict[Pair, dict[str, Any]]:
    """The reason of each decided pair as it would be given now to the texts of then: a match that was confirmed often
    fills its listings, and what was edited later was not what anybody decided on.
    """
    weighing, then = last_weighing(), versions_then(decided)
    rows = past_rows(version for both in then.values() for version in both)
    held = held_from(rows if weighing else [*market_rows(), *rows], engine_now(), weighing)
    return {pair: held.market.explain(-demand, -supply).reason.to_json() for pair, (demand, supply) in then.items()}


def read_texts(records: Iterable[Record]) -> tuple[dict[str, list[str]], dict[bytes, list[str]]]:
    """The stems of each text; and, by hash, of those that had to be read because the store does not have them."""
    texts = {text_hash(record.words): record.words for record in records}
    known = stored_words(texts, READER)
    fresh = {key: stems(text) for key, text in texts.items() if key not in known}
    return {text: known[key] if key in known else fresh[key] for key, text in texts.items()}, fresh


def recalled(weighing: Weighing, engine: Engine, waiting: Ids) -> Held:
    """The market as it is now, with the lists as they were stored, before these listings changed."""
    held = held_from(market_rows(), engine, weighing)
    for side, lists in stored_lists().items():
        known = {each for each, (its_side, _) in held.records.items() if its_side == side}
        held.lists.load(side, {each: lists.get(each, []) for each in known | lists.keys()})
    held.patch(waiting)
    return held


def stored_lists() -> dict[Side, dict[int, list[Scored]]]:
    """Every list as it is stored; those that are empty are not here."""
    lists: dict[Side, dict[int, list[tuple[int, Scored]]]] = {"demand": {}, "supply": {}}
    for (demand, supply), pair in stored_pairs().items():
        if pair.demand_rank:
            lists["demand"].setdefault(demand, []).append((pair.demand_rank, Scored(supply, pair.score)))
        if pair.supply_rank:
            lists["supply"].setdefault(supply, []).append((pair.supply_rank, Scored(demand, pair.score)))
    return {
        side: {each: [scored for _, scored in sorted(places, key=_place)] for each, places in of_side.items()}
        for side, of_side in lists.items()
    }


def _records(rows: Iterable[MarketRow]) -> dict[int, tuple[Side, Record]]:
    return {row.id: (side_of(row.kind), record_of(row)) for row in rows}


def side_of(kind: ListingKind) -> Side:
    return "demand" if kind in DEMAND else "supply"


def record_of(row: MarketRow) -> Record:
    """A listing as the matcher sees it."""
    return Record(
        id=row.id,
        owner=row.organisation_id,
        title=row.title,
        text=row.body,
        kind=row.support_kind,
        areas=row.areas,
        lat=row.lat,
        lon=row.lon,
        reach_miles=row.reach_miles,
        remote=row.place_kind == PlaceKind.REMOTE,
        from_date=row.from_date,
        until_date=row.until_date,
        remaining=row.remaining,
        priorities=row.priorities,
        themes=row.themes,
        guesses_refused=row.refused,
        lane=row.lane,
        led=row.led,
        checks=strictness(row.background_check),
        boost=row.boost,
    )


def _place(placed: tuple[int, Scored]) -> int:
    return placed[0]

"""From the store to the matcher and back: which pairs to suggest, and why. The only importer of the matcher.

Two steps, so that nobody who writes has to wait while the matcher thinks: `look` only reads, `keep` only writes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar, cast

from sqlalchemy import Table, bindparam, delete, insert, update

from broker.domain.clock import now
from broker.domain.kinds import DEMAND, PlaceKind
from broker.matching import Market, Record, Scored
from broker.store.base import db
from broker.store.listings import Listing
from broker.store.suggestions import MarketRow, Pair, Suggestion, market_rows, stored_pairs, waiting_listings

ENGINE = "tfidf-1"
LIST_LENGTH = 20  # how many suggestions each listing keeps
BATCH = 1000
TABLE = cast(Table, Suggestion.__table__)

Row = TypeVar("Row")

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Outlook:
    """What the matcher found: the rows to write, the pairs to drop, and which listings it has now caught up with."""

    seen: Mapping[int, datetime]
    fresh: list[dict[str, object]]
    moved: list[dict[str, object]]
    gone: list[Pair]

    @property
    def size(self) -> int:
        return len(self.fresh) + len(self.moved) + len(self.gone)


def look(progress: Progress | None = None) -> Outlook | None:
    """Rank the whole open market and compare with what is stored; None when no listing waits. Writes nothing."""
    seen = waiting_listings()
    if not seen:
        return None
    records = [(row.kind, _record(row)) for row in market_rows()]
    market = Market(
        [record for kind, record in records if kind in DEMAND],
        [record for kind, record in records if kind not in DEMAND],
    )
    ranks = _ranks(market.best_for_demand(LIST_LENGTH, progress=progress), market.best_for_supply(LIST_LENGTH))
    stored = stored_pairs()
    fresh = [
        _row(market, pair, places)
        for pair, places in ranks.items()
        if pair not in stored or pair[0] in seen or pair[1] in seen
    ]
    explained = {(row["demand_id"], row["supply_id"]) for row in fresh}
    moved: list[dict[str, object]] = [
        {"demand_id": pair[0], "supply_id": pair[1], "demand_rank": places[0], "supply_rank": places[1]}
        for pair, places in ranks.items()
        if pair not in explained and stored[pair][:2] != places
    ]
    gone = [pair for pair in stored if pair not in ranks or pair in explained]
    return Outlook(seen, fresh, moved, gone)


def keep(outlook: Outlook) -> None:
    """Write what `look` found. A listing that changed again in the meantime goes on waiting."""
    drop = delete(TABLE).where(TABLE.c.demand_id == bindparam("d"), TABLE.c.supply_id == bindparam("s"))
    for pairs in _batches(outlook.gone):
        db.session.connection().execute(drop, [{"d": demand, "s": supply} for demand, supply in pairs])
    for rows in _batches(outlook.fresh):
        db.session.execute(insert(Suggestion), rows)
    for rows in _batches(outlook.moved):
        db.session.execute(update(Suggestion), rows)
    for listing_id, since in outlook.seen.items():
        db.session.execute(
            update(Listing)
            .where(Listing.id == listing_id, Listing.suggest_at == since)
            .values(suggest_at=None)
            .execution_options(synchronize_session=False)
        )


def _record(row: MarketRow) -> Record:
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
        lane=row.lane,
    )


Places = tuple[int | None, int | None]


def _ranks(by_demand: Mapping[int, list[Scored]], by_supply: Mapping[int, list[Scored]]) -> dict[Pair, Places]:
    """Every pair that stands in somebody's list, with its place (from 1) in the demand's and in the supply's."""
    ranks: dict[Pair, Places] = {}
    for demand, best in by_demand.items():
        for place, scored in enumerate(best, start=1):
            ranks[demand, scored.id] = (place, None)
    for supply, best in by_supply.items():
        for place, scored in enumerate(best, start=1):
            ranks[scored.id, supply] = (ranks.get((scored.id, supply), (None, None))[0], place)
    return ranks


def _row(market: Market, pair: Pair, places: Places) -> dict[str, object]:
    suggestion = market.explain(*pair)
    return {
        "demand_id": pair[0],
        "supply_id": pair[1],
        "score": suggestion.score,
        "demand_rank": places[0],
        "supply_rank": places[1],
        "reason": suggestion.reason.to_json(),
        "engine": ENGINE,
        "computed_at": now(),
    }


def _batches(rows: list[Row]) -> list[list[Row]]:
    return [rows[start : start + BATCH] for start in range(0, len(rows), BATCH)]

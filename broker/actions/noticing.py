"""From the store to the matcher and back: who is seen, who is not and why, which needs are alike, and which skills
listings name.

It runs in the background, in two steps, as for suggestions: `look` only reads, `keep` only writes.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert

from broker.actions.jobs import owe
from broker.actions.skills import keep_skills
from broker.actions.weighing import engine_now, read_texts, record_of, side_of
from broker.domain.clock import now
from broker.domain.kinds import DEMAND, SupportKind
from broker.domain.reached import Story, reached
from broker.matching.alike import Cluster, Need, clusters, twins
from broker.matching.exposure import Listed, Place, measure, why_unseen
from broker.matching.records import Record, Side
from broker.matching.synonyms import Synonyms, Use
from broker.store.authorities import Authority, all_authorities
from broker.store.base import db
from broker.store.fairness import (
    ExposureReport,
    ShownRow,
    UnseenListing,
    deprivation_source,
    last_noticed,
    shown_in,
)
from broker.store.jobs import is_done_since
from broker.store.need_groups import NeedGroup, NeedGroupMember, groups_in, lasting_needs
from broker.store.reached import ReachedRow, TakenRow, reached_in, taken_in
from broker.store.rules import rule_value
from broker.store.suggestions import Pair, Stored, market_rows, stored_pairs

REST = timedelta(minutes=10)  # what changed within it waits for the next look
NEW = timedelta(days=90)  # how long an organisation counts as a new one
MOST_PERCENT = 15  # of all attention on one organisation, where the authority has no rule of its own
MOST_SHOWN = 20  # organisations that a report names
SIDES: tuple[Side, Side] = ("demand", "supply")
REACHED_BY = ("size", "kind", "novelty", "deprivation", "tenth", "ward")
MOST_MATCHED_PERCENT = 20  # of all partnerships with one organisation, where the authority has no rule of its own
TAKEN_FOR = timedelta(days=365)  # partnerships count that were made in this time
WITH_SKILLS = frozenset({SupportKind.SKILLS, SupportKind.VOLUNTEERING, SupportKind.JOBS})  # kinds that people give

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Noticed:
    """What was found, as rows to write; groups of needs by authority, with whether their texts are the same."""

    at: datetime
    reports: list[dict[str, Any]]
    unseen: list[dict[str, object]]
    groups: dict[int, list[tuple[bool, Cluster]]]
    asking: Mapping[int, ShownRow]
    skills: Mapping[int, frozenset[str]]


def owe_notice() -> None:
    """Owe a fresh look where suggestions have changed since the last one, unless that was a moment ago."""
    last = last_noticed()
    if last is None or (last < now() - REST and is_done_since(last, ("suggest", "suggest_all", "check_lists"))):
        owe("notice")


def look(progress: Progress | None = None) -> Noticed:
    """Count every place in the stored lists, and compare the needs of each area."""
    pairs, areas, synonyms = stored_pairs(), all_authorities(), engine_now().synonyms
    lasting = lasting_needs()
    reports, groups, asking = [], {}, {}
    for number, area in enumerate(areas):
        rows = shown_in(area.id)
        if rows:
            reports.append(_report(area, rows, pairs))
        needs = {row.id: row for row in rows if row.kind in DEMAND and row.id not in lasting}
        groups[area.id] = _groups(area, needs.values(), synonyms)
        asking.update(needs)
        if progress:
            progress(number + 1, len(areas) + 1)
    records = [(side_of(row.kind), record_of(row)) for row in market_rows()]
    skills = _skills([record for _, record in records], synonyms)
    noticed = Noticed(now(), reports, _unseen(records, pairs), groups, asking, skills)
    if progress:
        progress(len(areas) + 1, len(areas) + 1)
    return noticed


def keep(noticed: Noticed) -> None:
    """Write what `look` found in the place of what was found before. A group that goes on keeps its id."""
    for table, rows in ((ExposureReport, noticed.reports), (UnseenListing, noticed.unseen)):
        db.session.execute(delete(table))
        if rows:
            db.session.execute(insert(table), rows)
    for authority_id, found in noticed.groups.items():
        _keep_groups(authority_id, found, noticed)
    keep_skills(noticed.skills)
    db.session.flush()


def _report(area: Authority, rows: Sequence[ShownRow], pairs: Mapping[Pair, Stored]) -> dict[str, Any]:
    stories, taken = reached_in(area.id), taken_in(area.id, now() - TAKEN_FOR, MOST_SHOWN)
    matched = _percent(area, "most_matched_percent", MOST_MATCHED_PERCENT)
    return {
        "authority_id": area.id,
        "computed_at": now(),
        "most_percent": _percent(area, "most_seen_percent", MOST_PERCENT),
        "deprivation": deprivation_source(area.id),
        "sides": {
            side: _exposure(side, rows, pairs)
            | {"reached": _reached(side, stories), "taken": _taken(side, taken), "most_matched": matched}
            for side in SIDES
        },
    }


def _percent(area: Authority, rule: str, usual: int) -> int:
    value = rule_value(area, rule)
    return int(float(value)) if value else usual


def _taken(side: Side, rows: Iterable[TakenRow]) -> dict[str, Any]:
    """Who of this side has how many of its partnerships, the most first."""
    own = [row for row in rows if row.side == side]
    return {
        "total": own[0].total if own else 0,
        "organisations": [{"name": str(row.organisation_id), "partnerships": row.partnerships} for row in own],
    }


def _exposure(side: Side, rows: Sequence[ShownRow], pairs: Mapping[Pair, Stored]) -> dict[str, Any]:
    """How places are spread over the listings of this side, in the lists of the other side's."""
    here = {row.id for row in rows}
    places = [
        place for pair, stored in pairs.items() if here.issuperset(pair) and (place := _place(side, pair, stored))
    ]
    told = measure([_listed(row) for row in rows if side_of(row.kind) == side], places).to_json()
    return told | {"organisations": told["organisations"][:MOST_SHOWN], "count": len(told["organisations"])}


def _place(side: Side, pair: Pair, stored: Stored) -> Place | None:
    """The place of this side's listing in the other's list, if it has one."""
    listing_id, rank = (pair[1], stored.demand_rank) if side == "supply" else (pair[0], stored.supply_rank)
    return Place(listing_id, rank) if rank else None


def _listed(row: ShownRow) -> Listed:
    novelty = "new" if row.known_since > now() - NEW else "known"
    return Listed(row.id, row.organisation_id, _bands(row) | {"novelty": novelty})


def _bands(row: ShownRow | ReachedRow) -> dict[str, str]:
    """The groups that a listing is in, by what they go by."""
    tenth = row.tenth
    return {
        "size": row.size or "",
        "kind": _kind(row),
        "ward": row.ward or "",
        "deprivation": "" if tenth is None else "most" if tenth <= 3 else "middle" if tenth <= 7 else "least",
    }


def _kind(row: ShownRow | ReachedRow) -> str:
    """What a group can show of itself; one that gives as well is a group all the same. '': came in a file, unsaid."""
    if not row.is_group:
        return "supplier" if row.is_supplier else ""
    return "registered" if row.is_registered else "constituted" if row.is_constituted else "informal"


def _bands_then(row: ReachedRow) -> dict[str, str]:
    """The same of a listing of any time, and what it was when it was published."""
    return _bands(row) | {
        "novelty": "new" if row.published_at - row.known_since < NEW else "known",
        "tenth": f"{row.tenth:02}" if row.tenth else "",
    }


def _reached(side: Side, rows: Sequence[ReachedRow]) -> dict[str, list[dict[str, Any]]]:
    """What this side's listings came to: by each way to group them, the groups as JSON."""
    told = [(_bands_then(row), row) for row in rows if side_of(row.kind) == side]
    return {
        way: [
            asdict(each)
            for each in reached(
                Story(bands[way], row.published_at, row.matched_at, row.confirmed_at is not None) for bands, row in told
            )
        ]
        for way in REACHED_BY
    }


def _unseen(records: Sequence[tuple[Side, Record]], pairs: Mapping[Pair, Stored]) -> list[dict[str, object]]:
    """A row for each listing that stands in nobody's list."""
    seen, served = set(), set()
    for (demand, supply), stored in pairs.items():
        if stored.demand_rank:
            seen.add(supply)
            served.add(demand)
        if stored.supply_rank:
            seen.add(demand)
            served.add(supply)
    sides = {side: [record for its_side, record in records if its_side == side] for side in SIDES}
    others = {"demand": sides["supply"], "supply": sides["demand"]}
    return [
        {
            "listing_id": record.id,
            "why": why_unseen(record, others[side], record.id not in served),
            "is_alone": record.id not in served,
        }
        for side, record in records
        if record.id not in seen
    ]


def _skills(records: Iterable[Record], synonyms: Synonyms) -> dict[int, frozenset[str]]:
    """The skills that each listing is about: named in its title, or more than once. A word in passing is none."""
    wanted = [record for record in records if record.kind is None or record.kind in WITH_SKILLS]
    read, _ = read_texts(wanted)
    found = {}
    for record in wanted:
        times = Counter(_named(synonyms.uses_of(read[record.words])))
        often = {name for name, number in times.items() if number > 1}
        found[record.id] = frozenset(often | set(_named(synonyms.uses(record.title))))
    return {listing_id: skills for listing_id, skills in found.items() if skills}


def _named(uses: Iterable[Use]) -> Iterator[str]:
    """Of these phrases the entries that are skills first of all; a phrase that only hints at one does not count."""
    return (use.entry.name for use in uses if not use.is_hint and use.entry.kinds[:1] == (SupportKind.SKILLS,))


def _groups(area: Authority, needs: Iterable[ShownRow], synonyms: Synonyms) -> list[tuple[bool, Cluster]]:
    compared = [
        Need(row.id, row.title, row.body, row.support_kind, (row.organisation, row.ward or "", area.name))
        for row in needs
    ]
    return [(True, each) for each in twins(compared)] + [(False, each) for each in clusters(compared, synonyms)]


def _keep_groups(authority_id: int, found: Sequence[tuple[bool, Cluster]], noticed: Noticed) -> None:
    """A group is the same as before while its oldest need is."""
    before = {(group.is_twins, min(m.listing_id for m in group.members)): group for group in groups_in(authority_id)}
    for is_twins, cluster in found:
        group = before.pop((is_twins, cluster.ids[0]), None) or NeedGroup(authority_id=authority_id, is_twins=is_twins)
        rows = [noticed.asking[each] for each in cluster.ids]
        group.shares = list(cluster.shares)
        group.organisations = len({row.organisation_id for row in rows})
        group.wards = len({row.ward_id for row in rows if row.ward_id})
        group.computed_at = noticed.at
        old = {member.listing_id: member for member in group.members}
        group.members = [old.get(each) or NeedGroupMember(listing_id=each) for each in cluster.ids]
        db.session.add(group)
    for group in before.values():
        db.session.delete(group)

"""Bringing in files of listings: the rows that are new become open listings, the others are told in the report.

Safe to run again: rows that came in are recognised by authority and id, and an import cut short goes on where it
stopped.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from sqlalchemy.orm import undefer

from broker.actions.jobs import owe
from broker.actions.listings import bring_in_listing
from broker.actions.moving import begin
from broker.actions.organisations import bring_in_organisation
from broker.actions.places import Spot, find_point
from broker.domain import importing
from broker.domain.clock import TWICE, now
from broker.domain.importing import Refused, Row
from broker.domain.kinds import SUPPLY, PlaceKind, Role
from broker.domain.listings import Wording
from broker.domain.permissions import Action, Actor, require
from broker.domain.refusals import Unfit
from broker.domain.sheets import Unreadable
from broker.domain.texts import tidy
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.imports import Import, known_ids, waiting_import
from broker.store.organisations import Organisation
from broker.store.twins import known_texts

BATCH = 200
HOW = "import"
LONGEST_NAME = 300

Progress = Callable[[int, int], None]
Commit = Callable[[], None]


def receive_file(content: bytes, filename: str, authority: Authority, by: Actor, *, all_or_nothing: bool) -> Import:
    """Keep a file for the background to bring in. Raises Unfit with a sentence where it cannot be read at all.

    The same file sent twice is one.
    """
    require(by, Action.IMPORT_LISTINGS, authority)
    try:
        importing.check(content)
    except Unreadable as problem:
        raise Unfit({"file": str(problem)}) from None
    twin = waiting_import(authority.id, content, all_or_nothing, now() - TWICE)
    if twin is not None:
        return twin
    brought = _new_import(content, filename, authority, by, all_or_nothing)
    owe("import", brought.id)
    return brought


def start_again(brought: Import, by: Actor) -> None:
    """Ask the background once more for an import that stopped in the middle."""
    require(by, Action.IMPORT_LISTINGS, brought)
    if brought.finished_at is None:
        owe("import", brought.id)


def import_file(
    path: Path, authority: Authority, by: Actor, progress: Progress, commit: Commit, all_or_nothing: bool
) -> Import:
    """Bring in a file at once, as a command does. A file that cannot be read at all is told in the report."""
    require(by, Action.IMPORT_LISTINGS, authority)
    brought = _new_import(path.read_bytes(), path.name, authority, by, all_or_nothing)
    commit()
    _bring_in(brought, by, progress, commit)
    return brought


def run(import_id: int, progress: Progress, commit: Commit) -> None:
    """Bring in a file that was received. `progress` is called only while no transaction is open."""
    brought = db.session.get(Import, import_id, options=[undefer(Import.content)])
    if brought is None or brought.finished_at is not None:
        return
    by = Actor(Role.OFFICER, user_id=brought.by_id, authority_id=brought.authority_id)
    _bring_in(brought, by, progress, commit)


def _new_import(content: bytes, filename: str, authority: Authority, by: Actor, all_or_nothing: bool) -> Import:
    name = tidy(filename)[-LONGEST_NAME:] or "listings.csv"
    brought = Import(
        authority=authority,
        by_id=by.user_id,
        filename=name,
        content=content,
        all_or_nothing=all_or_nothing,
        created_at=now(),
    )
    begin(brought, Action.IMPORT_LISTINGS, by)
    return brought


def _bring_in(brought: Import, by: Actor, progress: Progress, commit: Commit) -> None:
    try:
        sheet = importing.read(brought.content or b"")
    except Unreadable as problem:
        brought.refused = [asdict(Refused(0, "", "", str(problem)))]
        _finish(brought, commit)
        return
    brought.encoding = sheet.encoding
    brought.rows = len(sheet.rows) + len(sheet.refused)
    brought.refused = [asdict(each) for each in sheet.refused]
    if brought.all_or_nothing and sheet.refused:
        _finish(brought, commit)
        return
    rows = [row for row in sheet.rows if row.line > brought.reached]
    size = len(rows) or 1 if brought.all_or_nothing else BATCH
    carrier = _Carrier(brought, by)
    done = len(sheet.rows) - len(rows)
    for batch in _batches(rows, size):
        carrier.take(batch)
        done += len(batch)
        if done < len(sheet.rows):
            commit()
            progress(done, len(sheet.rows))
    _finish(brought, commit)
    progress(len(sheet.rows), len(sheet.rows))


def _finish(brought: Import, commit: Commit) -> None:
    brought.finished_at = now()
    brought.content = None
    if brought.added:
        owe("place")  # a row may name a point and no postcode, and so tells its ward only to who looks at the map
    commit()


def _batches(rows: Sequence[Row], size: int) -> Iterator[Sequence[Row]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


class _Carrier:
    """What is remembered from row to row of one file, so that no row asks the database what the last one knew."""

    def __init__(self, brought: Import, by: Actor) -> None:
        self.brought, self.by = brought, by
        self.ids = known_ids(brought.authority_id)
        self.texts = known_texts(brought.authority_id)
        self.organisations: dict[str, Organisation] = {}
        self.spots: dict[str, Spot | None] = {}

    def take(self, rows: Sequence[Row]) -> None:
        """Bring in these rows and count them, all in the transaction that is open."""
        same = []
        for row in rows:
            if row.id in self.ids:
                self.brought.known += 1
                continue
            same += self._add(row)
        self.brought.same = [*self.brought.same, *same]
        self.brought.reached = rows[-1].line
        db.session.flush()

    def _add(self, row: Row) -> list[dict[str, object]]:
        """One new listing; where its text is one that we have, what to tell the officer."""
        listing = bring_in_listing(
            kind=row.kind,
            organisation=self._organisation(row),
            authority=self.brought.authority,
            source_id=row.id,
            wording=self._wording(row),
            notes=row.notes,
            by=self.by,
        )
        self.ids.add(row.id)
        self.brought.added += 1
        first = self.texts.setdefault(str(listing.text_hash), listing.id)
        if first == listing.id:
            return []
        return [{"line": row.line, "id": row.id[:80], "title": row.title, "listing_id": first}]

    def _organisation(self, row: Row) -> Organisation:
        name = row.organisation or _unnamed(row)
        if name not in self.organisations:
            self.organisations[name] = bring_in_organisation(name, self.brought.authority, self.by, HOW)
        return self.organisations[name]

    def _wording(self, row: Row) -> Wording:
        """What the row says, and where its postcode lies if it names no point of its own."""
        if row.postcode not in self.spots:
            self.spots[row.postcode] = find_point(postcode=row.postcode)
        spot = self.spots[row.postcode]
        if row.lat is not None or spot is None:
            lat, lon = row.lat, row.lon
        else:
            lat, lon = spot.nearby
        return Wording(
            title=row.title,
            body=row.body,
            support_kind=row.support_kind,
            background_check=row.background_check,
            place_kind=PlaceKind.POSTCODE if row.postcode else None,
            postcode=row.postcode,
            ward_id=spot.ward_id if spot else None,
            place_note=row.place,
            lat=lat,
            lon=lon,
        )


def _unnamed(row: Row) -> str:
    """One organisation for all rows of a source that name none; needs and offers apart, so that they can be paired."""
    whose = "supplier" if row.kind in SUPPLY else "group"
    name = f"Unnamed {whose} ({row.source or 'no source given'})"
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 2]}…)"

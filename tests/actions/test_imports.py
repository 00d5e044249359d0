"""Bringing in a file: what enters, what is known, what is refused, and what a cut in the middle leaves."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from broker.actions import imports, places
from broker.actions.imports import import_file, receive_file, run, start_again
from broker.actions.listings import bring_in_listing
from broker.domain.kinds import ListingKind, PostingState, Role, SupportKind
from broker.domain.permissions import Actor
from broker.domain.refusals import NotAllowed, Unfit
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.imports import Import, count, import_job
from broker.store.jobs import Job
from broker.store.listings import Listing, ListingVersion
from broker.store.organisations import Organisation
from tests import make

HEADING = "id,kind,title,description,category,organisation,place,postcode,lat,lon,date,source,background_check,colour\n"


def row(number: int, **told: str) -> str:
    facts = {"id": f"r{number}", "kind": "need", "title": f"Chairs {number}", "organisation": "Tea Club", **told}
    return ",".join('"' + facts.get(name, "") + '"' for name in HEADING.strip().split(",")) + "\n"


def quiet(_done: int, _total: int) -> None:
    return


@pytest.fixture
def place(database: Flask) -> Authority:
    return make.authority()


@pytest.fixture
def officer(place: Authority) -> Actor:
    person = make.officer(place)
    return Actor(Role.OFFICER, user_id=person.user_id, authority_id=place.id)


@pytest.fixture
def bring(place: Authority, officer: Actor, tmp_path: Path) -> Callable[..., Import]:
    """Bring in a file made of these rows."""

    def brought(*rows: str, all_or_nothing: bool = False) -> Import:
        path = tmp_path / "list.csv"
        path.write_text(HEADING + "".join(rows), encoding="utf-8")
        return import_file(path, place, officer, quiet, db.session.commit, all_or_nothing)

    return brought


def test_a_row_that_names_a_point_finds_its_ward(bring: Callable[..., Import], place: Authority) -> None:
    corners = [[-2.6, 53.0], [-2.4, 53.0], [-2.4, 53.2], [-2.6, 53.2], [-2.6, 53.0]]
    hole = [[-2.52, 53.08], [-2.48, 53.08], [-2.48, 53.12], [-2.52, 53.12], [-2.52, 53.08]]
    ward = make.ward(place, outline={"type": "Polygon", "coordinates": [corners, hole]})
    bring(*(row(number, lat=lat, lon="-2.5") for number, lat in enumerate(("53.05", "53.1", "53.3"))))
    assert db.session.scalar(select(Job.kind).where(Job.kind == "place")) == "place"
    places.place_again()
    versions = db.session.scalars(select(ListingVersion).order_by(ListingVersion.id))
    assert [version.ward_id for version in versions] == [ward.id, None, None], "in the ward, in its hole, beyond it"


def test_a_row_becomes_an_open_listing_of_an_unclaimed_organisation(bring: Callable[..., Import]) -> None:
    made = bring(
        row(1, kind="offer", category="Goods", postcode="qm1 1aa", lat="53.1", lon="-2.5", place="By the quay",
            date="2025-03-04", colour="red", description="Ten of them",
            background_check="Basic")
    )  # fmt: skip
    listing = db.session.scalars(select(Listing)).one()
    version = listing.latest
    assert (made.added, made.known, made.refused, made.rows) == (1, 0, [], 1)
    assert (listing.kind, listing.source_id, listing.entered_how) == (ListingKind.OFFER, "r1", "import")
    assert [posting.state for posting in listing.postings] == [PostingState.OPEN]
    assert (listing.organisation.name, listing.organisation.claimed_at) == ("Tea Club", None)
    assert (version.title, version.body, version.support_kind) == ("Chairs 1", "Ten of them", SupportKind.GOODS)
    assert version.background_check == "basic"
    assert (version.postcode, version.lat, version.lon, version.place_note) == ("QM1 1AA", 53.1, -2.5, "By the quay")
    assert (version.from_date, version.until_date) == (None, None), "an imported date is a note"
    assert listing.source_notes == "date: 2025-03-04\ncolour: red"
    assert listing.suggest_at is not None


def test_one_job_for_suggestions_of_the_whole_list(bring: Callable[..., Import]) -> None:
    bring(*[row(n) for n in range(5)])
    assert [job.kind for job in db.session.scalars(select(Job))] == ["suggest", "place"]


def test_a_second_import_changes_nothing(bring: Callable[..., Import]) -> None:
    bring(row(1), row(2))
    before = [(each.id, each.row_version, each.latest.title) for each in db.session.scalars(select(Listing))]
    again = bring(row(1, title="Other words"), row(2))
    after = [(each.id, each.row_version, each.latest.title) for each in db.session.scalars(select(Listing))]
    assert (again.added, again.known) == (0, 2)
    assert after == before


def test_the_same_id_in_another_authority_is_another_listing(bring: Callable[..., Import], tmp_path: Path) -> None:
    bring(row(1))
    other = make.authority("Westerby")
    by = Actor(Role.OFFICER, authority_id=other.id)
    made = import_file(tmp_path / "list.csv", other, by, quiet, db.session.commit, False)
    assert (made.added, made.same, count()) == (1, [], 2)


def test_equal_texts_come_in_and_are_flagged(bring: Callable[..., Import]) -> None:
    made = bring(row(1, title="Same"), row(2, title="other"), row(3, title="SAME  "))
    first = db.session.scalars(select(Listing).where(Listing.source_id == "r1")).one()
    assert made.added == 3
    assert made.same == [{"line": 4, "id": "r3", "title": "SAME", "listing_id": first.id}]


def test_refused_rows_are_reported_and_the_others_come_in(bring: Callable[..., Import]) -> None:
    made = bring(row(1), row(2, kind="wish"), row(3))
    assert (made.added, made.rows, count()) == (2, 3, 2)
    assert [(each["line"], each["id"], each["field"]) for each in made.refused] == [(3, "r2", "kind")]


def test_all_or_nothing_lets_nothing_in_where_a_row_is_refused(bring: Callable[..., Import]) -> None:
    made = bring(row(1), row(2, kind="wish"), all_or_nothing=True)
    assert (made.added, count(), len(made.refused)) == (0, 0, 1)
    assert made.finished_at is not None
    assert bring(row(1), row(2), all_or_nothing=True).added == 2


def test_all_or_nothing_is_one_transaction(bring: Callable[..., Import], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "BATCH", 1)
    calls: list[object] = []

    def breaks(**facts: object) -> Listing:
        calls.append(facts)
        if len(calls) == 3:
            raise RuntimeError("the power went")
        return bring_in_listing(**facts)  # type: ignore[arg-type]

    monkeypatch.setattr(imports, "bring_in_listing", breaks)
    with pytest.raises(RuntimeError):
        bring(row(1), row(2), row(3), all_or_nothing=True)
    db.session.rollback()
    assert count() == 0


def test_an_import_that_was_cut_short_goes_on_where_it_stopped(
    place: Authority, officer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "BATCH", 2)
    content = (HEADING + "".join(row(n) for n in range(5))).encode()
    made = receive_file(content, "list.csv", place, officer, all_or_nothing=False)
    db.session.commit()
    commits: list[int] = []

    def commit() -> None:
        db.session.commit()
        commits.append(count())
        if len(commits) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(made.id, quiet, commit)
    db.session.rollback()
    assert (count(), made.finished_at) == (4, None)
    run(made.id, quiet, db.session.commit)
    assert (made.added, made.known, count()) == (5, 0, 5)
    assert made.finished_at is not None
    run(made.id, quiet, db.session.commit)
    assert count() == 5


def test_progress_is_told_only_while_nothing_is_open(
    place: Authority, officer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "BATCH", 2)
    made = receive_file(
        (HEADING + "".join(row(n) for n in range(5))).encode(), "l.csv", place, officer, all_or_nothing=False
    )
    db.session.commit()
    told: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> None:
        assert not db.session.new
        assert not db.session.dirty
        db.session.rollback()  # as the worker does
        told.append((done, total))

    run(made.id, progress, db.session.commit)
    assert told == [(2, 5), (4, 5), (5, 5)]
    assert made.added == 5


def test_the_file_itself_is_kept_no_longer_than_needed(place: Authority, officer: Actor) -> None:
    made = receive_file((HEADING + row(1)).encode(), "l.csv", place, officer, all_or_nothing=False)
    assert made.content is not None
    run(made.id, quiet, db.session.commit)
    assert made.content is None


def test_a_file_that_is_no_list_is_refused_at_the_door(place: Authority, officer: Actor) -> None:
    with pytest.raises(Unfit) as refused:
        receive_file(b"PK\x03\x04", "list.xlsx", place, officer, all_or_nothing=False)
    assert "spreadsheet workbook" in refused.value.problems["file"]
    assert db.session.scalars(select(Import)).all() == []


def test_a_command_tells_of_a_file_that_is_no_list(place: Authority, officer: Actor, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"")
    made = import_file(tmp_path / "x.csv", place, officer, quiet, db.session.commit, False)
    assert [(each["line"], each["reason"]) for each in made.refused] == [(0, "This file is empty.")]


def test_rows_without_an_organisation_belong_to_one_for_each_source_and_side(bring: Callable[..., Import]) -> None:
    bring(
        row(1, organisation="", source="A list"),
        row(2, organisation="", source="A list"),
        row(3, organisation="", source="A list", kind="offer"),
        row(4, organisation="", source=""),
    )
    names = {each.source_id: each.organisation.name for each in db.session.scalars(select(Listing))}
    assert names == {
        "r1": "Unnamed group (A list)",
        "r2": "Unnamed group (A list)",
        "r3": "Unnamed supplier (A list)",
        "r4": "Unnamed group (no source given)",
    }
    assert len(db.session.scalars(select(Organisation)).all()) == 3


def test_only_an_officer_of_the_authority_brings_lists_in(place: Authority, tmp_path: Path) -> None:
    other = make.authority("Westerby")
    for by in (
        Actor(Role.OFFICER, authority_id=other.id),
        Actor(Role.MEMBER, organisation_id=1),
        Actor(Role.ADMINISTRATOR),
    ):
        with pytest.raises(NotAllowed):
            receive_file((HEADING + row(1)).encode(), "l.csv", place, by, all_or_nothing=False)


def test_an_import_that_failed_can_be_started_again(place: Authority, officer: Actor) -> None:
    made = receive_file((HEADING + row(1)).encode(), "l.csv", place, officer, all_or_nothing=False)
    job = import_job(made.id)
    assert job is not None
    job.state = "failed"
    db.session.flush()
    start_again(made, officer)
    newest = import_job(made.id)
    assert newest is not None
    assert newest.state == "waiting"
    run(made.id, quiet, db.session.commit)
    before = len(db.session.scalars(select(Job)).all())
    start_again(made, officer)
    assert len(db.session.scalars(select(Job)).all()) == before

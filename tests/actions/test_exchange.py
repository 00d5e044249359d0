"""Whoever leaves takes everything along in open files, and arrives with the very same, on either database."""

import csv
import json
import re
import shutil
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from broker.actions import exchange
from broker.actions.audit import check_record
from broker.actions.mail import owe_mail
from broker.actions.moving import begin
from broker.domain.clock import now, today
from broker.domain.kinds import MatchState, Role
from broker.domain.mail import MailKind
from broker.domain.permissions import Action, Actor
from broker.store import TABLES
from broker.store.accounts import SignIn, User
from broker.store.base import db
from broker.store.events import Event
from broker.store.exchange import LEFT_BEHIND, WITHHELD, columns, read, tables
from broker.store.files import StoredFile
from broker.store.imports import Import
from broker.store.listings import Listing
from broker.store.matches import Match
from broker.store.outbox import Outbox
from broker.store.partnerships import Partnership
from tests import make
from tests.databases import Files, Shelf
from tests.installations import installation

ODD = [
    "=1+1",
    "\\N",
    "\\",
    "\\\\N",
    "@sum",
    "-2",
    "+3",
    "\tgap",
    "\rline",
    "",
    " ",
    "a\r\nb\n",
    '"quoted", twice',
    "🧵 ŵ",
]
WHOLE = b"\x00\xff,1" * 50_000  # a file that is longer than Python's own limit for a cell
# Columns that look like a secret and are none.
NO_SECRET = {"listing.text_hash", "event_link.hash", "event_head.hash"}
SECRET = re.compile(r"hash|password|secret|token|recovery|(?<!post)(?<!_)code_")


@pytest.fixture
def market(database: Flask) -> Flask:
    """A confirmed match with its partnership, odd words, a listing that points to a later one, a record, a secret."""
    area = make.authority()
    group, firm = make.organisation(area), make.supplier(area)
    for text in ODD:
        make.organisation(area, name=text or "nameless", does=text)
    need, offer = make.need(group, area), make.offer(firm, area, amount=Decimal("12.5"))
    make.suggestion(need, offer)
    need.answers_id = offer.id
    pair = make.match(need, offer, area, MatchState.CONFIRMED, demand_amount=Decimal("6.25"))
    partnership = Partnership(
        match_id=pair.id, authority_id=area.id, state="planned", lane="transactional", what="Ten laptops",
        demand_amount=Decimal("6.25"), demand_unit="items", supply_amount=Decimal(6), supply_unit="items",
        starts_on=today(), ends_on=today(), created_at=now(),
    )  # fmt: skip
    db.session.add(partnership)
    member = make.member(group)
    member.user.password_hash = "canary-of-a-hash"
    db.session.add(Import(authority=area, by=member.user, filename="a.csv", content=b"\x00\xff,1", created_at=now()))
    file = {"kind": "pdf", "name": "=a.pdf", "size": len(WHOLE), "sha256": "0" * 64, "content": WHOLE}
    db.session.add(StoredFile(organisation=group, added_at=now(), **file))
    token = {"token_hash": "canary-of-a-token", "membership_id": member.id}
    db.session.add(SignIn(**token, created_at=now(), expires_at=now() + timedelta(days=1)))
    begin(area, Action.ADD_AUTHORITY, Actor(Role.ADMINISTRATOR, user_id=member.user_id))
    db.session.commit()
    db.session.remove()
    return database


def leave(folder: Path) -> exchange.Moved:
    moved = exchange.leave(db.engine, folder, "Common Thread", now())
    db.session.remove()
    return moved


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.csv")}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_all_arrives_the_same_and_comes_back_the_same(
    market: Flask, shelves: Callable[[str], Shelf], tmp_path: Path, kind: str
) -> None:
    left = leave(tmp_path / "there")
    with installation(shelves(kind), tmp_path / "new"):
        assert exchange.join(db.engine, tmp_path / "there").figures == left.figures
        assert check_record().is_sound
        assert db.session.scalar(select(func.count()).select_from(Event)) == 1
        leave(tmp_path / "back")
    assert content(tmp_path / "back") == content(tmp_path / "there")
    with installation(shelves("sqlite"), tmp_path / "third"):
        exchange.join(db.engine, tmp_path / "back")
        assert db.session.scalars(select(StoredFile.content)).all() == [WHOLE]
        assert sorted(db.session.scalars(select(Listing.quantity))) == [Decimal(10), Decimal("12.5")]
        assert check_record().is_sound


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_life_goes_on_behind_the_last_number(
    market: Flask, shelves: Callable[[str], Shelf], tmp_path: Path, kind: str
) -> None:
    leave(tmp_path / "there")
    with installation(shelves(kind), tmp_path / "new"):
        exchange.join(db.engine, tmp_path / "there")
        highest = db.session.scalar(select(func.max(User.id)))
        assert make.user().id == (highest or 0) + 1
        begin(make.authority(), Action.ADD_AUTHORITY, Actor(Role.ADMINISTRATOR))
        db.session.commit()
        assert check_record().seq == 2


def test_no_letter_goes_out_whose_link_stayed_behind(market: Flask, tmp_path: Path) -> None:
    for kind in (MailKind.RESET_PASSWORD, MailKind.DELIVERY_ASKED, MailKind.LISTING_APPROVED):
        owe_mail(kind, make.user(), token="canary-of-a-link" if kind is not MailKind.LISTING_APPROVED else None)
    db.session.commit()
    leave(tmp_path / "there")
    with installation(Files(), tmp_path / "new"):
        exchange.join(db.engine, tmp_path / "there")
        letters = db.session.execute(select(Outbox.kind, Outbox.state)).all()
        gone = dict.fromkeys((MailKind.RESET_PASSWORD, MailKind.DELIVERY_ASKED), "set_aside")
        assert dict(letters) == gone | {MailKind.LISTING_APPROVED: "waiting"}


def test_the_figures_are_those_of_the_market(market: Flask, tmp_path: Path) -> None:
    figures = leave(tmp_path / "there").figures
    assert figures["match, confirmed"] == "1"
    assert figures["partnership.demand_amount, items"] == "6.25"
    assert figures["listing.quantity, items"] == "22.5"
    assert figures["organisation"] == str(2 + len(ODD))


def test_what_is_empty_and_what_is_nothing_stay_apart(market: Flask, tmp_path: Path) -> None:
    leave(tmp_path / "there")
    with (tmp_path / "there" / "listing_version.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["place_note"] for row in rows} == {""}
    assert {row["background_check"] for row in rows} == {"\\N"}


def test_no_text_begins_like_a_formula(market: Flask, tmp_path: Path) -> None:
    leave(tmp_path / "there")
    with (tmp_path / "there" / "organisation.csv").open(newline="", encoding="utf-8") as file:
        cells = [row[name] for row in csv.DictReader(file) for name in ("name", "does")]
    assert any(cell.startswith("\\=") for cell in cells)
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


def test_passwords_and_sign_ins_stay_behind(market: Flask, tmp_path: Path) -> None:
    leave(tmp_path / "there")
    everything = b"".join(path.read_bytes() for path in (tmp_path / "there").iterdir())
    assert b"canary-of" not in everything
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "there").iterdir())


def test_every_column_that_looks_like_a_secret_was_thought_of() -> None:
    moving = {f"{table.name}.{column.name}" for table in tables() for column in columns(table)}
    assert {name for name in moving if SECRET.search(name)} <= NO_SECRET
    every = {f"{table.name}.{column.name}" for table in TABLES.tables.values() for column in table.columns}
    assert every >= WITHHELD
    assert TABLES.tables.keys() >= LEFT_BEHIND


def test_the_description_tells_every_column(market: Flask, tmp_path: Path) -> None:
    leave(tmp_path / "there")
    told = json.loads((tmp_path / "there" / "datapackage.json").read_text())
    assert {each["name"] for each in told["resources"]} == {table.name for table in tables()}
    for each in told["resources"]:
        with (tmp_path / "there" / each["path"]).open(newline="", encoding="utf-8") as file:
            assert next(csv.reader(file)) == [field["name"] for field in each["schema"]["fields"]]
        assert each["description"]


def test_a_folder_with_something_in_it_is_left_alone(market: Flask, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "mine.txt").write_text("mine")
    with pytest.raises(exchange.CannotMove, match="folder"):
        leave(tmp_path / "there")


def test_one_joins_only_where_nobody_is(market: Flask, tmp_path: Path) -> None:
    leave(tmp_path / "there")
    with pytest.raises(exchange.CannotMove, match="filled"):
        exchange.join(db.engine, tmp_path / "there")


@pytest.mark.parametrize("how", ["changed", "gone", "undescribed"])
def test_what_was_tampered_with_is_not_taken(market: Flask, tmp_path: Path, how: str) -> None:
    leave(tmp_path / "there")
    file = tmp_path / "there" / ("datapackage.json" if how == "undescribed" else "organisation.csv")
    if how == "changed":
        file.write_text(file.read_text().replace("Harbour", "Harbor"))
    else:
        file.unlink()
    with installation(Files(), tmp_path / "new"):
        with pytest.raises(exchange.CannotMove, match="damaged"):
            exchange.join(db.engine, tmp_path / "there")
        assert db.session.scalar(select(func.count()).select_from(User)) == 0


def test_what_does_not_fit_leaves_nothing_behind(market: Flask, tmp_path: Path) -> None:
    """The sums are right, but a row points to one that is not there: nothing at all is kept."""
    leave(tmp_path / "there")
    told = json.loads((tmp_path / "there" / "datapackage.json").read_text())
    file = tmp_path / "there" / "match.csv"
    rows = file.read_text().splitlines(keepends=True)
    file.write_text(rows[0])
    next(each for each in told["resources"] if each["name"] == "match")["hash"] = exchange._digest(file)
    (tmp_path / "there" / "datapackage.json").write_text(json.dumps(told))
    with installation(Files(), tmp_path / "new"):
        with pytest.raises(exchange.CannotMove):
            exchange.join(db.engine, tmp_path / "there")
        assert db.session.scalar(select(func.count()).select_from(Match)) == 0
        assert db.session.scalar(select(func.count()).select_from(User)) == 0


def test_the_commands_show_the_figures(market: Flask, tmp_path: Path) -> None:
    done = market.test_cli_runner().invoke(args=["leave", str(tmp_path / "there")])
    assert done.exit_code == 0, done.output
    assert re.search(r"match, confirmed +1\n", done.output)
    with installation(Files(), tmp_path / "new") as new:
        done = new.test_cli_runner().invoke(args=["join", str(tmp_path / "there")])
        assert done.exit_code == 0, done.output
        assert "same to the last byte" in done.output
        done = new.test_cli_runner().invoke(args=["join", str(tmp_path / "there")])
        assert done.exit_code == 1
        assert "holds people" in done.output
    shutil.rmtree(tmp_path / "there")


def test_a_move_takes_long_cells_and_leaves_the_usual_limit_to_what_people_send() -> None:
    usual = csv.field_size_limit()
    with pytest.raises(ValueError, match="other columns"):
        list(read(tables()[0], StringIO(f"{'x' * (usual + 1)}\r\n")))
    assert csv.field_size_limit() == usual

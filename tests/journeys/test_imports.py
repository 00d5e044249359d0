"""A list comes in through the upload page: a hostile one, a good one, the same one again, and onto the desk."""

import csv
from io import BytesIO, StringIO

from broker.store.base import db
from broker.store.imports import count
from tests.journeys.town import GROUP, LAPTOPS, Town
from tests.journeys.visitor import Visitor

GOOD = (
    "id;kind;title;description;category;organisation;date;colour\n"
    "n1;need;A minibus for the lunch club;Twelve people need a lift each Tuesday.;space;Lunch Club;2024-05-01;green\n"
    "o1;offer;Laptops for homework clubs;Working laptops for a homework club.;goods;Old School Trust;;\n"
    "o2;offer;Café chairs;Thirty chairs, and a minibus with a lift.;furniture;Old School Trust;;\n"
).encode("cp1252")
HOSTILE = (
    b"id,kind,title,description,organisation,category,postcode,lat\n"
    b"=cmd|' /C calc'!A0,offer,=HYPERLINK(\"http://bad.example\"),<script>alert(1)</script>,@SUM(1+1),goods,QM1 1AA,\n"
    b"h2,wish,Tea,,,,,\n"
    b"h3,need,,,,,,\n"
    b"h4,need,Twice,,,,,north\n"
    b"h5,offer,Bells\x00\x07 and \xff\xfe whistles,Fine otherwise,Bell Co,,NOWHERE,\n"
    b"h5,offer,The same id,,,,,\n"
    b'h6,need,"Ten laptops for our homework club","Our children share one old computer. '
    b'Ten working laptops would change the homework club.",Copy Cats,goods,,\n'
)


def send(town: Town, officer: Visitor, content: bytes, **more: bool) -> Visitor:
    """Upload a file, see that it waits, let the worker do its part, and look at the report."""
    officer.go("/imports").press("Bring it in", {"file": (BytesIO(content), "list.csv"), **more})
    officer.sees("Your list is waiting for its turn.")
    town.work()
    return officer.go(officer.path).misses('http-equiv="refresh"')


def listings(town: Town) -> int:
    with town.app.app_context():
        db.session.rollback()
        return count()


def test_a_good_list_comes_in_once_and_is_brokered_on_the_desk(town: Town) -> None:
    group, officer = town.approved("Harbour Street Helpers", GROUP), town.officer()
    need = town.open(group, "need", LAPTOPS, officer)
    send(town, officer, GOOD).sees("3 added and open", "0 refused", "Windows-1252")
    assert listings(town) == 4
    anyone = town.visit().go("/listings").sees("Café chairs", "Brought in from a file by an officer", "A minibus")
    chairs = anyone.click("Café chairs").sees("Not stated").misses("2024-05-01").number()
    officer.go(f"/listings/{chairs}").sees("What came with the file", "category: furniture")
    anyone.go("/listings").click("A minibus for the lunch club").sees("Space", "Any time").misses("2024", "green")
    officer.go("/desk").sees("A minibus for the lunch club", "To broker")
    send(town, officer, GOOD).sees("0 added and open", "3 known already")
    assert listings(town) == 4
    officer.go(f"/listings/{need}/broker").sees(
        "Laptops for homework clubs", "Both talk about", "Both are about goods."
    )
    spare = int(officer.links()["Laptops for homework clubs"].rsplit("/", 1)[1])
    officer.go(f"/listings/{need}/broker/{spare}").press("Put to both sides", {"demand_amount": "3"})
    officer.press("They said yes", {"answer-side": "supply", "answer-text": "By telephone."})
    match = officer.path
    group.go(match).press("Yes, let us do it")
    officer.go(match).click("Confirm the partnership").press("Confirm").sees(
        "Confirmed.", "Old School Trust", "3 items"
    )
    town.visit().go(f"/listings/{need}").sees("7 items still open of 10 items")


def test_a_hostile_list_harms_nothing_and_every_refused_row_says_why(town: Town) -> None:
    group, officer = town.approved("Harbour Street Helpers", GROUP), town.officer()
    town.open(group, "need", LAPTOPS, officer)
    send(town, officer, HOSTILE).sees("Refused rows", "Says the same as", str(LAPTOPS["title"]))
    officer.misses("<script>alert")
    report = officer.client.get(f"{officer.path}/refused.csv").get_data(as_text=True).removeprefix("\ufeff")
    rows = list(csv.DictReader(StringIO(report)))
    assert {"h2", "h3"} <= {row["id"] for row in rows}
    assert all(row["line"].isdecimal() and row["reason"] for row in rows)
    assert not [cell for row in rows for cell in row.values() if cell[:1] in "=+-@"]
    anyone = town.visit().go("/listings").misses("<script>alert", 'href="http://bad.example')
    anyone.sees('=HYPERLINK("http://bad.example")', "<script>alert(1)</script>")
    anyone.click('=HYPERLINK("http://bad.example")').misses("<script>alert", "QM1 1AA")


def test_all_or_nothing_brings_in_nothing_while_a_row_is_wrong(town: Town) -> None:
    officer = town.officer()
    send(town, officer, HOSTILE, all_or_nothing=True).sees("Nothing came in, because you asked for everything")
    assert listings(town) == 0
    send(town, officer, GOOD, all_or_nothing=True).sees("3 added and open")
    officer.go("/imports").press("Bring it in", status=422).sees("Choose a file to bring in")
    workbook = {"file": (BytesIO(b"PK\x03\x04 not a list"), "list.xlsx")}
    officer.press("Bring it in", workbook, status=422).sees("This looks like a spreadsheet workbook")
    assert listings(town) == 3

"""Files of contracts: what is read, what is refused with its line, and that nothing hostile breaks it."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.domain.contract_rows import LARGEST, MOST_ROWS, read
from broker.domain.sheets import Unreadable

HEAD = "title,supplier,starts_on,ends_on,value,manager,identifier\n"


def rows(*lines: str) -> bytes:
    return (HEAD + "\n".join(lines)).encode()


def test_a_row_with_everything() -> None:
    sheet = read(rows('"Homes,  north",Quayside,27/03/2027,2030-03-31,"£250,000.50",Kim,NM-1'))
    (row,) = sheet.rows
    assert (row.line, row.supplier, row.manager) == (2, "Quayside", "Kim")
    assert (row.facts.title, row.facts.value) == ("Homes, north", Decimal("250000.50"))
    assert (row.facts.starts_on, row.facts.ends_on) == (date(2027, 3, 27), date(2030, 3, 31))


DAYS = ["2027-03-27", "27/03/2027", "27.3.2027", "27-03-2027", "27 March 2027", "27  Mar 2027"]
OF_SPREADSHEETS = ["27/3/27", "27-Mar-27", "27-Mar-2027", "2027/03/27", "27/03/2027 00:00", "2027-03-27T00:00:00Z"]


@pytest.mark.parametrize("day", [*DAYS, *OF_SPREADSHEETS, "2027-03-27 09:30:00.5+01:00"])
def test_days_as_people_write_them(day: str) -> None:
    assert read(rows(f"Homes,Quayside,{day},2030-03-31,,,")).rows[0].facts.starts_on == date(2027, 3, 27)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_whatever_the_encoding(encoding: str) -> None:
    content = (HEAD + "Café for all,Quayside,2027-01-01,2027-12-31,£5,,").encode(encoding)
    sheet = read(content)
    assert sheet.rows[0].facts.title == "Café for all"
    assert read(sheet.text.encode()).rows == sheet.rows, "what goes to and fro stays the same"


REFUSED = {
    ",Quayside,2027-01-01,2027-12-31,,,": ("title", "missing"),
    "Homes,,2027-01-01,2027-12-31,,,": ("supplier", "missing"),
    "Homes,Quayside,,2027-12-31,,,": ("starts_on", "missing"),
    "Homes,Quayside,31/02/2027,2027-12-31,,,": ("starts_on", "not a day"),
    "Homes,Quayside,3/27/2027,2027-12-31,,,": ("starts_on", "not a day"),
    "Homes,Quayside,27/03/2027 later,2027-12-31,,,": ("starts_on", "not a day"),
    "Homes,Quayside,0001-01-01,2027-12-31,,,": ("starts_on", "not a day"),
    "Homes,Quayside,=TODAY(),2027-12-31,,,": ("starts_on", "not a day"),
    "Homes,Quayside,2027-01-01,2026-12-31,,,": ("ends_on", "before the first"),
    "Homes,Quayside,2027-01-01,2127-12-31,,,": ("ends_on", "50 years"),
    "Homes,Quayside,2027-01-01,2027-12-31,-5,,": ("value", "not an amount"),
    "Homes,Quayside,2027-01-01,2027-12-31,=1+1,,": ("value", "not an amount"),
    "Homes,Quayside,2027-01-01,2027-12-31,1e9,,": ("value", "not an amount"),
    "Homes,Quayside,2027-01-01,2027-12-31,2000000000,,": ("value", "more than £1,000,000,000"),
    "Homes,Quayside,2027-01-01,2027-12-31,,,ocds-1": ("identifier", "An ocid has"),
    f"{'x' * 401},Quayside,2027-01-01,2027-12-31,,,": ("title", "At most 400"),
    "Homes,Quayside,2027-01-01": ("", "has 3 cells"),
}


@pytest.mark.parametrize("line", REFUSED)
def test_a_row_that_cannot_come_in_says_why_and_the_others_go_on(line: str) -> None:
    sheet = read(rows(line, "Roads,Quayside,2027-01-01,2027-12-31,,,"))
    (refused,) = sheet.refused
    field, reason = REFUSED[line]
    assert (refused.line, refused.field) == (2, field)
    assert reason in refused.reason
    assert [row.facts.title for row in sheet.rows] == ["Roads"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (HEAD.encode(), "no rows"),
        (b"title,supplier\nx,y", 'no column "starts_on"'),
        (b"a,b\n1,2", "does not name the columns"),
        (b"PK\x03\x04rest", "spreadsheet workbook"),
        (b"%PDF-1.7", "not a CSV"),
        (b"x" * (LARGEST + 1), "larger than 300 kB"),
        (rows(*["a,b,2027-01-01,2027-01-02,,,"] * (MOST_ROWS + 1)), "more than 1,000 rows"),
    ],
)
def test_a_file_that_cannot_be_read_at_all(content: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        read(content)


@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: HEAD.encode() + text.encode()))
def test_no_file_breaks_it(content: bytes) -> None:
    try:
        sheet = read(content)
    except Unreadable:
        return
    assert len(sheet.rows) + len(sheet.refused) > 0

"""What the reader of CSV files takes, what it refuses and in which words, and that nothing makes it fail."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.domain import importing
from broker.domain.importing import harmless, read
from broker.domain.kinds import ListingKind, SupportKind
from broker.domain.sheets import Unreadable
from broker.domain.texts import tidy

HEADING = "id,kind,title,description,category,organisation,place,postcode,lat,lon,date,source\n"
ROW = "a1,need,Ten chairs,For our hall,goods,Tea Club,Sale,M33 4RZ,53.4,-2.3,2025-01-02,Our list\n"


def cells(**told: str) -> str:
    """One row under HEADING that is sound but for what is told."""
    facts = {"id": "a1", "kind": "need", "title": "Ten chairs", **told}
    names = HEADING.strip().split(",")
    return ",".join('"' + facts.get(name, "").replace('"', '""') + '"' for name in names) + "\n"


def refusal(text: str) -> tuple[int, str, str]:
    """The line, field and reason of the only refused row."""
    (refused,) = read(text.encode()).refused
    return refused.line, refused.field, refused.reason


def test_a_row_keeps_everything_it_says() -> None:
    sheet = read((HEADING + ROW).encode())
    (row,) = sheet.rows
    assert (sheet.encoding, sheet.refused) == ("UTF-8", ())
    assert (row.line, row.id, row.kind, row.title, row.body) == (
        2,
        "a1",
        ListingKind.NEED,
        "Ten chairs",
        "For our hall",
    )
    assert (row.support_kind, row.organisation, row.place) == (SupportKind.GOODS, "Tea Club", "Sale")
    assert (row.postcode, row.lat, row.lon) == ("M33 4RZ", 53.4, -2.3)
    assert row.notes == "date: 2025-01-02\nsource: Our list"


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
    ],
)
def test_encodings(encoding: str, said: str) -> None:
    sheet = read((HEADING + cells(title="Café in Łódź")).encode(encoding))
    assert (sheet.encoding, sheet.rows[0].title) == (said, "Café in Łódź")


def test_an_old_windows_file_is_read_and_named() -> None:
    sheet = read((HEADING + cells(title="Café – “tea”")).encode("cp1252"))
    assert (sheet.encoding, sheet.rows[0].title) == ("Windows-1252", "Café – “tea”")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_ends_of_lines_and_marks_between_cells(end: str, mark: str) -> None:
    text = f"Title{mark}KIND{mark} id {end}one{mark}Offer{mark}1{end}two{mark}need{mark}2{end}"
    for told in ("", f"sep={mark}{end}", f'"sep={mark}"{end}'):
        assert [(row.id, row.title, row.kind) for row in read((told + text).encode()).rows] == [
            ("1", "one", ListingKind.OFFER),
            ("2", "two", ListingKind.NEED),
        ]


def test_unknown_columns_are_notes() -> None:
    (row,) = read(b"id,kind,title,Contact us,colour,\n1,need,x,on Monday,red,\n").rows
    assert row.notes == "contact us: on Monday\ncolour: red"


def test_a_category_that_is_none_of_the_six_and_a_postcode_that_is_none_are_notes() -> None:
    (row,) = read((HEADING + cells(category="Library", postcode="near the park")).encode()).rows
    assert (row.support_kind, row.postcode) == (None, "")
    assert row.notes == "category: Library\npostcode: near the park"


@pytest.mark.parametrize(
    ("cell", "check", "notes"),
    [("Enhanced", "enhanced", ""), ("none", "none", ""), ("", None, ""), ("CRB", None, "background_check: CRB")],
)
def test_a_background_check_that_we_do_not_know_is_a_note(cell: str, check: str | None, notes: str) -> None:
    (row,) = read(f"id,kind,title,background_check\n1,need,x,{cell}\n".encode()).rows
    assert (row.background_check, row.notes) == (check, notes)


@pytest.mark.parametrize(("lat", "lon", "point"), [("0", "0.0", (None, None)), ("51.5", "0", (51.5, 0.0))])
def test_two_zeros_are_no_place(lat: str, lon: str, point: tuple[float | None, float | None]) -> None:
    (row,) = read((HEADING + cells(lat=lat, lon=lon)).encode()).rows
    assert (row.lat, row.lon) == point


def test_lines_are_those_of_the_file_even_where_cells_have_line_breaks() -> None:
    text = HEADING + "\n" + cells(title="one\ntwo\nthree") + "\r\n" + cells(id="", title="no id")
    sheet = read(text.encode())
    assert sheet.rows[0].line == 3
    assert sheet.rows[0].title == "one two three"
    assert sheet.refused[0].line == 7


@pytest.mark.parametrize(
    ("told", "field", "words"),
    [
        ({"id": ""}, "id", "missing"),
        ({"id": "x" * 201}, "id", "201 characters"),
        ({"kind": ""}, "kind", "kind is missing"),
        ({"kind": "wish"}, "kind", '"wish" is not a kind'),
        ({"title": ""}, "title", "both empty"),
        ({"title": "x" * 401}, "title", "At most 400"),
        ({"description": "x" * 10_001}, "description", "At most 10,000"),
        ({"organisation": "x" * 301}, "organisation", "At most 300"),
        ({"lat": "north", "lon": "1"}, "lat", '"north" is not a number'),
        ({"lat": "nan", "lon": "1"}, "lat", "not a number"),
        ({"lat": "91", "lon": "1"}, "lat", "from -90 to 90"),
        ({"lat": "1", "lon": "181"}, "lon", "from -180 to 180"),
        ({"lat": "1"}, "lon", "both or neither"),
        ({"lon": "1"}, "lat", "both or neither"),
        ({"source": "x" * 10_001}, "", "more than 10,000"),
    ],
)
def test_a_row_that_does_not_fit_is_refused_with_its_reason(told: dict[str, str], field: str, words: str) -> None:
    line, where, reason = refusal(HEADING + cells(**told))
    assert (line, where) == (2, field)
    assert words in reason


def test_the_second_of_two_equal_ids_is_refused() -> None:
    line, field, reason = refusal(HEADING + cells() + cells(title="again"))
    assert (line, field, reason) == (3, "id", "This id stands already in line 2.")


def test_a_row_of_too_many_or_too_few_cells_is_refused() -> None:
    heading = "id,kind,title\n"
    assert "4 cells, but the heading has 3" in refusal(heading + "1,need,a, b\n")[2]
    assert "2 cells, but the heading has 3" in refusal(heading + "1,need\n")[2]
    assert read((heading + "1,need,a,,\n").encode()).rows, "blank cells at the end do no harm"


def test_a_title_is_made_from_the_description_where_there_is_none() -> None:
    (row,) = read((HEADING + cells(title="", description="We need a van. " * 30)).encode()).rows
    assert row.title.startswith("We need a van.")
    assert len(row.title) <= 100


def test_a_quotation_mark_that_is_never_closed_is_told() -> None:
    line, _field, reason = refusal("id,kind,title\n" + '1,need,"open\n2,need,x\n3,need,y\n')
    assert line == 2
    assert "never closed, so lines 2 to 4" in reason


def test_a_cell_without_end_is_told_and_the_next_row_is_read() -> None:
    sheet = read(("id,kind,title\n1,need," + "x" * 200_000 + "\n2,need,y\n").encode())
    assert [row.id for row in sheet.rows] == ["2"]
    assert (sheet.refused[0].line, sheet.refused[0].reason) == (2, "A cell of this row is far too long to be read.")


def test_characters_that_nobody_sees_are_taken_away() -> None:
    (row,) = read(b"id,kind,title,description\n1\x00,need,a\x07b\x00,x\x1by\n").rows
    assert (row.id, row.title, row.body) == ("1", "ab", "xy")


def test_a_formula_is_text_for_us_and_harmless_where_we_write_it() -> None:
    (row,) = read((HEADING + cells(title="=HYPERLINK(1)")).encode()).rows
    assert row.title == "=HYPERLINK(1)"
    for text in ("=1+1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "＝1+1", " ＋1", "－1", "＠x"):
        assert harmless(text).startswith("'")
    assert harmless("Tea - and cake") == "Tea - and cake"
    assert harmless(12) == "12"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\n \r\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (HEADING.encode(), "no rows"),
        (b"PK\x03\x04rest", "spreadsheet workbook"),
        (b"\xd0\xcf\x11\xe0rest", "spreadsheet workbook"),
        (b"%PDF-1.7", "not a CSV"),
        (bytes(range(256)), "does not name the columns"),
        (b"a1,need,chairs\n", "does not name the columns"),
        (b"id,title\n1,x\n", 'no column "kind"'),
        (b"kind,title\nneed,x\n", 'no column "id"'),
        (b"id,kind\n1,need\n", 'neither a column "title"'),
        (b"id,kind,title,Title\n1,need,x,y\n", 'column "title" twice'),
        (b"x" * (8 * 1024 * 1024 + 1), "larger than 8 MB"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(content: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        read(content)


def test_a_file_of_too_many_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "MOST_ROWS", 1)
    with pytest.raises(Unreadable, match="more than 1 rows"):
        read((HEADING + cells() + cells(id="b")).encode())


PIECES = st.sampled_from(
    [b"id", b"kind", b"title", b"need", b",", b";", b"\t", b'"', b"\n", b"\r", b"\x00", b"\xff\xfe"]
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=400), st.lists(st.one_of(PIECES, st.binary(max_size=9))).map(b"".join)))
def test_no_file_makes_the_reader_fail(content: bytes) -> None:
    for file in (content, HEADING.encode() + content):
        try:
            sheet = read(file)
        except Unreadable:
            continue
        lines = [row.line for row in sheet.rows] + [refused.line for refused in sheet.refused]
        assert all(line >= 2 for line in lines)
        assert len(lines) == len(set(lines))
        for row in sheet.rows:
            assert row.id
            assert row.title
            assert tidy(row.title + row.body + row.notes) == (row.title + row.body + row.notes).strip()

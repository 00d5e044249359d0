"""Lists that an authority brings: CSV and TOML say the same, and nothing makes the reader fail."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from broker.domain.lists import MOST, Brought, read_list
from broker.domain.measures import COLUMNS, LONGEST, SHAPE, UNIT_KINDS, measures_of
from broker.domain.measures import Brought as Measured
from broker.domain.sheets import Unreadable
from broker.policy.records import UnitKind

CSV = "code,label,unit,unit_kind,evidence_min\nOUR-1,Hours of help,hours,hours,group confirms\n"
TOML = """
name = "Ours"
edition = "2026"
licence = "Our own"
[[measures]]
code = "OUR-1"
label = "Hours of help"
unit = "hours"
unit_kind = "hours"
evidence_min = "group confirms"
"""


def read(text: str) -> Brought:
    return read_list(text.encode(), SHAPE)


def problems(text: str) -> list[tuple[str, str]]:
    brought = read(text)
    wrong = [each for each in measures_of(brought.entries) if not isinstance(each, Measured)]
    return [(each.where, each.reason) for each in (*brought.refused, *wrong)]


def test_the_kinds_of_unit_are_those_of_the_policy_files() -> None:
    assert set(UNIT_KINDS) == set(UnitKind.__args__)  # type: ignore[attr-defined]


def test_both_ways_of_writing_say_the_same() -> None:
    csv, toml = read(CSV), read(TOML)
    assert csv.entries[0].told == toml.entries[0].told
    assert (csv.entries[0].where, toml.entries[0].where) == ("Line 2", "Entry 1")
    assert toml.head == {"name": "Ours", "edition": "2026", "licence": "Our own"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_spreadsheets_write_it_in_many_ways(encoding: str, mark: str) -> None:
    content = CSV.replace(",", mark).replace("help", "café").replace("\n", "\r\n").encode(encoding)
    (measure,) = measures_of(read_list(content, SHAPE).entries)
    assert isinstance(measure, Measured)
    assert measure.label == "Hours of café"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("OUR-2,,hours,hours,x", '"label" is missing'),
        ("OUR-1,Again,hours,hours,x", "stands already in line 2"),
        ("our-1,Again,hours,hours,x", "stands already in line 2"),
        ("OUR-2,Parrots,birds,parrots,x", '"parrots" is not a kind of unit'),
        (f"OUR-2,{'x' * 301},hours,hours,x", '"label" has 301 characters'),
        ("OUR-2,Too few,hours", "This row has 3 cells"),
        ("OUR-2,A, B,hours,hours,x", "This row has 6 cells"),
        ('OUR-2,"Never closed,hours,hours,x', "never closed"),
    ],
)
def test_a_bad_row_is_told_with_its_line(row: str, reason: str) -> None:
    ((where, said),) = problems(f"{CSV}{row}\n")
    assert where == "Line 3"
    assert reason in said


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("code,label,unit,unit_kind\n", "no entries"),
        ("a,b\n1,2\n", "does not name the columns"),
        ("code,label\n1,2\n", 'no column "unit"'),
        (TOML + "\n[extra]\nx = 1\n", '"extra" is not known'),
        ("[[measures]]\ncode = ", "not written as TOML"),
        ("x = 1979-99-99\n[[measures]]\n", "not written as TOML"),
        (CSV + "X,x,hours,hours,x\n" * MOST, f"more than {MOST} entries"),
        ("[[measures]]\n" * (MOST + 1), f"more than {MOST} entries"),
    ],
)
def test_a_file_that_is_no_list_is_refused_as_a_whole(text: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason.replace('"', ".")):
        read(text)


def test_a_strange_word_in_toml_is_told() -> None:
    ((where, said),) = problems('[[measures]]\ncode = "A"\nproxy_value = 17.5\n')
    assert where == "Entry 1"
    assert '"proxy_value" is not known' in said


def test_a_hundred_rows_of_three_hundred_characters_are_fine() -> None:
    rows = "".join(f"OUR-{n},{'é' * 300},hours,hours,x\n" for n in range(2, 102))
    assert problems(CSV + rows) == []


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
@example(b"[[measures]]\nx = 1e999999999999\n")
@example(b"[[measures]]\n" + b"a=" + b"[" * 5000)
@example(b"\xff\xfe[[measures]]")
@settings(max_examples=60, deadline=None)
def test_nothing_makes_it_fail(tail: bytes) -> None:
    for content in (tail, CSV.encode() + tail, TOML.encode() + tail):
        try:
            brought = read_list(content, SHAPE)
        except Unreadable:
            continue
        for each in measures_of(brought.entries):
            if isinstance(each, Measured):
                assert all(len(getattr(each, name)) <= longest for name, longest in LONGEST.items())
        assert set(COLUMNS) >= {name for entry in brought.entries for name in entry.told}

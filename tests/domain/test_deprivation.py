"""Tables of deprivation: every way of writing one down, and how every other file is refused."""

import pytest

from broker.domain.deprivation import read_tenths
from broker.domain.refusals import Unfit

ODD = ("", "0", "11", "3.5", "nan", "-1", "high")
PLAIN = "ward_code,decile\nE05000001,3\nE05000002,10\n"


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode(),
        PLAIN.replace(",", ";").encode(),
        PLAIN.replace(",", "\t").encode("utf-16"),
        (PLAIN + ",\n\n").replace(",\n", "\n").encode("utf-8-sig"),
        PLAIN.replace("ward_code", "WD23CD").replace("decile", "Decile").lower().encode(),
        "ward code , name,decile\nE05000001 , Môn,3.0\nE05000002,,10\n".encode("cp1252"),
        (PLAIN + "E05000001,3\n").encode(),
    ],
)  # fmt: skip
def test_a_table_is_read_however_a_spreadsheet_saves_it(content: bytes) -> None:
    assert read_tenths(content) == {"E05000001": 3, "E05000002": 10}


def test_scores_become_tenths_the_highest_first() -> None:
    rows = "".join(f"E050000{number:02},{number * 3.5}\n" for number in range(20))
    found = read_tenths(f"wd18cd,Index of Multiple Deprivation\n{rows}".encode())
    assert [found["E05000019"], found["E05000018"], found["E05000017"], found["E05000000"]] == [1, 1, 2, 10]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_deprivation"),
        (b"PK\x03\x04", "not_deprivation"),
        (b"ward_code,name\nE05000001,3\n", "not_deprivation"),
        (b"decile,name\n3,E05000001\n", "not_deprivation"),
        (b"ward_code,decile\n", "not_deprivation"),
        (b"ward_code,decile\nE05000001\n", "not_deprivation"),
        *((f"ward_code,decile\nE05000001,{value}\n".encode(), "no_tenth") for value in ODD),
        (b"ward_code,Index of Multiple Deprivation\nE05000001,nan\n", "no_tenth"),
        (b"ward_code,Index of Multiple Deprivation\nE05000001,1e999\n", "no_tenth"),
        (b"ward_code,decile\nE05000001,1\nE05000001,9\n", "code_twice"),
    ],
)  # fmt: skip
def test_every_other_table_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Unfit) as refusal:
        read_tenths(content)
    assert refusal.value.problems == {"file": code}

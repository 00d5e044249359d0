"""What comes in is cleaned in one way, whether somebody typed it or a file brought it."""

import pytest

from broker.domain.importing import read
from broker.domain.texts import tidy


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  Ten laptops \r\nfor us\r", "Ten laptops \nfor us"),
        ("a\x00b\x1b\x85c", "abc"),
        ("turned \u202eround\u202c", "turned round"),
        ("no\ufffe character\U0001ffff", "no character"),
        ("عربي \u200fand English", "عربي \u200fand English"),
        ("Café – naïve 🎈", "Café – naïve 🎈"),
    ],
)
def test_only_what_no_page_may_show_goes(text: str, kept: str) -> None:
    assert tidy(text) == kept


def test_a_file_is_cleaned_as_a_form_is() -> None:
    rows = read("id,kind,title,description\n1,need,turned \u202eround,x\x85y\n".encode()).rows
    assert [(row.title, row.body) for row in rows] == [("turned round", "xy")]

"""What is written can be read again, and is the same."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import broker
from broker.policy import Framework, Node, Rule, parse, read, write
from broker.policy.loading import SHIPPED

DEMONSTRATION = Path(broker.__file__).parent / "demonstration" / "frameworks"
FILES = [
    path
    for folder in (SHIPPED, DEMONSTRATION)
    for path in sorted(folder.glob("*.toml"))
    if path.name == "hub.toml" or re.search(r"-\d+\.toml$", path.name)
]
SMALL = Framework(
    code="ABC25",
    name="An example",
    level="regional",
    version=1,
    status="current",
    wording="provisional",
    source="Made up",
    certainty="ours",
    nodes=(Node("ABC25-T1", "theme", "Good work", order=1),),
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_comes_back_as_it_was(path: Path, tmp_path: Path) -> None:
    framework = read(path)
    copy = tmp_path / path.name
    copy.write_text(write(framework))
    assert read(copy) == framework


@given(
    words=st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
    order=st.integers(-5, 5),
    value=st.one_of(st.integers(0, 100), st.floats(0, 100)),
)
def test_any_words_survive(words: str, order: int, value: float) -> None:
    node = Node("ABC25-T1", "theme", "x" + words, words, order=order, strategies=(words, words))
    rule = Rule("weighting", value, "percent", words, "ours", words)
    framework = replace(SMALL, name="x" + words, licence=words, nodes=(node,), rules=(rule,))
    assert parse(write(framework).encode(), "abc25-1.toml") == framework


def test_what_is_not_said_is_left_out() -> None:
    text = write(SMALL)
    assert "parent" not in text
    assert "valid_from" not in text
    assert "demonstration" not in text
    assert text.count("[[") == 1

"""What docs/ shows is what the tables say."""

from pathlib import Path

import pytest

from broker.domain.drawing import PAGES

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", PAGES)
def test_docs_are_printed_from_the_tables(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](), "run: flask --app broker draw docs"

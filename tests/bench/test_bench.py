"""The benchmark itself runs, compares what it says, and refuses a corpus that is unlike real listings."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.bench.__main__ import main
from tests.bench.corpus import check, corpus, shape
from tests.bench.goals import at_least, at_most, holds


def test_it_runs_at_a_small_size_and_writes_its_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "performance.md"
    main(["matching", "--sizes", "300", "--write", str(page)])
    written = page.read_text(encoding="utf-8")
    told = capsys.readouterr().out
    assert "python -m tests.bench matching --sizes 300" in written
    assert "against float64 brute force, 5% duplicates, numpy | 300 of 300 equal | all equal | pass |" in told
    assert told.strip() in written
    for what in ("X @ Y.T", "linear_kernel", "refit", "filter-then-rank", "memory", "stored list", "fresh fit"):
        assert what in written


def test_invented_listings_have_the_shape_of_real_ones() -> None:
    found = shape(corpus(2_000, 1), corpus(2_000, 2))
    check(found)
    grown = shape(corpus(4_000, 1), corpus(4_000, 2))
    assert grown.vocabulary > 1.4 * found.vocabulary
    for unlike in (replace(found, shared=2.0), replace(found, distinct=30.0), replace(found, words=50.0)):
        with pytest.raises(AssertionError):
            check(unlike)


def test_a_missed_goal_is_said() -> None:
    assert at_least(1, "speed", 11.9, 12).verdict == "FAIL"
    assert at_least(1, "speed", 12, 12).verdict == "pass"
    assert at_most(1, "time", 1.01, 1).verdict == "FAIL"
    assert holds(1, "lists", 1, 500).verdict == "FAIL"
    assert holds(1, "lists", 0, 0).verdict == "FAIL"

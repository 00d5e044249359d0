"""A judged line's own facts: read where the product knows them, left alone where it does not."""

import json
from datetime import date
from pathlib import Path

import pytest

from broker.domain.kinds import Lane, SupportKind
from broker.matching.judging.judged import KINDS, LANES, read
from broker.matching.records import Record

PLAIN = {"id": "n", "title": "A room", "text": "for forty"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "offers.jsonl").write_text('{"id": "o", "text": "hall"}\n', encoding="utf-8")
    (tmp_path / "qrels.tsv").write_text("need_id\toffer_id\trelevance\nn\to\t1\n", encoding="utf-8")
    return tmp_path


def need(folder: Path, **facts: object) -> Record:
    (folder / "needs.jsonl").write_text(json.dumps(PLAIN | facts), encoding="utf-8")
    return read(folder).needs["n"]


def test_the_words_are_those_of_the_product() -> None:
    assert set(SupportKind) == KINDS
    assert set(Lane) == LANES


def test_facts_are_read(folder: Path) -> None:
    found = need(
        folder, kind="space", lat=53.4, lon=-2, reach_miles=5, remote=True, from_date="2026-12-01",
        until_date="2026-12-31", lane="systemic", themes=["H09", "H02"],
    )  # fmt: skip
    assert (found.kind, found.lat, found.lon, found.reach_miles, found.remote) == ("space", 53.4, -2.0, 5.0, True)
    assert (found.from_date, found.until_date, found.lane) == (date(2026, 12, 1), date(2026, 12, 31), "systemic")
    assert found.themes == {"H09", "H02"}


@pytest.mark.parametrize(
    "facts",
    [
        {"category": ["Rooms"], "place": "Westerby", "date": "2026-12-01", "org": "A choir"},
        {"kind": "need", "lane": "fast", "themes": "H09", "remote": "yes"},
        {"lat": "53.4", "lon": True, "reach_miles": 1e9, "from_date": "soon", "until_date": 20261201},
        {"lat": 91, "lon": -181, "kind": ["space"], "themes": [9, None], "from_date": None},
    ],
)
def test_what_the_product_does_not_know_counts_as_not_said(folder: Path, facts: dict[str, object]) -> None:
    assert need(folder, **facts) == need(folder)


def test_nobody_is_kept_from_anybody_by_belonging_together(folder: Path) -> None:
    asked = need(folder)
    offered = read(folder).offers["o"]
    assert asked.owner != offered.owner


@pytest.mark.parametrize("relevance", ["nan", "inf", "-inf"])
def test_a_relevance_must_be_a_number_that_can_be_added(folder: Path, relevance: str) -> None:
    (folder / "needs.jsonl").write_text(json.dumps(PLAIN), encoding="utf-8")
    (folder / "qrels.tsv").write_text(f"need_id\toffer_id\trelevance\nn\to\t{relevance}\n", encoding="utf-8")
    with pytest.raises(Exception, match="is no number"):
        read(folder)

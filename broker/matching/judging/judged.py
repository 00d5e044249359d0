"""A judged set on disk: listings to search with, listings to find, and which go with which.

A text line is an object with an id and a title or a text or both. What else it may say is read where the product
knows it of a listing: kind, lat and lon, reach_miles, remote, from_date and until_date, lane, themes. Whatever cannot
be understood there counts as not said, and everything else is left alone: `category` above all, which tells what
goes with what.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from math import isfinite, nan
from pathlib import Path
from typing import Any, Literal

from broker.matching.records import Record

_FILES = (("needs.jsonl", "offers.jsonl"), ("queries.jsonl", "corpus.jsonl"))
_RELEVANCE_HEADERS = (["need_id", "offer_id", "relevance"], ["query_id", "doc_id", "relevance"])
_SPLIT_HEADERS = (["need_id", "split"], ["query_id", "split"])
_SPLITS = "split.tsv"

# The words of the product's own enumerations; a test holds them to be the same.
KINDS = frozenset({"skills", "volunteering", "funding", "goods", "space", "jobs"})
LANES = frozenset({"transactional", "systemic"})

Direction = Literal["need", "offer"]
"""Who asks: needs look for offers, or offers for needs."""

Grades = dict[str, dict[str, float]]
"""Each judged listing with what goes with it on the other side, graded above 0."""


class BadJudgedSet(Exception):
    """The folder holds no judged set that can be read; the message says in a sentence what is wrong where."""


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """Needs and offers by their id, in the order of the files, and which offers go with which need."""

    name: str
    folder: Path
    needs: dict[str, Record]
    offers: dict[str, Record]
    grades: Grades
    """Need to offer, in the order of the needs' file."""
    splits: dict[str, frozenset[str]] = field(default_factory=dict)
    """The needs of each split, by its name; empty where the folder has no split.tsv."""

    def asking(self, direction: Direction) -> dict[str, Record]:
        """The side that asks; the other one is ranked."""
        return self.needs if direction == "need" else self.offers

    def ranked(self, direction: Direction) -> dict[str, Record]:
        """The side that is ranked for each that asks."""
        return self.offers if direction == "need" else self.needs

    def relevant(self, direction: Direction, split: str | None) -> Grades:
        """Each that asks and is judged, with what it should find; only the needs of the split count.

        BadJudgedSet where nothing is left, or no such split is there.
        """
        wanted = self.needs.keys() if split is None else self._split(split)
        grades = {need: found for need, found in self.grades.items() if need in wanted}
        if not grades:
            raise BadJudgedSet(f"No need in {self.folder} has a relevant offer, so there is nothing to judge.")
        return grades if direction == "need" else _turned(grades, self.offers)

    def left_out(self, direction: Direction, split: str | None) -> frozenset[str]:
        """What is not ranked at all: when offers ask within a split, the needs that belong to another one."""
        if direction == "need" or split is None:
            return frozenset()
        own = self._split(split)
        return frozenset(need for needs in self.splits.values() for need in needs if need not in own)

    def _split(self, wanted: str) -> frozenset[str]:
        path = self.folder / _SPLITS
        if not self.splits:
            raise BadJudgedSet(f"{self.folder} has no {_SPLITS}.")
        if wanted not in self.splits:
            raise BadJudgedSet(f"{path} has no split {wanted!r}; it has {', '.join(sorted(self.splits))}.")
        return self.splits[wanted]


def _turned(grades: Grades, offers: dict[str, Record]) -> Grades:
    """The same grades from offer to need, in the order of the offers' file."""
    turned: Grades = {offer: {} for offer in offers}
    for need, found in grades.items():
        for offer, grade in found.items():
            turned[offer][need] = grade
    return {offer: found for offer, found in turned.items() if found}


def read(folder: Path, name: str | None = None) -> JudgedSet:
    """The set in folder: needs.jsonl and offers.jsonl (or queries and corpus), qrels.tsv, maybe split.tsv.

    BadJudgedSet where a file is missing or a line is wrong.
    """
    if not folder.is_dir():
        raise BadJudgedSet(f"There is no folder {folder}.")
    first, second = _pair_of_files(folder)
    needs = _records(first, 0)
    offers = _records(second, len(needs))
    grades = _grades(folder / "qrels.tsv", needs, offers)
    splits = _splits(folder / _SPLITS) if (folder / _SPLITS).is_file() else {}
    ordered = {need: grades[need] for need in needs if need in grades}
    return JudgedSet(name or folder.resolve().name, folder, needs, offers, ordered, splits)


def find(folder: Path) -> dict[str, Path]:
    """Every folder at or below this one that holds a judged set, by its path from here, in the order of the names."""
    if not folder.is_dir():
        raise BadJudgedSet(f"There is no folder {folder}.")
    parents = sorted({path.parent for path in folder.rglob("qrels.tsv")})
    found = {path.relative_to(folder).as_posix(): path for path in parents if _files_of(path)}
    if not found:
        raise BadJudgedSet(f"There is no judged set in {folder}.")
    return {path.name if name == "." else name: path for name, path in found.items()}


def _files_of(folder: Path) -> tuple[Path, Path] | None:
    for first, second in _FILES:
        if (folder / first).is_file() and (folder / second).is_file():
            return folder / first, folder / second
    return None


def _pair_of_files(folder: Path) -> tuple[Path, Path]:
    files = _files_of(folder)
    if files is None:
        raise BadJudgedSet(f"{folder} has neither needs.jsonl with offers.jsonl nor queries.jsonl with corpus.jsonl.")
    return files


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Each line that is not blank, with its number from 1."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise BadJudgedSet(f"{path.parent} has no {path.name}.") from None
    except UnicodeDecodeError:
        raise BadJudgedSet(f"{path} is not UTF-8 text.") from None
    # Not splitlines(), which also cuts at separators that JSON allows within a text.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, line.rstrip("\r")


def _records(path: Path, before: int) -> dict[str, Record]:
    """Id to listing. Each is numbered on from `before`, and belongs to an organisation of its own."""
    records: dict[str, Record] = {}
    for number, line in _lines(path):
        try:
            row = json.loads(line)
            key, title, text = str(row["id"]), row.get("title") or "", row.get("text") or ""
            if not (isinstance(title, str) and isinstance(text, str)):
                raise TypeError
        except (ValueError, TypeError, KeyError, AttributeError):
            raise BadJudgedSet(f"{path}, line {number}: not an object with an id and texts.") from None
        if key in records:
            raise BadJudgedSet(f"{path}, line {number}: the id {key} occurs twice.")
        own = before + len(records)
        records[key] = Record(id=own, owner=own, title=title, text=text, **_facts(row))
    if not records:
        raise BadJudgedSet(f"{path} is empty.")
    return records


def _facts(row: dict[str, Any]) -> dict[str, Any]:
    """What a line says beside its texts, as far as the product knows it of a listing."""
    return {
        "kind": _one_of(KINDS, row.get("kind")),
        "lat": _number(row.get("lat"), 90),
        "lon": _number(row.get("lon"), 180),
        "reach_miles": _number(row.get("reach_miles"), 25_000),
        "remote": row.get("remote") is True,
        "from_date": _day(row.get("from_date")),
        "until_date": _day(row.get("until_date")),
        "lane": _one_of(LANES, row.get("lane")),
        "themes": _words(row.get("themes")),
    }


def _one_of(known: frozenset[str], value: object) -> str | None:
    return value if isinstance(value, str) and value in known else None


def _number(value: object, limit: float) -> float | None:
    """A number between -limit and limit; true and false are none."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not -limit <= value <= limit:
        return None
    return float(value)


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _words(value: object) -> frozenset[str]:
    return frozenset(word for word in value if isinstance(word, str)) if isinstance(value, list) else frozenset()


def _table(path: Path, headers: tuple[list[str], ...]) -> Iterator[tuple[int, list[str]]]:
    """The rows of a tab-separated file below one of headers, with line numbers."""
    rows = [(number, line.split("\t")) for number, line in _lines(path)]
    if not rows or rows[0][1] not in headers:
        raise BadJudgedSet(f"{path} must begin with the columns {', '.join(headers[0])}, separated by tabs.")
    for number, row in rows[1:]:
        if len(row) != len(headers[0]):
            raise BadJudgedSet(f"{path}, line {number}: {len(row)} columns instead of {len(headers[0])}.")
        yield number, row


def _grades(path: Path, needs: dict[str, Record], offers: dict[str, Record]) -> Grades:
    grades: Grades = {}
    for number, (need, offer, written) in _table(path, _RELEVANCE_HEADERS):
        if need not in needs or offer not in offers:
            missing = need if need not in needs else offer
            raise BadJudgedSet(f"{path}, line {number}: there is no text with the id {missing}.")
        try:
            grade = float(written)
        except ValueError:
            grade = nan
        if not isfinite(grade):
            raise BadJudgedSet(f"{path}, line {number}: the relevance {written!r} is no number.")
        if grade > 0:
            grades.setdefault(need, {})[offer] = grade
    return grades


def _splits(path: Path) -> dict[str, frozenset[str]]:
    splits: dict[str, set[str]] = {}
    for _, (need, name) in _table(path, _SPLIT_HEADERS):
        splits.setdefault(name, set()).add(need)
    return {name: frozenset(needs) for name, needs in splits.items()}

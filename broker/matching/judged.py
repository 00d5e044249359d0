"""A judged set on disk: texts to search with, texts to find, and which go with which."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FILES = (("needs.jsonl", "offers.jsonl"), ("queries.jsonl", "corpus.jsonl"))
_RELEVANCE_HEADERS = (["need_id", "offer_id", "relevance"], ["query_id", "doc_id", "relevance"])
_SPLIT_HEADERS = (["need_id", "split"], ["query_id", "split"])


class BadJudgedSet(Exception):
    """The folder holds no judged set that can be read; the message says in a sentence what is wrong where."""


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """needs and offers: id to text, in the order of the files. relevant: need to offer to grade above 0.

    relevant holds the judged needs of the split that was asked for, in the order of their file.
    """

    needs: dict[str, str]
    offers: dict[str, str]
    relevant: dict[str, dict[str, float]]


def read(folder: Path, split: str | None = None) -> JudgedSet:
    """The set in folder: needs.jsonl and offers.jsonl (or queries and corpus), qrels.tsv, maybe split.tsv.

    A text line is an object with id and title or text or both. split keeps only the needs of that split.
    BadJudgedSet where a file is missing or a line is wrong, or where nothing is left to judge.
    """
    if not folder.is_dir():
        raise BadJudgedSet(f"There is no folder {folder}.")
    first, second = _pair_of_files(folder)
    needs, offers = _texts(first), _texts(second)
    grades = _grades(folder / "qrels.tsv", needs, offers)
    wanted = set(needs) if split is None else _split(folder / "split.tsv", split)
    relevant = {need: grades[need] for need in needs if need in grades and need in wanted}
    if not relevant:
        raise BadJudgedSet(f"No need in {folder} has a relevant offer, so there is nothing to judge.")
    return JudgedSet(needs, offers, relevant)


def _pair_of_files(folder: Path) -> tuple[Path, Path]:
    for first, second in _FILES:
        if (folder / first).is_file() and (folder / second).is_file():
            return folder / first, folder / second
    raise BadJudgedSet(f"{folder} has neither needs.jsonl with offers.jsonl nor queries.jsonl with corpus.jsonl.")


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


def _texts(path: Path) -> dict[str, str]:
    """Id to title and text joined."""
    texts: dict[str, str] = {}
    for number, line in _lines(path):
        try:
            row = json.loads(line)
            key, parts = row["id"], [row.get("title") or "", row.get("text") or ""]
            text = "\n".join(parts)
        except (ValueError, TypeError, KeyError, AttributeError):
            raise BadJudgedSet(f"{path}, line {number}: not an object with an id and texts.") from None
        if str(key) in texts:
            raise BadJudgedSet(f"{path}, line {number}: the id {key} occurs twice.")
        texts[str(key)] = text
    if not texts:
        raise BadJudgedSet(f"{path} is empty.")
    return texts


def _table(path: Path, headers: tuple[list[str], ...]) -> Iterator[tuple[int, list[str]]]:
    """The rows of a tab-separated file below one of headers, with line numbers."""
    rows = [(number, line.split("\t")) for number, line in _lines(path)]
    if not rows or rows[0][1] not in headers:
        raise BadJudgedSet(f"{path} must begin with the columns {', '.join(headers[0])}, separated by tabs.")
    for number, row in rows[1:]:
        if len(row) != len(headers[0]):
            raise BadJudgedSet(f"{path}, line {number}: {len(row)} columns instead of {len(headers[0])}.")
        yield number, row


def _grades(path: Path, needs: dict[str, str], offers: dict[str, str]) -> dict[str, dict[str, float]]:
    grades: dict[str, dict[str, float]] = {}
    for number, (need, offer, written) in _table(path, _RELEVANCE_HEADERS):
        if need not in needs or offer not in offers:
            missing = need if need not in needs else offer
            raise BadJudgedSet(f"{path}, line {number}: there is no text with the id {missing}.")
        try:
            grade = float(written)
        except ValueError:
            raise BadJudgedSet(f"{path}, line {number}: the relevance {written!r} is no number.") from None
        if grade > 0:
            grades.setdefault(need, {})[offer] = grade
    return grades


def _split(path: Path, wanted: str) -> set[str]:
    """The needs of one split."""
    splits: dict[str, set[str]] = {}
    for _, (need, name) in _table(path, _SPLIT_HEADERS):
        splits.setdefault(name, set()).add(need)
    if wanted not in splits:
        raise BadJudgedSet(f"{path} has no split {wanted!r}; it has {', '.join(sorted(splits)) or 'none'}.")
    return splits[wanted]

"""The command `judge`: what was asked for on the command line, to what it prints or writes."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

from broker.matching.judging.judge import BadJudgedSet, Bench, NoEncoder, Question, Scores, Watch, find, judge
from broker.matching.judging.page import BadPage, fill
from broker.matching.judging.report import answer, as_data

__all__ = ["Question", "Unanswerable", "many", "one", "refill", "sets"]

Unanswerable = (BadJudgedSet, NoEncoder, BadPage)
"""What can be wrong with an order; each says it in a sentence."""


def sets(folders: Sequence[Path], below: Path | None) -> dict[str, Path]:
    """The judged sets by name: those given, then all at or below a folder. Of two alike the later is its path."""
    named: dict[str, Path] = {}
    for folder in folders:
        name = folder.resolve().name
        named[name if name not in named else str(folder)] = folder
    for name, folder in (find(below) if below else {}).items():
        if folder.resolve() not in {known.resolve() for known in named.values()}:
            named[name if name not in named else str(folder)] = folder
    return named


def one(folder: Path, question: Question, as_json: bool) -> str:
    """The figures of one ranker on one set."""
    scores = judge(folder, question.split, question.ranker, question.direction)
    return json.dumps(scores.as_dict()) if as_json else _plainly(scores)


def _plainly(scores: Scores) -> str:
    figures = scores.as_dict().items()
    return "\n".join(
        f"{name:>12}  {value:.4f}" if name != "judged" else f"{name:>12}  {value}" for name, value in figures
    )


def many(named: dict[str, Path], question: Question, as_json: bool, watch: Watch) -> str:
    """One table over all sets."""
    bench = Bench(named, None if as_json else watch)
    if not as_json:
        return answer(bench, question)
    if question.by_score:
        return json.dumps([asdict(share) for share in bench.shares(question)], indent=1)
    return json.dumps(as_data(bench.rows(question), question), indent=1)


def refill(page: Path, named: dict[str, Path], today: date, watch: Watch) -> Iterator[str]:
    """Measures the page's tables again and writes it; what to tell about it."""
    filled = fill(page.read_text(encoding="utf-8"), Bench(named, watch), _as_written(named), today)
    page.write_text(filled.text, encoding="utf-8")
    yield f"{filled.measured} tables of {page} measured."
    yield from (f"Left as it was: {mark}" for mark in filled.kept)


def _as_written(named: dict[str, Path]) -> dict[str, str]:
    """How a page writes each folder: from here where it is within reach, else from DATA, which no page can name."""
    here = Path.cwd()
    written: dict[str, str] = {}
    for name, folder in named.items():
        inside = folder.resolve().is_relative_to(here)
        written[name] = folder.resolve().relative_to(here).as_posix() if inside else f"DATA/{name}"
    return written

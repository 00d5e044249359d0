"""Measured tables in a page of prose: the text stays, each table is measured again and stands over its command.

A table's place is marked by two comments. The first says what to show, in the words of the command:

    <!-- judge timebanks ukcat --direction offer -->
    (this is replaced)
    <!-- judged -->

A table that names a set which is not at hand, or that needs what is not installed, stays as it was.
"""

import re
import shlex
from argparse import ArgumentError, ArgumentParser
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import get_args

from broker.matching.judging.judge import MEASURES, Bench, Direction, NoEncoder, Question
from broker.matching.judging.rankers import RANKERS
from broker.matching.judging.report import answer

_BLOCK = re.compile(r"^(<!-- judge (.*?) -->)\n.*?^(<!-- judged -->)$", re.MULTILINE | re.DOTALL)
_COMMAND = ".venv/bin/flask --app broker judge"


class BadPage(Exception):
    """A mark of the page asks for something that the judge does not know."""


@dataclass(slots=True)
class Filled:
    """The page with its tables, how many were measured, and which stayed as they were and why."""

    text: str = ""
    measured: int = 0
    kept: list[str] = field(default_factory=list)


def fill(text: str, bench: Bench, paths: Mapping[str, str], today: date) -> Filled:
    """Each table of the page measured again. paths: how the commands write the folder of each set."""
    filled = Filled()

    def block(found: re.Match[str]) -> str:
        names, question = _asked(found[2])
        why = ", ".join(name for name in names if name not in paths)
        try:
            table = "" if why else answer(bench, question, names)
        except NoEncoder as problem:
            why = str(problem)
        if why:
            filled.kept.append(f"{found[2]} ({why})")
            return found[0]
        filled.measured += 1
        command = shlex.join([*(paths[name] for name in names), *_options(found[2], names)])
        return f"{found[1]}\n{table}\n\nMeasured on {_day(today)}:\n\n    {_COMMAND} {command}\n{found[3]}"

    filled.text = _BLOCK.sub(block, text)
    return filled


def _asked(mark: str) -> tuple[list[str], Question]:
    """The sets and the question of a mark."""
    try:
        found = _parser().parse_args(shlex.split(mark))
    except (ArgumentError, SystemExit, ValueError) as problem:
        raise BadPage(f"The page asks for a table that the judge does not know: {mark} ({problem})") from None
    asked = {name: value for name, value in vars(found).items() if name != "sets"}
    return found.sets, Question(**asked)


def _options(mark: str, names: list[str]) -> list[str]:
    return [word for word in shlex.split(mark) if word not in names]


def _parser() -> ArgumentParser:
    parser = ArgumentParser(add_help=False, exit_on_error=False)
    parser.add_argument("sets", nargs="+")
    parser.add_argument("--ranker", choices=RANKERS, default="ours")
    parser.add_argument("--direction", choices=get_args(Direction), default="need")
    parser.add_argument("--measure", choices=MEASURES, default="ndcg@10")
    parser.add_argument("--split")
    parser.add_argument("--bands", action="store_true")
    parser.add_argument("--parts", action="store_true")
    parser.add_argument("--by-score", action="store_true")
    return parser


def _day(day: date) -> str:
    """22 November 2026."""
    return f"{day.day} {day:%B %Y}"

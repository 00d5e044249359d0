"""No pattern in the code takes long over any text: each is pumped with strings of a hundred thousand letters."""

import ast
import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import broker

HOUSE = Path(broker.__file__).parent
MOST = 0.1  # seconds
LENGTHS = (1_000, 10_000, 100_000)
UNITS = [
    "a", "A", "0", " ", "\n", "\t", "-", ".", ",", "/", "_", "'", "’", "&", "é", "a ", "a-", "0.", "0,", "A1", "1A ",
    "aA0 ", " \n", "a'",
    "(", ")", "[", "<", "=", "+", "@", "a.b", "\\", '"', "\u200b", "e\u0301", "QM1 1AA ", "GB-", "http://a ", "\x00",
    "\ufffe", "ÿ", "ÿ\x00",
]  # fmt: skip
STARTS, ENDS = ("", "Q1"), ("", "!")
FUNCTIONS = {"match", "fullmatch", "search", "findall", "finditer", "sub", "split", "compile"}


def compiled() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Every pattern that a module of ours keeps, by where it stands."""
    for module in pkgutil.walk_packages(broker.__path__, "broker."):
        if "migrations" in module.name:
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            for pattern in (
                value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else [value]
            ):
                if isinstance(pattern, re.Pattern) and isinstance(pattern.pattern, str):
                    yield f"{module.name}.{name}", pattern


def written() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Every pattern that stands as text in a call of the library."""
    for path in HOUSE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not (
                isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in FUNCTIONS
            ):
                continue
            whose, given = node.func.value, node.args[0] if node.args else None
            if isinstance(whose, ast.Name) and whose.id == "re" and isinstance(given, ast.Constant):
                yield f"{path.relative_to(HOUSE)}:{node.lineno}", re.compile(given.value)


PATTERNS = {pattern.pattern: (where, pattern) for where, pattern in [*compiled(), *written()]}


def slowest(pattern: re.Pattern[Any]) -> tuple[float, str]:
    """The longest that the pattern takes, and over what; it is not asked again once it was too slow."""
    deeds: list[Callable[[str], object]] = [pattern.match, pattern.fullmatch, lambda text: pattern.sub("", text)]
    if isinstance(pattern.pattern, bytes):
        deeds = [_over_bytes(each) for each in (pattern.match, pattern.fullmatch, lambda text: pattern.sub(b"", text))]
    worst = (0.0, "")
    for unit in UNITS:
        for start in STARTS:
            for end in ENDS:
                worst = max(worst, _pumped(deeds, start, unit, end))
                if worst[0] > MOST:
                    return worst
    return worst


def _over_bytes(deed: Callable[[Any], object]) -> Callable[[str], object]:
    """For a pattern that reads files."""
    return lambda text: deed(text.encode("latin-1", "replace"))


def _pumped(deeds: list[Callable[[str], object]], start: str, unit: str, end: str) -> tuple[float, str]:
    """The whole length is tried only where a tenth of it took a while: what is quick there stays quick."""
    for deed in deeds:
        for length in LENGTHS:
            text = start + unit * (length // len(unit)) + end
            took = _timed(deed, text)
            if took > MOST and (took := _timed(deed, text)) > MOST:
                return took, f"{length} of {unit!r} between {start!r} and {end!r}"
            if length == LENGTHS[-2] and took < MOST / 100:
                break
    return 0.0, ""


def _timed(deed: Callable[[str], object], text: str) -> float:
    began = time.thread_time()
    deed(text)
    return time.thread_time() - began


@pytest.mark.parametrize("where", [where for where, _ in PATTERNS.values()])
def test_patterns_are_quick(where: str) -> None:
    pattern = next(pattern for place, pattern in PATTERNS.values() if place == where)
    took, over = slowest(pattern)
    assert took <= MOST, f"{pattern.pattern} took {took:.2f} s over {over}"


def test_they_were_all_found() -> None:
    assert len(PATTERNS) > 15


def test_a_slow_pattern_would_be_seen() -> None:
    assert slowest(re.compile(r"\s+$"))[0] > MOST

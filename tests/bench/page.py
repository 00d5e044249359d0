"""docs/performance.md: the figures under their command, their day and their machine."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from broker.domain.clock import now
from tests.bench.goals import Line, table

LIBRARIES = ("numpy", "scipy", "scikit-learn", "numba", "sparse-dot-topn")

HEAD = """# How fast matching is

Written by `{command}` on {day}; not by hand. How to read it:

- All times are CPU time, all threads together, so that other work on the machine matters little. Contenders take
  turns in one run, and a ratio is of their medians. BLAS has one thread.
- The corpus is invented (tests/bench/corpus.py) and held to the shape of real listings: about 70 words, 38 distinct
  ones that count, 2.7 shared by a random pair, and ever new words. One offer in twenty repeats another word for word.
- Contenders get the very weights that ours has, and making those is not counted against them.
- "numpy" is what everybody has. "numba" is with `requirements-fast.txt` installed. Both give the same lists.
- The tests run the compiled kernels as plain Python where numba is missing. To run them compiled:
  `pip install -r requirements-fast.txt`, then `pytest tests/matching -k lexical`.
- A goal is set for the size that it was set for (most for 100,000); other sizes are told without a verdict.
- "Ours" is the lexical core alone. The full recipe, which adds related words, spelling, meaning, subjects and facts,
  is told at the end of each size (`docs/quality.md` says what it gains).

{machine}

"""


def page(lines: list[Line], command: str) -> str:
    """The whole page."""
    missed = [line for line in lines if line.passed is False]
    verdict = f"{sum(line.passed is True for line in lines)} goals met, {len(missed)} missed."
    return HEAD.format(command=command, day=now().date(), machine=machine()) + f"{verdict}\n\n{table(lines)}\n"


def machine() -> str:
    """What it ran on."""
    libraries = ", ".join(f"{name} {_version(name)}" for name in LIBRARIES)
    return f"Machine: {_model()}, {os.cpu_count()} cores, Python {platform.python_version()}; {libraries}."


def _model() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"

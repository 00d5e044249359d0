"""python -m tests.bench matching [--sizes 1k,10k,100k,1m] [--write docs/performance.md]: the goals, measured.

`web` prints the pages' part: as a share of a page that says hello, and eight writers for a minute.
`recipe` prints the full recipe's part alone. What the page says after its table is kept: runs of their own.
"""

import argparse
import sys
from pathlib import Path

from threadpoolctl import threadpool_limits

from tests.bench.goals import Line, table
from tests.bench.matching import measure
from tests.bench.page import page
from tests.bench.recipe import full_recipe

SIZES = {"300": 300, "1k": 1_000, "10k": 10_000, "100k": 100_000, "1m": 1_000_000}
FURTHER = "\n## "


def main(arguments: list[str] | None = None) -> int:
    """Measures, prints the table, writes it where asked; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("what", choices=["matching", "recipe", "web"])
    parser.add_argument("--sizes", default="1k,10k", help="some of " + ", ".join(SIZES))
    parser.add_argument("--write", type=Path, help="a Markdown file, made anew")
    asked = parser.parse_args(arguments)
    if asked.what == "web":
        return _web()
    sizes = [SIZES[size] for size in asked.sizes.lower().split(",")]
    lines: list[Line] = []
    with threadpool_limits(1):
        for number, size in enumerate(sizes, 1):
            if asked.what == "recipe":
                lines += full_recipe(size)
                continue
            lines += measure(size, lambda said: print(said, file=sys.stderr, flush=True))
            if asked.write:
                # After each size, so that a run that is broken off leaves what it has.
                command = f"python -m tests.bench matching --sizes {','.join(asked.sizes.split(',')[:number])}"
                asked.write.write_text(page(lines, command) + _kept(asked.write), encoding="utf-8")
    print(table(lines))
    return 0 if all(line.passed is not False for line in lines) else 1


def _web() -> int:
    from tests.bench.web import measure_web, measure_writers

    lines = [*measure_web(seconds=2.0), *measure_writers(seconds=60.0)]
    print(table(lines))
    return 0 if all(line.passed is not False for line in lines) else 1


def _kept(path: Path) -> str:
    """What the page says after its table."""
    told = path.read_text(encoding="utf-8") if path.is_file() else ""
    return told[told.index(FURTHER) :] if FURTHER in told else ""


if __name__ == "__main__":
    sys.exit(main())

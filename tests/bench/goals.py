"""What was measured, beside what was wanted: one line for each goal."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One figure. Without a goal it is told only, and neither passes nor fails."""

    size: int
    what: str
    measured: str
    goal: str = ""
    passed: bool | None = None

    @property
    def verdict(self) -> str:
        return {True: "pass", False: "FAIL", None: ""}[self.passed]


def at_least(size: int, what: str, value: float, goal: float, *, unit: str = "x") -> Line:
    """A figure that should be large."""
    return Line(size, what, f"{figure(value)}{unit}", f"at least {figure(goal)}{unit}", value >= goal)


def at_most(size: int, what: str, value: float, goal: float, *, unit: str = "x") -> Line:
    """A figure that should be small."""
    return Line(size, what, f"{figure(value)}{unit}", f"at most {figure(goal)}{unit}", value <= goal)


def holds(size: int, what: str, wrong: int, of: int) -> Line:
    """An equality over so many cases."""
    return Line(size, what, f"{of - wrong:,} of {of:,} equal", "all equal", wrong == 0 and of > 0)


def told(size: int, what: str, measured: str) -> Line:
    """A figure without a goal at this size."""
    return Line(size, what, measured)


def figure(value: float) -> str:
    """Three digits that count."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def table(lines: list[Line]) -> str:
    """All lines as a table in Markdown."""
    rows = [f"| {line.size:,} | {line.what} | {line.measured} | {line.goal} | {line.verdict} |" for line in lines]
    return "\n".join(["| size | what | measured | goal | |", "|---|---|---|---|---|", *rows])

"""CPU time, not the clock: other work on the machine then matters less, and contenders take turns in one run."""

import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")


def cpu(work: Callable[[], T]) -> tuple[float, T]:
    """Seconds of CPU that this took, all threads together, and what came out."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def resident() -> int:
    """Bytes of memory that this process has in use."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def alternating(contenders: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """The median CPU seconds of each contender; each has had a turn before the next round begins."""
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for work in contenders.values():
        work()
    for _ in range(rounds):
        for name, work in contenders.items():
            taken[name].append(cpu(work)[0])
    return {name: float(np.median(seconds)) for name, seconds in taken.items()}


@dataclass(frozen=True, slots=True)
class Calls:
    """CPU milliseconds of many calls, one by one."""

    milliseconds: NDArray[np.float64]

    @property
    def p50(self) -> float:
        return float(np.percentile(self.milliseconds, 50))

    @property
    def p99(self) -> float:
        return float(np.percentile(self.milliseconds, 99))

    @property
    def most(self) -> float:
        return float(self.milliseconds.max())


def calls(work: Callable[[T], Any], inputs: Iterable[T]) -> Calls:
    """How long each call took."""
    return Calls(np.array([cpu(lambda: work(each))[0] for each in inputs]) * 1_000)  # noqa: B023

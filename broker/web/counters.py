"""What this machine counts of its answers: one small file that all its web processes share.

The file keeps its size, so that a full disk can be counted too, and outlives a restart.
"""

import fcntl
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from flask import current_app

NAMES = ("signed_in", "not_signed_in", "denied", "conflict", "too_often", "failed", "unavailable")
_FIGURE = struct.Struct("<Q")
_ROOM = 256  # bytes: a name keeps its place, and there is room for names to come


def add(name: str) -> None:
    """One more. That something cannot be counted is no reason to fail."""
    place = NAMES.index(name) * _FIGURE.size
    with suppress(OSError), _opened() as file:
        (present,) = _FIGURE.unpack(os.pread(file, _FIGURE.size, place))
        os.pwrite(file, _FIGURE.pack(present + 1), place)


def figures() -> dict[str, int]:
    """Each figure since this machine's installation began; nothing where they cannot be read."""
    with suppress(OSError), _opened() as file:
        kept = os.pread(file, _FIGURE.size * len(NAMES), 0)
        return dict(zip(NAMES, (figure for (figure,) in _FIGURE.iter_unpack(kept)), strict=True))
    return {}


@contextmanager
def _opened() -> Iterator[int]:
    """The file, locked against every other thread and process while it is open."""
    file = os.open(Path(current_app.instance_path) / "counters", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        os.posix_fallocate(file, 0, _ROOM)
        yield file
    finally:
        os.close(file)

"""What the pages tell the disk: every write, flush and change of name of the database's files, in order (strace)."""

import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

LOG = "disk.log"
WRITES = ("pwrite64", "write", "ftruncate")
FLUSHES = ("fsync", "fdatasync")
# Calls that would change a file in a way that is not followed here: to meet one is a fault of this file.
UNFOLLOWED = ("writev", "pwritev", "pwritev2", "truncate", "fallocate", "rename", "renameat", "renameat2")
CALLS = (*WRITES, *FLUSHES, *UNFOLLOWED, "openat", "unlink")
LINE = re.compile(r"(?P<thread>\d+) +(?P<at>\d+\.\d+) (?P<said>.*)")
BEGUN = re.compile(r"(?P<call>\w+)\((?P<told>.*) <unfinished \.\.\.>")
ENDED = re.compile(r"<\.\.\. (?P<call>\w+) resumed>(?P<told>.*)\) += (?P<result>-?\d+|\?).*")
WHOLE = re.compile(r"(?P<call>\w+)\((?P<told>.*)\) += (?P<result>-?\d+|\?).*")
FILE = re.compile(r"\d+<(?P<path>[^>]*)>(?P<gone>\(deleted\))?")
BYTES = re.compile(r'"(?P<bytes>(?:\\x[0-9a-f]{2})*)"(?P<cut>\.\.\.)?')


class Absent(Exception):
    """This machine lacks what the trial needs."""


@dataclass
class Step:
    """One thing that was asked of the disk. A flush stands where it ended, and knows how many steps came before it."""

    at: float
    call: str
    path: str
    data: bytes = b""
    offset: int = 0
    before: int = 0


@dataclass
class _Call:
    """A call as it is read: begun, and perhaps ended."""

    at: float
    name: str
    told: str
    result: str = "?"
    steps: list[Step] = field(default_factory=list)


def strace() -> str:
    """Where it is; kindly said where it is not."""
    found = shutil.which("strace")
    if found is None:
        raise Absent("This needs strace, which shows what a process tells the disk. On Debian: apt install strace")
    return found


def files_of(database: Path) -> list[Path]:
    """The database, its two kinds of journal, and their folder. What is shared in memory is rebuilt after a cut."""
    return [database, *(database.with_name(database.name + end) for end in ("-wal", "-journal")), database.parent]


def watched(database: Path, log: Path) -> list[str]:
    """What to put before a command so that all that it does to the database is written down."""
    paths = [word for path in files_of(database) for word in ("-P", str(path))]
    look = ["--seccomp-bpf", "-f", "-q", "-y", "-xx", "-s", "16000000", "-ttt"]
    return [strace(), *look, "-o", str(log), *paths, "-e", f"trace={','.join(CALLS)}"]


def steps(log: Path) -> list[Step]:
    """What was asked of the disk, in the order in which it was."""
    found: list[Step] = []
    begun: dict[str, _Call] = {}
    with log.open() as lines:
        for thread, at, said in _lines(lines):
            if starts := BEGUN.fullmatch(said):
                begun[thread] = _Call(at, starts["call"], starts["told"])
                found += _placed(begun[thread], len(found))
            elif ends := ENDED.fullmatch(said):
                call = begun.pop(thread)
                call.told, call.result = call.told + ends["told"], ends["result"]
                found += _settled(call, at)
            elif whole := WHOLE.fullmatch(said):
                call = _Call(at, whole["call"], whole["told"], whole["result"])
                found += _placed(call, len(found))
                found += _settled(call, at)
    return found


def _lines(lines: Iterable[str]) -> Iterator[tuple[str, float, str]]:
    for line in lines:
        if found := LINE.fullmatch(line.rstrip("\n")):
            yield found["thread"], float(found["at"]), found["said"]


def _placed(call: _Call, place: int) -> list[Step]:
    """What a call may do to the disk from the moment when it begins, whether or not it ever ends."""
    assert call.name not in UNFOLLOWED, f"a call that is not followed here: {call.name}({call.told[:80]}"
    if call.name in FLUSHES:
        call.steps = [Step(call.at, "flush", _path(call.told), before=place)]
        return []  # it promises nothing before its end
    call.steps = [step for step in [_step(call)] if step]
    return call.steps


def _settled(call: _Call, at: float) -> list[Step]:
    """What a call has done once it has ended."""
    if call.result.startswith("-"):
        for step in call.steps:
            step.call = "nothing"
        return []
    if call.name in FLUSHES:
        call.steps[0].at = at
        return call.steps
    for step in call.steps:
        if step.data:
            step.data = step.data[: int(call.result)]
    return []


def _step(call: _Call) -> Step | None:
    if call.name == "openat":
        if "O_CREAT" not in call.told:
            return None
        return Step(call.at, "make", _text(call.told))
    if call.name == "unlink":
        return Step(call.at, "remove", _text(call.told))
    if (file := FILE.match(call.told)) is None or file["gone"]:
        return None
    if call.name == "ftruncate":
        return Step(call.at, "cut", _path(call.told), offset=int(call.told.rsplit(", ", 1)[1]))
    assert call.name == "pwrite64", "a write that does not say where is not followed here"
    data = BYTES.search(call.told, file.end())
    assert data, f"no bytes in {call.told[:80]}"
    assert not data["cut"], f"not all bytes were written down: {call.told[-80:]}"
    return Step(call.at, "write", _path(call.told), _bytes(data["bytes"]), int(call.told.rsplit(", ", 1)[1]))


def _path(told: str) -> str:
    file = FILE.match(told)
    assert file, f"no file in {told[:80]}"
    return _bytes(file["path"]).decode()


def _text(told: str) -> str:
    """The path that a call was given as text, the last one where there are two."""
    return _bytes(BYTES.findall(told)[-1][0]).decode()


def _bytes(told: str) -> bytes:
    return bytes.fromhex(told.replace("\\x", ""))

"""The disk that power cuts are tried on keeps what was flushed, and may lose or tear whatever was not."""

import random
from pathlib import Path

from tests.reliability.disks import Disk
from tests.reliability.watching import Step, steps

FOLDER, FILE, JOURNAL = "/host", "/host/broker.db", "/host/broker.db-journal"
OLD, NEW = b"a" * 8192, b"b" * 8192
OFTEN = 200


def found(disk: Disk, path: str = FILE) -> set[bytes | None]:
    """All the ways in which a file is found after many cuts."""
    chance = random.Random(1)  # noqa: S311 - moments, not secrets
    return {disk.after_a_cut(chance).get(path) for _ in range(OFTEN)}


def written(*also: Step) -> Disk:
    """A disk with an old file, over which something new was written; and what came after that."""
    disk = Disk(FOLDER, {FILE: OLD})
    for step in (Step(1, "write", FILE, NEW), *also):
        disk.follow(step)
    return disk


def test_what_was_flushed_is_there() -> None:
    assert found(written(Step(2, "flush", FILE, before=1))) == {NEW}


def test_what_was_not_may_be_there_or_not_or_torn() -> None:
    ways = found(written())
    assert {OLD, NEW, OLD[:4096] + NEW[:4096], NEW[:4096] + OLD[:4096]} <= ways
    assert any(way and way[:512] != way[512:1024] for way in ways), "no small sector ever stood alone"


def test_a_flush_keeps_nothing_that_was_written_while_it_ran() -> None:
    assert OLD in found(written(Step(2, "flush", FILE, before=0)))


def test_a_gap_holds_zeros_or_what_lay_there_before() -> None:
    disk = Disk(FOLDER, {FILE: b""})
    disk.follow(Step(1, "write", FILE, NEW))
    starts = {way[:512] for way in found(disk) if way and len(way) > 4096}
    assert bytes(512) in starts
    assert len(starts) > 2, "nothing old ever shone through"


def test_a_name_lasts_once_its_folder_was_flushed() -> None:
    made = [Step(2, "make", JOURNAL), Step(3, "write", JOURNAL, NEW), Step(4, "flush", JOURNAL, before=3)]
    kept = Step(5, "flush", FOLDER, before=4)
    assert found(written(*made), JOURNAL) == {None, NEW}
    assert found(written(*made, kept), JOURNAL) == {NEW}
    assert found(written(*made, kept, Step(6, "remove", JOURNAL)), JOURNAL) == {None, NEW}
    gone = [Step(6, "remove", JOURNAL), Step(7, "flush", FOLDER, before=6)]
    assert found(written(*made, kept, *gone), JOURNAL) == {None}


def test_calls_of_two_threads_are_read_in_their_order(tmp_path: Path) -> None:
    """A flush that a write of another thread came into promises nothing about it; a failed call has done nothing."""
    log, path = tmp_path / "disk.log", "".join(f"\\x{ord(letter):02x}" for letter in FILE)
    log.write_text(
        f'7  1.000001 pwrite64(3<{path}>, "\\x61\\x62", 2, 4) = 2\n'
        f"7  1.000002 fsync(3<{path}> <unfinished ...>\n"
        f'8  1.000003 pwrite64(4<{path}>, "\\x63", 1, 6) = 1\n'
        "7  1.000004 <... fsync resumed>) = 0\n"
        f'8  1.000005 unlink("{path}") = -1 ENOENT (No such file or directory)\n'
        "8  1.000006 +++ killed by SIGKILL +++\n"
    )
    assert steps(log) == [
        Step(1.000001, "write", FILE, b"ab", 4),
        Step(1.000003, "write", FILE, b"c", 6),
        Step(1.000004, "flush", FILE, before=1),
        Step(1.000005, "nothing", FILE),
    ]

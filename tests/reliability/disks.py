"""A disk as it is before the power goes: what is there for certain, and what may or may not have arrived."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tests.reliability.watching import Step

SECTORS = (512, 4096)
HOW = ("nothing", "all", "the first", "some small sectors", "some large sectors")


@dataclass
class File:
    """Its certain bytes, and the changes that wait for a flush, each with its place among all steps."""

    certain: bytearray = field(default_factory=bytearray)
    waiting: list[tuple[int, Step]] = field(default_factory=list)

    def flush(self, before: int) -> None:
        """What was asked before the flush began is now certain; the rest still waits."""
        for place, step in self.waiting:
            if place < before:
                _change(self.certain, step)
        self.waiting = [(place, step) for place, step in self.waiting if place >= before]

    def after_a_cut(self, chance: random.Random) -> bytes:
        """One way in which it may be found when the power is back."""
        found, how = bytearray(self.certain), chance.choice(HOW)
        stale = chance.random() < 0.5
        for step in _arrived([step for _, step in self.waiting], how, chance):
            _change(found, step, chance if stale else None)
        return bytes(found)


class Disk:
    """The files of one folder, and their names, which have to be flushed as well: the folder is a file too."""

    def __init__(self, folder: str, files: Mapping[str, bytes]) -> None:
        self.folder = folder
        self.certain = {path: File(bytearray(content)) for path, content in files.items()}
        self.names: dict[str, File] = dict(self.certain)
        self.waiting: list[tuple[int, str, File | None]] = []
        self.place = 0

    def follow(self, step: Step) -> None:
        """Take in the next step."""
        match step.call:
            case "make" if step.path not in self.names:
                self._name(step.path, File())
            case "remove":
                self._name(step.path, None)
            case "write" | "cut":
                self.names[step.path].waiting.append((self.place, step))
            case "flush" if step.path == self.folder:
                self._flush_names(step.before)
            case "flush" if step.path in self.names:
                self.names[step.path].flush(step.before)
        self.place += 1

    def after_a_cut(self, chance: random.Random) -> dict[str, bytes]:
        """One way in which the folder may be found. Names change in order; how far they came is chance."""
        names = dict(self.certain)
        for _, path, file in self.waiting[: chance.randint(0, len(self.waiting))]:
            _rename(names, path, file)
        return {path: file.after_a_cut(chance) for path, file in names.items()}

    def _name(self, path: str, file: File | None) -> None:
        _rename(self.names, path, file)
        self.waiting.append((self.place, path, file))

    def _flush_names(self, before: int) -> None:
        for place, path, file in self.waiting:
            if place < before:
                _rename(self.certain, path, file)
        self.waiting = [each for each in self.waiting if each[0] >= before]


def _rename(names: dict[str, File], path: str, file: File | None) -> None:
    if file is None:
        names.pop(path, None)
    else:
        names[path] = file


def _arrived(waiting: list[Step], how: str, chance: random.Random) -> Iterator[Step]:
    """Which changes came to the disk before the power went, whole or in parts."""
    match how:
        case "all":
            yield from waiting
        case "the first":
            number = chance.randint(0, len(waiting))
            yield from waiting[:number]
            yield from (_torn(step, chance) for step in waiting[number : number + 1])
        case "some small sectors" | "some large sectors":
            share, size = chance.choice((0.1, 0.5, 0.9)), SECTORS[how == "some large sectors"]
            yield from (part for step in waiting for part in _parts(step, size) if chance.random() < share)


def _torn(step: Step, chance: random.Random) -> Step:
    return Step(step.at, step.call, step.path, step.data[: chance.randint(0, len(step.data))], step.offset)


def _parts(step: Step, size: int) -> Iterator[Step]:
    """A write as the sectors that it touches; whatever else as it is."""
    if step.call != "write":
        yield step
        return
    start, end = step.offset, step.offset + len(step.data)
    while start < end:
        edge = min(end, (start // size + 1) * size)
        yield Step(step.at, step.call, step.path, step.data[start - step.offset : edge - step.offset], start)
        start = edge


def _change(content: bytearray, step: Step, stale: random.Random | None = None) -> None:
    """Do it. Where it leaves a gap there are zeros or, where `stale`, what lay on the disk before."""
    gap = step.offset - len(content)
    if gap > 0:
        content += stale.randbytes(gap) if stale else bytes(gap)
    if step.call == "cut":
        del content[step.offset :]
    else:
        content[step.offset : step.offset + len(step.data)] = step.data

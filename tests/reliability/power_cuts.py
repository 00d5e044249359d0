"""The power goes, at any moment: what the disk may then hold is laid out again and again, opened, and looked at.

The pages and a worker run and people write, while everything that both tell the disk is noted. From the notes the
disk is rebuilt as it may have been found at a moment of chance: what was flushed is there, of the rest some or none,
and torn.
"""

import random
import shlex
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from broker.actions.audit import check_record
from broker.store.base import db
from broker.work.supervise import worker_command
from tests.reliability.disks import Disk
from tests.reliability.outages import Lines
from tests.reliability.planted import planted, planter
from tests.reliability.product import Product
from tests.reliability.scene import Scene, halves, is_sound, lay_out
from tests.reliability.watching import LOG, Step, files_of, steps, watched
from tests.reliability.writers import Log, writing

LONGEST = 240.0


@dataclass
class Recording:
    """A disk before anything began, what was asked of it, and what people were told was kept, and when."""

    database: Path
    files: dict[str, bytes]
    steps: list[Step]
    log: Log


@dataclass
class Cuts:
    """What became of each image of the disk."""

    images: int = 0
    lossy: list[str] = field(default_factory=list)
    half_made: list[str] = field(default_factory=list)
    unsound: list[str] = field(default_factory=list)


def record(folder: Path, writes: int, plant: str = "") -> Recording:
    """Let eight officers write until so many writes were kept, and note all that reaches the disk."""
    host = folder.resolve() / "host"
    database, before = host / "broker.db", time.time() - time.monotonic()
    product = Product(host, before=[*watched(database, folder / LOG), *_beside_a_worker(plant), *planter(plant)])
    scene = _laid_out(product, writes, plant)
    files = {str(path): path.read_bytes() for path in files_of(database) if path.is_file()}
    try:
        product.start()
        with writing(product.port, scene) as log:
            until = time.monotonic() + LONGEST
            while log.kept < writes and time.monotonic() < until:
                time.sleep(0.1)
    finally:
        product.stop()
    for told in (log.notes, log.matches):
        for each, at in told.items():  # on the clock of the notes
            told[each] = at + before  # type: ignore[index]
    return Recording(database, files, steps(folder / LOG), log)


def cut(taken: Recording, folder: Path, images: int, plant: str = "", seed: int = 1) -> Cuts:
    """So many times: the disk at a moment of chance, as the power may have left it, opened by the product."""
    found, chance = Cuts(), random.Random(seed)  # noqa: S311 - moments, not secrets
    product = Product(folder / "after")
    with planted(plant), product.inside():
        for until, image in _images(taken, images, chance):
            _lay_down(product.folder, image)
            _look(found, taken.log, until)
    return found


def power_cuts(folder: Path, images: int, plant: str = "") -> Lines:
    """Let people write, then look at so many disks as the power may have left them."""
    taken = record(folder, images, plant)
    found = cut(taken, folder, images, plant)
    asked = Counter(f"{step.call} {Path(step.path).name}" for step in taken.steps)
    return {
        "kept in all": f"{len(taken.log.notes)} notes, {len(taken.log.matches)} partnerships",
        "answers": dict(taken.log.statuses),
        "asked of the disk": ", ".join(f"{number:,} {what}" for what, number in sorted(asked.items())),
        "images": found.images,
        "images that lost something": len({each.split(":")[0] for each in found.lossy}),
        "lost, over all images": len(found.lossy),
        "half made": found.half_made[:3],
        "unsound": found.unsound[:3],
        "odd": taken.log.odd[:3],
    }


def _images(taken: Recording, number: int, chance: random.Random) -> Iterator[tuple[float, dict[str, bytes]]]:
    """Moments between two steps, each with the files as they may be found after it."""
    disk = Disk(str(taken.database.parent), taken.files)
    moments = iter(sorted(chance.randrange(1, len(taken.steps)) for _ in range(number)))
    wanted = next(moments, None)
    for place, step in enumerate(taken.steps):
        while wanted == place:
            yield step.at, {Path(path).name: content for path, content in disk.after_a_cut(chance).items()}
            wanted = next(moments, None)
        disk.follow(step)


def _lay_down(folder: Path, image: dict[str, bytes]) -> None:
    db.session.remove()
    db.engine.dispose()
    for path in folder.glob("broker.db*"):
        path.unlink()
    for name, content in image.items():
        (folder / name).write_bytes(content)


def _look(found: Cuts, log: Log, until: float) -> None:
    """Open it as the product does after a cut, and hold it against what people had been told by then."""
    found.images += 1
    where = f"image {found.images}"
    try:
        if not is_sound() or not check_record().is_sound:
            found.unsound.append(where)
        found.lossy += [f"{where}: {each}" for each in log.lost(until)]
        found.half_made += [f"{where}: {each}" for each in halves()]
    except Exception as problem:
        found.unsound.append(f"{where}: {problem}"[:200])


def _beside_a_worker(plant: str) -> list[str]:
    """What starts a worker and then becomes the command after it, so that one list has what both tell the disk."""
    return ["sh", "-c", f'{shlex.join([*planter(plant), *worker_command()])} & exec "$@"', "sh"]


def _laid_out(product: Product, writes: int, plant: str) -> Scene:
    with planted(plant):
        return lay_out(product, matches=8 * (writes // 12 + 2), officers=8)

"""python -m tests.reliability WHAT: breaks the real product on purpose, and prints what became of it.

`race`, `kills`, `disk` (as root: it mounts a small disk), `restarts` (PostgreSQL), `slow`, `graceful`,
`power-cuts` (with strace), `io-errors` (with gcc).
"""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.databases import Server, own_cluster
from tests.reliability.io_errors import io_errors
from tests.reliability.kills import kill
from tests.reliability.outages import (
    DURABLE,
    Lines,
    full_disk,
    graceful_restart,
    postgresql_restarts,
    slow_clients,
)
from tests.reliability.planted import KINDS
from tests.reliability.power_cuts import power_cuts
from tests.reliability.product import Product, running
from tests.reliability.races import race
from tests.reliability.scene import lay_out
from tests.reliability.watching import Absent

Trial = Callable[[argparse.Namespace, Path], Lines]
PER_KILL = 6  # matches that the writers may confirm between two kills


def main(arguments: list[str] | None = None) -> None:
    """Do it, and print a line for each figure."""
    parser = argparse.ArgumentParser(prog="python -m tests.reliability", description=__doc__)
    parser.add_argument("what", choices=list(TRIALS))
    parser.add_argument("--times", type=int, default=0, help="how many kills, restarts or matches")
    parser.add_argument("--writers", type=int, default=0, help="how many people write; 64, or under kills 8")
    parser.add_argument("--rival", default="confirm", choices=["confirm", "withdraw", "edit", "close"])
    parser.add_argument("--postgresql", action="store_true", help="race on PostgreSQL")
    parser.add_argument("--images", type=int, default=300, help="how many disks to look at after a power cut")
    parser.add_argument("--posts", type=int, default=300, help="how many writes to try while the disk fails")
    parser.add_argument("--one-in", type=int, default=20, help="of how many calls to the disk one fails")
    parser.add_argument("--plant", default="", choices=["", *KINDS], help="SQLite told less, or an unsound SQLite")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        try:
            for name, value in TRIALS[asked.what](asked, Path(folder)).items():
                print(f"{name:40} {value}")
        except Absent as problem:
            parser.exit(2, f"{problem}\n")


def _race(asked: argparse.Namespace, folder: Path) -> Lines:
    if not asked.postgresql:
        return _raced(Product(folder / "host"), asked)
    with own_cluster(DURABLE) as cluster:
        return _raced(Product(folder / "host", Server(cluster.address).make(folder)), asked)


def _raced(product: Product, asked: argparse.Namespace) -> Lines:
    scene = lay_out(product, asked.times or 20)
    with running(product):
        found = race(product, scene, asked.rival)
    return {
        "matches": len(scene.matches),
        "requests": found.sent,
        "answers": dict(found.statuses),
        "confirmed": found.confirmed,
        "wrong": found.wrong,
        "slowest answer": f"{found.slowest:.1f} s",
    }


def _kills(folder: Path, times: int, writers: int) -> Lines:
    product = Product(folder / "host")
    scene = lay_out(product, matches=PER_KILL * times + 2 * writers, officers=writers)
    try:
        toll = kill(product, scene, times)
    finally:
        product.stop()
    return {
        "kills": toll.kills,
        "kept": f"{len(toll.log.notes)} notes, {len(toll.log.matches)} partnerships",
        "answers": dict(toll.log.statuses),
        "cut off, turned away": f"{toll.log.cut_off}, {toll.log.turned_away}",
        "lost": toll.lost,
        "half made": sorted(set(toll.half_made)),
        "unsound": toll.unsound,
        "restart, 95 of 100 within": f"{toll.slow_restart:.1f} s",
    }


TRIALS: dict[str, Trial] = {
    "race": _race,
    "kills": lambda asked, folder: _kills(folder, asked.times or 200, asked.writers or 8),
    "disk": lambda asked, folder: full_disk(folder),
    "restarts": lambda asked, folder: postgresql_restarts(folder, asked.times or 3, asked.writers or 64),
    "slow": lambda asked, folder: slow_clients(folder),
    "graceful": lambda asked, folder: graceful_restart(folder, asked.times or 3, asked.writers or 64),
    "power-cuts": lambda asked, folder: power_cuts(folder, asked.images, asked.plant),
    "io-errors": lambda asked, folder: io_errors(folder, asked.posts, asked.one_in, asked.plant),
}


if __name__ == "__main__":
    main()

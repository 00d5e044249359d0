"""Killed with -9 again and again under people who write: what was kept is there, and nothing is half made."""

import random
import time
from dataclasses import dataclass, field

from broker.store.base import db
from tests.reliability.product import Product
from tests.reliability.scene import Scene, halves, is_sound
from tests.reliability.writers import Log, writing

PATIENCE = 5.0  # seconds


@dataclass
class Toll:
    """What the kills cost."""

    kills: int = 0
    log: Log = field(default_factory=Log)
    lost: list[str] = field(default_factory=list)
    half_made: list[str] = field(default_factory=list)
    unsound: int = 0
    restarts: list[float] = field(default_factory=list)

    @property
    def slow_restart(self) -> float:
        """The time that 95 of 100 restarts do not pass."""
        return sorted(self.restarts)[int(0.95 * (len(self.restarts) - 1))]


def kill(product: Product, scene: Scene, times: int, seed: int = 1) -> Toll:
    """Let the officers write, kill the pages at a moment of chance, look, start again; so many times."""
    chance, toll = random.Random(seed), Toll()  # noqa: S311 - moments, not secrets
    product.start()
    with writing(product.port, scene) as log, product.inside():
        toll.log = log
        for _ in range(times):
            _let_write(log, len(log.matches))
            time.sleep(0.2 + chance.random())
            product.kill()
            toll.kills += 1
            toll.half_made += halves()
            toll.unsound += not is_sound()
            db.session.rollback()
            toll.restarts.append(product.start())
        time.sleep(0.5)
    product.kill()
    with product.inside():
        toll.lost = log.lost()
        toll.half_made += halves()
        toll.unsound += not is_sound()
    return toll


def _let_write(log: Log, confirmed: int) -> None:
    """Wait until something more is confirmed: a kill before which nothing was proves nothing. Not for ever, since on
    a machine that does much else, or once all is confirmed, it may not come.
    """
    until = time.monotonic() + PATIENCE
    while len(log.matches) == confirmed and time.monotonic() < until:
        time.sleep(0.02)

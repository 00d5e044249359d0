"""What happens when the ground gives way under people who write: no room, no database, no patience, a new version."""

import signal
import socket
import statistics
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from tests.databases import Server, own_cluster
from tests.reliability.lines import GONE, HOST, Browser, connect
from tests.reliability.product import Product
from tests.reliability.scene import halves, is_sound, lay_out
from tests.reliability.writers import KEPT, Log, writing

Lines = dict[str, object]
DURABLE = ("listen_addresses=", "max_connections=60")
SLOW = 200


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """A disk of its own in memory; only root may make one."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder], check=True)
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


def fill(disk: Path) -> Path:
    """Leave no room on a disk."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 4096):
                pass
        except OSError:
            return filler


def full_disk(folder: Path, seconds: float = 10.0) -> Lines:
    """The disk with the database is full for a while, then has room again. Nobody restarts anything."""
    with small_disk(24) as disk, ExitStack() as stack:
        product = Product(folder / "host", f"sqlite:///{disk / 'broker.db'}")
        scene = lay_out(product, matches=80, officers=8)
        stack.callback(product.stop)
        product.start()
        reads: Counter[int] = Counter()
        with writing(product.port, scene) as log:
            time.sleep(seconds / 2)
            filler, full = fill(disk), time.monotonic()
            while time.monotonic() < full + seconds:
                reads[Browser(product.port).get("/listings").status_code] += 1
                time.sleep(0.2)
            filler.unlink()
            room = time.monotonic()
            time.sleep(seconds / 2)
        log_size = (product.folder / "web.log").stat().st_size
        return {
            "writes before": between(log, 0, full),
            "writes while it was full": between(log, full, room),
            "reads while it was full": dict(reads),
            "writes after": between(log, room + 1, time.monotonic()),
            "log": f"{log_size:,} bytes",
            **outcome(product, log),
        }


def postgresql_restarts(folder: Path, times: int, writers: int, seconds: float = 4.0) -> Lines:
    """PostgreSQL goes away and comes back, kindly and roughly, while many people write."""
    with own_cluster(DURABLE) as cluster, ExitStack() as stack:
        product = Product(folder / "host", Server(cluster.address).make(folder))
        scene = lay_out(product, matches=writers * 4, officers=writers)
        stack.callback(product.stop)
        product.start()
        back: list[float] = []
        with writing(product.port, scene) as log:
            for mode in ["fast", "immediate"] * times:
                time.sleep(seconds)
                cluster.stop(mode)
                time.sleep(1)
                cluster.start()
                back.append(time.monotonic())
            time.sleep(seconds)
        firsts = [min((at - up for at, status in log.times if at > up and status in KEPT), default=99.0) for up in back]
        return {
            "restarts": len(back),
            "answers": dict(log.statuses),
            "first success after it was back": f"{statistics.median(firsts):.2f} s, {max(firsts):.2f} s at worst",
            **outcome(product, log),
        }


def slow_clients(folder: Path, seconds: float = 20.0) -> Lines:
    """Two hundred connections send their headers a byte at a time; others come as always."""
    product = Product(folder / "host")
    lay_out(product, matches=2, officers=1)
    with ExitStack() as stack:
        stack.callback(product.stop)
        product.start()
        quiet = _times(product, seconds / 4)
        slow = [stack.enter_context(connect(product.port)) for _ in range(SLOW)]
        for line in slow:
            line.sendall(f"GET /listings HTTP/1.1\r\nHost: {HOST}:{product.port}\r\nX-Slow: ".encode())
        times = _times(product, seconds, slow)
    return {
        "normal page alone, 95 of 100 within": f"{_p95(quiet):.2f} s",
        f"beside {SLOW} slow ones": f"{_p95(times):.2f} s",
        "requests": len(times),
    }


def graceful_restart(folder: Path, times: int, writers: int, seconds: float = 4.0) -> Lines:
    """The pages are told to stop (as the supervisor tells them) and started again under many who write."""
    product = Product(folder / "host")
    scene = lay_out(product, matches=writers * 4, officers=writers)
    drains = []
    with ExitStack() as stack:
        stack.callback(product.stop)
        product.start()
        with writing(product.port, scene) as log:
            for _ in range(times):
                time.sleep(seconds)
                assert product.web is not None
                began = time.monotonic()
                product.web.send_signal(signal.SIGINT)
                product.web.wait()
                drains.append(time.monotonic() - began)
                product.start()
            time.sleep(seconds)
        return {
            "restarts": times,
            "drained within": f"{max(drains):.1f} s",
            "answers": dict(log.statuses),
            "turned away at the door": log.turned_away,
            "cut off in the middle": log.cut_off,
            **outcome(product, log),
        }


def outcome(product: Product, log: Log) -> Lines:
    """What they were told was kept, and whether it is there, whole."""
    with product.inside():
        return {
            "kept": log.kept,
            "lost": len(log.lost()),
            "half made": len(list(halves())),
            "sound": is_sound(),
            "odd": log.odd[:3],
        }


def between(log: Log, start: float, end: float) -> dict[int, int]:
    """How writes were answered in that time."""
    return dict(Counter(status for at, status in log.times if start <= at < end))


def _times(product: Product, seconds: float, slow: list[socket.socket] | None = None) -> list[float]:
    until, times = time.monotonic() + seconds, []
    while time.monotonic() < until:
        for line in slow or []:
            with suppress(GONE):
                line.send(b"x")
        times.append(Browser(product.port).get("/sign-in").seconds)
        time.sleep(0.1)
    return times


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]

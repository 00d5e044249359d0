"""The real product, its web and its workers as processes of their own, to be started, killed and started again."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from broker import create_app
from broker.store.base import db, set_reading
from broker.work.supervise import web_command, worker_command
from tests.reliability.lines import GONE, Browser

HOUSE = Path(__file__).parents[2]
PATIENCE = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Product:
    """One host of it: an instance folder, a database (a file there, unless an address is given) and what runs."""

    def __init__(
        self, folder: Path, address: str | None = None, before: Sequence[str] = (), **settings: object
    ) -> None:
        self.folder, self.before = folder, list(before)
        self.address = address or f"sqlite:///{folder / 'broker.db'}"
        self.settings = {"INSTANCE": folder, "DATABASE_URL": self.address, **settings}
        self.port = free_port()
        self.web: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []
        folder.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def inside(self) -> Iterator[Flask]:
        """The application in this process, on the same database, for looking and for laying out a scene."""
        before = os.environ.copy()
        os.environ.update(self._environment())
        try:
            app = create_app()
        finally:
            os.environ.clear()
            os.environ.update(before)
        set_reading(False)
        with app.app_context():
            try:
                yield app
            finally:
                db.session.remove()
                db.engine.dispose()

    def start(self) -> float:
        """Start the pages; the seconds until they answer."""
        began = time.monotonic()
        self.web = self._run(web_command(self.port), "web.log")
        while True:
            try:
                if Browser(self.port).get("/sign-in").status_code == 200:
                    return time.monotonic() - began
            except GONE:
                pass
            code = self.web.poll()
            assert code is None, f"the pages ended with {code}:\n{self.said('web.log')}"
            assert time.monotonic() - began < PATIENCE, "the pages never answered"
            time.sleep(0.02)

    def start_worker(self) -> subprocess.Popen[bytes]:
        self.workers.append(self._run(worker_command(), f"worker{len(self.workers)}.log"))
        return self.workers[-1]

    def kill(self) -> None:
        """End the pages as a power cut would, as far as this process goes."""
        assert self.web is not None
        _end(self.web)

    def stop(self) -> None:
        """End whatever runs."""
        for process in [*self.workers, *([self.web] if self.web else [])]:
            _end(process)

    def said(self, log: str) -> str:
        path = self.folder / log
        return path.read_text(errors="replace")[-4000:] if path.exists() else ""

    def _run(self, command: Sequence[str], log: str) -> subprocess.Popen[bytes]:
        with (self.folder / log).open("ab") as said:
            return subprocess.Popen(
                [*self.before, *command],
                cwd=HOUSE,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )

    def _environment(self) -> dict[str, str]:
        """As it is where it is installed: with its code compiled once, and no settings but its own."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("BROKER_", "PYTHONDONT"))}
        return kept | {f"BROKER_{name}": str(value) for name, value in self.settings.items()}


def _end(process: subprocess.Popen[bytes]) -> None:
    """With whatever it has started, so that nothing is left where it runs under another command."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def running(product: Product, workers: int = 0) -> Iterator[Product]:
    """The product at work, and ended whatever happens."""
    try:
        product.start()
        for _ in range(workers):
            product.start_worker()
        yield product
    finally:
        product.stop()

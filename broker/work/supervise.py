"""Keeps the web and its worker processes running under one foreground command, and stops all cleanly."""

import ctypes
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from types import FrameType

HOST = "127.0.0.1"
TICK = 0.1  # seconds between two looks at the children
LONGEST_PAUSE = 30.0  # seconds before a worker that keeps failing is tried again
STEADY = 60.0  # seconds after which a worker counts as having run well

Report = Callable[[str], None]
_LIBC = ctypes.CDLL(None)
_say: Report = partial(print, flush=True)


def web_command(port: int) -> list[str]:
    """Our own few lines around waitress, in the Python that runs us."""
    return [sys.executable, "-m", "broker.work.pages", f"{HOST}:{port}", "broker:create_app"]


def worker_command() -> list[str]:
    """The product's own command."""
    return [sys.executable, "-m", "flask", "--app", "broker", "worker"]


def port_is_free(port: int) -> bool:
    """Whether the web process could listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as waitress does
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def run(
    web: Sequence[str],
    worker: Sequence[str],
    *,
    port: int,
    announce: Callable[[], None],
    workers: int = 1,
    report: Report = _say,
    grace: float = 25.0,
    pause: float = 1.0,
) -> int:
    """Run the web and so many workers until Ctrl-C or TERM (gives 0) or until the web process ends by itself (gives 1).

    `announce` is called once, when the port answers. A worker that ends is started again after `pause`
    seconds, doubled each time. Children that outlive `grace` seconds or a second Ctrl-C are killed.
    """
    asked = _catch_signals()
    pages, hands = _start(web), [_Worker(worker, pause, report) for _ in range(workers)]
    silent = True
    try:
        while not asked:
            if pages.poll() is not None:
                report(f"The web process ended by itself (code {pages.returncode}); stopping.")
                return 1
            if silent and _answers(port):
                announce()
                silent = False
            for each in hands:
                each.tend(time.monotonic())
            time.sleep(TICK)
        return 0
    finally:
        _stop([pages, *(each.process for each in hands)], grace, asked)


class _Worker:
    """The worker process, started again whenever it ends by itself."""

    def __init__(self, command: Sequence[str], pause: float, report: Report) -> None:
        self.command, self.first_pause, self.report = command, pause, report
        self.pause = pause
        self.due: float | None = None
        self.begin(time.monotonic())

    def begin(self, at: float) -> None:
        self.process, self.began, self.due = _start(self.command), at, None

    def tend(self, at: float) -> None:
        """Notice an end, and start again when its pause is over."""
        if self.due is not None:
            if at >= self.due:
                self.begin(at)
        elif self.process.poll() is not None:
            if at - self.began >= STEADY:
                self.pause = self.first_pause
            self.due = at + self.pause
            code = self.process.returncode
            self.report(f"The worker ended by itself (code {code}); starting it again in {self.pause:g} s.")
            self.pause = min(2 * self.pause, LONGEST_PAUSE)


def _catch_signals() -> list[int]:
    """Collect the wishes to stop in a list; the children, started later, get the default handlers back."""
    asked: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        asked.append(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, note)
    return asked


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start a child in a process group of its own, out of reach of the terminal's Ctrl-C.

    Reached by both, it would hear two interrupts, and to the worker's library the second one means "hurry".
    """
    return subprocess.Popen(  # noqa: S603 - both commands are ours
        command,
        stdin=subprocess.DEVNULL,
        process_group=0,
        preexec_fn=_die_with_parent,  # noqa: PLW1509 - the supervisor has one thread
    )


def _die_with_parent() -> None:
    """Ask Linux to kill the child should its supervisor be killed, so that no orphan keeps the port."""
    if sys.platform == "linux":
        _LIBC.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection((HOST, port), timeout=TICK):
        return True
    return False


def _stop(children: Sequence[subprocess.Popen[bytes]], grace: float, asked: Sequence[int]) -> None:
    """Interrupt every child, let it finish what it is doing, and kill what stays."""
    for child in children:
        child.send_signal(signal.SIGINT)
    deadline = time.monotonic() + grace
    while any(child.poll() is None for child in children):
        # Two TERMs are no hurry: make passes on a TERM that its whole group has had already.
        if time.monotonic() > deadline or asked.count(signal.SIGINT) > 1:
            for child in children:
                child.kill()
        time.sleep(TICK / 2)

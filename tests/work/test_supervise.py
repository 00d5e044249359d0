"""Two real child processes are kept running, restarted, and stopped, whatever happens to them."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from broker.work import supervise as supervising
from broker.work.supervise import port_is_free, web_command, worker_command

# A child writes a line for each thing that happens to it: its number at the start, each interrupt, its end.
CHILD = """
import os, signal, socket, sys, time
name, manner, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
log = open(name, "a", buffering=1)
def note(number, frame):
    print("interrupt", file=log)
    if manner != "stubborn":
        time.sleep(0.3)  # long enough for a second interrupt to be seen
        print("end", file=log)
        sys.exit(0)
signal.signal(signal.SIGINT, note)
if manner == "broken":  # before it could answer anybody
    print("start", os.getpid(), file=log)
    sys.exit(3)
if port:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen()
print("start", os.getpid(), file=log)
while True:
    signal.pause()
"""

# The file is loaded by itself, so that no test waits for the whole product to load.
SUPERVISOR = """
import sys
from supervise import run
child, port, web, worker, grace, workers = *sys.argv[1:5], float(sys.argv[5]), int(sys.argv[6])
sys.exit(run(
    [sys.executable, child, "web.log", web, port],
    [sys.executable, child, "worker.log", worker, "0"],
    port=int(port), workers=workers, announce=lambda: print("ready", flush=True), grace=grace, pause=0.05,
))
"""

PATIENCE = 20.0


def until(true: Callable[[], object], what: str) -> None:
    """Look again and again until it is so; a slow machine only makes it slower."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, f"never came: {what}"
        time.sleep(0.02)


def alive(number: int) -> bool:
    """Whether a process runs; one that has ended and waits to be reaped does not."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


class Running:
    """A supervisor at work in a folder of its own."""

    def __init__(
        self, folder: Path, web: str = "good", worker: str = "good", grace: float = 10.0, workers: int = 1
    ) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.folder = folder
        child = folder / "child.py"
        child.write_text(CHILD)
        command = [sys.executable, "-c", SUPERVISOR, str(child), str(self.port), web, worker, str(grace), str(workers)]
        environment = {**os.environ, "PYTHONPATH": str(Path(supervising.__file__).parent)}
        with (folder / "said").open("w") as said:
            self.process = subprocess.Popen(
                command, cwd=folder, env=environment, stdout=said, stderr=said, start_new_session=True
            )

    @property
    def said(self) -> str:
        return (self.folder / "said").read_text()

    def log(self, name: str) -> list[str]:
        path = self.folder / f"{name}.log"
        return path.read_text().splitlines() if path.exists() else []

    def numbers(self, name: str) -> list[int]:
        return [int(line.split()[1]) for line in self.log(name) if line.startswith("start")]

    def both_started(self) -> "Running":
        until(lambda: self.numbers("web") and self.numbers("worker"), f"both children; {self.said}")
        return self

    def code(self) -> int:
        return self.process.wait(timeout=PATIENCE)

    def assert_no_child_lives(self) -> None:
        for number in self.numbers("web") + self.numbers("worker"):
            assert not alive(number)


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    started: list[Running] = []

    def start(**manners: str | float) -> Running:
        started.append(Running(tmp_path, **manners))  # type: ignore[arg-type]
        return started[-1]

    yield start
    for running in started:
        if running.process.poll() is None:
            running.process.kill()
            running.process.wait()


@pytest.mark.parametrize("wish", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_wish_to_stop_lets_both_children_finish(supervise: Callable[..., Running], wish: int) -> None:
    running = supervise().both_started()
    running.process.send_signal(wish)
    assert running.code() == 0
    for name in ("web", "worker"):
        assert running.log(name)[1:] == ["interrupt", "end"]
    running.assert_no_child_lives()


@pytest.mark.parametrize("wish", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_to_the_whole_group_reaches_each_child_once(supervise: Callable[..., Running], wish: int) -> None:
    running = supervise().both_started()
    os.killpg(running.process.pid, wish)
    assert running.code() == 0
    for name in ("web", "worker"):
        assert running.log(name)[1:] == ["interrupt", "end"]


def test_it_is_announced_once_and_only_when_the_port_answers(supervise: Callable[..., Running]) -> None:
    running = supervise()
    until(lambda: "ready" in running.said, "the announcement")
    assert running.numbers("web")
    running.both_started()
    running.process.terminate()
    assert running.code() == 0
    assert running.said.count("ready") == 1


def test_a_web_process_that_ends_ends_all(supervise: Callable[..., Running]) -> None:
    running = supervise().both_started()
    os.kill(running.numbers("web")[0], signal.SIGKILL)
    assert running.code() == 1
    assert running.log("worker")[1:] == ["interrupt", "end"]
    assert "web process ended by itself (code -9)" in running.said


def test_a_web_process_that_cannot_start_says_so(supervise: Callable[..., Running]) -> None:
    running = supervise(web="broken")
    assert running.code() == 1
    assert "code 3" in running.said
    assert "ready" not in running.said
    running.assert_no_child_lives()


def test_a_killed_worker_comes_back_and_the_web_never_notices(supervise: Callable[..., Running]) -> None:
    running = supervise().both_started()
    os.kill(running.numbers("worker")[0], signal.SIGKILL)
    until(lambda: len(running.numbers("worker")) == 2, "the second worker")
    assert alive(running.numbers("worker")[1])
    assert len(running.numbers("web")) == 1
    running.process.send_signal(signal.SIGINT)
    assert running.code() == 0
    running.assert_no_child_lives()


@pytest.mark.parametrize("number", [0, 3])
def test_there_are_as_many_workers_as_were_asked_for(supervise: Callable[..., Running], number: int) -> None:
    running = supervise(workers=number)
    until(lambda: "ready" in running.said and len(running.numbers("worker")) == number, f"{number} workers")
    running.process.terminate()
    assert running.code() == 0
    assert running.log("worker").count("end") == number
    running.assert_no_child_lives()


def test_a_worker_that_keeps_failing_is_tried_ever_more_rarely(supervise: Callable[..., Running]) -> None:
    running = supervise(worker="broken")
    until(lambda: len(running.numbers("worker")) >= 3, "the third worker")
    assert "again in 0.05 s" in running.said
    assert "again in 0.1 s" in running.said
    running.process.terminate()
    assert running.code() == 0


def test_a_child_that_will_not_stop_is_killed_in_the_end(supervise: Callable[..., Running]) -> None:
    running = supervise(worker="stubborn", grace=0.5).both_started()
    running.process.send_signal(signal.SIGINT)
    assert running.code() == 0
    assert running.log("worker")[1:] == ["interrupt"]
    running.assert_no_child_lives()


def test_a_second_ctrl_c_hurries(supervise: Callable[..., Running]) -> None:
    running = supervise(worker="stubborn", grace=1000.0).both_started()
    running.process.send_signal(signal.SIGINT)
    until(lambda: "interrupt" in running.log("worker"), "the first interrupt")
    running.process.send_signal(signal.SIGINT)
    assert running.code() == 0
    running.assert_no_child_lives()


def test_children_do_not_outlive_a_killed_supervisor(supervise: Callable[..., Running]) -> None:
    running = supervise().both_started()
    running.process.kill()
    running.process.wait()
    numbers = running.numbers("web") + running.numbers("worker")
    until(lambda: not any(alive(number) for number in numbers), "the children's end")
    assert port_is_free(running.port)


def test_a_taken_port_is_known() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = int(taken.getsockname()[1])
        assert not port_is_free(port)
    assert port_is_free(port)


def test_the_commands_are_those_of_this_python() -> None:
    web, worker = web_command(5080), worker_command()
    assert web[0] == worker[0] == sys.executable
    assert "127.0.0.1:5080" in web
    assert web[-1] == "broker:create_app"
    assert worker[-1] == "worker"

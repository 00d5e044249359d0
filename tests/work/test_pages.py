"""Told to stop, the web process finishes what it has begun, lets nobody else in, and ends."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.reliability.lines import connect, read
from tests.reliability.product import free_port

HOUSE = Path(__file__).parents[2]
# An application that says when it has begun, and answers once a file has come.
SLOW = """
import pathlib, resource, sys, time
from broker.work import pages
resource.setrlimit(resource.RLIMIT_NOFILE, (2048, 2048))
others = [open("/dev/null") for _ in range(1100)]  # more than `select` can bear, as on a busy day
pages.FRESH = 50.0  # however slow the machine
folder = pathlib.Path(sys.argv[2])
def application(environ, start):
    (folder / "begun").touch()
    while not (folder / "go").exists():
        time.sleep(0.01)
    start("200 OK", [("Content-Length", "4")])
    return [b"kept"]
(folder / "up").touch()
pages.serve(application, sys.argv[1])
"""

# The pages start as their process starts them; what they have loaded by their first answer.
LOADED = """
import sys
from broker import create_app
answer = create_app(commands=False).test_client().get("/sign-in")
print(answer.status_code, *sys.modules)
"""
OTHERS_NEED = {"numpy", "scipy", "sklearn", "numba", "openpyxl", "huey", "alembic", "broker.matching", "broker.cli"}


def test_pages_start_without_what_only_worker_and_commands_need(own_instance: Path) -> None:
    said = subprocess.run([sys.executable, "-c", LOADED], cwd=HOUSE, check=True, capture_output=True, text=True)
    status, *loaded = said.stdout.split()
    assert status == "200"
    assert OTHERS_NEED.intersection(loaded) == set()


@contextmanager
def serving(folder: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW, f"127.0.0.1:{port}", str(folder)],
        env={**os.environ, "PYTHONPATH": str(HOUSE)},
        cwd=folder,
    )
    try:
        yield port, process
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("wish", [signal.SIGINT, signal.SIGTERM])
def test_what_was_begun_is_answered_and_nobody_else_is_let_in(tmp_path: Path, wish: signal.Signals) -> None:
    with serving(tmp_path) as (port, process):
        line = _first(port, process)
        line.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        _until(tmp_path / "begun")
        late = connect(port)
        process.send_signal(wish)
        while _is_open(port):
            assert process.poll() is None
            time.sleep(0.01)
        late.sendall(b"GET / HTTP/1.0\r\n\r\n")
        (tmp_path / "go").touch()
        assert read(line).body == b"kept"
        assert read(late).body == b"kept", "somebody had come in already, and was about to ask"
        line.close()
        late.close()
        assert process.wait(timeout=60) == 0


NO_HTTP = {
    413: b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 40000000\r\n\r\n",  # answered before any of it is sent
    400: b"nonsense\r\n\r\n",
    431: b"GET / HTTP/1.1\r\nHost: here\r\nX-Long: " + b"a" * 300_000 + b"\r\n\r\n",
    501: b"POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: odd\r\n\r\n",
}


def test_what_is_no_http_is_answered_with_headers_too(tmp_path: Path) -> None:
    with serving(tmp_path) as (port, process):
        for status, sent in NO_HTTP.items():
            line = _first(port, process)
            line.sendall(sent)
            answer = read(line)
            line.close()
            assert answer.status_code == status
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["X-Frame-Options"] == "DENY"
            assert answer.headers["Cache-Control"] == "no-store"
            assert b"<" not in answer.body


def _first(port: int, process: subprocess.Popen[bytes]) -> socket.socket:
    while True:
        assert process.poll() is None, "it never listened"
        try:
            return connect(port)
        except ConnectionRefusedError:
            time.sleep(0.02)


def _until(path: Path) -> None:
    while not path.exists():
        time.sleep(0.01)


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0

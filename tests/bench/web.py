"""How quick the pages are beside a page that says hello, by the same server in the same run; and eight writers."""

import os
import re
import secrets
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask

from broker.actions.demonstration.people import PASSWORD
from broker.work.supervise import web_command
from tests.bench.goals import Line, at_least, holds, told
from tests.journeys.visitor import Visitor
from tests.reliability import scene
from tests.reliability.lines import Browser, connect, read
from tests.reliability.product import HOUSE, Product, free_port
from tests.reliability.writers import writing

CALLERS = 4
ROUNDS = 5
WRITERS = 8
KEY = b"x" * 22
MEMBER, OFFICER = "pantry@northmere.example", "officer@northmere.example"


def hello(*, commands: bool) -> Flask:
    """The floor: the same framework and server, and nothing to do. Called as the product is."""
    assert not commands
    app = Flask(__name__)

    @app.route("/", methods=["GET", "POST"])
    def _hello() -> str:
        return "Hello"

    return app


@dataclass
class Target:
    """One request sent again and again. `busy`: seconds of the server's processor for each, round by round."""

    name: str
    request: bytes
    status: int
    server: int
    port: int
    share: float | None = None
    rates: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)


def measure_web(seconds: float) -> Iterator[Line]:
    """The pages of the demonstration city, each in turn with the floor, several rounds."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        product = Product(Path(folder) / "city")
        _found(product)
        with _running(product), _floor() as (port, server):
            floor = Target("hello", _lasting(Browser(port).request("GET", "/")), 200, server, port)
            targets = list(_targets(product))
            for target in [floor, *targets]:
                _call(target, 0.5)  # warm
            for target in [floor, *targets]:
                target.rates.clear()
                target.busy.clear()
            for _ in range(ROUNDS):
                for target in [floor, *targets]:
                    _call(target, seconds)
    yield told(CALLERS, "hello", _said(floor))
    for target in targets:
        # By processor time: what else runs on the machine takes from the clock's rate, and not evenly.
        share = statistics.median(b / a for a, b in zip(target.busy, floor.busy, strict=True))
        what = f"{target.name}, as a share of hello"
        if target.share is None:
            yield told(CALLERS, what, f"{share:.1%}")
        else:
            yield at_least(CALLERS, what, 100 * share, 100 * target.share, unit="%")
        yield told(CALLERS, target.name, _said(target))


def measure_writers(seconds: float) -> Iterator[Line]:
    """Eight officers who write notes and confirm matches for so long, and what became of what they were told."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        product = Product(Path(folder))
        laid = scene.lay_out(product, matches=400, officers=WRITERS)
        with _running(product), writing(product.port, laid) as log:
            time.sleep(seconds)
        with product.inside():
            lost, halves = log.lost(), list(scene.halves())
    kept, failed = log.kept, sum(number for status, number in log.statuses.items() if status >= 400)
    yield told(WRITERS, f"writes kept in {seconds:.0f} s", f"{kept:,} ({kept / seconds:.0f} a second)")
    others = [f"{number} x {status}" for status, number in log.statuses.items() if status >= 400]
    if others or log.cut_off or log.odd:
        yield told(WRITERS, "what else they met", ", ".join([*others, f"{log.cut_off} cut off", *log.odd[:3]]))
    yield holds(WRITERS, "writes that did not fail", failed + log.cut_off + len(log.odd), kept + failed + log.cut_off)
    yield holds(WRITERS, "writes told as kept that are there", len(lost), kept)
    yield holds(WRITERS, "nothing half made or twice", len(halves), 400)


def _said(target: Target) -> str:
    rate, busy = statistics.median(target.rates), statistics.median(target.busy)
    return f"{rate:,.0f} a second, {1000 * busy:.2f} ms of processor each"


def _found(product: Product) -> None:
    for command in (["db", "upgrade"], ["demo", "--if-empty"]):
        words = [sys.executable, "-m", "flask", "--app", "broker", *command]
        subprocess.run(words, cwd=HOUSE, env=product._environment(), check=True, stdout=subprocess.DEVNULL)


def _targets(product: Product) -> Iterator[Target]:
    assert product.web is not None
    server, port = product.web.pid, product.port
    stranger, member, officer = Browser(port), *(_signed_in(port, who) for who in (MEMBER, OFFICER))
    shown = re.search(r'href="(/listings/\d+)"', stranger.get("/listings").get_data())
    assert shown, "the city shows no listing"
    listing = shown[1]
    for name, browser, path, share in (
        ("list, nobody signed in", stranger, "/listings", 0.8),
        ("list, a member", member, "/listings", 0.18),
        ("list, a member, drawn anew each time", member, f"/listings?anew={KEY.decode()}", None),
        ("one listing, nobody signed in", stranger, listing, 0.18),
        ("one listing, an officer", officer, listing, 0.18),
        ("one listing, an officer, drawn anew each time", officer, f"{listing}?anew={KEY.decode()}", None),
    ):
        yield Target(name, _lasting(browser.request("GET", path)), 200, server, port, share)
    yield Target("a note written, an officer", _note(officer), 303, server, port, 0.2)


def _note(officer: Browser) -> bytes:
    """A post that writes: a note to both sides of the first match that is open to one."""
    for number in range(1, 60):
        page = f"/matches/{number}"
        if 'name="write-text"' in officer.get(page).get_data():
            path, sent = scene.filled(
                _visitor(officer), page, "Send to both sides", {"write-text": "Thank you."}, "/write"
            )
            sent.setlist("once", [KEY.decode()])  # each time another, or the same form would be taken only once
            return _lasting(officer.request("POST", path, sent))
    raise LookupError("no match to write about")


def _visitor(browser: Browser) -> Visitor:
    return Visitor(browser)  # type: ignore[arg-type]


def _lasting(request: bytes) -> bytes:
    return request.replace(b"Connection: close\r\n", b"")


def _signed_in(port: int, email: str) -> Browser:
    browser = Browser(port)
    _visitor(browser).go("/sign-in").press("Sign in", {"email": email, "password": PASSWORD})
    browser.get("/account")  # the first page gives the browser the key of its forms, which it keeps
    return browser


def _call(target: Target, seconds: float) -> None:
    """Ask for it by several callers at once, each on a line of its own that stays open; once unmeasured before."""
    with connect(target.port) as line:
        line.sendall(target.request.replace(KEY, secrets.token_urlsafe(16).encode()))
        read(line)
    before, began = _processor(target.server), time.perf_counter()
    ends = began + seconds
    counts = [0] * CALLERS

    def call(number: int) -> None:
        with connect(target.port) as line:
            while time.perf_counter() < ends:
                line.sendall(target.request.replace(KEY, secrets.token_urlsafe(16).encode()))
                answer = read(line)
                assert answer.status_code == target.status, f"{target.name}: {answer.status_code}"
                counts[number] += 1

    callers = [threading.Thread(target=call, args=(number,)) for number in range(CALLERS)]
    for each in callers:
        each.start()
    for each in callers:
        each.join()
    target.rates.append(sum(counts) / (time.perf_counter() - began))
    target.busy.append((_processor(target.server) - before) / max(1, sum(counts)))


def _processor(server: int) -> float:
    """Seconds that this process has spent on a processor, as Linux counts them."""
    said = Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()
    return (int(said[11]) + int(said[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _running(product: Product) -> Iterator[None]:
    try:
        product.start()
        yield
    finally:
        product.stop()


@contextmanager
def _floor() -> Iterator[tuple[int, int]]:
    """The very command of the pages, with another app."""
    port = free_port()
    words = [word.replace("broker:create_app", "tests.bench.web:hello") for word in web_command(port)]
    process = subprocess.Popen(words, cwd=HOUSE, env=os.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(lambda: Browser(port).get("/").status_code == 200)
        yield port, process.pid
    finally:
        process.kill()
        process.wait()


def _wait(answers: Callable[[], bool]) -> None:
    for _ in range(600):
        try:
            if answers():
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError

"""Two hosts, each with pages, a worker and a folder of its own, share one database: all is done, and done once."""

import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from subprocess import Popen

import pytest
from sqlalchemy import func, select

from broker.actions.imports import receive_file
from broker.store.accounts import Membership, User, actor_of
from broker.store.base import db, reading
from broker.store.imports import Import
from broker.store.jobs import Job
from broker.store.listings import Listing
from tests.journeys.visitor import Typed, Visitor
from tests.reliability.lines import Browser
from tests.reliability.product import Product, running
from tests.reliability.scene import Scene, lay_out, visit

pytestmark = pytest.mark.timeout(600)

LEASE = 3
ROWS = 800
NEED: dict[str, Typed] = {
    "title": "Working computers for a homework club",
    "body": "Our children share one old computer. Refurbished computers would change the homework club.",
    "support_kind": "goods",
    "amount": "10",
    "unit": "items",
    "place_kind": "authority",
}


def until(true: Callable[[], object], what: str, patience: float = 90.0) -> None:
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline, f"never came: {what}"
        time.sleep(0.1)


class Hosts:
    """Two of them, and the people at their pages. A sign-in at one counts at the other: they share the key."""

    def __init__(self, folder: Path, address: str, stack: ExitStack) -> None:
        shared = {"SECRET_KEY": "k" * 64, "JOB_LEASE": LEASE, "LOG": "json"}
        self.one, self.two = (Product(folder / name, address, **shared) for name in ("one", "two"))
        self.scene: Scene = lay_out(self.one, matches=2, officers=1)
        for host in (self.one, self.two):
            stack.enter_context(running(host, workers=1))

    @property
    def workers(self) -> list[Popen[bytes]]:
        return [self.one.workers[0], self.two.workers[0]]

    def visit(self, email: str) -> tuple[Visitor, Visitor]:
        """The same person's browser, at the first host and at the second."""
        browser, here = visit(self.one.port, email)
        other = Browser(self.two.port)
        other.cookies = browser.cookies
        return here, Visitor(other)  # type: ignore[arg-type]

    def jobs(self) -> list[Job]:
        with self.one.inside():
            found = list(db.session.scalars(select(Job).order_by(Job.id)))
            db.session.expunge_all()
            return found

    def send_file(self) -> int:
        """An officer's list of many needs, received and owed to a worker."""
        lines = "".join(f"{n},need,Chairs number {n} for our hall,Sturdy ones that stack\n" for n in range(ROWS))
        with self.one.inside():
            officer = db.session.scalars(
                select(Membership).join(User).where(User.email == self.scene.officers[0])
            ).one()
            assert officer.authority is not None
            content = f"id,kind,title,description\n{lines}".encode()
            brought = receive_file(content, "list.csv", officer.authority, actor_of(officer), all_or_nothing=False)
            db.session.commit()
            return brought.id


@pytest.fixture
def hosts(tmp_path: Path, address: str) -> Iterator[Hosts]:
    with ExitStack() as stack:
        yield Hosts(tmp_path, address, stack)


def test_what_is_posted_at_one_host_is_suggested_at_the_other_and_done_once(hosts: Hosts) -> None:
    group, group_elsewhere = hosts.visit(hosts.scene.member)
    _, officer_elsewhere = hosts.visit(hosts.scene.officers[0])
    group.go("/listings/new/need").press("Send for checking", NEED)
    need = group.go("/my-listings").click(str(NEED["title"])).number()
    officer_elsewhere.go("/desk").click(str(NEED["title"])).press("Approve")
    began = time.monotonic()
    until(lambda: "Refurbished" in group_elsewhere.go(f"/listings/{need}/suggestions").raw, "the suggestion")
    print(f"suggested at the other host {time.monotonic() - began:.1f} s after the approval")
    until(lambda: all(job.state == "done" for job in hosts.jobs()), "the end of all jobs")
    jobs = hosts.jobs()
    assert {"guess", "suggest"} <= {job.kind for job in jobs}
    assert [(job.kind, job.attempts) for job in jobs if job.attempts != 1] == [], "no job was done twice"


def test_a_worker_killed_in_mid_job_loses_and_doubles_nothing(hosts: Hosts) -> None:
    officer, officer_elsewhere = hosts.visit(hosts.scene.officers[0])
    first, second = hosts.workers
    until(lambda: "the worker is ready" in hosts.two.said("worker0.log"), "the start of the other worker")
    second.send_signal(signal.SIGSTOP)
    import_id = hosts.send_file()
    page = f"/imports/{import_id}"
    until(lambda: 0 < _rows_in(officer_elsewhere.go(page)) < ROWS, "some progress, seen at the other host")
    first.kill()
    reached = _rows_in(officer_elsewhere.go(page))
    assert 0 < reached < ROWS, "it was not in the middle of the job"
    with hosts.one.inside():
        second.send_signal(signal.SIGCONT)
        began = time.monotonic()
        until(lambda: _tries() == 2, "the other worker taking it")
    print(f"with a lease of {LEASE} s taken over after {time.monotonic() - began:.1f} s, at {reached} of {ROWS} rows")
    until(lambda: _rows_in(officer.go(page)) > reached, "the other worker going on")
    print(f"further rows after {time.monotonic() - began:.1f} s")
    until(lambda: "rows were read" in officer.go(page).raw, "the end of the import")
    with hosts.one.inside():
        assert (
            db.session.scalar(select(func.count()).select_from(Listing).where(Listing.source_id.is_not(None))) == ROWS
        )
        brought = db.session.get_one(Import, import_id)
        assert (brought.added, brought.known, brought.refused) == (ROWS, 0, [])
        job = db.session.scalars(select(Job).where(Job.kind == "import")).one()
        assert (job.state, job.attempts) == ("done", 2)


def _tries() -> int | None:
    """How many workers have begun with the file. Asked with the database at hand."""
    with reading():
        return db.session.scalar(select(Job.attempts).where(Job.kind == "import"))


def _rows_in(visitor: Visitor) -> int:
    found = re.search(r"([\d,]+) of [\d,]+ rows are in", visitor.raw)
    return int(found[1].replace(",", "")) if found else 0

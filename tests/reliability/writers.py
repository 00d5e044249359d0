"""People who keep writing, whatever happens to the service, and remember what they were told was kept."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from math import inf

from sqlalchemy import select

from broker.store.base import db
from broker.store.partnerships import Partnership
from tests.reliability.lines import GONE, Answer
from tests.reliability.scene import Scene, filled, filled_in, notes, terms, visit

KEPT = {302, 303}
PAUSE = 0.2  # seconds until somebody who was turned away tries again; a person would wait for longer


@dataclass
class Log:
    """What all of them together were told, and how long it took."""

    notes: dict[str, float] = field(default_factory=dict)  # and when they were told so
    matches: dict[int, float] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    turned_away: int = 0
    cut_off: int = 0
    times: list[tuple[float, int]] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)

    @property
    def kept(self) -> int:
        return len(self.notes) + len(self.matches)

    def lost(self, until: float = inf) -> list[str]:
        """What they were told until then was kept and is not there. Asked with the database at hand."""
        said = {each for each, at in self.notes.items() if at < until}
        confirmed = {each for each, at in self.matches.items() if at < until}
        there = set(db.session.scalars(select(Partnership.match_id)))
        return [*sorted(said - notes()), *(f"the partnership of match {each}" for each in sorted(confirmed - there))]


class Writer(threading.Thread):
    """One officer: a note in a match that stays open, then a confirmation of the next match of its own, and again."""

    def __init__(self, port: int, email: str, own: list[int], log: Log, stop: threading.Event) -> None:
        super().__init__(daemon=True, name=email)
        self.browser, self.visitor = visit(port, email)
        self.talk, *self.agreed = own
        self.log, self.stop = log, stop
        self.blank = filled(self.visitor, f"/matches/{self.talk}", "Send to both sides", {"write-text": "x"}, "/write")

    def run(self) -> None:
        for number in count():
            if self.stop.is_set():
                return
            try:
                self._confirm() if number % 2 and self.agreed else self._write(f"{self.name} {number}")
            except ConnectionRefusedError:
                self.log.turned_away += 1
                time.sleep(PAUSE)
            except GONE:
                self.log.cut_off += 1
                time.sleep(PAUSE)
            except AssertionError as problem:  # a page before the deed was not what it should be
                self.log.odd.append(str(problem)[:200])
                time.sleep(PAUSE)

    def _write(self, token: str) -> None:
        path, sent = self.blank
        sent["write-text"] = token
        if self._told(self.browser.post(path, sent)):
            self.log.notes[token] = time.monotonic()

    def _confirm(self) -> None:
        match_id = self.agreed[0]
        path = f"/matches/{match_id}/confirm"
        page = self.browser.get(path)
        if page.status_code != 200:
            self._told(page)
            return
        answer = self.browser.post(*filled_in(self.visitor._arrive(page, 200), "Confirm", terms()))
        if self._told(answer):
            self.log.matches[match_id] = time.monotonic()
        if answer.status_code in {*KEPT, 409}:
            self.agreed.pop(0)

    def _told(self, answer: Answer) -> bool:
        self.log.statuses[answer.status_code] += 1
        self.log.times.append((time.monotonic(), answer.status_code))
        if answer.status_code == 503:
            self.stop.wait(PAUSE)
        if answer.status_code == 503 and "Retry-After" not in answer.headers:
            self.log.odd.append("a 503 does not say when to come again")
        if answer.status_code == 503 and b"The service is resting for a moment" not in answer.body:
            self.log.odd.append("a 503 is not the page that says so")
        return answer.status_code in KEPT


@contextmanager
def writing(port: int, scene: Scene) -> Iterator[Log]:
    """All officers of the scene at work, each on its share of the matches, until this ends."""
    log, stop = Log(), threading.Event()
    number = len(scene.officers)
    people = [
        Writer(port, email, scene.matches[place::number], log, stop) for place, email in enumerate(scene.officers)
    ]
    for each in people:
        each.start()
    try:
        yield log
    finally:
        stop.set()
        for each in people:
            each.join(timeout=120)
            assert not each.is_alive(), f"{each.name} still waits for an answer"

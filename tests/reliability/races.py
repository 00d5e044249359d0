"""Many people at one match at the same moment: one wins, the others are told so, nothing is doubled or half made."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain, cycle, islice, zip_longest

from sqlalchemy import select

from broker.domain.permissions import Action
from broker.store.base import db
from broker.store.events import Event
from tests.journeys.visitor import Typed, Visitor
from tests.reliability.lines import Answer, Browser, together
from tests.reliability.product import Product
from tests.reliability.scene import Scene, filled, halves, terms, visit

CROWD = 64
SETTLED = {302, 303, 409}
Request = Callable[[int], bytes]


@dataclass
class Race:
    """What came of it."""

    name: str
    sent: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    confirmed: int = 0
    wrong: list[str] = field(default_factory=list)
    slowest: float = 0.0

    def note(self, match_id: int, answers: list[Answer]) -> None:
        self.sent += len(answers)
        self.statuses.update(answer.status_code for answer in answers)
        self.slowest = max(self.slowest, *(answer.seconds for answer in answers))
        odd = {answer.status_code for answer in answers} - SETTLED
        self.wrong += [f"match {match_id}: an answer was {status}" for status in sorted(odd)]


class Crowd:
    """Everybody of a scene, signed in."""

    def __init__(self, product: Product, scene: Scene) -> None:
        self.officers = [visit(product.port, email) for email in scene.officers]
        self.member = visit(product.port, scene.member)
        self.needs = dict(zip(scene.matches, scene.needs, strict=True))

    def confirm(self, match_id: int) -> Iterator[bytes]:
        for who in self.officers:
            yield _post(who, f"/matches/{match_id}/confirm", "", "Confirm", terms())

    def withdraw(self, match_id: int) -> Iterator[bytes]:
        yield _post(self.member, f"/matches/{match_id}", "/withdraw", "Withdraw", {})

    def close(self, match_id: int) -> Iterator[bytes]:
        """The group closes its need: talks end, while what was agreed goes on."""
        page = f"/listings/{self.needs[match_id]}/close"
        yield _post(self.member, page, "", "Close it", {"reason": "met_elsewhere"})

    def edit(self, match_id: int) -> Iterator[bytes]:
        """The group now needs twelve: a change that voids what both sides have said yes to."""
        yield _post(self.member, f"/listings/{self.needs[match_id]}/edit", "", "Send for checking", {"amount": "12"})


def _post(who: tuple[Browser, Visitor], page: str, at: str, button: str, typed: dict[str, Typed]) -> bytes:
    browser, visitor = who
    action, sent = filled(visitor, page, button, typed, at)
    return browser.request("POST", action, sent)


def race(product: Product, scene: Scene, name: str = "confirm", crowd: int = CROWD) -> Race:
    """Race for each match of the scene: officers confirming, and as many others doing what `name` says."""
    people, found = Crowd(product, scene), Race(name)
    for match_id in scene.matches:
        rivals = [list(people.confirm(match_id))]
        if name != "confirm":
            rivals.append(list(getattr(people, name)(match_id)))
        turns = zip_longest(*(islice(cycle(each), crowd // len(rivals)) for each in rivals))
        found.note(match_id, together(product.port, list(chain(*turns))))
    with product.inside():
        found.wrong += halves()
        events = select(Event.subject_id).where(Event.action == Action.CONFIRM_MATCH, Event.subject == "match")
        counts = Counter(db.session.scalars(events))
        found.wrong += [f"match {match} was confirmed {times} times" for match, times in counts.items() if times > 1]
        found.confirmed = len(counts)
    return found

"""A firm, a group and their officers, signed in, around one partnership that something is delivered in."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import select

from broker.domain.clock import today
from broker.store.base import db
from broker.store.deliveries import Delivery
from broker.store.outbox import Outbox
from tests.conftest import PageChecker
from tests.promises import Scene

SignIn = Callable[[int], PageChecker]


class Stage:
    """The scene in a database that pages read: whatever is done in `at_work` is kept."""

    def __init__(self, app: Flask, sign_in: SignIn) -> None:
        self.app = app
        with app.app_context():
            self.scene = Scene()
            db.session.commit()
            self.measure = self.scene.hours.id
            self.partnership = self.scene.partnership.id
            self.ids = {who: each.id for who, each in self.scene.people.items()}
        self._sign_in = sign_in

    def of(self, who: str) -> PageChecker:
        return self._sign_in(self.ids[who])

    @contextmanager
    def at_work(self) -> Iterator[Scene]:
        with self.app.app_context():
            for thing in (self.scene.area, self.scene.group, self.scene.firm, self.scene.partnership, self.scene.hours):
                db.session.add(thing)
            db.session.add_all(self.scene.people.values())
            yield self.scene
            db.session.commit()

    def logged(self, *args: Any, **facts: Any) -> int:
        with self.at_work() as scene:
            return int(scene.logged(*args, **facts).id)

    def confirmed(self, *args: Any, **facts: Any) -> int:
        with self.at_work() as scene:
            return int(scene.confirmed(*args, **facts).id)

    def token(self) -> str:
        """The secret of the last letter."""
        with self.app.app_context():
            tokens = select(Outbox.token).where(Outbox.token.is_not(None)).order_by(Outbox.id.desc())
            return str(db.session.scalars(tokens).first())

    def state(self, delivery_id: int) -> tuple[str, Any]:
        with self.app.app_context():
            found = db.session.get_one(Delivery, delivery_id)
            return str(found.state), found.verified

    def typed(self, **facts: object) -> dict[str, object]:
        """The form for logging, as it is filled in for today."""
        day = today()
        first = {f"started_on-{part}": getattr(day, part) for part in ("day", "month", "year")}
        return {"measure": self.measure, "quantity": "8", **first, **facts}

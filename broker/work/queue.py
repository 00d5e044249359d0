"""The engine that runs jobs, with the job rows as its queue: whoever commits a row has sent it, to workers anywhere."""

import logging
from collections.abc import Callable
from typing import Any

from huey import Huey, crontab
from huey.storage import MemoryStorage
from sqlalchemy.exc import SQLAlchemyError

LONGEST_WAIT = 0.2  # seconds until a quiet worker looks at the rows again
log = logging.getLogger(__name__)


class Rows(MemoryStorage):
    """What the engine keeps for itself stays in memory; whether there is work, the rows know."""

    has_work: Callable[[], object]
    message: bytes
    is_cut_off = False

    def dequeue(self) -> bytes | None:
        """The next thing to do. A database that has gone away is told of once, not five times a second."""
        own: bytes | None = super().dequeue()
        if own is not None:
            return own
        try:
            found = self.has_work()
        except SQLAlchemyError as problem:
            if not self.is_cut_off:
                log.warning("the jobs cannot be read (%s); waiting for the database", type(problem).__name__)
            self.is_cut_off = True
            return None
        if self.is_cut_off:
            log.warning("the jobs can be read again")
        self.is_cut_off = False
        return self.message if found else None


def consumer(has_work: Callable[[], object], work: Callable[[], object], every_minute: Callable[[], object]) -> Any:
    """The engine, ready to run until SIGINT (which lets the job in hand finish) or SIGTERM."""
    engine = Huey("broker", storage_class=Rows, results=False)
    task = engine.task(name="work")(work)
    engine.periodic_task(crontab(minute="*"), name="every_minute")(every_minute)
    engine.storage.has_work = has_work
    engine.storage.message = engine.serialize_task(task.s())
    return engine.create_consumer(workers=1, initial_delay=0.05, max_delay=LONGEST_WAIT)

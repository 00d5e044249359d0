"""The queue between web and worker. It carries ids only and may be thrown away: the job rows are the truth."""

import logging
from collections.abc import Callable
from functools import cache
from typing import Any

from flask import current_app
from huey import SqliteHuey, crontab

log = logging.getLogger(__name__)


@cache
def open_queue(folder: str) -> SqliteHuey:
    """The queue kept in this instance folder."""
    return SqliteHuey("broker", filename=f"{folder}/queue.db", timeout=5)


def _define(queue: SqliteHuey, body: Callable[[int], None]) -> Any:
    """The one task, under one name on both ends: the web only sends it, the worker gives it a body."""

    def run_job(job_id: int) -> None:
        body(job_id)

    return queue.task(name="run_job")(run_job)


@cache
def _sender(folder: str) -> Any:
    return _define(open_queue(folder), lambda _job_id: None)


def send(job_id: int) -> None:
    """Tell the worker about a job that has been committed. If that fails the worker's next sweep finds the row."""
    try:
        _sender(current_app.instance_path)(job_id)
    except Exception:
        log.exception("job %s waits for the next sweep", job_id)


def receive(folder: str, run_job: Callable[[int], None], every_minute: Callable[[], None]) -> SqliteHuey:
    """The worker's end: what to do with a job's id, and what to do as time passes. A first message is waiting."""
    queue = open_queue(folder)
    task = _define(queue, run_job)
    queue.periodic_task(crontab(minute="*"), name="every_minute")(every_minute)
    task(0)  # so that what was left behind is taken up at once, not at the next full minute
    return queue

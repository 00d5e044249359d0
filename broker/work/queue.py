"""The queue between web and worker. It carries ids only and may be thrown away: the job rows are the truth."""

from functools import cache

from flask import current_app
from huey import SqliteHuey


@cache
def _huey(folder: str) -> SqliteHuey:
    return SqliteHuey("broker", filename=f"{folder}/queue.db")


def send(job_id: int) -> None:
    """Tell the worker about a job that has been committed."""
    from broker.work import jobs

    jobs.announce(_huey(current_app.instance_path), job_id)

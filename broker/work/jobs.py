"""From a job's name to the action that does it."""

from huey import SqliteHuey


def announce(queue: SqliteHuey, job_id: int) -> None:
    """Put a job's id on the queue."""

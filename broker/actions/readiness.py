"""Whether this installation can take work now, and how long things have been waiting, as figures for a machine."""

import os
import tempfile
from datetime import datetime
from pathlib import Path

from broker.actions.audit import last_check
from broker.store.condition import can_write, failed, waiting_since
from broker.store.jobs import Job
from broker.store.outbox import Outbox
from broker.store.settings import BACKUP, WORKER, moment

ROOM = 256 * 1024  # bytes that the disk must still take; SQLite meets a full one only when it commits


def is_ready(instance: Path) -> bool:
    """True when the database takes a write (which is taken back) and the disk has room."""
    try:
        with tempfile.TemporaryFile(dir=instance) as file:
            os.posix_fallocate(file.fileno(), 0, ROOM)
    except OSError:
        return False
    return can_write()


def figures(at: datetime) -> dict[str, float]:
    """Ages in seconds and counts, by name. What never happened, or is not known, is left out."""
    check = last_check()
    since = {
        "oldest_letter": waiting_since(Outbox) or at,
        "oldest_job": waiting_since(Job) or at,
        "last_backup": moment(BACKUP),
        "worker_seen": moment(WORKER),
        "record_checked": check.checked_at if check else None,
    }
    ages = {f"{name}_seconds": (at - then).total_seconds() for name, then in since.items() if then}
    found = {**ages, "letters_failed": failed(Outbox), "jobs_failed": failed(Job)}
    return {**found, "record_sound": int(check.is_sound)} if check else found

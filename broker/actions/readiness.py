"""Whether this installation can take work now, and how long things have been waiting, as figures for a machine."""

import os
import tempfile
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from broker.actions.audit import last_check
from broker.store.condition import can_write, failed, other_step, waiting_since
from broker.store.jobs import Job
from broker.store.outbox import Outbox
from broker.store.settings import BACKUP, WORKER, moment

ROOM = 256 * 1024  # bytes that the disk must still take; SQLite meets a full one only when it commits


class Hindrance(StrEnum):
    """Why no work can be taken now."""

    DISK = "disk"
    DATABASE = "database"
    TABLES = "tables"


def hindrance(instance: Path) -> Hindrance | None:
    """None when the disk has room, the database takes a write (which is taken back), and its tables are this code's."""
    try:
        with tempfile.TemporaryFile(dir=instance) as file:
            os.posix_fallocate(file.fileno(), 0, ROOM)
    except OSError:
        return Hindrance.DISK
    try:
        if not can_write():
            return Hindrance.DATABASE
        return Hindrance.TABLES if other_step() else None
    except SQLAlchemyError:
        return Hindrance.DATABASE


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

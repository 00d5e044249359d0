"""Taking a form once: whoever sends the same one again is led to where it led the first time."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, text, update

from broker.store.base import UtcDateTime, db
from broker.store.submissions import Submission

KEPT = timedelta(days=1)  # longer than anybody waits before pressing again
# Both databases say it so. PostgreSQL waits here for another request that has just sent the same.
_CLAIM = text(
    "INSERT INTO submission (key_hash, sent_at) VALUES (:key_hash, :sent_at) ON CONFLICT DO NOTHING RETURNING key_hash"
).bindparams(bindparam("sent_at", type_=UtcDateTime))


def claim(key_hash: str, at: datetime) -> str | None:
    """Where this form led when it was sent before; None when it is new, or came to nothing."""
    if db.session.execute(_CLAIM, {"key_hash": key_hash, "sent_at": at}).all():
        return None
    return db.session.scalar(select(Submission.place).where(Submission.key_hash == key_hash))


def lead(key_hash: str, place: str) -> None:
    """Remember where the answer leads."""
    db.session.execute(update(Submission).where(Submission.key_hash == key_hash).values(place=place))


def forget_submissions(at: datetime) -> None:
    """Forget the keys of forms that nobody has open any more."""
    db.session.execute(delete(Submission).where(Submission.sent_at < at - KEPT))

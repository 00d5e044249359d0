"""Noting a fact about this database as a whole."""

from broker.store.base import db
from broker.store.settings import Setting


def note(name: str, value: str) -> None:
    """Remember this fact, in place of what it said before."""
    db.session.merge(Setting(name=name, value=value))
    db.session.flush()

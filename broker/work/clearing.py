"""The night's clearing away of what has been kept long enough, and giving back the room where removed words stood."""

import logging

from flask import current_app

from broker.actions import retention
from broker.domain.clock import now
from broker.domain.kinds import Role
from broker.domain.permissions import Actor
from broker.store.base import db
from broker.store.tidying import tidy_up
from broker.work import claims

log = logging.getLogger(__name__)


def retain(_argument: int | None, _progress: object) -> None:
    """Warn those whose accounts go soon, then clear away kind by kind, each kept by itself."""
    rules, by, at = current_app.config["RETENTION"], Actor(Role.SYSTEM), now()
    cleared = {"warned": retention.warn_unused(rules, by, at)}
    claims.keep()
    for kept in rules:
        cleared[kept] = retention.clear(kept, rules, by, at)
        claims.keep()
    counts = ", ".join(f"{what} {number}" for what, number in cleared.items() if number)
    log.info("cleared away: %s", counts or "nothing")


def tidy(_argument: int | None, _progress: object) -> None:
    """After an erasure the database still has the words in rooms that nobody uses: it is written anew without them."""
    db.session.rollback()
    tidy_up(db.engine)

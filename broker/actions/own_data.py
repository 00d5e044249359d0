"""A copy of everything that is held about a person, for that person."""

from broker.actions.moving import record
from broker.domain.permissions import Action, Actor, require
from broker.store.accounts import User
from broker.store.base import db
from broker.store.privacy import Row, rows_of


def take_copy(by: Actor) -> dict[str, list[Row]]:
    """Everything that is held about the person who asks, by table; that they asked is recorded."""
    require(by, Action.TAKE_COPY)
    user = db.session.get_one(User, by.user_id)
    record(user, Action.TAKE_COPY, by)
    return rows_of(user)

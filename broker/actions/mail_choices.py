"""What a person wants to be written to about: chosen on a page, or stopped from a letter without signing in."""

from collections.abc import Collection, Sequence
from datetime import datetime

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import delete

from broker.actions.moving import record
from broker.domain.mail import CHOICES, MailTopic
from broker.domain.permissions import Action, Actor, require
from broker.store.accounts import User, actor_of, latest_membership
from broker.store.base import db
from broker.store.outbox import MailRefusal, refused_by

SALT = "stop-letters"  # so that nothing else that we sign can stop letters


def choose_mail(by: Actor, wanted: Collection[MailTopic], offered: Collection[MailTopic], at: datetime) -> None:
    """From now on, of the topics offered, write to this person about those wanted."""
    require(by, Action.CHOOSE_MAIL)
    user = db.session.get_one(User, by.user_id)
    before = refused_by(user.id)
    after = (before - set(offered)) | (set(offered) - set(wanted)) & set(CHOICES)
    if after == before:
        return
    gone = delete(MailRefusal).where(MailRefusal.user_id == user.id, MailRefusal.topic.in_(before - after))
    db.session.execute(gone)
    db.session.add_all(MailRefusal(user_id=user.id, topic=topic, at=at) for topic in after - before)
    record(user, Action.CHOOSE_MAIL, by, *sorted(before ^ after))


def stop_letters(user_id: int, topic: MailTopic, at: datetime) -> None:
    """Do not write to this person about this any more; asked twice it is the same."""
    membership = latest_membership(user_id)
    if membership is not None:
        choose_mail(actor_of(membership), (), (topic,), at)


def stop_token(user_id: int, topic: MailTopic, key: str) -> str:
    """What a letter's link carries: it can stop these letters to this person, and nothing else."""
    return URLSafeSerializer(key, SALT).dumps([user_id, topic])


def read_stop_token(token: str, keys: Sequence[str]) -> tuple[int, MailTopic] | None:
    """The person and the topic, if one of our keys (the oldest first) signed it."""
    try:
        user_id, topic = URLSafeSerializer(list(keys), SALT).loads(token)
        return int(user_id), MailTopic(topic)
    except (BadSignature, TypeError, ValueError):
        return None

"""Owing somebody a letter: the row is written in the same transaction as the deed that it tells of."""

import secrets
from typing import Any

from broker.actions.jobs import owe
from broker.domain.clock import now
from broker.domain.mail import MailKind
from broker.store.accounts import User
from broker.store.base import db
from broker.store.outbox import Outbox


def owe_mail(kind: MailKind, to: User, about: Any = None, token: str | None = None) -> None:
    """Write to a person, about a thing of the store if one is given. token: the secret part of the letter's link."""
    letter = Outbox(
        kind=kind,
        user=to,
        subject=about.__tablename__ if about is not None else None,
        subject_id=about.id if about is not None else None,
        token=token,
        message_id=secrets.token_hex(16),
        created_at=now(),
    )
    db.session.add(letter)
    db.session.flush()
    owe("mail")

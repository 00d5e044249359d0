"""What the tests of accounts share: people with passwords, and the letters that are owed to them."""

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from broker.actions.passwords import hash_password
from broker.store.accounts import Membership, SignIn
from broker.store.base import db
from broker.store.outbox import Outbox
from tests import make

PASSWORD = "three random words"
OFFICER = "officer@example.org"


def officer(app: Flask, email: str = OFFICER) -> int:
    """An officer with a password; gives the id of the person."""
    with app.app_context():
        return with_password(make.officer(make.authority()), email)


def member(app: Flask, email: str) -> int:
    """Somebody who acts for a group, with a password; gives the id of the person."""
    with app.app_context():
        return with_password(make.member(make.organisation(make.authority())), email)


def administrator(app: Flask, email: str = "administrator@example.org") -> int:
    with app.app_context():
        return with_password(make.administrator(), email)


def with_password(membership: Membership, email: str) -> int:
    membership.user.email = email
    membership.user.password_hash = hash_password(PASSWORD)
    db.session.commit()
    return membership.user_id


def send(
    client: FlaskClient, email: str = OFFICER, password: str = PASSWORD, whence: str = "192.0.2.1"
) -> TestResponse:
    """The form of the sign-in page, sent from an address."""
    return client.post(
        "/sign-in", data={"email": email, "password": password}, environ_overrides={"REMOTE_ADDR": whence}
    )


def is_in(client: FlaskClient) -> bool:
    """Whether this browser is signed in."""
    return client.get("/account").status_code == 200


def letters(app: Flask) -> list[tuple[str, str]]:
    """What was written, oldest first: the kind of letter, and the secret of its link."""
    with app.app_context():
        return [(row.kind, row.token or "") for row in db.session.scalars(select(Outbox).order_by(Outbox.id))]


def set_back(app: Flask, **columns: object) -> None:
    """Put the same into every sign-in."""
    with app.app_context():
        db.session.execute(update(SignIn).values(**columns))
        db.session.commit()

"""People who sign in."""

import click
from flask import current_app
from flask.cli import AppGroup

from broker.actions import accounts
from broker.cli.terminal import COMMAND_LINE, authority_of
from broker.domain.kinds import OF_A_COUNCIL, Role
from broker.store.base import db

user = AppGroup("user", help="People who sign in.")


# Nobody is the service itself, and a colleague is invited by the member whose promise they see to.
NEITHER = (Role.SYSTEM, Role.COLLEAGUE)


@user.command("create")
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role if role not in NEITHER]), required=True)
@click.option("--authority", "code", help="ONS code of the officer's authority, such as E08000009.")
@click.option("--name", default="", help="The person's name.")
def user_create(email: str, role: str, code: str | None, name: str) -> None:
    """Make an account and print a one-time link with which its owner sets a password."""
    if role in OF_A_COUNCIL and code is None:
        raise click.ClickException("They work for an authority: add --authority CODE, such as E08000009.")
    authority = authority_of(code) if code else None
    _, token = accounts.create_user(email, Role(role), authority, COMMAND_LINE, name=name)
    db.session.commit()
    base = str(current_app.config["BASE_URL"] or "").rstrip("/")
    click.echo(f"{email} can set a password, once and within 48 hours, at:\n{base}/set-password/{token}")
    if not base:
        click.echo(
            "Put in front of it the address at which the pages run, such as http://127.0.0.1:5000 on this machine."
            " BROKER_BASE_URL, which would say it, is not set."
        )

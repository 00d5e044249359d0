"""People's data: clearing away what has been kept long enough, and erasing a person."""

import click
from flask import current_app
from flask.cli import AppGroup

from broker.actions import erasure, retention
from broker.cli.terminal import COMMAND_LINE
from broker.domain.clock import now
from broker.domain.refusals import Unfit
from broker.store.accounts import user_by_email
from broker.store.base import db

privacy = AppGroup("privacy", help="People's data.")


@privacy.command("retain")
@click.option("--dry-run", is_flag=True, help="Only say what would be cleared away.")
def retain(dry_run: bool) -> None:
    """Clear away what has been kept long enough, as every night; the table is on the privacy page."""
    rules, at = current_app.config["RETENTION"], now()
    if not dry_run:
        click.echo(f"letters about unused accounts: {retention.warn_unused(rules, COMMAND_LINE, at)}")
        db.session.commit()
    for kept, rule in rules.items():
        if not rule.by_job:
            click.echo(f"{kept}: {rule.lasts}, never cleared away by this command")
            continue
        if dry_run:
            number = len(retention.due(kept, rules, at))
        else:
            number = retention.clear(kept, rules, COMMAND_LINE, at)
            db.session.commit()
        click.echo(f"{kept}: {number} {'due' if dry_run else 'cleared away'} after {rule.lasts}")


@privacy.command("erase")
@click.argument("email")
@click.confirmation_option(prompt="This cannot be undone. Erase this person?")
def erase(email: str) -> None:
    """Erase a person, as an administrator does on the page."""
    user = user_by_email(email)
    if user is None:
        raise click.ClickException("Nobody signs in with this address.")
    try:
        erasure.erase_person(user, COMMAND_LINE)
    except Unfit:
        raise click.ClickException("This is the only administrator. Make somebody else one first.") from None
    db.session.commit()
    click.echo("Erased. The words are gone from the file once the worker has tidied up.")

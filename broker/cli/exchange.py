"""Leaving with everything in open files, and joining another installation with it."""

from collections.abc import Callable
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from broker.actions import exchange
from broker.actions.jobs import owe
from broker.domain.clock import now
from broker.store.base import db

PROBLEMS = {
    "folder": "{detail} is not empty. Name a folder that does not exist yet.",
    "damaged": "The files are not what they were, and nothing was changed: {detail}",
    "other": "These files are not of this version of the product: {detail}",
    "step": "These files are of step {detail}. Bring both installations to the same version first, then leave anew.",
    "filled": "This installation holds people or organisations already. Join into a new one, right after `db upgrade`.",
    "not the same": "What was read is not what was left, so nothing was kept: {detail}",
}
SHOWN = ("user", "organisation", "listing", "match", "partnership", "event")


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@with_appcontext
def leave(folder: Path) -> None:
    """Write everything into a folder of open files (CSV and JSON); passwords and sign-ins stay behind."""
    moved = _do(lambda: exchange.leave(db.engine, folder, current_app.config["SERVICE_NAME"], now()))
    _show(moved)
    click.echo(f"{moved.files} tables are in {folder}; {exchange.DESCRIPTION} says what each column is.")
    click.echo("They hold personal data: keep them where only those may read them who must.")


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@with_appcontext
def join(folder: Path) -> None:
    """Fill this empty installation from a folder that `leave` wrote."""
    moved = _do(lambda: exchange.join(db.engine, folder))
    owe("suggest_all")
    db.session.commit()
    _show(moved)
    click.echo(f"All {moved.files} tables, written out again, are the same to the last byte as what was left.")
    click.echo("Passwords stayed behind: everybody asks for a new one from the sign-in page.")


def _do(deed: Callable[[], exchange.Moved]) -> exchange.Moved:
    try:
        return deed()
    except exchange.CannotMove as refused:
        raise click.ClickException(PROBLEMS[refused.problem].format(detail=refused.detail)) from refused


def _show(moved: exchange.Moved) -> None:
    for what, figure in moved.figures.items():
        if what.split(",")[0].split(".")[0] in SHOWN:
            click.echo(f"{what:<44} {figure:>14}")

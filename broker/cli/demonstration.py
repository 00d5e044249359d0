"""The demonstration city, loaded into an empty database."""

import click
from flask import current_app
from flask.cli import with_appcontext

from broker.store.base import db


@click.command()
@click.option("--if-empty", is_flag=True, help="Do nothing when the database holds organisations already.")
@with_appcontext
def demo(if_empty: bool) -> None:
    """Load the demonstration city: invented people and organisations, and accounts to try."""
    from broker.actions import demonstration
    from broker.actions.jobs import owe
    from broker.work import jobs

    if current_app.config["ENV"] == "production":
        raise click.ClickException("Not in production: everybody knows the password of the demonstration's accounts.")
    if not demonstration.is_empty():
        if not if_empty:
            raise click.ClickException("This database has organisations already; the demonstration wants an empty one.")
        return
    click.echo("Loading the demonstration city ...")
    demonstration.load_city()
    db.session.commit()
    jobs.work_off()
    demonstration.remember_reasons()
    owe("notice")
    db.session.commit()
    jobs.work_off()
    click.echo("The demonstration city is loaded.")

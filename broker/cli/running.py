"""Running the product: the pages and the worker together, or the worker alone."""

import logging
import os

import click
from flask import current_app
from flask.cli import with_appcontext

from broker.cli.terminal import stop_at_newer_tables
from broker.store.base import db


@click.command()
@click.option("--port", default=5000, show_default=True, help="Where the pages are, on 127.0.0.1.")
@click.option("--workers", default=1, show_default=True, help="How many do the background work; 0: others do it.")
@with_appcontext
def serve(port: int, workers: int) -> None:
    """Run the pages and the worker until Ctrl-C."""
    from broker.actions.demonstration import demonstration_accounts
    from broker.work import supervise

    stop_at_newer_tables()
    if not supervise.port_is_free(port):
        raise click.ClickException(f"Port {port} is in use. Try another: make run PORT={port + 1}")
    os.environ["BROKER_PORT"] = str(port)  # for the links in letters, where no base address is set
    people = demonstration_accounts()
    db.session.remove()

    def announce() -> None:
        click.echo(f"\n{current_app.config['SERVICE_NAME']} is at http://127.0.0.1:{port}")
        for line in people:
            click.echo(line)
        click.echo("Press Ctrl-C to stop.\n")

    web, worker = supervise.web_command(port), supervise.worker_command()
    raise SystemExit(supervise.run(web, worker, port=port, announce=announce, workers=workers))


@click.command()
def worker() -> None:
    """Do the background work until stopped (`serve` starts this for you). Any number may run, on any host."""
    from broker.work import worker as process

    logging.basicConfig(level=logging.WARNING)
    stop_at_newer_tables()
    process.run(current_app._get_current_object())  # type: ignore[attr-defined]

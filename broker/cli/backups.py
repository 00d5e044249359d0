"""Backup and restore: the whole instance in one file, while everybody works, and back again."""

from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from broker.actions import backups, facts
from broker.domain.clock import now
from broker.store.base import db
from broker.store.settings import BACKUP

PROBLEMS = {
    "running": "Something is connected to this database. Stop the pages and the worker first, on every host.",
    "filled": "This instance holds people or organisations already. To replace it, say --force; what is there now is"
    " kept beside it.",
    "newer": "This backup is of step {detail}, later than this version of the product. Install the newer"
    " version first.",
    "database": "This backup is of {detail}, and this instance keeps its data in another kind of database. To move"
    " between the two, use `leave` and `join`.",
    "damaged": "The backup is not sound, and nothing was changed: {detail}",
    "no program": "{detail} is not on this machine. It comes with PostgreSQL's client programs (Debian:"
    " apt-get install postgresql-client).",
}


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--with-key", is_flag=True, help="Put the secret key into it as well; then whoever has it has everything."
)
@with_appcontext
def backup(file: Path | None, with_key: bool) -> None:
    """Write everything into one checked file, while people work."""
    at = now()
    instance = Path(current_app.instance_path)
    target = file or instance / "backups" / f"broker-{at:%Y%m%dT%H%M%SZ}.tar.gz"
    try:
        made = backups.make_backup(db.engine, instance, target, at, with_key=with_key)
    except backups.NoBackup as refused:
        raise click.ClickException(_why(refused)) from refused
    facts.note(BACKUP, at.astimezone(UTC).isoformat())
    db.session.commit()
    click.echo(
        f"{target}: {sum(made.rows.values()):,} rows of {len(made.rows)} tables, {target.stat().st_size:,} bytes."
    )
    click.echo("It was read back and is sound. It holds personal data: keep it where only those may read it who must.")
    if not with_key:
        click.echo("The secret key is not in it (--with-key); without that key everybody signs in anew.")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Also where people or organisations are here already.")
@click.option("--check", is_flag=True, help="Only look whether the backup is sound.")
@with_appcontext
def restore(file: Path, force: bool, check: bool) -> None:
    """Set this instance to what a backup holds; what was there is kept beside it."""
    instance = Path(current_app.instance_path)
    try:
        if check:
            with backups.opened(file) as (held, _folder):
                click.echo(f"Sound: made at {_told(held.made_at)}, {sum(held.rows.values()):,} rows.")
            return
        held, kept = backups.restore(db.engine, instance, file, now(), replace=force)
    except backups.NoBackup as refused:
        raise click.ClickException(_why(refused)) from refused
    click.echo(f"Restored to {_told(held.made_at)}: {sum(held.rows.values()):,} rows of {len(held.rows)} tables.")
    if kept:
        click.echo(f"What was there before is kept as {kept}.")
    click.echo("Next: `db upgrade`, then `doctor`, then start the pages and the worker.")


def _why(refused: backups.NoBackup) -> str:
    return PROBLEMS[refused.problem].format(detail=refused.detail)


def _told(moment: str) -> str:
    return f"{datetime.fromisoformat(moment):%d %B %Y, %H:%M} UTC"

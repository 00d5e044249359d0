"""What is posted: brought in from a file, and counted."""

from pathlib import Path

import click
from flask.cli import AppGroup

from broker.cli.terminal import authority_of, bar
from broker.domain.kinds import Role
from broker.domain.permissions import Actor
from broker.store import imports as stored_imports
from broker.store.base import db

listings = AppGroup("listings", help="What is posted.")


@listings.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--authority", "code", required=True, help="ONS code of the authority, such as E08000009.")
@click.option("--all-or-nothing", is_flag=True, help="Bring in no row at all when one is refused.")
def listings_import(file: Path, code: str, all_or_nothing: bool) -> None:
    """Bring in a CSV file of listings."""
    from broker.actions import imports

    authority = authority_of(code)
    by = Actor(Role.OFFICER, authority_id=authority.id, name="command line")
    report = imports.import_file(
        file, authority, by, progress=bar(file.name), commit=db.session.commit, all_or_nothing=all_or_nothing
    )
    db.session.commit()
    click.echo(
        f"\n{report.rows} rows: {report.added} added, {report.known} known already, {len(report.refused)} refused."
    )
    for refusal in report.refused:
        click.echo(f"  line {refusal['line']}: {refusal['reason']}")
    if report.same:
        click.echo(f"{len(report.same)} listings say exactly the same as another one; they were kept and flagged.")


@listings.command("count")
def listings_count() -> None:
    """Print the number of listings."""
    click.echo(stored_imports.count())

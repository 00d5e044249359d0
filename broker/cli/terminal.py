"""What the commands share: who acts, which authority is meant, and a bar that shows how far a long deed is."""

import sys
from collections.abc import Callable

import click

from broker.domain.kinds import Role
from broker.domain.permissions import Actor
from broker.store.authorities import Authority, authority_by_code
from broker.store.base import db
from broker.store.condition import newer_step

COMMAND_LINE = Actor(Role.ADMINISTRATOR, name="command line")


def authority_of(code: str) -> Authority:
    """The authority of this ONS code; a kind refusal where there is none."""
    found = authority_by_code(code)
    if found is None:
        raise click.ClickException(f"No authority has the code {code}. It is an ONS code, such as E08000009.")
    return found


def stop_at_newer_tables() -> None:
    """Refuse to work on tables that a later version of the product has set up."""
    if newer := newer_step(db.engine):
        raise click.ClickException(f"The tables are at step {newer}, of a later version. `doctor` says what to do.")


def bar(label: str) -> Callable[[int, int], None]:
    """A progress callback that draws a bar on a terminal and stays quiet elsewhere."""
    drawn = click.progressbar(length=1, label=label, hidden=not sys.stdout.isatty())

    def show(done: int, total: int) -> None:
        drawn.length = max(total, 1)
        drawn.update(done - drawn.pos)
        if done >= total:
            drawn.render_finish()

    return show

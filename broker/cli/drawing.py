"""The pages of the documentation that are drawn from the rules."""

from pathlib import Path

import click

from broker.domain.drawing import PAGES


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def draw(folder: Path) -> None:
    """Print the state diagrams and the access matrix into a folder (docs)."""
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")
        click.echo(f"{folder / name}")

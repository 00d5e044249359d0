"""Wards, postcodes and deprivation, from files."""

from pathlib import Path

import click
from flask.cli import AppGroup

from broker.actions import places
from broker.domain.refusals import Unfit
from broker.store.base import db

place = AppGroup("places", help="Wards and postcodes, from files.")


@place.command("wards")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def place_wards(file: Path) -> None:
    """Load ward boundaries (GeoJSON with area_code, area_name, local_authority_area_code)."""
    click.echo(f"{places.load_wards(file)} wards loaded; {places.place_again()} listings found their ward.")
    db.session.commit()


@place.command("postcodes")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def place_postcodes(file: Path) -> None:
    """Load postcodes (CSV with postcode, lat, lon)."""
    click.echo(f"{places.load_postcodes(file)} postcodes loaded; {places.place_again()} listings found their ward.")
    db.session.commit()


@place.command("deprivation")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", help="Whose figures they are, as pages should name them.", show_default="the file's name")
def place_deprivation(file: Path, source: str | None) -> None:
    """Load how deprived wards are (CSV with ward_code and decile, or with a ward code and an IMD score)."""
    try:
        read, found = places.load_deprivation(file, source or file.name)
    except Unfit:
        raise click.ClickException(
            "This table was not understood. It needs a column ward_code, and one named decile with 1 to 10."
        ) from None
    click.echo(f"{read} wards read; {found} of them are wards that we know by this code.")
    db.session.commit()

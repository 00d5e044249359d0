"""The list of parts: every package that the product runs on, for whoever holds it against advisories."""

import json
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from broker.domain.clock import now

HOUSE = Path(__file__).resolve().parent.parent.parent
CHECKED = HOUSE / "requirements-hashed.txt"


@click.command()
@with_appcontext
def parts() -> None:
    """Print every package with its version, licence and checksum: a CycloneDX list, as other programs read it."""
    product = {"type": "application", "name": current_app.config["SERVICE_NAME"]}
    told = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"timestamp": now().isoformat(timespec="seconds"), "component": product},
        "components": [_part(line) for line in CHECKED.read_text(encoding="utf-8").splitlines() if "==" in line],
    }
    click.echo(json.dumps(told, indent=1))


def _part(line: str) -> dict[str, object]:
    """The installed package, since that is what runs; its checksum where it is of the version that was pinned."""
    pin, checksum = line.split(" --hash=sha256:")
    name, pinned = pin.split("==")
    try:
        told = metadata(name)
    except PackageNotFoundError:
        raise click.ClickException(f"{name} is not installed. `doctor` says what to do.") from None
    version = told["Version"]
    part: dict[str, object] = {"type": "library", "name": name, "version": version}
    part |= {"purl": f"pkg:pypi/{name.lower().replace('_', '-')}@{version}"}
    if licence := _licence(told):
        part["licenses"] = [{"license": {"name": licence}}]
    if version == pinned:
        part["hashes"] = [{"alg": "SHA-256", "content": checksum}]
    return part


def _licence(told: PackageMetadata) -> str:
    """In a few words. Some packages put the whole text of it there; then their classifier says it."""
    said = next((told[name] for name in ("License-Expression", "License") if name in told), "")
    named = [each.rsplit(" :: ", 1)[-1] for each in told.get_all("Classifier", []) if each.startswith("License ::")]
    return said if said and "\n" not in said else ", ".join(named)

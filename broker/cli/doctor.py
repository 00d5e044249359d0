"""A look over the installation, for whoever runs it."""

import json
from dataclasses import asdict
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from broker.actions import checkup
from broker.domain.checkup import Finding, Verdict, fine, wrong
from broker.domain.clock import now
from broker.store.base import db

PINS = Path(__file__).resolve().parent.parent.parent / "requirements.txt"
COLOURS = {Verdict.OK: "green", Verdict.LOOK: "yellow", Verdict.WRONG: "red"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For a machine to read.")
def doctor(as_json: bool) -> None:
    """Look everything over: fine, worth a look, or wrong and what to do. Ends with 1 where something is wrong."""
    findings = look_over()
    if as_json:
        click.echo(json.dumps([asdict(each) for each in findings], indent=2))
    else:
        for each in findings:
            _show(each)
    if any(each.verdict is Verdict.WRONG for each in findings):
        raise SystemExit(1)


@with_appcontext
def look_over() -> list[Finding]:
    """All findings. No letter is sent, nothing is written."""
    instance = Path(current_app.instance_path)
    return [*checkup.look_over(db.engine, instance, PINS, current_app.config, now()), _mail()]


def _mail() -> Finding:
    from broker.work import carriers

    way = current_app.config["MAIL"]
    try:
        with carriers.open_carrier():
            return fine("mail", f"{way} can be reached; no letter was sent")
    except carriers.Away as away:
        return wrong(
            "mail", f"{way} cannot be reached: {away}", "Check the settings that begin with BROKER_MAIL or BROKER_SMTP."
        )


def _show(finding: Finding) -> None:
    verdict = click.style(f"{finding.verdict:<5}", fg=COLOURS[finding.verdict])
    click.echo(f"{verdict}  {finding.what:<18} {finding.said}")
    if finding.do:
        click.echo(f"{'':<25} {finding.do}")

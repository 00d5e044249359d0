"""The commands, a file a noun: each calls one action, then commits."""

from pathlib import Path

from flask import Flask
from flask_migrate import Migrate

from broker.cli.accounts import user
from broker.cli.audit import audit
from broker.cli.backups import backup, restore
from broker.cli.demonstration import demo
from broker.cli.doctor import doctor
from broker.cli.drawing import draw
from broker.cli.exchange import join, leave
from broker.cli.listings import listings
from broker.cli.parts import parts
from broker.cli.places import place
from broker.cli.privacy import privacy
from broker.cli.running import serve, worker
from broker.cli.shipped import extend_upgrade
from broker.cli.suggestions import judge, suggest
from broker.cli.weights import weights
from broker.store.base import db

STEPS = Path(__file__).resolve().parent.parent / "store" / "migrations"


def install(app: Flask) -> None:
    """Hang the commands on the app, and what moves the tables from step to step."""
    Migrate(app, db, directory=str(STEPS), render_as_batch=True, compare_type=True)
    extend_upgrade()
    running = (serve, worker, doctor, backup, restore, leave, join, audit, parts)
    for command in (*running, suggest, judge, demo, draw, user, listings, place, weights, privacy):
        app.cli.add_command(command)

"""The commands, a file a noun: each calls one action, then commits."""

from flask import Flask

from broker.cli.accounts import user
from broker.cli.audit import audit
from broker.cli.backups import backup, restore
from broker.cli.demonstration import demo
from broker.cli.doctor import doctor
from broker.cli.drawing import draw
from broker.cli.exchange import join, leave
from broker.cli.listings import listings
from broker.cli.places import place
from broker.cli.privacy import privacy
from broker.cli.running import serve, worker
from broker.cli.shipped import extend_upgrade
from broker.cli.suggestions import judge, suggest
from broker.cli.weights import weights


def install(app: Flask) -> None:
    """Hang the commands on the app."""
    extend_upgrade()
    running = (serve, worker, doctor, backup, restore, leave, join, audit)
    for command in (*running, suggest, judge, demo, draw, user, listings, place, weights, privacy):
        app.cli.add_command(command)

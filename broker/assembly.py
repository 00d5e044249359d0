"""The one place where the parts are put together."""

import os
from pathlib import Path

from flask import Flask

from broker import hosts, logs, starting, web
from broker.config import KEY_FILE, configure, instance_folder
from broker.store.base import db, prepare_engine
from broker.web import compiled

COMMAND_LINE = "FLASK_RUN_FROM_CLI"  # set by Flask
HOUSE = Path(__file__).resolve().parent.parent


def assemble(overrides: dict[str, object] | None, *, commands: bool) -> Flask:
    """The application, with its commands where they are wanted."""
    app = Flask(
        "broker",
        template_folder=str(HOUSE / "templates"),
        static_folder=str(HOUSE / "static"),
        instance_path=instance_folder(),
        instance_relative_config=True,
    )
    configure(app, overrides)
    logs.install(app)
    starting.check(app.config, Path(app.instance_path) / KEY_FILE)
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
        if not os.environ.get(COMMAND_LINE):  # commands that need it ask themselves: `doctor` and `restore` must run
            starting.check_tables(db.engine)
    web.install(app)
    compiled.install(app)
    hosts.install(app)
    if commands:
        from broker import cli

        cli.install(app)
    return app

"""Common Thread, a brokerage marketplace for social value: the one place where its parts are put together."""

import os
from pathlib import Path

from flask import Flask
from flask_migrate import Migrate

from broker import cli, hosts, logs, starting, web
from broker.config import KEY_FILE, configure, instance_folder
from broker.store.base import db, prepare_engine

COMMAND_LINE = "FLASK_RUN_FROM_CLI"  # set by Flask
HOUSE = Path(__file__).resolve().parent.parent


def create_app(overrides: dict[str, object] | None = None) -> Flask:
    """The application. `overrides` are settings that win over everything else (for tests)."""
    app = Flask(
        __name__,
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
    Migrate(
        app,
        db,
        directory=str(HOUSE / "broker" / "store" / "migrations"),
        render_as_batch=True,
        compare_type=True,
    )
    web.install(app)
    hosts.install(app)
    cli.install(app)
    return app

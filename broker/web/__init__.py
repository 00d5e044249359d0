"""The pages: each blueprint reads from the store, writes through the actions, and renders."""

from flask import Flask
from flask_wtf import CSRFProtect

from broker.web import (
    confirmations,
    errors,
    guard,
    headers,
    kept_pages,
    last_resort,
    once,
    pictures,
    shell,
    single_sign_on,
    strangers,
    tracing,
    transaction,
    unsent,
    uploads,
)
from broker.web.converters import Id
from broker.web.pages import BLUEPRINTS

csrf = CSRFProtect()
csrf.exempt(confirmations.by_link)  # what lets somebody in there is the link itself, and no cookie


def install(app: Flask) -> None:
    """Hang the pages on the app, and refuse to start when one does not say who may open it."""
    app.url_map.converters["id"] = Id
    # What is installed first sees an answer last: the log and the headers see even that of a commit that failed.
    tracing.install(app)
    headers.install(app)
    transaction.install(app)
    errors.install(app)
    uploads.install(app)
    csrf.init_app(app)
    unsent.install(app)
    guard.install(app)
    pictures.install(app)
    shell.install(app)
    kept_pages.install(app)
    single_sign_on.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    guard.check_every_route(app)
    once.install(app)
    strangers.install(app)
    last_resort.install(app)

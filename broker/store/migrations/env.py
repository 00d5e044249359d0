"""How Alembic reaches our tables: through the running application, on either database."""

from alembic import context
from flask import current_app
from sqlalchemy import MetaData

from broker.store import TABLES
from broker.store.base import Amount, UtcDateTime

_database = current_app.extensions["migrate"].db
_metadata: MetaData = TABLES


def _plain_type(kind: str, thing: object, _context: object) -> str | bool:
    """A migration names only SQLAlchemy's own types, so that it outlives our code."""
    if kind == "type" and isinstance(thing, UtcDateTime):
        return "sa.DateTime()"
    if kind == "type" and isinstance(thing, Amount):
        return "sa.Integer()"
    return False


def _options() -> dict[str, object]:
    given = dict(current_app.extensions["migrate"].configure_args)
    return {"target_metadata": _metadata, "render_item": _plain_type, **given}


def run_offline() -> None:
    """Print the SQL instead of running it."""
    url = _database.engine.url.render_as_string(hide_password=False)
    context.configure(url=url, literal_binds=True, **_options())
    with context.begin_transaction():
        context.run_migrations()


def run_online() -> None:
    """Run every missing step in one transaction."""
    with _database.engine.connect() as connection:
        context.configure(connection=connection, **_options())
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    run_offline()
else:
    run_online()

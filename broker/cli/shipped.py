"""What ships with the product and belongs into every database: the policy, the words and the places."""

from pathlib import Path

from flask.cli import with_appcontext
from flask_migrate.cli import db as migrations

from broker.actions import frameworks, places, synonyms
from broker.store.base import db

BROKER = Path(__file__).parent.parent
WORDS = BROKER / "matching" / "words.toml"
OUTCODES = BROKER / "store" / "seed" / "outcodes.csv"


def extend_upgrade() -> None:
    """`db upgrade` also loads the policy, the words and the places that ship with the product."""
    upgrade = migrations.commands["upgrade"]
    migrate = upgrade.callback
    if migrate is None or hasattr(migrate, "loads_shipped"):
        return

    def upgrade_and_load(**options: object) -> None:
        migrate(**options)
        _load_shipped()

    upgrade_and_load.loads_shipped = True  # type: ignore[attr-defined]
    upgrade.callback = upgrade_and_load


@with_appcontext
def _load_shipped() -> None:
    frameworks.load_shipped()
    synonyms.load_shipped(WORDS)
    places.load_outcodes(OUTCODES)
    db.session.commit()

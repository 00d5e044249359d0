"""What an officer of the city does as in life, by the actions: a list of its own, values, a quarter that is closed."""

from pathlib import Path

from broker import demonstration
from broker.actions.demonstration.town import Town
from broker.actions.measures import ListFacts, load_measures
from broker.actions.periods import close_period
from broker.actions.valuations import EditionFacts, load_valuation
from broker.domain.clock import today
from broker.domain.kinds import Role
from broker.domain.periods import quarters_before
from broker.domain.permissions import Actor
from broker.store.base import db

FOLDER = Path(demonstration.__file__).parent
CLOSED = 2  # quarters ago: of the last one the pack is still open


def govern(town: Town) -> None:
    """The first of the city's councils counts by a list of its own too, knows values, and has closed a quarter."""
    code, authority = next(iter(town.authorities.items()))
    by = Actor(Role.OFFICER, user_id=town.officers[code].id, authority_id=authority.id)
    load_measures(authority, (FOLDER / "measures.toml").read_bytes(), by, facts=ListFacts("", "", ""))
    load_valuation(authority, (FOLDER / "values.toml").read_bytes(), by, facts=EditionFacts("", "", "", ""))
    db.session.flush()
    close_period(quarters_before(today(), CLOSED)[-1], by)

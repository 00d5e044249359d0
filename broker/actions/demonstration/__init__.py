"""Loading the demonstration city into an empty database, and saying who can sign in to it.

Its past is written as it stands, row by row, since no one lived through it; everything after that goes through the
actions like any other deed.
"""

from pathlib import Path

from sqlalchemy import select

from broker import demonstration
from broker.actions import frameworks, places
from broker.actions.demonstration.market import stock
from broker.actions.demonstration.people import PASSWORD, settle
from broker.actions.demonstration.policy import govern
from broker.actions.demonstration.promises import promise
from broker.actions.demonstration.story import tell
from broker.actions.demonstration.town import Town
from broker.actions.demonstration.year import live
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.frameworks import current_framework
from broker.store.matches import Match
from broker.store.measures import all_measures
from broker.store.organisations import Organisation
from broker.store.places import Ward
from broker.store.settings import Setting, is_demonstration
from broker.store.suggestions import Suggestion

FOLDER = Path(demonstration.__file__).parent


def is_empty() -> bool:
    """True when no organisation is known yet."""
    return db.session.scalar(select(Organisation.id).limit(1)) is None


def demonstration_accounts() -> list[str]:
    """A line for each account that can sign in to try things; none unless this database is a demonstration."""
    if not is_demonstration():
        return []
    people = demonstration.load().people
    wide = max(len(person.email) for person in people)
    lines = [f"  {person.email:<{wide}}  {person.role:<13}  {person.name}" for person in people]
    return [f"This is a demonstration. To try it, sign in as one of these; the password is {PASSWORD}", *lines]


def load_city() -> None:
    """Write the whole city. Flushes; the caller commits, then lets the worker compute the suggestions."""
    frameworks.load_shipped(FOLDER / "frameworks")
    places.load_wards(FOLDER / "wards.geojson")
    places.load_postcodes(FOLDER / "postcodes.csv")
    places.load_deprivation(FOLDER / "deprivation.csv", "Invented for the demonstration")
    town = _town()
    settle(town)
    stock(town)
    tell(town)
    promise(town)
    live(town)
    govern(town)
    db.session.add(Setting(name="demonstration", value="Mereland"))
    db.session.flush()


def remember_reasons() -> None:
    """Give the city's matches the suggestions that their officers saw, once the worker has computed them."""
    for match in db.session.scalars(select(Match).where(Match.reason.is_(None))):
        seen = db.session.get(Suggestion, (match.demand_id, match.supply_id))
        if seen is not None:
            match.score, match.reason, match.engine = seen.score, seen.reason, seen.engine


def _town() -> Town:
    """The empty city: its authorities with their frameworks in force, and its wards."""
    city = demonstration.load()
    wards = {ward.code: ward for ward in db.session.scalars(select(Ward))}
    ours = {ward.authority for ward in city.wards}
    authorities = {a.code: a for a in db.session.scalars(select(Authority).where(Authority.code.in_(ours)))}
    frames = [current_framework(authority) for authority in authorities.values()]
    nodes = {node.code: node for frame in frames if frame for node in frame.nodes}
    return Town(city, authorities, wards, nodes, measures={each.code: each for each in all_measures()})

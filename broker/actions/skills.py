"""What the worker found of skills in open listings, kept: only what differs from last time is written."""

from collections.abc import Iterator, Mapping

from sqlalchemy import delete, insert, tuple_

from broker.store.base import db
from broker.store.skills import ListingSkill, known_skills

BATCH = 500

Found = Mapping[int, frozenset[str]]


def keep_skills(found: Found) -> None:
    """Write these skills, by listing, in the place of those that were found before."""
    known = known_skills()
    gone, fresh = list(_beyond(known, found)), list(_beyond(found, known))
    named = tuple_(ListingSkill.listing_id, ListingSkill.skill)
    for start in range(0, len(gone), BATCH):
        db.session.execute(delete(ListingSkill).where(named.in_(gone[start : start + BATCH])))
    if fresh:
        db.session.execute(insert(ListingSkill), [{"listing_id": key, "skill": skill} for key, skill in fresh])


def _beyond(these: Found, those: Found) -> Iterator[tuple[int, str]]:
    """What stands in these and not in those."""
    for listing_id, skills in these.items():
        yield from ((listing_id, skill) for skill in sorted(skills - those.get(listing_id, frozenset())))

"""Words of people and of their listings, blanked where they stand: what they counted for stays."""

import re
from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, delete, null, or_, select, true, update
from sqlalchemy.orm import InstrumentedAttribute

from broker.domain.kinds import Role
from broker.domain.retention import GONE
from broker.store.base import db, in_parts
from broker.store.decisions import DecidedReason
from broker.store.events import Note
from broker.store.fairness import ListingBoost
from broker.store.guesses import ListingGuess
from broker.store.listings import Listing, ListingVersion, Posting
from broker.store.matches import Match
from broker.store.organisations import Organisation, Registration
from broker.store.partnerships import Partnership
from broker.store.preferences import Preference

NO_WORDS = {
    "title": GONE,
    "body": "",
    "searchable": "",
    "postcode": "",
    "place_note": "",
    "lat": None,
    "lon": None,
    "safeguarding": "",
    "background_check": None,
}
FREE_TEXT: tuple[InstrumentedAttribute[str], ...] = (
    ListingVersion.title,
    ListingVersion.body,
    ListingVersion.searchable,
    ListingVersion.place_note,
    ListingVersion.safeguarding,
    Listing.source_notes,
    Organisation.does,
    Organisation.serves,
    Organisation.place,
    Partnership.what,
    Note.text,
    ListingBoost.reason,
)


def blank_listings(ids: Collection[int]) -> None:
    """Take the words, the exact place and whoever is named out of these listings, their talks and partnerships.

    Kind, amounts, dates, ward and priorities stay, so that every count and every sum is what it was.
    """
    for some in in_parts(ids):
        _set(ListingVersion, ListingVersion.listing_id.in_(some), **NO_WORDS)
        _set(Listing, Listing.id.in_(some), source_notes="", text_hash=None)
        _set(ListingGuess, ListingGuess.listing_id.in_(some), cues=[])
        either = or_(Match.demand_id.in_(some), Match.supply_id.in_(some))
        matches = select(Match.id).where(either)
        _set(Partnership, Partnership.match_id.in_(matches), what=GONE)
        _set(Match, either, reason=null())
        _set(Preference, or_(Preference.listing_id.in_(some), Preference.other_id.in_(some)), reason=null())
        _drop(DecidedReason, or_(DecidedReason.demand_id.in_(some), DecidedReason.supply_id.in_(some)))
        postings = select(Posting.id).where(Posting.listing_id.in_(some))
        _set(Note, (Note.subject == "posting") & Note.subject_id.in_(postings), text=GONE)
        _set(Note, (Note.subject == "match") & Note.subject_id.in_(matches), text=GONE)


def blank_notes_of(user_id: int) -> None:
    """Take back what a person said as somebody's member. What an officer wrote is the council's, and stays."""
    _set(Note, (Note.author_id == user_id) & (Note.author_role == Role.MEMBER), text=GONE)


def blank_safeguarding(ids: Collection[int]) -> None:
    """Forget what these listings said about keeping people safe and about checks."""
    for some in in_parts(ids):
        _set(ListingVersion, ListingVersion.listing_id.in_(some), safeguarding="", background_check=None)


def strike(words: Collection[str], organisations: Collection[int] | None = None) -> None:
    """Take a person's name, address or number out of every free text that mentions it, whatever the capitals; of these
    organisations only where they are given.
    """
    if not words:
        return
    pattern = re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)), re.IGNORECASE)
    theirs = _of(organisations) if organisations is not None else {}
    for column in FREE_TEXT:
        model: Any = column.class_
        named = or_(*(column.icontains(word, autoescape=True) for word in words))
        found = select(model.id, column).where(named, theirs.get(model, true()))
        for key, text in db.session.execute(found).all():
            _set(model, model.id == key, **{column.key: pattern.sub("…", text)})


def forget_referee(words: Collection[str]) -> None:
    """Where one of these is how to reach an organisation's referee, it has no referee any more."""
    for word in words:
        reached = Organisation.referee_contact.icontains(word, autoescape=True)
        _set(Organisation, reached, referee_name="", referee_contact="")


def _of(organisations: Collection[int]) -> dict[type[Any], ColumnElement[bool]]:
    """Which rows belong to these organisations, by model."""
    listings = select(Listing.id).where(Listing.organisation_id.in_(organisations))
    matches = select(Match.id).where(or_(Match.demand_id.in_(listings), Match.supply_id.in_(listings)))
    things = {
        "posting": select(Posting.id).where(Posting.listing_id.in_(listings)),
        "registration": select(Registration.id).where(Registration.organisation_id.in_(organisations)),
        "match": matches,
        "partnership": select(Partnership.id).where(Partnership.match_id.in_(matches)),
    }
    return {
        ListingVersion: ListingVersion.listing_id.in_(listings),
        ListingBoost: ListingBoost.listing_id.in_(listings),
        Listing: Listing.organisation_id.in_(organisations),
        Organisation: Organisation.id.in_(organisations),
        Partnership: Partnership.match_id.in_(matches),
        Note: or_(*((Note.subject == name) & Note.subject_id.in_(ids) for name, ids in things.items())),
    }


def _set(model: type[Any], which: ColumnElement[bool], **values: object) -> None:
    db.session.execute(update(model).where(which).values(**values).execution_options(synchronize_session=False))


def _drop(model: type[Any], which: ColumnElement[bool]) -> None:
    db.session.execute(delete(model).where(which).execution_options(synchronize_session=False))

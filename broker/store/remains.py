"""Words of people and of their listings, blanked where they stand: what they counted for stays."""

import re
from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, null, or_, select, true, update

from broker.domain.kinds import Role, Side
from broker.domain.retention import GONE
from broker.store.base import db, in_parts
from broker.store.commitments import Commitment
from broker.store.confirmations import Confirmation
from broker.store.contracts import Contract
from broker.store.decisions import DecidedReason
from broker.store.deliveries import Delivery
from broker.store.events import Note
from broker.store.evidence import Evidence
from broker.store.feedback import Feedback
from broker.store.files import StoredFile
from broker.store.free_text import FREE_TEXT, rows_of_organisations
from broker.store.guesses import ListingGuess
from broker.store.listings import Listing, ListingVersion, Posting
from broker.store.matches import Match
from broker.store.organisations import Organisation
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

NOT_TOLD = {"sentence": "", "story_consent": False, "photo_id": None, "photo_consent": False}


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


def blank_chain(organisation_id: int) -> None:
    """Take out what the people of an organisation wrote along the chain; every amount and every proof stays.

    What it said and showed as a receiver goes too, and may be told no more.
    """
    _set(Delivery, Delivery.organisation_id == organisation_id, note="", place="", apart="")
    _set(Commitment, Commitment.organisation_id == organisation_id, what="")
    received = select(Delivery.id).where(Delivery.received_by(organisation_id))
    _set(Confirmation, Confirmation.delivery_id.in_(received), **NOT_TOLD)
    is_needed = or_(
        exists().where(Evidence.file_id == StoredFile.id), exists().where(Confirmation.photo_id == StoredFile.id)
    )
    _drop(StoredFile, (StoredFile.organisation_id == organisation_id) & ~is_needed)
    for side, listing in ((Side.DEMAND, Match.demand_id), (Side.SUPPLY, Match.supply_id)):
        theirs = select(Partnership.id).join(Partnership.match).join(Listing, Listing.id == listing)
        said = Feedback.partnership_id.in_(theirs.where(Listing.organisation_id == organisation_id))
        _set(Feedback, said & (Feedback.side == side), words="")


def take_from_hand(user_id: int) -> None:
    """What was handed to a person waits to be handed to somebody else."""
    _set(Commitment, Commitment.owner_id == user_id, owner_id=None)
    _set(Contract, Contract.manager_id == user_id, manager_id=None)


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
    theirs = rows_of_organisations(organisations) if organisations is not None else {}
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


def _set(model: type[Any], which: ColumnElement[bool], **values: object) -> None:
    db.session.execute(update(model).where(which).values(**values).execution_options(synchronize_session=False))


def _drop(model: type[Any], which: ColumnElement[bool]) -> None:
    db.session.execute(delete(model).where(which).execution_options(synchronize_session=False))

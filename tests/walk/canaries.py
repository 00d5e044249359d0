"""A word of its own in every private field of the city, and who may ever read it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, text

from broker.domain.kinds import Audience, MatchState, PostingState, Role
from broker.domain.permissions import Actor
from broker.store.accounts import Membership, User
from broker.store.base import db
from broker.store.commitments import Commitment
from broker.store.confirmations import Confirmation
from broker.store.contracts import Contract
from broker.store.deliveries import Delivery
from broker.store.events import Note
from broker.store.evidence import Evidence
from broker.store.fairness import ListingBoost
from broker.store.feedback import Feedback
from broker.store.files import StoredFile
from broker.store.listings import Listing, ListingVersion, Posting
from broker.store.matches import Match
from broker.store.milestones import Milestone
from broker.store.organisations import Organisation
from broker.store.partnerships import Partnership
from broker.store.project_ideas import ProjectIdea
from tests.city import LESSER
from tests.walk.facts import facts_of

OPEN_CONTACTS = (MatchState.AGREED, MatchState.CONFIRMED)
OF = {"match": "match_id", "partnership": "partnership_id", "posting": "posting_id", "registration": "registration_id",
      "listing": "listing_id", "organisation": "organisation_id", "contract": "contract_id",
      "commitment": "commitment_id", "delivery": "delivery_id", "claim": "claim_id"}  # fmt: skip
PLACES_OF = "SELECT organisation_id FROM membership WHERE user_id = :id AND organisation_id IS NOT NULL"


@dataclass(frozen=True)
class Canary:
    """A private text, and who may read it: these organisations' people, these areas' officers, this user."""

    text: str
    organisations: frozenset[int] = frozenset()
    areas: frozenset[int] = frozenset()
    administrators: bool = False
    user: int | None = None
    handed_to: frozenset[int] = frozenset()

    def may_be_read_by(self, actor: Actor | None) -> bool:
        if actor is None:
            return False
        if self.user is not None and actor.user_id == self.user:
            return True
        if actor.role in LESSER:
            return actor.user_id in self.handed_to
        return {
            Role.MEMBER: actor.organisation_id in self.organisations,
            Role.OFFICER: actor.authority_id in self.areas,
            Role.ADMINISTRATOR: self.administrators,
        }[actor.role]


def plant() -> list[Canary]:
    """Put them in, and say who may read each. Must run before anything in the city is asked for."""
    found = [*_people(), *_organisations(), *_wordings(), *_notes(), *_papers()]
    db.session.flush()
    db.session.expire_all()
    return found


def _people() -> Iterator[Canary]:
    """An address is read by its owner, colleagues, officers who know the organisation, and administrators."""
    for user in db.session.scalars(select(User)):
        own = _ids(
            "SELECT organisation_id FROM membership WHERE user_id = :id AND organisation_id IS NOT NULL", user.id
        )
        areas = frozenset(area for each in own for area in facts_of("organisation_id", each).areas)
        user.email = f"canary-user-{user.id}x@example.org"
        yield Canary(f"canary-user-{user.id}x", own, areas, administrators=True, user=user.id)


def _organisations() -> Iterator[Canary]:
    for each in db.session.scalars(select(Organisation)):
        known = facts_of("organisation_id", each.id)
        dealt = _ids(
            """SELECT authority_id FROM match m JOIN listing l ON l.id IN (m.demand_id, m.supply_id)
               WHERE l.organisation_id = :id""",
            each.id,
        )
        agreed = frozenset(
            other
            for match in db.session.scalars(select(Match).where(Match.state.in_(OPEN_CONTACTS)))
            if each.id in (match.demand.organisation_id, match.supply.organisation_id)
            for other in (match.demand.organisation_id, match.supply.organisation_id)
        )
        officers = known.areas | dealt
        each.contact_name, each.contact_phone = f"canary-name-{each.id}x", f"canary-phone-{each.id}x"
        each.contact_email, each.postcode = f"canary-mail-{each.id}x@example.org", f"ZQ{each.id}X 9Q"
        for secret in (each.contact_name, each.contact_phone, f"canary-mail-{each.id}x", each.postcode):
            yield Canary(secret, agreed | {each.id}, officers, administrators=True)
        each.referee_name, each.referee_contact = f"canary-referee-{each.id}x", f"canary-asked-{each.id}x"
        for secret in (each.referee_name, each.referee_contact):
            yield Canary(secret, frozenset({each.id}), officers, administrators=True)


def _wordings() -> Iterator[Canary]:
    """What was never approved is for its owner and the officers; a wording that is put to somebody, for them too."""
    shown = set(
        db.session.scalars(
            select(Posting.approved_version_id).where(
                (Posting.state.in_([PostingState.OPEN, PostingState.PAUSED, PostingState.FILLED, PostingState.LAPSED]))
                | Posting.stays_public
            )
        )
    )
    for each in db.session.scalars(select(ListingVersion)):
        known = facts_of("listing_id", each.listing_id)
        dealt = _ids("SELECT authority_id FROM match WHERE :id IN (demand_id, supply_id)", each.listing_id)
        own = frozenset({each.listing.organisation_id})
        each.safeguarding = f"canary-careful-{each.id}x"
        yield Canary(each.safeguarding, own, known.areas | dealt, administrators=True)
        if each.id not in shown:
            each.body = f"{each.body} canary-draft-{each.id}x"
            readers = own | known.others
            yield Canary(f"canary-draft-{each.id}x", readers, known.areas | dealt, administrators=True)
    for listing in db.session.scalars(select(Listing)):
        listing.source_notes = f"canary-source-{listing.id}x"
        known = facts_of("listing_id", listing.id)
        yield Canary(listing.source_notes, frozenset({listing.organisation_id}), known.areas, administrators=True)


def _notes() -> Iterator[Canary]:
    """A note is read by the officers of the thing's areas, and by whom its audience names beside them."""
    for note in db.session.scalars(select(Note)):
        known = facts_of(OF[note.subject], note.subject_id)
        note.text = f"canary-note-{note.id}x"
        beside = known.owners if note.audience in (Audience.OWNER, Audience.SIDES) else frozenset()
        yield Canary(note.text, beside, known.areas, administrators=note.audience != Audience.OFFICERS)


def _papers() -> Iterator[Canary]:
    for boost in db.session.scalars(select(ListingBoost)):
        boost.reason = f"canary-boost-{boost.id}x"
        yield Canary(boost.reason, areas=frozenset({boost.authority_id}))
    for partnership in db.session.scalars(select(Partnership)):
        partnership.what = f"canary-partnership-{partnership.id}x"
        known = facts_of("partnership_id", partnership.id)
        yield Canary(partnership.what, known.owners, known.areas, administrators=True, handed_to=known.handed_to)
    yield from _chain()


def _chain() -> Iterator[Canary]:
    """What was written along the chain is read by both sides, the officers, and whom it was handed to."""
    for model, name, column, parameter in (
        (Contract, "contract", "manager_name", "contract_id"),
        (Commitment, "promise", "what", "commitment_id"),
        (Milestone, "milestone", "what", "milestone_id"),
        (Delivery, "said", "note", "delivery_id"),
        (Delivery, "apart", "apart", "delivery_id"),
        (Delivery, "place", "place", "delivery_id"),
        (Evidence, "evidence", "what", "evidence_id"),
        (StoredFile, "file", "name", "file_id"),
        (ProjectIdea, "idea", "text", "idea_id"),
        (ProjectIdea, "answer", "answer", "idea_id"),
    ):
        rows: Any = db.session.scalars(select(model))
        for each in rows:
            known = facts_of(parameter, each.id)
            setattr(each, column, f"canary-{name}-{each.id}x")
            councillors = frozenset(_councillors(known.areas)) if parameter == "idea_id" else frozenset()
            yield Canary(
                getattr(each, column), known.owners, known.areas, True, handed_to=known.handed_to | councillors
            )
    for said in db.session.scalars(select(Confirmation).where(Confirmation.story_consent.is_(False))):
        known = facts_of("delivery_id", said.delivery_id)
        said.sentence = f"canary-sentence-{said.id}x"
        yield Canary(said.sentence, known.owners, known.areas, True, handed_to=known.handed_to)
    for heard in db.session.scalars(select(Feedback)):
        known = facts_of("partnership_id", heard.partnership_id)
        heard.words = f"canary-feedback-{heard.id}x"
        yield Canary(heard.words, known.owners, known.areas, True)


def _councillors(areas: frozenset[int]) -> Iterator[int]:
    query = select(Membership.user_id).where(Membership.role == Role.COUNCILLOR, Membership.authority_id.in_(areas))
    yield from db.session.scalars(query)


def _ids(question: str, thing_id: int) -> frozenset[int]:
    return frozenset(db.session.scalars(text(question), {"id": thing_id}))

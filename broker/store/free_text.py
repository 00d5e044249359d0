"""Where people write as they like, so that somebody's name may stand in it, and which of these rows are whose."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.orm import InstrumentedAttribute

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
from broker.store.organisations import Organisation, Registration
from broker.store.partnerships import Partnership
from broker.store.project_ideas import ProjectIdea

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
    Contract.manager_name,
    Commitment.what,
    Milestone.what,
    Delivery.place,
    Delivery.note,
    Delivery.apart,
    Confirmation.sentence,
    Feedback.words,
    Evidence.what,
    StoredFile.name,
    ProjectIdea.title,
    ProjectIdea.text,
    ProjectIdea.answer,
)


def rows_of_organisations(organisations: Collection[int]) -> dict[type[Any], ColumnElement[bool]]:
    """Which rows belong to these organisations, by model. What a councillor suggests is no organisation's."""
    listings = select(Listing.id).where(Listing.organisation_id.in_(organisations))
    matches = select(Match.id).where(or_(Match.demand_id.in_(listings), Match.supply_id.in_(listings)))
    partnerships = select(Partnership.id).where(Partnership.match_id.in_(matches))
    contracts = select(Contract.id).where(Contract.organisation_id.in_(organisations))
    commitments = select(Commitment.id).where(Commitment.organisation_id.in_(organisations))
    of_delivery = or_(Delivery.organisation_id.in_(organisations), Delivery.partnership_id.in_(partnerships))
    deliveries = select(Delivery.id).where(of_delivery)
    things = {
        "posting": select(Posting.id).where(Posting.listing_id.in_(listings)),
        "registration": select(Registration.id).where(Registration.organisation_id.in_(organisations)),
        "match": matches,
        "partnership": partnerships,
        "contract": contracts,
        "commitment": commitments,
        "delivery": deliveries,
    }
    return {
        ListingVersion: ListingVersion.listing_id.in_(listings),
        ListingBoost: ListingBoost.listing_id.in_(listings),
        Listing: Listing.organisation_id.in_(organisations),
        Organisation: Organisation.id.in_(organisations),
        Partnership: Partnership.match_id.in_(matches),
        Contract: Contract.id.in_(contracts),
        Commitment: Commitment.id.in_(commitments),
        Milestone: or_(Milestone.commitment_id.in_(commitments), Milestone.partnership_id.in_(partnerships)),
        Delivery: of_delivery,
        Confirmation: Confirmation.delivery_id.in_(deliveries),
        Feedback: Feedback.partnership_id.in_(partnerships),
        Evidence: Evidence.delivery_id.in_(deliveries),
        StoredFile: StoredFile.organisation_id.in_(organisations),
        ProjectIdea: false(),
        Note: or_(*((Note.subject == name) & Note.subject_id.in_(ids) for name, ids in things.items())),
    }

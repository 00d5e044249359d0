"""Stories: what groups said of what they got, where they let us tell it. Consent is asked anew each time."""

from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, case, select

from broker.domain.kinds import DeliveryState
from broker.domain.periods import Span
from broker.store.base import db
from broker.store.confirmations import Confirmation
from broker.store.deliveries import Delivery
from broker.store.listings import Listing
from broker.store.matches import Match
from broker.store.measures import Measure
from broker.store.organisations import Organisation
from broker.store.partnerships import Partnership


class Story(NamedTuple):
    """What a group said and lets us tell. `organisation`, `photo_id`: None where it did not agree to that."""

    id: int
    sentence: str
    measure: str
    ended_on: date
    organisation: str | None
    photo_id: int | None


def stories_of(authority_id: int, span: Span, most: int) -> list[Story]:
    """What groups said of what they got in this time, the latest first: only what is verified and may be told."""
    within = (Delivery.authority_id == authority_id, Delivery.ended_on.between(span.starts, span.ends))
    proven = Delivery.state == DeliveryState.VERIFIED
    return _stories(_told().where(*within, proven).order_by(Delivery.ended_on.desc(), Confirmation.id).limit(most))


def stories_still_told(ids: Collection[int]) -> dict[int, Story]:
    """Those of these stories that may still be told, by id."""
    return {story.id: story for story in _stories(_told().where(Confirmation.id.in_(ids)))}


def _told() -> Select[Any]:
    may_show = and_(Confirmation.photo_consent, Confirmation.photo_id.is_not(None))
    return (
        select(
            Confirmation.id,
            Confirmation.sentence,
            Measure.label,
            Delivery.ended_on,
            case((Organisation.is_named, Organisation.name)),
            case((may_show, Confirmation.photo_id)),
        )
        .join(Confirmation.delivery)
        .join(Delivery.measure)
        .join(Delivery.partnership)
        .join(Partnership.match)
        .join(Listing, Listing.id == Match.demand_id)
        .join(Organisation, Organisation.id == Listing.organisation_id)
        .where(Confirmation.superseded_at.is_(None), Confirmation.story_consent, Confirmation.sentence != "")
    )


def _stories(query: Select[Any]) -> list[Story]:
    return [Story(*row) for row in db.session.execute(query)]

"""What organisations do anyway, as they have told it: a kind of delivery that nobody claims."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from broker.domain.kinds import DeliveryState, Nature
from broker.store.base import db
from broker.store.deliveries import Delivery
from broker.store.measures import Measure, root_of


def told_by(organisation_id: int, page: int = 1, size: int = 25) -> list[Delivery]:
    """One page (from 1), and one more, of what an organisation tells, the last year first; nothing taken back."""
    query = (
        select(Delivery)
        .where(
            Delivery.organisation_id == organisation_id,
            Delivery.nature == Nature.INHERENT,
            Delivery.state == DeliveryState.TOLD,
        )
        .options(joinedload(Delivery.measure), joinedload(Delivery.authority))
        .order_by(Delivery.started_on.desc(), Delivery.id)
    )
    return list(db.session.scalars(query.offset((page - 1) * size).limit(size + 1)))


def told_before(organisation_id: int, authority_id: int, root_id: int, since: date) -> int | None:
    """The id of what an organisation has told of the same thing, in the same area, from the same day on."""
    query = (
        select(Delivery.id)
        .join(Delivery.measure)
        .where(
            Delivery.organisation_id == organisation_id,
            Delivery.authority_id == authority_id,
            Delivery.nature == Nature.INHERENT,
            Delivery.state == DeliveryState.TOLD,
            Delivery.started_on == since,
            root_of(Measure) == root_id,
        )
    )
    return db.session.scalars(query).first()

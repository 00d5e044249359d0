"""A group tells what it does anyway, so that it is seen; nobody vouches for it, and nobody can claim it."""

from decimal import Decimal

from broker.actions.moving import begin, hold
from broker.domain.clock import now, today
from broker.domain.inherent import Told, ToldBefore, problems, span
from broker.domain.kinds import DeliveryState, Nature
from broker.domain.permissions import Action, Actor, require
from broker.domain.refusals import Unfit
from broker.domain.texts import tidy
from broker.store.deliveries import Delivery
from broker.store.inherent import told_before
from broker.store.measures import Measure, measures_for
from broker.store.organisations import Organisation, approved_areas


def tell_inherent(organisation: Organisation, authority_id: int, by: Actor, told: Told) -> Delivery:
    """What a group does anyway in a year, in an area that has approved it. It is taken back as a delivery is.

    Unfit on a field; ToldBefore where the same was told for the same year.
    """
    require(by, Action.TELL_INHERENT, organisation)
    if not organisation.is_group:
        raise Unfit({"organisation": "no_group"})
    if authority_id not in approved_areas(organisation.id):
        raise Unfit({"organisation": "not_approved"})
    measure = _measure(told, authority_id)
    if found := problems(told, measure.unit_kind, today()):
        raise Unfit(found)
    hold(organisation)  # somebody else of it may tell the same this very moment
    first, last = span(told.year, today())
    if (same := told_before(organisation.id, authority_id, measure.root_id, first)) is not None:
        raise ToldBefore(same)
    delivery = Delivery(
        organisation=organisation,
        authority_id=authority_id,
        measure=measure,
        nature=Nature.INHERENT,
        state=DeliveryState.TOLD,
        quantity=told.quantity or Decimal(0),
        verified=Decimal(0),
        started_on=first,
        ended_on=last,
        note=tidy(told.note),
        tier=1,
        logged_at=now(),
        logged_by_id=by.user_id,
    )
    begin(delivery, Action.TELL_INHERENT, by)
    return delivery


def _measure(told: Told, authority_id: int) -> Measure:
    offered = {measure.id: measure for measure in measures_for(authority_id)}
    if told.measure_id not in offered:
        raise Unfit({"measure": "not_offered"})
    return offered[told.measure_id]

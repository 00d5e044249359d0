"""Closing a period: what was reported of it stays as it was told, whatever becomes of the deliveries."""

from broker.actions.moving import begin
from broker.actions.packs import figures_for
from broker.domain.clock import now, today
from broker.domain.periods import Span
from broker.domain.permissions import Action, Actor, require
from broker.domain.refusals import AlreadyThere, Unfit
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.periods import ReportPeriod, closed_until, period_of

MOST_CLOSED = 40


def close_period(span: Span, by: Actor) -> ReportPeriod:
    """Keep the figures of a time that is over. Raises Unfit while it is not, AlreadyThere where it is closed."""
    authority = db.session.get_one(Authority, by.authority_id)
    require(by, Action.CLOSE_PERIOD, authority)
    if span.ends >= today():
        raise Unfit({"until": "not_over"})
    found = period_of(authority.id, span)
    if found:
        raise AlreadyThere(ReportPeriod.noun, found.id)
    figures = figures_for(authority.id, span, closed_until(authority.id, span.ends, MOST_CLOSED))
    value = figures["value"]
    period = ReportPeriod(
        authority=authority,
        starts_on=span.starts,
        ends_on=span.ends,
        edition_id=value["edition_id"] if value else None,
        closed_at=now(),
        closed_by_id=by.user_id,
        figures=figures,
    )
    begin(period, Action.CLOSE_PERIOD, by)
    return period

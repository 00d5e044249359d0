"""What is behind each number of the chain: the promises, partnerships, deliveries and claims that come to it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, case, false, literal, null, select, true
from sqlalchemy.orm import aliased, joinedload

from broker.domain.chains import Step
from broker.domain.kinds import DeliveryState, Lane, Nature
from broker.domain.permissions import Action, Actor
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.chains import MATCHED, Scope, counted_for
from broker.store.claims import STANDS, Claim
from broker.store.commitments import OPEN, Commitment
from broker.store.deliveries import DONE, Delivery
from broker.store.listings import Listing
from broker.store.matches import Match
from broker.store.measures import Measure, root_of
from broker.store.organisations import Organisation
from broker.store.partnerships import Partnership
from broker.store.reach import within

INHERENT = "inherent"  # what is done anyway is no step of the chain


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which number is looked behind: a step (or INHERENT), of a measure by its root, in one lane or both."""

    step: str
    root: int | None = None
    lane: Lane | None = None


class Row(NamedTuple):
    """One thing that a number comes from. `kind` and `id` say which; `may_see` whether it can be opened."""

    kind: str
    id: int
    giver: str
    receiver: str | None  # or the contract, for a promise; None where it was done elsewhere, for others
    area: str
    on: date
    lane: Lane | None
    state: str
    amount: Decimal
    may_see: bool


def rows_behind(scope: Scope, wanted: Wanted, actor: Actor, page: int = 1, size: int = 25) -> list[Row]:
    """One page (from 1), and one more, of what a number comes from, the latest first."""
    start = (page - 1) * size
    if wanted.step == Step.PROMISED:
        return _promises(scope, wanted, start, size + 1)
    query = _LISTS[wanted.step](scope, wanted, actor)
    return [Row(*row) for row in db.session.execute(query.offset(start).limit(size + 1))]


def _promises(scope: Scope, wanted: Wanted, start: int, most: int) -> list[Row]:
    if wanted.lane is not None:  # nobody promises for a lane
        return []
    query = (
        select(Commitment)
        .join(Commitment.measure)
        .where(scope.promises, OPEN, *_counts(wanted))
        .options(joinedload(Commitment.contract), joinedload(Commitment.organisation), joinedload(Commitment.authority))
        .order_by(Commitment.due_on, Commitment.id)
    )
    return [
        Row(
            "commitment",
            each.id,
            each.organisation.name,
            each.contract.title if each.contract else None,
            each.authority.name,
            each.due_on,
            None,
            each.state,
            each.promised,
            True,
        )
        for each in db.session.scalars(query.offset(start).limit(most))
    ]


def _matched(scope: Scope, wanted: Wanted, actor: Actor) -> Select[Any]:
    seen = within(Partnership, actor, Action.SEE_PARTNERSHIP)
    columns = _columns("partnership", Partnership, Partnership.starts_on, MATCHED, seen, true())
    query = select(*columns).select_from(Partnership).join(Partnership.commitment).join(Commitment.measure)
    query = _with_names(query, Partnership.authority_id)
    return query.where(scope.promises, OPEN, MATCHED > 0, *_counts(wanted)).order_by(
        Partnership.starts_on.desc(), Partnership.id.desc()
    )


def _done(scope: Scope, wanted: Wanted, actor: Actor) -> Select[Any]:
    """Deliveries, each with as much of it as counts here: nothing of what is not verified yet."""
    amount: Any
    if scope.deliveries is None:
        part = counted_for(scope).subquery()
        amount, here = part.c[wanted.step], part.c.delivery_id == Delivery.id
        query = _deliveries(amount, actor).join(part, here)
    else:
        amount = Delivery.quantity if wanted.step == Step.DELIVERED else Delivery.verified
        query = _deliveries(amount, actor).where(scope.deliveries)
    query = _with_names(query.join(Delivery.partnership), Delivery.authority_id)
    return query.where(DONE, amount > 0, *_counts(wanted)).order_by(*_LATEST)


def _claimed(scope: Scope, wanted: Wanted, actor: Actor) -> Select[Any]:
    seen, named = within(Claim, actor, Action.SEE_COMMITMENT), within(Delivery, actor, Action.SEE_DELIVERY)
    columns = _columns("claim", Claim, Delivery.ended_on, Claim.quantity, seen, named)
    query = (
        select(*columns)
        .select_from(Claim)
        .join(Claim.delivery)
        .join(Claim.commitment)
        .join(Delivery.partnership)
        .join(Measure, Measure.id == Delivery.measure_id)
    )
    query = _with_names(query, Delivery.authority_id)
    here = [OPEN, scope.promises] if scope.deliveries is None else [scope.deliveries]
    return query.where(STANDS, *here, *_counts(wanted)).order_by(Claim.id.desc())


def _inherent(scope: Scope, wanted: Wanted, actor: Actor) -> Select[Any]:
    giver = aliased(Organisation)
    seen = within(Delivery, actor, Action.SEE_DELIVERY)
    facts: list[Any] = [Delivery.ended_on, null(), Delivery.state, Delivery.quantity, seen]
    query = (
        select(literal("delivery"), Delivery.id, giver.name, null(), Authority.name, *facts)
        .select_from(Delivery)
        .join(Delivery.measure)
        .join(giver, giver.id == Delivery.organisation_id)
        .join(Authority, Authority.id == Delivery.authority_id)
    )
    told = (Delivery.nature == Nature.INHERENT, Delivery.state == DeliveryState.TOLD)
    here = false() if scope.deliveries is None else scope.deliveries
    return query.where(here, *told, *_counts(replace(wanted, lane=None))).order_by(*_LATEST)


def _deliveries(amount: Any, actor: Actor) -> Select[Any]:
    seen = within(Delivery, actor, Action.SEE_DELIVERY)
    columns = _columns("delivery", Delivery, Delivery.ended_on, amount, seen, seen)
    return select(*columns).select_from(Delivery).join(Delivery.measure)


def _columns(kind: str, table: Any, on: Any, amount: Any, may_see: Any, named: Any) -> list[Any]:
    """The columns of a Row about something in a partnership; _with_names brings the tables of the names.

    `named`: where it may be said who received. What was done in another council's area is that council's to tell of.
    """
    names = _GIVER.name, case((named, _RECEIVER.name)), Authority.name
    return [literal(kind), table.id, *names, on, Partnership.lane, table.state, amount, may_see]


def _with_names(query: Select[Any], authority_id: Any) -> Select[Any]:
    """With who gave, who received and where; the partnership stands in the query already."""
    return (
        query.join(Match, Match.id == Partnership.match_id)
        .join(_SUPPLY, _SUPPLY.id == Match.supply_id)
        .join(_GIVER, _GIVER.id == _SUPPLY.organisation_id)
        .join(_DEMAND, _DEMAND.id == Match.demand_id)
        .join(_RECEIVER, _RECEIVER.id == _DEMAND.organisation_id)
        .join(Authority, Authority.id == authority_id)
    )


def _counts(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = [root_of(Measure) == wanted.root] if wanted.root is not None else []
    return [*conditions, Partnership.lane == wanted.lane] if wanted.lane is not None else conditions


_SUPPLY, _DEMAND, _GIVER, _RECEIVER = aliased(Listing), aliased(Listing), aliased(Organisation), aliased(Organisation)
_LATEST = (Delivery.ended_on.desc(), Delivery.id.desc())
_LISTS: dict[str, Callable[[Scope, Wanted, Actor], Select[Any]]] = {
    Step.MATCHED: _matched,
    Step.DELIVERED: _done,
    Step.VERIFIED: _done,
    Step.CLAIMED: _claimed,
    INHERENT: _inherent,
}

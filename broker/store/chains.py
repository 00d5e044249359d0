"""The five steps of promises, added up and listed: of one promise or contract, of a supplier, of an authority.

Of one promise counts what was done in partnerships that were made for it, less what of that is claimed for another
promise, and what of other deliveries is claimed for it: so no unit counts for two promises, and claimed is never above
verified, nor that above delivered. Of a supplier or an authority counts every delivery as it lies there.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    String,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import aliased, joinedload

from broker.domain.chains import NOTHING, Line, Sums, Unit, in_order
from broker.domain.impact import promised
from broker.domain.kinds import DeliveryState, Lane, Nature
from broker.domain.permissions import Action, Actor
from broker.store.base import LargeAmount, db
from broker.store.claims import STANDS, Claim, claimed_of_each
from broker.store.commitments import OPEN, Commitment
from broker.store.contracts import Contract
from broker.store.deliveries import DONE, Delivery
from broker.store.measures import Measure, root_of
from broker.store.organisations import Organisation
from broker.store.partnerships import GOES_ON, Partnership
from broker.store.reach import within

WITH_SUPPLIER = (joinedload(Contract.organisation), joinedload(Contract.authority))
_NO_AMOUNT = cast(null(), BigInteger)


def _matched_of() -> ColumnElement[Any]:
    """What a partnership is to give towards its promise, which stands in the query too; of one that ended early what
    came of it, as far as it was meant for the promise: or more would be done than was ever agreed.
    """
    done, counted, meant = aliased(Delivery), aliased(Measure), aliased(Measure)
    what_is_meant = select(root_of(meant)).where(meant.id == Commitment.measure_id).correlate(Commitment)
    given = (
        select(func.coalesce(func.sum(done.quantity), 0))
        .join(counted, counted.id == done.measure_id)
        .where(done.partnership_id == Partnership.id, done.state != DeliveryState.WITHDRAWN)
        .where(root_of(counted) == what_is_meant.scalar_subquery())
        .correlate(Partnership, Commitment)
        .scalar_subquery()
    )
    whole = Partnership.committed_amount
    return type_coerce(case((GOES_ON, whole), (given >= whole, whole), else_=given), LargeAmount)


MATCHED = _matched_of()


class Scope(NamedTuple):
    """Whose chain: which promises, and which deliveries; without those it is what counts for these promises."""

    promises: ColumnElement[bool]
    deliveries: ColumnElement[bool] | None = None


def of_promise(commitment_id: int) -> Scope:
    return Scope(Commitment.id == commitment_id)


def of_contract(contract_id: int) -> Scope:
    return Scope(Commitment.contract_id == contract_id)


def of_supplier(organisation_id: int, actor: Actor) -> Scope:
    """What an organisation promised and gave, as far as this actor may see it."""
    return Scope(
        and_(Commitment.organisation_id == organisation_id, within(Commitment, actor, Action.SEE_COMMITMENT)),
        and_(Delivery.organisation_id == organisation_id, within(Delivery, actor, Action.SEE_DELIVERY)),
    )


def of_authority(authority_id: int) -> Scope:
    """What was promised to an authority, and done in its area."""
    return Scope(Commitment.authority_id == authority_id, Delivery.authority_id == authority_id)


def promises_in(scope: Scope) -> list[Commitment]:
    """Open promises with what they are counted in, the soonest due first."""
    loaded = (joinedload(each) for each in (Commitment.measure, Commitment.contract, Commitment.authority))
    query = select(Commitment).where(scope.promises, OPEN).options(*loaded)
    return list(db.session.scalars(query.order_by(Commitment.due_on, Commitment.id)))


def sums_of(scope: Scope) -> dict[int, dict[Lane, Sums]]:
    """What came of each promise, by its id and lane, in one statement."""
    matched = (
        select(
            Commitment.id,
            Partnership.lane,
            func.sum(MATCHED).label("matched"),
            *_blank("delivered", "verified", "claimed"),
        )
        .join(Commitment, Commitment.id == Partnership.commitment_id)
        .where(scope.promises, OPEN, MATCHED > 0)
        .group_by(Commitment.id, Partnership.lane)
    )
    found_for = counted_for(scope).subquery()
    done = select(
        found_for.c.commitment_id,
        found_for.c.lane,
        *_blank("matched"),
        *(func.sum(found_for.c[name]) for name in ("delivered", "verified", "claimed")),
    ).group_by(found_for.c.commitment_id, found_for.c.lane)
    found: dict[int, dict[Lane, Sums]] = defaultdict(dict)
    for commitment_id, lane, *amounts in db.session.execute(union_all(matched, done)):
        lanes = found[commitment_id]
        lanes[lane] = lanes.get(lane, Sums()).plus(Sums(*(each or NOTHING for each in amounts)))
    return found


def lines_for(commitments: Iterable[Commitment], sums: dict[int, dict[Lane, Sums]]) -> list[Line]:
    """The chains of these promises, measure by measure."""
    lines: dict[int, Line] = {}
    for commitment in commitments:
        measure = commitment.measure
        unit = Unit(measure.root_id, measure.code, measure.label, measure.unit, measure.unit_kind)
        line = lines.setdefault(unit.id, Line(unit))
        line.promised += commitment.promised
        for lane, each in sums.get(commitment.id, {}).items():
            line.add(lane, each)
    return in_order(lines.values())


def lines_in(scope: Scope) -> list[Line]:
    """The chains of a supplier or an authority, measure by measure, in one statement."""
    parts = union_all(
        _promised_in(scope), _matched_in(scope), _delivered_in(scope), _claimed_in(scope), _inherent_in(scope)
    ).subquery()
    query = select(parts, Measure.code, Measure.label, Measure.unit, Measure.unit_kind).join(
        Measure, Measure.id == parts.c.root
    )
    lines: dict[int, Line] = {}
    for kind, root, lane, first, second, third, *unit in db.session.execute(query):
        _put(lines.setdefault(root, Line(Unit(root, *unit))), kind, lane, (first or NOTHING, second, third))
    return in_order(lines.values())


def _put(line: Line, kind: str, lane: str, amounts: tuple[Any, Any, Any]) -> None:
    first, second, third = amounts
    if kind == "promised":
        line.promised += promised(first, second, third, line.unit.unit_kind)
    elif kind == "inherent":
        line.inherent += first
    elif kind == "delivered":
        line.add(Lane(lane), Sums(delivered=first, verified=second or NOTHING))
    else:
        line.add(Lane(lane), Sums(**{kind: first}))


def counted_for(scope: Scope) -> Select[Any]:
    """What of each delivery counts for each open promise: how much of it done, verified and claimed."""
    done, meant = aliased(Measure), aliased(Measure)
    here = claimed_of_each(Claim.commitment_id == Commitment.id)
    elsewhere = claimed_of_each(Claim.commitment_id != Commitment.id)
    made_for_it = (
        select(
            Commitment.id.label("commitment_id"),
            Partnership.lane.label("lane"),
            Delivery.id.label("delivery_id"),
            _amount(Delivery.quantity - elsewhere, "delivered"),
            _amount(Delivery.verified - elsewhere, "verified"),
            _amount(here, "claimed"),
        )
        .select_from(Delivery)
        .join(Partnership, Partnership.id == Delivery.partnership_id)
        .join(Commitment, Commitment.id == Partnership.commitment_id)
        .join(done, done.id == Delivery.measure_id)
        .join(meant, meant.id == Commitment.measure_id)
        .where(scope.promises, OPEN, DONE, root_of(done) == root_of(meant))
        # said so that no database looks through all that a supplier ever did for each of its promises
        .where(Delivery.organisation_id - Commitment.organisation_id == 0)
    )
    of_others = (
        select(Commitment.id, Partnership.lane, Delivery.id, Claim.quantity, Claim.quantity, Claim.quantity)
        .select_from(Claim)
        .join(Commitment, Commitment.id == Claim.commitment_id)
        .join(Delivery, Delivery.id == Claim.delivery_id)
        .join(Partnership, Partnership.id == Delivery.partnership_id)
        .where(scope.promises, OPEN, STANDS)
        .where(or_(Partnership.commitment_id.is_(None), Partnership.commitment_id != Commitment.id))
    )
    both = union_all(made_for_it, of_others).subquery()
    return select(both)


def _promised_in(scope: Scope) -> Select[Any]:
    """One row a promise: what scales with what is spent is worked out outside of the database."""
    columns: list[Any] = [
        literal("promised").label("kind"),
        root_of(Measure).label("root"),
        literal("", String).label("lane"),
        Commitment.quantity.label("first"),
        Commitment.per_pounds.label("second"),
        Contract.spent.label("third"),
    ]
    query = select(*columns).select_from(Commitment).join(Commitment.measure).outerjoin(Commitment.contract)
    return query.where(scope.promises, OPEN)


def _matched_in(scope: Scope) -> Select[Any]:
    return (
        _sums("matched", Partnership.lane, func.sum(MATCHED))
        .select_from(Partnership)
        .join(Partnership.commitment)
        .join(Commitment.measure)
        .where(scope.promises, OPEN, MATCHED > 0)
    )


def _delivered_in(scope: Scope) -> Select[Any]:
    amounts = func.sum(Delivery.quantity), func.sum(Delivery.verified)
    return (
        _sums("delivered", Partnership.lane, *amounts)
        .select_from(Delivery)
        .join(Delivery.partnership)
        .join(Delivery.measure)
        .where(_done_in(scope), DONE)
    )


def _claimed_in(scope: Scope) -> Select[Any]:
    return (
        _sums("claimed", Partnership.lane, func.sum(Claim.quantity))
        .select_from(Claim)
        .join(Claim.delivery)
        .join(Delivery.partnership)
        .join(Delivery.measure)
        .where(_done_in(scope), STANDS)
    )


def _inherent_in(scope: Scope) -> Select[Any]:
    told = (Delivery.nature == Nature.INHERENT, Delivery.state == DeliveryState.TOLD)
    return (
        _sums("inherent", literal("", String), func.sum(Delivery.quantity))
        .select_from(Delivery)
        .join(Delivery.measure)
        .where(_done_in(scope), *told)
    )


def _done_in(scope: Scope) -> ColumnElement[bool]:
    return false() if scope.deliveries is None else scope.deliveries


def _sums(kind: str, lane: Any, *amounts: ColumnElement[Any]) -> Select[Any]:
    """The head of a part of the whole: so much of a measure in a lane."""
    blanks = [_NO_AMOUNT] * (3 - len(amounts))
    columns = [root_of(Measure), lane] if kind != "inherent" else [root_of(Measure)]
    return select(literal(kind), root_of(Measure), lane, *amounts, *blanks).group_by(*columns)


def _amount(expression: ColumnElement[Any], name: str) -> ColumnElement[Any]:
    """A sum keeps its hundredths."""
    return type_coerce(expression, LargeAmount).label(name)


def _blank(*names: str) -> list[ColumnElement[Any]]:
    return [type_coerce(_NO_AMOUNT, LargeAmount).label(name) for name in names]


class Giver(NamedTuple):
    """A supplier of an area: how many promises it has made, and how many deliveries of its stand, verified or not."""

    id: int
    name: str
    promises: int
    deliveries: int
    verified: int


def givers_in(authority_id: int, page: int = 1, size: int = 25) -> list[Giver]:
    """One page (from 1), and one more, of who promised or did something in an area, by name."""
    of_promises = (
        select(Commitment.organisation_id, func.count().label("promises"))
        .where(Commitment.authority_id == authority_id, OPEN)
        .group_by(Commitment.organisation_id)
        .subquery()
    )
    of_deliveries = (
        select(
            Delivery.organisation_id,
            func.count().label("deliveries"),
            func.sum(case((Delivery.state == DeliveryState.VERIFIED, 1), else_=0)).label("verified"),
        )
        .where(Delivery.authority_id == authority_id, DONE)
        .group_by(Delivery.organisation_id)
        .subquery()
    )
    promises, deliveries, proven = of_promises.c.promises, of_deliveries.c.deliveries, of_deliveries.c.verified
    query = (
        select(Organisation.id, Organisation.name, *(func.coalesce(each, 0) for each in (promises, deliveries, proven)))
        .outerjoin(of_promises, of_promises.c.organisation_id == Organisation.id)
        .outerjoin(of_deliveries, of_deliveries.c.organisation_id == Organisation.id)
        .where(or_(promises.is_not(None), deliveries.is_not(None)))
        .order_by(Organisation.name, Organisation.id)
    )
    return [Giver(*row) for row in db.session.execute(query.offset((page - 1) * size).limit(size + 1))]

"""What a time came to in one area, counted by the database: promised, matched, delivered, verified and claimed.

Everything that is only counted comes in one statement, as tallies of things that are alike.
"""

from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)

from broker.domain.kinds import (
    DeliveryState,
    ListingKind,
    Nature,
)
from broker.domain.periods import Span
from broker.store.base import LargeAmount, db
from broker.store.chains import MATCHED
from broker.store.claims import claimed_for_each, claimed_of_each
from broker.store.commitments import OPEN, Commitment
from broker.store.contracts import Contract
from broker.store.deliveries import DONE, Delivery, by_ward
from broker.store.events import first_asked_at
from broker.store.feedback import Feedback
from broker.store.listings import Listing, Posting
from broker.store.matches import Match
from broker.store.measures import Measure, root_of
from broker.store.organisations import Organisation
from broker.store.partnerships import GOES_ON, Partnership
from broker.store.periods import ReportPeriod
from broker.store.places import Ward
from broker.store.unmet_needs import what_became
from broker.store.valuations import Valuation, ValuationEdition

MET = "met"


class Tally(NamedTuple):
    """So many things of one sort that are alike. What the names and amounts are depends on the sort:

    - done: nature, lane, state; delivered, verified, claimed. `thing` is the measure that it counts as.
    - ward: code, name; as above. giver: name, whether it may be named; `thing` is the organisation.
    - matched: lane; amount. promised, due: amount, for each so many pounds, pounds spent, claimed against it.
    - need: what became of it. score: lane, side; `thing` is the score, None where a side was asked and did not say.
    - since: the closed period; delivered, verified, claimed as they are now.
    """

    sort: str
    first: str | None
    second: str | None
    third: str | None
    thing: int | None
    number: int
    proven: int
    a: Decimal | None
    b: Decimal | None
    c: Decimal | None
    d: Decimal | None


class Worded(NamedTuple):
    """A measure, and what it is worth in the edition in use."""

    measure: Measure
    edition: ValuationEdition | None
    value: Valuation | None


def tallies(authority_id: int, span: Span, closed: Collection[int] = ()) -> list[Tally]:
    """Everything that is counted of a time; `closed`: the periods that are told of again, as they stand now."""
    facts = _facts(authority_id, span)
    parts = [
        *_of_facts(facts),
        _matched(authority_id, span),
        _promised("promised", authority_id, _in_force(span)),
        _promised("due", authority_id, Commitment.due_on.between(span.starts, span.ends)),
        _needs(authority_id, span),
        _scores(authority_id, span),
    ]
    if closed:
        parts.append(_since(authority_id, closed))
    found = db.session.execute(union_all(*parts))
    # PostgreSQL sums whole numbers to decimals.
    return [Tally(*row)._replace(number=int(row[5]), proven=int(row[6])) for row in found]


def catalogue_with_values(authority_id: int) -> list[Worded]:
    """Every measure that counts in an area, each with its worth in the edition in use there."""
    in_use = and_(ValuationEdition.authority_id == authority_id, ValuationEdition.retired_at.is_(None))
    valued = and_(Valuation.edition_id == ValuationEdition.id, Valuation.measure_id == Measure.id)
    query = (
        select(Measure, ValuationEdition, Valuation)
        .select_from(Measure)
        .outerjoin(ValuationEdition, in_use)
        .outerjoin(Valuation, valued)
        .where(or_(Measure.authority_id.is_(None), Measure.authority_id == authority_id))
        .order_by(Measure.code, Measure.id)
    )
    return [Worded(*row) for row in db.session.execute(query)]


def _facts(authority_id: int, span: Span) -> Any:
    """The deliveries of the time, those alike in everything that they are counted by together. Worked out once for all
    who count: what is joined to them is then joined to far fewer rows.
    """
    # In this order: what is nearly unique first makes the grouping quick.
    alike = (
        Delivery.partnership_id,
        Delivery.measure_id,
        Delivery.state,
        Delivery.ward_id,
        Delivery.nature,
        Delivery.organisation_id,
    )
    sums = {"quantity": Delivery.quantity, "verified": Delivery.verified, "claimed": claimed_of_each()}
    facts = (
        select(*alike, func.count().label("number"), *(func.sum(each).label(name) for name, each in sums.items()))
        .where(Delivery.authority_id == authority_id, Delivery.ended_on.between(span.starts, span.ends))
        .where(Delivery.state != DeliveryState.WITHDRAWN)
        .group_by(*alike)
    )
    return facts.cte("facts").prefix_with("MATERIALIZED")


def _of_facts(facts: Any) -> Iterator[Select[Any]]:
    """The deliveries counted in three ways: by how sure they are, by where, and by who gave them."""
    column, additional = facts.c, facts.c.nature == Nature.ADDITIONAL
    sums = (func.sum(column.quantity), func.sum(column.verified), func.sum(column.claimed))
    proven = case((column.state == DeliveryState.VERIFIED, column.number), else_=0)
    numbers = (func.sum(column.number), func.sum(proven))
    yield (
        _row("done", (column.nature, Partnership.lane, column.state), root_of(Measure), numbers, sums)
        .select_from(facts)
        .join(Measure, Measure.id == column.measure_id)
        .outerjoin(Partnership, Partnership.id == column.partnership_id)
    )
    yield by_ward(
        _row("ward", (Ward.code, Ward.name), root_of(Measure), numbers, sums)
        .select_from(facts)
        .join(Measure, Measure.id == column.measure_id)
        .where(additional),
        column,
    )
    named = case((Organisation.is_named, "named"), else_="")
    yield (
        _row("giver", (Organisation.name, named), Organisation.id, numbers, ())
        .select_from(facts)
        .join(Organisation, Organisation.id == column.organisation_id)
        .where(additional)
    )


def _matched(authority_id: int, span: Span) -> Select[Any]:
    """What partnerships that ran in this time agreed towards promises; of those that ended early what came of them."""
    return (
        _row(
            "matched",
            (Partnership.lane,),
            root_of(Measure),
            (func.count(), literal(0)),
            (func.sum(MATCHED),),
        )
        .select_from(Partnership)
        .join(Commitment, Commitment.id == Partnership.commitment_id)
        .join(Measure, Measure.id == Commitment.measure_id)
        .where(Commitment.authority_id == authority_id, OPEN, MATCHED > 0)
        .where(Partnership.starts_on <= span.ends, Partnership.ends_on >= span.starts)
    )


def _promised(sort: str, authority_id: int, when: ColumnElement[bool]) -> Select[Any]:
    """Promises that stand, those alike together: what they come to with the spend is for the arithmetic."""
    each = (
        select(
            root_of(Measure).label("measure"),
            Commitment.quantity,
            Commitment.per_pounds,
            Contract.spent,
            claimed_for_each().label("claimed"),
        )
        .select_from(Commitment)
        .join(Measure, Measure.id == Commitment.measure_id)
        .outerjoin(Contract, Contract.id == Commitment.contract_id)
        .where(Commitment.authority_id == authority_id, OPEN, when)
        .subquery()
    )
    amounts = (each.c.quantity, each.c.per_pounds, each.c.spent, each.c.claimed)
    return _row(sort, (), each.c.measure, (func.count(), literal(0)), amounts).group_by(*amounts)


def _needs(authority_id: int, span: Span) -> Select[Any]:
    """Needs that were first asked for in this time, by what became of each."""
    served = select(Match.demand_id).join(Partnership, Partnership.match_id == Match.id)
    met = Listing.id.in_(served.where(GOES_ON))
    asked = (
        select(case((met, MET), else_=func.coalesce(what_became(), "open")).label("became"))
        .select_from(Posting)
        .join(Listing, Listing.id == Posting.listing_id)
        .where(Posting.authority_id == authority_id, Listing.kind == ListingKind.NEED)
        .where(Posting.approved_version_id.is_not(None), *_within(first_asked_at(), span))
        .subquery()
    )
    return _row("need", (asked.c.became,), None, (func.count(), literal(0)), ())


def _scores(authority_id: int, span: Span) -> Select[Any]:
    """What each side said of the partnerships that ended in this time."""
    said = _row("score", (Partnership.lane, Feedback.side), Feedback.score, (func.count(), literal(0)), ())
    return (
        said.select_from(Feedback)
        .join(Partnership, Partnership.id == Feedback.partnership_id)
        .where(Partnership.authority_id == authority_id, *_within(Partnership.ended_at, span))
    )


def _since(authority_id: int, closed: Collection[int]) -> Select[Any]:
    """What periods that were closed before come to as things stand now."""
    now = (
        select(
            ReportPeriod.id.label("period"),
            root_of(Measure).label("measure"),
            Delivery.quantity,
            Delivery.verified,
            claimed_of_each().label("claimed"),
        )
        .select_from(ReportPeriod)
        .join(
            Delivery,
            and_(
                Delivery.authority_id == ReportPeriod.authority_id,
                Delivery.ended_on.between(ReportPeriod.starts_on, ReportPeriod.ends_on),
            ),
        )
        .join(Measure, Measure.id == Delivery.measure_id)
        .where(ReportPeriod.id.in_(closed), ReportPeriod.authority_id == authority_id)
        .where(DONE)
        .subquery()
    )
    sums = (func.sum(now.c.quantity), func.sum(now.c.verified), func.sum(now.c.claimed))
    return _row("since", (cast(now.c.period, String),), now.c.measure, (func.count(), literal(0)), sums)


def _in_force(span: Span) -> ColumnElement[bool]:
    """Promises that were to be kept in this time: not due before it began, and made before it was over.

    What belongs to a contract is as old as that, for contracts are often written down here long after they began.
    """
    made = or_(Commitment.created_at < span.over_at, Contract.starts_on <= span.ends)
    return and_(made, Commitment.due_on >= span.starts)


def _within(moment: Any, span: Span) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return moment >= span.begins_at, moment < span.over_at


def _row(sort: str, names: Iterable[Any], thing: Any, numbers: tuple[Any, Any], amounts: Iterable[Any]) -> Select[Any]:
    """One part of the tallies: every part has the same columns, and counts by its names and its thing."""
    given, amounts = [*names], [type_coerce(each, LargeAmount) for each in amounts]
    nothing = type_coerce(cast(null(), BigInteger), LargeAmount)
    columns: list[Any] = [
        literal(sort),
        *(type_coerce(each, String) for each in given),
        *[cast(null(), String)] * (3 - len(given)),
        cast(null(), Integer) if thing is None else thing,
        *numbers,
        *amounts,
        *[nothing] * (4 - len(amounts)),
    ]
    return select(*columns).group_by(*given, *([] if thing is None else [thing]))

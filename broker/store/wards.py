"""What happens in each ward of an area, counted. Nothing here names a person, nor an organisation not on show."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Select,
    String,
    case,
    cast,
    func,
    literal,
    null,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import aliased, joinedload

from broker.domain.kinds import DEMAND, DeliveryState, ListingKind, MatchState, SupportKind
from broker.store.base import LargeAmount, db
from broker.store.deliveries import Delivery, by_ward
from broker.store.listings import Listing, ListingVersion, Posting
from broker.store.matches import Match
from broker.store.measures import Measure, root_of
from broker.store.organisations import Organisation
from broker.store.partnerships import Partnership
from broker.store.places import Ward, WardDeprivation


class WardRow(NamedTuple):
    """A ward with the tenth that it lies in, 1 being the most deprived, and whose figure that is."""

    ward: Ward
    tenth: int | None
    source: str | None


class Tally(NamedTuple):
    """So many things of a ward (None: of no one ward) that are alike.

    `what` says which they are and so what `key` is: open (kind of support), asked, matched and proven (first day of the
    month), talks and partnership (state), done (label of the measure, with `lane`, `unit` and the `amount` verified).
    """

    what: str
    ward_id: int | None
    key: str
    lane: str
    unit: str
    number: int
    amount: Decimal | None


class OpenNeed(NamedTuple):
    """A need or a hope that anyone may read."""

    id: int
    kind: ListingKind
    title: str
    organisation: str
    support: SupportKind | None


def wards_in(authority_id: int) -> list[WardRow]:
    """The wards of an area by name, the earlier ones last, with outlines and deprivation."""
    query = (
        select(Ward, WardDeprivation.tenth, WardDeprivation.source)
        .outerjoin(WardDeprivation, WardDeprivation.ward_id == Ward.id)
        .where(Ward.authority_id == authority_id)
        .options(joinedload(Ward.authority))
        .order_by(Ward.ended_on.is_not(None), Ward.name)
    )
    return [WardRow(*row) for row in db.session.execute(query)]


def tallies(authority_id: int, months: Sequence[date], ward_id: int | None = None) -> list[Tally]:
    """Everything that is counted of an area's wards, or of one of them, in one statement."""
    asked = _asked(authority_id, months)
    rows = union_all(
        *_of_needs(asked), *_of_matches(authority_id, asked, months), *_of_deliveries(authority_id, months)
    )
    counted = rows.subquery()
    query = select(counted)
    if ward_id is not None:
        query = query.where(counted.c.ward_id == ward_id)
    return [Tally(*row) for row in db.session.execute(query)]


def open_needs(authority_id: int, ward_id: int, limit: int) -> list[OpenNeed]:
    """The newest needs and hopes of a ward that anyone may read."""
    query = (
        select(Listing.id, Listing.kind, ListingVersion.title, Organisation.name, ListingVersion.support_kind)
        .select_from(Posting)
        .join(Listing, Listing.id == Posting.listing_id)
        .join(Organisation, Organisation.id == Listing.organisation_id)
        .join(ListingVersion, ListingVersion.id == Posting.approved_version_id)
        .where(Posting.authority_id == authority_id, Posting.shown(), Listing.kind.in_(DEMAND))
        .where(ListingVersion.ward_id == ward_id)
        .order_by(Posting.approved_at.desc(), Posting.id.desc())
        .limit(limit)
    )
    return [OpenNeed(*row) for row in db.session.execute(query)]


def _asked(authority_id: int, months: Sequence[date]) -> Any:
    """Every need and hope that an officer of the area let onto the list, with its ward."""
    asked = (
        select(
            Listing.id,
            ListingVersion.ward_id,
            func.coalesce(ListingVersion.support_kind, "").label("support"),
            _month(Listing.created_at, [_begin(month) for month in months], months).label("month"),
            case((Posting.shown(), 1), else_=0).label("is_shown"),
        )
        .select_from(Posting)
        .join(Listing, Listing.id == Posting.listing_id)
        .join(ListingVersion, ListingVersion.id == Posting.approved_version_id)
        .where(Posting.authority_id == authority_id, Listing.kind.in_(DEMAND))
    )
    return asked.cte("asked").prefix_with("MATERIALIZED")


def _of_needs(asked: Any) -> Iterator[Select[Any]]:
    yield _part("open", asked.c.ward_id, asked.c.support).where(asked.c.is_shown == 1)
    yield _part("asked", asked.c.ward_id, asked.c.month).where(asked.c.month.is_not(None))


def _of_matches(authority_id: int, asked: Any, months: Sequence[date]) -> Iterator[Select[Any]]:
    """What is talked about, and what became a partnership, where it was asked for."""
    dealt = (
        select(
            asked.c.ward_id,
            Match.state.label("talks"),
            Partnership.state.label("partnership"),
            _month(Partnership.created_at, [_begin(month) for month in months], months).label("month"),
        )
        .select_from(Match)
        .join(asked, asked.c.id == Match.demand_id)
        .outerjoin(Partnership, Partnership.match_id == Match.id)
        .where(Match.authority_id == authority_id)
        .cte("dealt")
        .prefix_with("MATERIALIZED")
    )
    talking = [MatchState.PROPOSED, MatchState.AGREED]
    yield _part("talks", dealt.c.ward_id, dealt.c.talks).where(dealt.c.talks.in_(talking))
    yield _part("partnership", dealt.c.ward_id, dealt.c.partnership).where(dealt.c.partnership.is_not(None))
    yield _part("matched", dealt.c.ward_id, dealt.c.month).where(dealt.c.month.is_not(None))


def _of_deliveries(authority_id: int, months: Sequence[date]) -> Iterator[Select[Any]]:
    """What was verified, where it was done or else where it was asked for, as the measure that it counts as."""
    meant = aliased(Measure)
    verified = (
        select(
            Ward.id.label("ward_id"),
            meant.label.label("measure"),
            Partnership.lane.label("lane"),
            case((meant.unit_kind == "pounds", "pounds"), else_=meant.unit).label("unit"),
            _month(Delivery.ended_on, months, months).label("month"),
            Delivery.verified,
        )
        .select_from(Delivery)
        .join(Measure, Measure.id == Delivery.measure_id)
        .join(meant, meant.id == root_of(Measure))
        .where(Delivery.authority_id == authority_id, Delivery.state == DeliveryState.VERIFIED)
    )
    done = by_ward(verified).cte("done").prefix_with("MATERIALIZED")
    yield _part("done", done.c.ward_id, done.c.measure, (done.c.lane, done.c.unit), func.sum(done.c.verified))
    yield _part("proven", done.c.ward_id, done.c.month).where(done.c.month.is_not(None))


def _part(what: str, place: Any, key: Any, apart: tuple[Any, ...] = (), amount: Any = None) -> Select[Any]:
    """One sort of tally: every one has the same columns. `apart`: its lane and unit, which are never added up."""
    lane, unit = apart or (literal(""), literal(""))
    columns = [
        literal(what).label("what"),
        place.label("ward_id"),
        cast(key, String).label("key"),
        lane.label("lane"),
        unit.label("unit"),
        func.count().label("number"),
        type_coerce(cast(null(), BigInteger) if amount is None else amount, LargeAmount).label("amount"),
    ]
    return select(*columns).group_by(place, key, *apart)


def _month(moment: Any, since: Sequence[object], months: Sequence[date]) -> Any:
    """Which of these months it lies in, by the first day; nothing where it lies before all of them."""
    latest = [(moment >= begin, first.isoformat()) for begin, first in zip(since, months, strict=True)]
    return case(*reversed(latest))


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)

"""What the public list asks of the store: open listings by filter, the choices of the filters, and ward counts."""

import math
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased, contains_eager, joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from broker.domain.kinds import ListingKind, PlaceKind
from broker.domain.listings import CHOOSABLE
from broker.domain.permissions import Action, Actor
from broker.domain.places import EARTH_RADIUS_MILES, Point, bounding_box
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.fairness import with_unseen
from broker.store.frameworks import Framework, Node
from broker.store.guesses import with_guesses
from broker.store.listings import Listing, ListingVersion, Posting, version_priority
from broker.store.need_groups import GatheredNeed
from broker.store.organisations import Organisation
from broker.store.places import Ward
from broker.store.reach import within

PAGE = 20
NEWEST, SOONEST, NEAREST = "newest", "soonest", "nearest"
_MILES_A_DEGREE = math.radians(EARTH_RADIUS_MILES)


@dataclass(frozen=True, kw_only=True, slots=True)
class Filters:
    """What somebody looks for; a blank or None narrows nothing. `words` are plain (no capitals, no accents).

    `node` is the code of a theme or priority in the frame of `authority`. `miles` is from `point`, which lies in
    `point_authority`: what is on offer anywhere in that area, or at no place at all, is near enough.
    """

    words: tuple[str, ...] = ()
    kind: str = ""
    support: str = ""
    authority: str = ""
    ward: str = ""
    node: str = ""
    lane: str = ""
    community_led: bool = False
    since: date | None = None
    until: date | None = None
    point: Point | None = None
    point_authority: str | None = None
    miles: float | None = None
    order: str = NEWEST


class Choice(NamedTuple):
    """One value of a filter. `what`: authority, ward or node; `frame` and `wording` only of a node."""

    what: str
    key: str
    label: str
    frame: str
    wording: str

    @property
    def pair(self) -> tuple[str, str]:
        """For a select: what is sent, and what is read."""
        return self.key, self.label


def browse(filters: Filters, page: int) -> tuple[list[Posting], bool]:
    """One page (from 1) of open listings, each once, with all that a card shows; and whether more follow."""
    narrowed = _cards().where(*_conditions(filters)).order_by(*_order(filters))
    found = list(db.session.scalars(narrowed.offset((page - 1) * PAGE).limit(PAGE + 1)))
    return found[:PAGE], len(found) > PAGE


@cache
def _cards() -> Select[Posting]:
    """What every search begins with; put together once, which takes longer than to ask it."""
    return (
        select(Posting)
        .join(Posting.listing)
        .join(Listing.organisation)
        .join(Posting.authority)
        .join(Posting.approved)
        .outerjoin(ListingVersion.ward)
        .where(Posting.shown())
        .options(*_card())
    )


def _card() -> list[ExecutableOption]:
    wording = contains_eager(Posting.approved)
    return [
        contains_eager(Posting.listing).contains_eager(Listing.organisation),
        contains_eager(Posting.authority),
        wording.contains_eager(ListingVersion.ward).defer(Ward.outline),
        contains_eager(Posting.approved).selectinload(ListingVersion.priorities).joinedload(Node.framework),
    ]


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    version = ListingVersion
    found = [Authority.code == filters.authority if filters.authority else _first_posting()]
    found += [version.searchable.contains(f" {word}", autoescape=True) for word in filters.words]
    exact: list[tuple[str, Any]] = [
        (filters.kind, Listing.kind),
        (filters.support, version.support_kind),
        (filters.ward, Ward.code),
        (filters.lane, version.lane),
    ]
    found += [column == value for value, column in exact if value]
    if filters.community_led:
        found.append(version.community_led.is_(True))
    if filters.since:
        found.append(or_(version.until_date.is_(None), version.until_date >= filters.since))
    if filters.until:
        found.append(or_(version.from_date.is_(None), version.from_date <= filters.until))
    if filters.node:
        found.append(_serves(filters.authority, filters.node))
    if filters.point and filters.miles:
        found.append(_is_near(filters, filters.point, filters.miles))
    return found


@cache
def _first_posting() -> ColumnElement[bool]:
    """A listing shown in several authorities stands in the list once, as its oldest posting."""
    older = aliased(Posting)
    return ~exists().where(older.listing_id == Posting.listing_id, older.id < Posting.id, older.shown())


def _serves(authority: str, code: str) -> ColumnElement[bool]:
    """One of its priorities is this node, or lies under it, in any version of the authority's frame."""
    parent = aliased(Node)
    return (
        exists()
        .where(
            version_priority.c.version_id == ListingVersion.id,
            version_priority.c.node_id == Node.id,
            Node.framework_id == Framework.id,
            Framework.code == select(Authority.framework_code).where(Authority.code == authority).scalar_subquery(),
            or_(Node.code == code, exists().where(parent.id == Node.parent_id, parent.code == code)),
        )
        .correlate(ListingVersion)
    )


def _is_near(filters: Filters, point: Point, miles: float) -> ColumnElement[bool]:
    box = bounding_box(point, miles)
    placed = and_(
        ListingVersion.lat.between(box.south, box.north),
        ListingVersion.lon.between(box.west, box.east),
        _square_miles(point) <= miles * miles,
    )
    anywhere = and_(ListingVersion.place_kind == PlaceKind.AUTHORITY, Authority.code == filters.point_authority)
    return or_(placed, ListingVersion.place_kind == PlaceKind.REMOTE, anywhere)


def _square_miles(point: Point) -> ColumnElement[float | None]:
    """The square of the distance as on a flat map: right to a hundredth over the size of a region."""
    north = (ListingVersion.lat - point.lat) * _MILES_A_DEGREE
    east = (ListingVersion.lon - point.lon) * (_MILES_A_DEGREE * math.cos(math.radians(point.lat)))
    return north * north + east * east


def _order(filters: Filters) -> list[ColumnElement[Any]]:
    newest: list[ColumnElement[Any]] = [Posting.approved_at.desc(), Posting.id.desc()]
    if filters.order == NEAREST and filters.point:
        return [ListingVersion.lat.is_(None), _square_miles(filters.point), *newest]
    if filters.order == SOONEST:
        return [ListingVersion.until_date.is_(None), ListingVersion.until_date.asc(), *newest]
    return newest


def choices(authority_code: str) -> list[Choice]:
    """Every authority, and the wards and themes of this one, in one statement and in the order of a page."""
    blank = literal("")
    authorities = select(literal("authority"), Authority.code, Authority.name, blank, blank, literal(0))
    wards = (
        select(literal("ward"), Ward.code, Ward.name, blank, blank, literal(0))
        .join(Ward.authority)
        .where(Authority.code == authority_code, Ward.ended_on.is_(None))
    )
    nodes = (
        select(literal("node"), Node.code, Node.label, Framework.name, Framework.wording, Node.order)
        .join(Node.framework)
        .join(Authority, Authority.framework_code == Framework.code)
        .where(Authority.code == authority_code, Framework.status == "current", Node.kind.in_(CHOOSABLE))
    )
    every: Select[Any] | Any = union_all(authorities, wards, nodes) if authority_code else authorities
    rows = sorted(db.session.execute(every), key=lambda row: (row[5], row[2]))
    return [Choice(*row[:5]) for row in rows]


def open_by_ward(authority_code: str) -> dict[int, int]:
    """How many listings are shown in each ward of an authority."""
    query = (
        select(ListingVersion.ward_id, func.count())
        .join(Posting, Posting.approved_version_id == ListingVersion.id)
        .join(Posting.authority)
        .where(Authority.code == authority_code, Posting.shown(), ListingVersion.ward_id.is_not(None))
        .group_by(ListingVersion.ward_id)
    )
    return {ward_id: number for ward_id, number in db.session.execute(query) if ward_id is not None}


def listing_in_full(listing_id: int) -> Listing | None:
    """A listing with its organisation, its postings and every wording with ward and priorities, in two statements."""
    return db.session.scalars(_in_full(), {"listing_id": listing_id}).unique().one_or_none()


@cache
def _in_full() -> Select[Listing]:
    versions = selectinload(Listing.versions)
    return (
        select(Listing)
        .where(Listing.id == bindparam("listing_id"))
        .options(
            joinedload(Listing.organisation),
            joinedload(Listing.postings).joinedload(Posting.authority),
            joinedload(Listing.answers_node).joinedload(Node.framework),
            with_guesses(),
            with_unseen(),
            versions.joinedload(ListingVersion.ward).defer(Ward.outline),
            versions.joinedload(ListingVersion.priorities).joinedload(Node.framework),
        )
    )


class Related(NamedTuple):
    """A listing that hangs together with another: `how` is grown, grew_from, answer or answered."""

    how: str
    id: int
    kind: ListingKind
    title: str
    organisation: str


def related_to(listing: Listing, actor: Actor | None) -> list[Related]:
    """What grew from a listing, answers it or was made of it, and the other way round, as far as the actor may read."""
    ways = [
        ("grown", Listing.grown_from_id == listing.id),
        ("answer", Listing.answers_id == listing.id),
        ("grew_from", Listing.id == listing.grown_from_id),
        ("answered", Listing.id == listing.answers_id),
        ("gathered", exists().where(GatheredNeed.listing_id == listing.id, GatheredNeed.need_id == Listing.id)),
        ("gathered_into", exists().where(GatheredNeed.need_id == listing.id, GatheredNeed.listing_id == Listing.id)),
    ]
    shown = exists().where(Posting.listing_id == Listing.id, Posting.shown())
    query = (
        select(
            *(condition.label(name) for name, condition in ways), Listing.id, Listing.kind, _title(), Organisation.name
        )
        .join(Listing.organisation)
        .where(or_(*(condition for _, condition in ways)), or_(shown, within(Listing, actor, Action.SEE_LISTING)))
        .order_by(Listing.id)
    )
    found = []
    for *is_way, listing_id, kind, title, name in db.session.execute(query):
        how = next(way for (way, _), holds in zip(ways, is_way, strict=True) if holds)
        found.append(Related(how, listing_id, ListingKind(kind), title, name))
    return found


def title_on_show(listing_id: int, kinds: frozenset[ListingKind]) -> str | None:
    """The title of a listing of these kinds that anyone may read; None where there is none."""
    shown = exists().where(Posting.listing_id == Listing.id, Posting.shown())
    found: str | None = db.session.scalar(
        select(_title()).where(Listing.id == listing_id, Listing.kind.in_(kinds), shown).select_from(Listing)
    )
    return found


def _title() -> ColumnElement[str]:
    """The title in the approved wording, or in the newest where nothing was approved yet."""
    approved = (
        select(ListingVersion.title)
        .join(Posting, Posting.approved_version_id == ListingVersion.id)
        .where(Posting.listing_id == Listing.id)
        .order_by(ListingVersion.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    newest = (
        select(ListingVersion.title)
        .where(ListingVersion.listing_id == Listing.id, ListingVersion.number == Listing.version_number)
        .scalar_subquery()
    )
    return func.coalesce(approved, newest)

"""Needs that nobody met, of one area: counted by where, what for, how old and what became of them, and listed."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, literal, not_, or_, select, union_all
from sqlalchemy.orm import aliased

from broker.domain.kinds import DEMAND, ListingKind, PostingState, SupportKind, Unit
from broker.domain.listings import CHOOSABLE
from broker.domain.places import NOWHERE
from broker.domain.unmet_needs import Age, Outcome, asked_after, days_given
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.events import Event
from broker.store.frameworks import Framework, Node
from broker.store.listings import Listing, ListingVersion, Posting, version_priority
from broker.store.market import Choice
from broker.store.matches import Match
from broker.store.organisations import Organisation
from broker.store.partnerships import GOES_ON, Partnership
from broker.store.places import Ward, ward_key
from broker.store.rules import rule_in

_BETWEEN = "\n"  # codes, where several stand in one cell
STILL_ASKED = (PostingState.OPEN, PostingState.PAUSED, PostingState.SUBMITTED, PostingState.RETURNED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Filters:
    """What is looked at; a blank narrows nothing. `theme` is a code of the area's framework, `ward` a ward's code;
    NOWHERE is the theme of what names none.
    """

    theme: str = ""
    ward: str = ""
    kind: str = ""
    support: str = ""
    age: str = ""
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Area:
    """Whose needs are looked at, when, and after how many days an open one counts."""

    authority_id: int
    at: datetime
    days: int


class Cell(NamedTuple):
    """So many needs that are alike in everything that is counted. `themes`: the codes of the themes that they name, or
    under which a priority stands that they name.
    """

    ward: str
    kind: ListingKind
    support: SupportKind | None
    age: Age
    outcome: Outcome
    themes: frozenset[str]
    number: int


class UnmetRow(NamedTuple):
    """One need as the list shows it. `ward` and `support` may be missing, as may the amount."""

    id: int
    kind: ListingKind
    title: str
    organisation: str
    ward: str | None
    support: SupportKind | None
    amount: Decimal | None
    unit: Unit | None
    asked_at: datetime
    age: Age
    outcome: Outcome


def area_of(authority_id: int, at: datetime) -> Area:
    """An area as its own rule counts open needs."""
    return Area(authority_id, at, days_given(rule_in(authority_id, "unmet_days")))


def choices_in(authority_id: int) -> list[Choice]:
    """The wards of an area and the themes of its framework in force, each in the order of a page."""
    blank = literal("")
    name = case((Ward.ended_on.is_(None), Ward.name), else_=Ward.name.concat(literal(" (earlier)")))
    wards = select(literal("ward"), Ward.code, name, blank, blank, literal(0)).where(Ward.authority_id == authority_id)
    nodes = (
        select(literal("node"), Node.code, Node.label, Framework.name, Framework.wording, Node.order)
        .join(Node.framework)
        .join(Authority, Authority.framework_code == Framework.code)
        .where(Authority.id == authority_id, Framework.status == "current", Node.kind.in_(CHOOSABLE))
    )
    rows = sorted(db.session.execute(union_all(wards, nodes)), key=lambda row: (row[5], row[2]))
    return [Choice(*row[:5]) for row in rows]


def unmet_cells(area: Area, wanted: Filters, *, with_young: bool = False) -> list[Cell]:
    """How many needs there are of each sort; `with_young`: those too young to count too, as sorts of their own."""
    found, parent = _unmet(area, wanted, with_young=with_young).subquery(), aliased(Node)
    code = func.coalesce(parent.code, Node.code)
    themes = (
        _named(area, parent, func.aggregate_strings(code, _BETWEEN))
        .where(version_priority.c.version_id == found.c.version_id)
        .correlate(found)
        .scalar_subquery()
        .label("themes")
    )
    sorts = select(
        found.c.ward_code, found.c.kind, found.c.support_kind, found.c.age, found.c.outcome, themes
    ).subquery()
    query = cast(Select[Any], select(*sorts.c, func.count()).group_by(*sorts.c))
    return [
        Cell(ward, kind, support, age, outcome, frozenset(codes.split(_BETWEEN) if codes else ()), number)
        for ward, kind, support, age, outcome, codes, number in db.session.execute(query)
    ]


def unmet_rows(area: Area, wanted: Filters, page: int = 1, size: int | None = None) -> list[UnmetRow]:
    """One page (from 1) of the needs and one more, those that wait longest first; all of them without a size."""
    found = _unmet(area, wanted).subquery()
    query = (
        select(
            found.c.id,
            found.c.kind,
            ListingVersion.title,
            Organisation.name,
            found.c.ward,
            found.c.support_kind,
            ListingVersion.amount,
            ListingVersion.unit,
            found.c.asked_at,
            found.c.age,
            found.c.outcome,
        )
        .join(ListingVersion, ListingVersion.id == found.c.version_id)
        .join(Organisation, Organisation.id == found.c.organisation_id)
        .order_by(found.c.asked_at, found.c.id)
    )
    if size is not None:
        query = query.offset((page - 1) * size).limit(size + 1)
    return [UnmetRow(*row) for row in db.session.execute(query)]


def themes_of_unmet(area: Area, wanted: Filters) -> dict[int, list[str]]:
    """The labels of the themes and priorities that each need names, by its id."""
    found, parent, themes = _unmet(area, wanted).subquery(), aliased(Node), defaultdict(set)
    query = _named(area, parent, found.c.id, Node.label).join(
        found, found.c.version_id == version_priority.c.version_id
    )
    for listing_id, label in db.session.execute(query):
        themes[listing_id].add(label)
    return {listing_id: sorted(labels) for listing_id, labels in themes.items()}


def _unmet(area: Area, wanted: Filters, *, with_young: bool = False) -> Select[Any]:
    """The needs with what they are counted by; the young ones among them where they are asked for."""
    opened = _opened()
    asked_at = func.coalesce(opened.c.at, Posting.submitted_at, Posting.approved_at, type_=Event.at.type)
    age = case(
        *((asked_at > after, each.value) for each, after in asked_after(area.at).items()), else_=Age.LONGER.value
    )
    young = and_(Posting.state.in_(STILL_ASKED), asked_at > area.at - timedelta(days=area.days))
    outcome = case((young, Outcome.YOUNG.value), else_=what_became())
    found = (
        select(
            Listing.id,
            Listing.kind,
            Listing.organisation_id,
            Posting.approved_version_id.label("version_id"),
            ListingVersion.support_kind,
            ward_key(area.authority_id).label("ward_code"),
            Ward.name.label("ward"),
            asked_at.label("asked_at"),
            age.label("age"),
            outcome.label("outcome"),
        )
        .select_from(Posting)
        .join(Listing, Listing.id == Posting.listing_id)
        .join(ListingVersion, ListingVersion.id == Posting.approved_version_id)
        .outerjoin(opened, opened.c.posting_id == Posting.id)
        .outerjoin(Ward, Ward.id == ListingVersion.ward_id)
        .where(Posting.authority_id == area.authority_id, Listing.kind.in_(DEMAND), *_nobody_met())
    )
    if not with_young and wanted.outcome != Outcome.YOUNG:
        found = found.where(not_(young))
    exact: list[tuple[str, Any]] = [
        (wanted.ward, ward_key(area.authority_id)),
        (wanted.kind, Listing.kind),
        (wanted.support, ListingVersion.support_kind),
        (wanted.age, age),
        (wanted.outcome, outcome),
    ]
    found = found.where(*(column == value for value, column in exact if value))
    return found.where(_names(area, wanted.theme)) if wanted.theme else found


def _opened() -> Subquery:
    """When each posting was first put on the list, by its id."""
    opened = (Event.subject == Posting.__tablename__, Event.to_state == PostingState.OPEN)
    query = select(Event.subject_id.label("posting_id"), func.min(Event.at).label("at")).where(*opened)
    return query.group_by(Event.subject_id).subquery()


def what_became() -> ColumnElement[str]:
    """What became of a posting of which no partnership came."""
    return case(
        (Posting.state.in_(STILL_ASKED), Outcome.OPEN.value),
        (Posting.state == PostingState.LAPSED, Outcome.LAPSED.value),
        (Posting.state == PostingState.WITHDRAWN, Outcome.WITHDRAWN.value),
        else_=Posting.closing_reason,
    )


def _nobody_met() -> list[ColumnElement[bool]]:
    """Published, and no partnership came of it: open, run out, taken back, or closed for another reason.

    A hope that has grown into a need, or that an offer answers, is not left alone.
    """
    asked_or_over = Posting.state.in_([*STILL_ASKED, PostingState.LAPSED, PostingState.WITHDRAWN])
    elsewhere = Posting.closing_reason.in_([Outcome.MET_ELSEWHERE, Outcome.NOT_NEEDED])
    closed = and_(Posting.state == PostingState.FILLED, elsewhere)
    served = select(Match.demand_id).join(Partnership, Partnership.match_id == Match.id)
    child = aliased(Listing)
    followed = [select(each).where(each.is_not(None)) for each in (child.grown_from_id, child.answers_id)]
    return [
        or_(asked_or_over, closed),
        Listing.id.not_in(served.where(GOES_ON)),
        or_(Listing.kind == ListingKind.NEED, and_(*(Listing.id.not_in(each) for each in followed))),
    ]


def _named(area: Area, parent: type[Node], *columns: Any) -> Select[Any]:
    """These columns for each wording and each node that it names of any version of the area's framework."""
    own = select(Authority.framework_code).where(Authority.id == area.authority_id).scalar_subquery()
    return (
        select(*columns)
        .select_from(version_priority)
        .join(Node, Node.id == version_priority.c.node_id)
        .outerjoin(parent, parent.id == Node.parent_id)
        .where(Node.framework_id.in_(select(Framework.id).where(Framework.code == own)))
    )


def _names(area: Area, theme: str) -> ColumnElement[bool]:
    """It names this theme or priority, or one beneath it; NOWHERE: none at all of the area's framework."""
    parent = aliased(Node)
    named = _named(area, parent, version_priority.c.version_id)
    if theme == NOWHERE:
        return ListingVersion.id.not_in(named)
    return ListingVersion.id.in_(named.where(or_(Node.code == theme, parent.code == theme)))

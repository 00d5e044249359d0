"""The desk in one statement: everything in an area that waits for its officer, by due date, then by harm."""

from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Date,
    Float,
    Select,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import aliased
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from broker.domain.amounts import WHOLE
from broker.domain.kinds import (
    DEMAND,
    DeliveryState,
    IdeaState,
    Lane,
    ListingKind,
    MatchState,
    PartnershipState,
    PostingState,
    RegistrationState,
)
from broker.domain.waiting import DUE_SOON_DAYS, PATIENCE, SAFEGUARDING_HARM, SOON_DAYS, SOON_HARM, Wait
from broker.store.base import db
from broker.store.claims import claimed_for_each
from broker.store.commitments import OPEN, Commitment
from broker.store.confirmations import SAYS, Confirmation, ConfirmationLink
from broker.store.contracts import Contract
from broker.store.deliveries import Delivery
from broker.store.evidence import Evidence
from broker.store.listings import Listing, ListingVersion, Posting
from broker.store.matches import Match
from broker.store.measures import Measure
from broker.store.milestones import Milestone
from broker.store.organisations import Organisation, Registration
from broker.store.partnerships import Partnership
from broker.store.places import Ward
from broker.store.project_ideas import ProjectIdea
from broker.store.suggestions import Suggestion

TEXT = 200  # characters of a listing's body that the desk shows


class days_after(GenericFunction[date]):
    """The day so many days after a day or a moment."""

    type = Date()
    inherit_cache = True


@compiles(days_after)
def _days_after(element: Any, compiler: SQLCompiler, **kwargs: Any) -> str:
    since, days = element.clauses
    return f"(CAST({compiler.process(since, **kwargs)} AS DATE) + {compiler.process(days, **kwargs)})"


@compiles(days_after, "sqlite")
def _days_after_sqlite(element: Any, compiler: SQLCompiler, **kwargs: Any) -> str:
    since, days = element.clauses
    return f"date({compiler.process(since, **kwargs)}, {compiler.process(days, **kwargs)} || ' days')"


class Waiting(NamedTuple):
    """One row of the desk. `id` is of the thing that `what` speaks of: registration, posting, listing, match or
    partnership. `partner` is the other side's organisation, `kind` the listing's, `text` the start of its body, each
    '' where there is none; `version` the number of the wording that is to be checked, or 0.
    """

    what: str
    id: int
    title: str
    organisation: str
    partner: str
    kind: str
    text: str
    version: int
    due: date
    harm: int
    since: date


def waiting(authority_id: int, on: date, what: str = "", offset: int = 0, limit: int = 40) -> list[Waiting]:
    """What waits in this area, the most pressing first."""
    rows = _everything(authority_id, on).subquery()
    query = select(rows).order_by(rows.c.due, rows.c.harm.desc(), rows.c.since, rows.c.what, rows.c.id)
    if what:
        query = query.where(rows.c.what == what)
    return [Waiting(*row) for row in db.session.execute(query.limit(limit).offset(offset))]


def waiting_counts(authority_id: int, on: date) -> dict[str, tuple[int, int]]:
    """For each kind of thing on the desk, how many wait and how many of them are late."""
    rows = _everything(authority_id, on).subquery()
    late = func.sum(case((rows.c.due < on, 1), else_=0))
    query = select(rows.c.what, func.count(), late).group_by(rows.c.what)
    return {what: (number, overdue) for what, number, overdue in db.session.execute(query)}


def _everything(authority_id: int, on: date) -> CompoundSelect[Any]:
    return union_all(
        _applications(authority_id),
        _to_check(authority_id, on),
        _to_broker(authority_id, on),
        *(_matches(authority_id, on, what) for what in (Wait.REPLY, Wait.CONFIRM)),
        *(_partnerships(authority_id, on, what) for what in (Wait.START, Wait.REVIEW, Wait.CLOSE)),
        _ideas(authority_id),
        _promises(authority_id, on),
        *(_deliveries(authority_id, what) for what in (Wait.VERIFY, Wait.NO_ANSWER, Wait.DISPUTED)),
    )


def _row(what: Wait, thing: Any, title: Any, organisation: Any, since: Any, **more: Any) -> Select[Any]:
    """The columns of Waiting; `more` are those in which this kind of thing differs from the usual."""
    usual = {
        "partner": literal(""),
        "kind": literal(""),
        "text": literal(""),
        "version": literal(0),
        "due": days_after(since, PATIENCE[what].days),
        "harm": literal(PATIENCE[what].harm),
    }
    return select(
        literal(str(what)).label("what"),
        thing.label("id"),
        title.label("title"),
        organisation.label("organisation"),
        *(column.label(name) for name, column in {**usual, **more}.items()),
        days_after(since, 0).label("since"),
    )


def _applications(authority_id: int) -> Select[Any]:
    return (
        _row(Wait.APPLICATION, Registration.id, Organisation.name, literal(""), Registration.applied_at)
        .join(Organisation, Organisation.id == Registration.organisation_id)
        .where(Registration.authority_id == authority_id, Registration.state == RegistrationState.APPLIED)
    )


def _listing_row(what: Wait, thing: Any, since: Any, on: date) -> Select[Any]:
    """A row about a listing, from its posting and one wording: sooner and worse where it is wanted by a near day."""
    wanted_by = case((Listing.kind == ListingKind.NEED, ListingVersion.until_date), else_=null())
    usual, early = days_after(since, PATIENCE[what].days), days_after(wanted_by, -SOON_DAYS)
    came = days_after(since, 0)
    soon = case((wanted_by <= on + timedelta(days=SOON_DAYS), SOON_HARM), else_=0)
    careful = case((ListingVersion.safeguarding != "", SAFEGUARDING_HARM), else_=0)
    return _row(
        what,
        thing,
        ListingVersion.title,
        Organisation.name,
        since,
        kind=Listing.kind,
        text=func.substr(ListingVersion.body, 1, TEXT),
        version=ListingVersion.number,
        due=case((early < came, came), (early < usual, early), else_=usual),
        harm=PATIENCE[what].harm + soon + careful,
    )


def _to_check(authority_id: int, on: date) -> Select[Any]:
    newest = and_(ListingVersion.listing_id == Listing.id, ListingVersion.number == Listing.version_number)
    return (
        _listing_row(Wait.CHECK, Posting.id, Posting.submitted_at, on)
        .select_from(Posting)
        .join(Listing, Listing.id == Posting.listing_id)
        .join(ListingVersion, newest)
        .join(Organisation, Organisation.id == Listing.organisation_id)
        .where(Posting.authority_id == authority_id, Posting.state == PostingState.SUBMITTED)
    )


def _to_broker(authority_id: int, on: date) -> Select[Any]:
    """Open demand with a suggestion that nobody has dealt with, and nothing of it with the sides just now."""
    dealt_with = exists().where(Match.demand_id == Suggestion.demand_id, Match.supply_id == Suggestion.supply_id)
    fresh = exists().where(Suggestion.demand_id == Listing.id, Suggestion.demand_rank.is_not(None), ~dealt_with)
    talking = exists().where(Match.demand_id == Listing.id, Match.state.in_([MatchState.PROPOSED, MatchState.AGREED]))
    return (
        _listing_row(Wait.BROKER, Listing.id, Posting.approved_at, on)
        .select_from(Posting)
        .join(Listing, Listing.id == Posting.listing_id)
        .join(ListingVersion, ListingVersion.id == Posting.approved_version_id)
        .join(Organisation, Organisation.id == Listing.organisation_id)
        .where(
            Posting.authority_id == authority_id,
            Posting.state == PostingState.OPEN,
            Listing.kind.in_(DEMAND),
            fresh,
            ~talking,
        )
    )


def _with_sides(query: Select[Any], demand: Any, supply: Any, supplier: Any) -> Select[Any]:
    """Add to a query on Match its two listings, their organisations and the demand's title in the area."""
    return (
        query.join(demand, demand.id == Match.demand_id)
        .join(Organisation, Organisation.id == demand.organisation_id)
        .join(supply, supply.id == Match.supply_id)
        .join(supplier, supplier.id == supply.organisation_id)
        .outerjoin(Posting, and_(Posting.listing_id == demand.id, Posting.authority_id == Match.authority_id))
        .outerjoin(ListingVersion, ListingVersion.id == Posting.approved_version_id)
    )


def _matches(authority_id: int, on: date, what: Wait) -> Select[Any]:
    demand, supply, supplier = aliased(Listing), aliased(Listing), aliased(Organisation)
    agreed_at = case(
        (Match.demand_accepted_at > Match.supply_accepted_at, Match.demand_accepted_at),
        else_=Match.supply_accepted_at,
    )
    waits = {
        Wait.REPLY: (Match.state == MatchState.PROPOSED, Match.reply_by),
        Wait.CONFIRM: (Match.state == MatchState.AGREED, agreed_at),
    }[what]
    title = func.coalesce(ListingVersion.title, "")
    query = _row(what, Match.id, title, Organisation.name, waits[1], partner=supplier.name, kind=demand.kind)
    query = _with_sides(query.select_from(Match), demand, supply, supplier)
    return query.where(Match.authority_id == authority_id, waits[0], *_not_early(what, waits[1], on))


def _partnerships(authority_id: int, on: date, what: Wait) -> Select[Any]:
    demand, supply, supplier = aliased(Listing), aliased(Listing), aliased(Organisation)
    running = Partnership.state == PartnershipState.RUNNING
    over = and_(running, or_(Partnership.lane == Lane.TRANSACTIONAL, Partnership.reviewed_at.is_not(None)))
    states: dict[Wait, tuple[ColumnElement[bool], Any]] = {
        Wait.START: (Partnership.state == PartnershipState.PLANNED, Partnership.starts_on),
        Wait.REVIEW: (Partnership.state == PartnershipState.REVIEW_DUE, Partnership.review_on),
        Wait.CLOSE: (over, Partnership.ends_on),
    }
    state, day = states[what]
    query = _row(
        what, Partnership.id, Partnership.what, Organisation.name, func.coalesce(day, Partnership.starts_on),
        partner=supplier.name,
    )  # fmt: skip
    query = query.select_from(Partnership).join(Match, Match.id == Partnership.match_id)
    query = _with_sides(query, demand, supply, supplier)
    return query.where(Partnership.authority_id == authority_id, state, *_not_early(what, day, on))


def _ideas(authority_id: int) -> Select[Any]:
    """What councillors suggest, with the ward where an organisation would stand."""
    return (
        _row(
            Wait.IDEA, ProjectIdea.id, ProjectIdea.title, Ward.name, ProjectIdea.suggested_at,
            text=func.substr(ProjectIdea.text, 1, TEXT),
        )
        .join(Ward, Ward.id == ProjectIdea.ward_id)
        .where(ProjectIdea.authority_id == authority_id, ProjectIdea.state == IdeaState.NEW)
    )  # fmt: skip


def _deliveries(authority_id: int, what: Wait) -> Select[Any]:
    """What was delivered and is the officer's to move on: proven enough to verify, met with silence, or denied."""
    giver = aliased(Organisation)
    supported = or_(Delivery.tier == 1, exists().where(Evidence.delivery_id == Delivery.id))
    nobody_asked = and_(
        Delivery.state == DeliveryState.LOGGED, ~exists().where(ConfirmationLink.delivery_id == Delivery.id)
    )
    silent = Delivery.state == DeliveryState.UNCONFIRMED
    said = func.coalesce(_day(Confirmation.at), _day(Delivery.logged_at))
    waits: dict[Wait, tuple[ColumnElement[bool], Any]] = {
        Wait.VERIFY: (and_(Delivery.state == DeliveryState.CONFIRMED, supported), said),
        Wait.NO_ANSWER: (or_(silent, nobody_asked), case((silent, Delivery.answer_by), else_=_day(Delivery.logged_at))),
        Wait.DISPUTED: (Delivery.state == DeliveryState.DISPUTED, said),
    }
    state, since = waits[what]
    return (
        _row(what, Delivery.id, Measure.label, giver.name, since, partner=Organisation.name)
        .select_from(Delivery)
        .join(Measure, Measure.id == Delivery.measure_id)
        .join(giver, giver.id == Delivery.organisation_id)
        .join(Partnership, Partnership.id == Delivery.partnership_id)
        .join(Match, Match.id == Partnership.match_id)
        .join(Listing, Listing.id == Match.demand_id)
        .join(Organisation, Organisation.id == Listing.organisation_id)
        .outerjoin(Confirmation, SAYS)
        .where(Delivery.authority_id == authority_id, state)
    )


def _promises(authority_id: int, on: date) -> Select[Any]:
    """Open promises of which a step is late, or that are due soon with less claimed against them than was promised."""
    of_it = (Milestone.commitment_id == Commitment.id, Milestone.reached_at.is_(None), Milestone.due_on < on)
    late = select(func.min(Milestone.due_on)).where(*of_it).correlate(Commitment).scalar_subquery()
    grown = cast(Commitment.quantity, Float) * cast(Contract.spent, Float) / cast(Commitment.per_pounds, Float)
    promised = case((Commitment.per_pounds.is_(None), cast(Commitment.quantity, Float)), else_=grown)
    least = case((Measure.unit_kind == WHOLE, 100.0), else_=1.0)  # in hundredths: what grew by less is not due yet
    short = cast(claimed_for_each(), Float) + least <= promised + 0.001
    soon = and_(Commitment.due_on <= on + timedelta(days=DUE_SOON_DAYS), short)
    day = case((late < Commitment.due_on, late), else_=Commitment.due_on)
    text = func.substr(Commitment.what, 1, TEXT)
    return (
        _row(Wait.PROMISE, Commitment.id, Measure.label, Organisation.name, day, text=text)
        .join(Organisation, Organisation.id == Commitment.organisation_id)
        .join(Measure, Measure.id == Commitment.measure_id)
        .outerjoin(Contract, Contract.id == Commitment.contract_id)
        .where(Commitment.authority_id == authority_id, OPEN)
        .where(or_(late.is_not(None), soon))
    )


def _day(moment: Any) -> Any:
    return days_after(moment, 0)


def _not_early(what: Wait, day: Any, on: date) -> list[ColumnElement[bool]]:
    early = PATIENCE[what].early
    return [] if early is None else [day <= on + timedelta(days=early)]

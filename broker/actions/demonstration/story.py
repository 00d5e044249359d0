"""What has happened between the city's listings: matches, what was said, and the partnerships they became."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal

from broker.actions.demonstration.town import Town, amount, day, event, note
from broker.demonstration import records
from broker.domain.clock import now, today
from broker.domain.kinds import Audience, Lane, MatchState, NoteKind, PartnershipState
from broker.domain.permissions import Action
from broker.store.accounts import User
from broker.store.base import db
from broker.store.frameworks import current_framework
from broker.store.listings import Listing
from broker.store.matches import Match
from broker.store.organisations import Organisation
from broker.store.partnerships import Partnership


def tell(town: Town) -> None:
    """Bring in the matches, then the partnerships."""
    for match in town.city.matches:
        town.matches[match.key] = _match(town, match)
    db.session.flush()
    for partnership in town.city.partnerships:
        town.partnerships[partnership.match] = _partnership(town, partnership)
    db.session.flush()


def _match(town: Town, record: records.Match) -> Match:
    at = now() - timedelta(days=record.days_ago)
    state = MatchState(record.state)
    demand, supply = town.listings[record.demand], town.listings[record.supply]
    officer = town.officers[record.authority]
    proposed = state not in (MatchState.SHORTLISTED, MatchState.DISMISSED)
    made = Match(
        demand=demand,
        supply=supply,
        authority=town.authorities[record.authority],
        state=state,
        opened_by=record.opened_by,
        demand_amount=amount(record.demand_amount),
        supply_amount=amount(record.supply_amount),
        demand_accepted_at=at + timedelta(days=2) if record.demand_accepted else None,
        supply_accepted_at=at + timedelta(days=3) if record.supply_accepted else None,
        demand_accepted_how="page" if record.demand_accepted else None,
        supply_accepted_how="page" if record.supply_accepted else None,
        demand_version_id=demand.versions[0].id if record.demand_accepted else None,
        supply_version_id=supply.versions[0].id if record.supply_accepted else None,
        decline_reason="other" if state == MatchState.DECLINED else None,
        created_at=at,
        proposed_at=at if proposed else None,
        reply_by=day(record.reply_in_days) or (at.date() + timedelta(days=14) if proposed else None),
        confirmed_at=at + timedelta(days=5) if state == MatchState.CONFIRMED else None,
        confirmed_by_id=officer.id if state == MatchState.CONFIRMED else None,
    )
    db.session.add(made)
    db.session.flush()
    action = Action.PROPOSE_MATCH if proposed else Action.SHORTLIST_MATCH
    event(town, made, action, record.days_ago, officer, state)
    for text in filter(None, (record.reason, record.phrase)):
        note(made, NoteKind.REASON, text, Audience.OFFICERS, record.days_ago - 1, officer)
    _notes(town, made, record.notes, officer, demand.organisation, supply.organisation)
    if state == MatchState.CONFIRMED:
        _reserve(demand, made.demand_amount)
        _reserve(supply, made.supply_amount)
    return made


def _partnership(town: Town, record: records.Partnership) -> Partnership:
    match = town.matches[record.match]
    officer = town.officers[match.authority.code]
    framework = current_framework(match.authority)
    state = PartnershipState(record.state)
    over = state in (PartnershipState.CLOSED, PartnershipState.ENDED_EARLY)
    over_since = now() + timedelta(days=record.ends_days)
    starts, ends = today() + timedelta(days=record.starts_days), today() + timedelta(days=record.ends_days)
    confirmed = match.confirmed_at or now()
    made = Partnership(
        match=match,
        authority=match.authority,
        framework=framework,
        state=state,
        lane=Lane(record.lane),
        what=record.what,
        demand_amount=match.demand_amount,
        demand_unit=match.demand.unit,
        supply_amount=match.supply_amount,
        supply_unit=match.supply.unit,
        starts_on=starts,
        ends_on=ends,
        review_on=day(record.review_days) or (ends if record.lane == Lane.SYSTEMIC else None),
        reviewed_at=over_since - timedelta(days=1) if over and record.lane == Lane.SYSTEMIC else None,
        created_at=confirmed,
        ended_at=over_since if over else None,
    )
    db.session.add(made)
    db.session.flush()
    event(town, made, Action.CONFIRM_MATCH, (now() - confirmed).days, officer, state)
    if record.reason:
        note(made, NoteKind.REASON, record.reason, Audience.SIDES, 2, officer)
    _notes(town, made, record.notes, officer, match.demand.organisation, match.supply.organisation)
    if state == PartnershipState.ENDED_EARLY:
        _reserve(match.demand, made.demand_amount, back=True)
        _reserve(match.supply, made.supply_amount, back=True)
    return made


def _notes(
    town: Town,
    thing: Match | Partnership,
    notes: Iterable[records.Note],
    officer: User,
    demand: Organisation,
    supply: Organisation,
) -> None:
    """What was said, by whom it is most likely to have been: questions by the demand, answers by the supply."""
    owners: Mapping[str, Organisation] = {NoteKind.QUESTION: demand, NoteKind.ANSWER: supply, NoteKind.APPROACH: demand}
    for said in notes:
        by = owners.get(said.kind)
        note(thing, NoteKind(said.kind), said.text, Audience(said.audience), said.days_ago, officer, by)


def _reserve(listing: Listing, taken: Decimal | None, back: bool = False) -> None:
    """Take a confirmed amount from a listing that has a stated whole, or give it back."""
    if listing.quantity is not None and taken is not None:
        listing.reserved += -taken if back else taken

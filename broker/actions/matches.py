"""How a match is opened, talked over and closed again without becoming a partnership."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from broker.actions.mail import tell_sides
from broker.actions.moving import begin, carry, hold, move, record, remark
from broker.domain.clock import TWICE, now, today
from broker.domain.kinds import DEMAND, SUPPLY, Audience, MatchState, NoteKind, PostingState, Role, Side
from broker.domain.mail import MailKind
from broker.domain.permissions import Action, Actor, can, require
from broker.domain.quantities import paired_amounts, problems
from broker.domain.refusals import AlreadyThere, NotAllowed, Unfit, WrongState
from broker.domain.waiting import lapses, next_reply_by
from broker.store.base import db
from broker.store.listings import Listing
from broker.store.matches import Match, live_match, reply_days, stock_of, unanswered_before
from broker.store.suggestions import Suggestion

TALKING = frozenset({MatchState.PROPOSED, MatchState.AGREED, MatchState.CONFIRMED})


def ask_for_match(
    demand: Listing,
    supply: Listing,
    by: Actor,
    *,
    demand_amount: Decimal | None = None,
    supply_amount: Decimal | None = None,
    message: str = "",
) -> Match:
    """A side asks for the other's listing with one of its own: proposed, and accepted by the one who asks.

    Unfit on `listing` or an amount, AlreadyThere with the live match of the pair, WrongState where one is not open.
    """
    side = Side.DEMAND if by.organisation_id == demand.organisation_id else Side.SUPPLY
    own = demand if side is Side.DEMAND else supply
    require(by, Action.ASK_FOR_MATCH, own)
    waiting = _on_shortlist(demand, supply, by)
    area = waiting.authority_id if waiting else _common_area(demand, supply, Action.ASK_FOR_MATCH)
    facts = _proposal(demand, supply, area, Action.ASK_FOR_MATCH, demand_amount, supply_amount)
    facts |= {"opened_by": str(side), f"{side}_accepted_at": now(), f"{side}_accepted_how": "page"}
    facts |= {f"{side}_version_id": approved_in(own, area)}
    match = _put_to_sides(waiting, demand, supply, by, Action.ASK_FOR_MATCH, facts)
    remark(match, by, NoteKind.APPROACH, message, Audience.SIDES)
    return match


def shortlist_match(demand: Listing, supply: Listing, by: Actor, *, amount: Decimal | None = None) -> Match:
    """An officer keeps a pair in mind, with an amount where both sides count in one unit; nobody else hears of it."""
    if (waiting := _on_shortlist(demand, supply, by)) is not None:
        raise AlreadyThere("match", waiting.id)
    facts = {"authority_id": by.authority_id, "demand_amount": amount, "supply_amount": amount}
    return _open(demand, supply, by, Action.SHORTLIST_MATCH, MatchState.SHORTLISTED, facts)


def dismiss_match(demand: Listing, supply: Listing, by: Actor, *, reason: str = "") -> Match:
    """An officer sets a pair aside, so that it is not suggested again; the suggestion is kept as it was."""
    match = _on_shortlist(demand, supply, by)
    if match is None:
        area = {"authority_id": by.authority_id}
        match = _open(demand, supply, by, Action.DISMISS_MATCH, MatchState.DISMISSED, area)
    else:
        move(match, Action.DISMISS_MATCH, by)
    remark(match, by, NoteKind.REASON, reason, Audience.OFFICERS)
    return match


def propose_match(
    demand: Listing,
    supply: Listing,
    by: Actor,
    *,
    demand_amount: Decimal | None = None,
    supply_amount: Decimal | None = None,
    message: str = "",
) -> Match:
    """An officer puts a pair to both sides, from the shortlist or straight away. Refuses as ask_for_match does."""
    waiting = _on_shortlist(demand, supply, by)
    require(by, Action.PROPOSE_MATCH, waiting or demand)
    area = waiting.authority_id if waiting else by.authority_id or 0
    facts = _proposal(demand, supply, area, Action.PROPOSE_MATCH, demand_amount, supply_amount)
    match = _put_to_sides(waiting, demand, supply, by, Action.PROPOSE_MATCH, facts)
    remark(match, by, NoteKind.APPROACH, message, Audience.SIDES)
    return match


def withdraw_match(match: Match, by: Actor, *, reason: str = "") -> None:
    """The side that asked takes it back, or an officer does; the side that was asked declines instead."""
    hold(match)
    if by.role is Role.MEMBER and match.opened_by != match.side_of(by.organisation_id):
        raise NotAllowed(Action.WITHDRAW_MATCH)
    move(match, Action.WITHDRAW_MATCH, by)
    tell_sides(MailKind.MATCH_WITHDRAWN, match, by)
    remark(match, by, NoteKind.REASON, reason, Audience.OFFICERS)


def write_in_match(match: Match, by: Actor, *, text: str, audience: Audience = Audience.SIDES) -> None:
    """A question, an answer or an officer's word to both sides; a note with audience OFFICERS stays with them."""
    require(by, Action.WRITE_IN_MATCH, match)
    if by.role is Role.MEMBER and audience is not Audience.SIDES:
        raise NotAllowed(Action.WRITE_IN_MATCH)
    if audience is Audience.SIDES and match.state not in TALKING:
        raise WrongState("match", match.state, Action.WRITE_IN_MATCH)
    if not text.strip():
        raise Unfit({"text": "needed"})
    remark(match, by, NoteKind.QUESTION if by.role is Role.MEMBER else NoteKind.NOTE, text, audience)
    record(match, Action.WRITE_IN_MATCH, by)
    if audience is Audience.SIDES:
        tell_sides(MailKind.MATCH_MESSAGE, match, by)


def log_call(match: Match, by: Actor, *, text: str) -> None:
    """An officer writes down what was said on the telephone."""
    require(by, Action.LOG_CALL, match)
    if not text.strip():
        raise Unfit({"text": "needed"})
    remark(match, by, NoteKind.CALL, text, Audience.OFFICERS)
    record(match, Action.LOG_CALL, by)


def follow_up(match: Match, by: Actor) -> None:
    """An officer has reminded the side that has not replied: another week for it, however often clicked."""
    require(by, Action.FOLLOW_UP, match)
    if match.state != MatchState.PROPOSED:
        raise WrongState("match", match.state, Action.FOLLOW_UP)
    if match.followed_up_at and match.followed_up_at > now() - TWICE:
        return
    match.followed_up_at = now()
    match.reply_by = next_reply_by(match.reply_by, today())
    record(match, Action.FOLLOW_UP, by, "followed_up_at", "reply_by")


def lapse_matches(by: Actor, on: date) -> int:
    """Close what nobody has replied to for long enough; how many that were."""
    late = [match for match in unanswered_before(on) if match.reply_by and lapses(match.reply_by, on)]
    for match in late:
        move(match, Action.LAPSE_MATCH, by)
        tell_sides(MailKind.MATCH_LAPSED, match, by)
    return len(late)


def approved_in(listing: Listing, authority_id: int) -> int | None:
    """The wording of a listing that stands approved in an authority: what an acceptance accepts."""
    return next((p.approved_version_id for p in listing.postings if p.authority_id == authority_id), None)


def _on_shortlist(demand: Listing, supply: Listing, by: Actor) -> Match | None:
    """The pair's match where it waits on a shortlist; AlreadyThere where it has been put to the sides, or another
    authority's officers keep it. Its number is told to whoever may see it.
    """
    match = live_match(demand.id, supply.id)
    if match is None:
        return None
    may_see = can(by, Action.SEE_MATCH, match)
    if match.state != MatchState.SHORTLISTED or (by.role is Role.OFFICER and not may_see):
        raise AlreadyThere("match", match.id if may_see else None)
    return match


def _proposal(
    demand: Listing,
    supply: Listing,
    authority_id: int,
    action: Action,
    demand_amount: Decimal | None,
    supply_amount: Decimal | None,
) -> dict[str, object]:
    """The columns of a match that may be put to its sides; Unfit or WrongState where it may not."""
    _check_pair(demand, supply)
    for listing in (demand, supply):
        _check_open(listing, authority_id, action)
    stocks = stock_of(demand), stock_of(supply)
    amounts = paired_amounts(*stocks, demand_amount, supply_amount)
    if found := problems(*stocks, *amounts):
        raise Unfit(found)
    return {
        "authority_id": authority_id,
        "demand_amount": amounts[0],
        "supply_amount": amounts[1],
        "proposed_at": now(),
        "reply_by": today() + timedelta(days=reply_days(authority_id)),
    }


def _put_to_sides(
    waiting: Match | None, demand: Listing, supply: Listing, by: Actor, action: Action, facts: dict[str, object]
) -> Match:
    if waiting is None:
        match = _open(demand, supply, by, action, MatchState.PROPOSED, facts)
    else:
        match = waiting
        carry(match, Action.PROPOSE_MATCH, by, **facts)
    tell_sides(MailKind.MATCH_PROPOSED, match, by)
    return match


def _open(
    demand: Listing, supply: Listing, by: Actor, action: Action, state: MatchState, facts: Mapping[str, object]
) -> Match:
    """A new match, with the suggestion as it is now where there is one."""
    _check_pair(demand, supply)
    seen = db.session.get(Suggestion, (demand.id, supply.id))
    kept = {"score": seen.score, "reason": seen.reason, "engine": seen.engine} if seen else {}
    given = {"opened_by": "officer", **kept, **facts}
    match = Match(demand=demand, supply=supply, state=state, created_at=now(), **given)
    require(by, action, match)
    for listing in (demand, supply):
        _check_open(listing, match.authority_id, action)
    begin(match, action, by)
    return match


def _check_pair(demand: Listing, supply: Listing) -> None:
    if demand.kind not in DEMAND or supply.kind not in SUPPLY:
        raise Unfit({"listing": "wrong_sides"})
    if demand.organisation_id == supply.organisation_id:
        raise Unfit({"listing": "own_organisation"})


def _check_open(listing: Listing, authority_id: int, action: Action) -> None:
    state = next((p.state for p in listing.postings if p.authority_id == authority_id), None)
    if state is None:
        raise Unfit({"listing": "no_common_area"})
    if state != PostingState.OPEN:
        raise WrongState("listing", state, action)


def _common_area(demand: Listing, supply: Listing, action: Action) -> int:
    """An authority in which both are open, the demand's first one; WrongState where either is open nowhere."""
    for listing in (demand, supply):
        if not _open_areas(listing):
            raise WrongState("listing", listing.postings[0].state, action)
    common = [area for area in _open_areas(demand) if area in _open_areas(supply)]
    if not common:
        raise Unfit({"listing": "no_common_area"})
    return common[0]


def _open_areas(listing: Listing) -> list[int]:
    return [p.authority_id for p in listing.postings if p.state == PostingState.OPEN]

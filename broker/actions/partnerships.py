"""The life of a partnership: the confirmation that takes quantities, the review, and the end that gives some back."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from broker.actions.feedback import ask_feedback, check_said, note_silence
from broker.actions.jobs import owe_suggestions
from broker.actions.mail import tell_officers, tell_sides
from broker.actions.moving import begin, carry, hold, move, remark
from broker.actions.quantities import check_back, give_back, take
from broker.domain.checks import is_missing
from broker.domain.clock import now, today
from broker.domain.kinds import Audience, Lane, MatchState, NoteKind, PartnershipState, PostingState, Side
from broker.domain.mail import MailKind
from broker.domain.partnerships import Terms, is_late, problems
from broker.domain.permissions import Action, Actor, require
from broker.domain.quantities import Stock, missing, paired_amounts
from broker.domain.quantities import problems as amount_problems
from broker.domain.refusals import AlreadyThere, Unfit, WrongState
from broker.store.frameworks import current_framework
from broker.store.listings import Listing, Posting, keep_still
from broker.store.matches import Match, postings_held, stock_of
from broker.store.milestones import milestones_of
from broker.store.partnerships import Partnership, partnership_of, reviews_before


def confirm_match(match: Match, by: Actor, *, terms: Terms, text: str = "", settled: str = "") -> Partnership:
    """Make the partnership that both sides agreed to, and take its parts out of both listings.

    `settled` says, to officers alone, how a background check that is asked for and lacking is seen to. Unfit on a field
    of the terms, or without that; AlreadyThere with the partnership where another officer was quicker; WrongState where
    the match is not agreed or a listing is not open; QuantityTaken where too little is left. The caller rolls back
    after a refusal.
    """
    require(by, Action.CONFIRM_MATCH, match)
    keep_still(match.demand, match.supply)
    hold(match)
    if match.state == MatchState.CONFIRMED:
        raise AlreadyThere("partnership", partnership_of(match.id))
    demand_amount, supply_amount = _checked(match, terms)
    if lacks_check(match) and not settled.strip():
        raise Unfit({"settled": "unsettled"})
    held = [*_held_open(match.demand, match), *_held_open(match.supply, match)]
    move(
        match,
        Action.CONFIRM_MATCH,
        by,
        confirmed_at=now(),
        confirmed_by_id=by.user_id,
        demand_amount=demand_amount,
        supply_amount=supply_amount,
    )
    partnership = Partnership(
        match=match,
        authority_id=match.authority_id,
        framework=current_framework(match.authority),
        state=PartnershipState.PLANNED,
        lane=terms.lane,
        what=terms.what.strip(),
        demand_amount=take(match.demand, Side.DEMAND, demand_amount),
        demand_unit=match.demand.unit,
        supply_amount=take(match.supply, Side.SUPPLY, supply_amount),
        supply_unit=match.supply.unit,
        starts_on=terms.starts_on,
        ends_on=terms.ends_on,
        review_on=terms.review_on,
        created_at=now(),
    )
    begin(partnership, Action.CONFIRM_MATCH, by)
    tell_sides(MailKind.PARTNERSHIP_CONFIRMED, match, by, partnership)
    remark(partnership, by, NoteKind.NOTE, text, Audience.SIDES)
    remark(partnership, by, NoteKind.NOTE, settled, Audience.OFFICERS)
    for listing in (match.demand, match.supply):
        _fill_or_look_again(listing, (p for p in held if p.listing_id == listing.id), by)
    return partnership


def lacks_check(match: Match) -> bool:
    """Whether one side asks for a background check that the other does not say it has."""
    demand, supply = match.wording(Side.DEMAND), match.wording(Side.SUPPLY)
    return bool(demand and supply and is_missing(demand.background_check, supply.background_check))


def start_partnership(partnership: Partnership, by: Actor) -> None:
    """It is under way."""
    move(partnership, Action.START_PARTNERSHIP, by)


def call_review(partnership: Partnership, by: Actor) -> None:
    """It is time to ask both sides how it goes."""
    move(partnership, Action.CALL_REVIEW, by)
    tell_officers(MailKind.REVIEW_DUE, partnership.authority_id, partnership, by)


def call_reviews(by: Actor, on: date) -> int:
    """Call every review whose day has come; how many that were."""
    due = reviews_before(on)
    for partnership in due:
        call_review(partnership, by)
    return len(due)


def review_partnership(partnership: Partnership, by: Actor, *, text: str, review_on: date | None = None) -> None:
    """Write down how it goes. `review_on` None: there will be no further review, it goes on to its close."""
    if not text.strip():
        raise Unfit({"text": "needed"})
    if review_on is not None and review_on <= today():
        raise Unfit({"review_on": "past"})
    if review_on is not None and is_late(review_on, partnership.ends_on):
        raise Unfit({"review_on": "late_review"})
    facts = {"review_on": review_on} if review_on else {}
    move(partnership, Action.REVIEW_PARTNERSHIP, by, reviewed_at=now(), **facts)
    remark(partnership, by, NoteKind.REVIEW, text, Audience.SIDES)


def close_partnership(
    partnership: Partnership,
    by: Actor,
    *,
    text: str = "",
    left_open: str = "",
    silent: Mapping[Side, str] | None = None,
) -> None:
    """It is done. A lasting one has been reviewed first, whenever a review was due, and of a one-off both sides have
    said how it went.

    `left_open` says why steps on the way are left unreached; `silent`, by side, how a side was asked that did not
    answer. Unfit on `review_on`, `left_open`, `demand_silent` or `supply_silent` where such a word is wanted.
    """
    require(by, Action.CLOSE_PARTNERSHIP, partnership)
    hold(partnership)
    found = _unfinished(partnership, left_open, silent or {})
    if found:
        raise Unfit(found)
    move(partnership, Action.CLOSE_PARTNERSHIP, by, ended_at=now())
    if partnership.lane == Lane.TRANSACTIONAL:
        note_silence(partnership, by, silent or {})
    else:
        ask_feedback(partnership, by)
    for said in (text, left_open):
        remark(partnership, by, NoteKind.NOTE, said, Audience.SIDES)


def _unfinished(partnership: Partnership, left_open: str, silent: Mapping[Side, str]) -> dict[str, str]:
    found = {}
    if partnership.lane == Lane.SYSTEMIC and partnership.state == PartnershipState.REVIEW_DUE:
        found["review_on"] = "review_due"  # an earlier one does not stand for it
    elif partnership.lane == Lane.SYSTEMIC and partnership.reviewed_at is None:
        found["review_on"] = "review_first"
    if not left_open.strip() and any(step.reached_at is None for step in milestones_of(partnership)):
        found["left_open"] = "steps_open"
    return found if partnership.lane == Lane.SYSTEMIC else found | check_said(partnership, silent)


def end_partnership(
    partnership: Partnership,
    by: Actor,
    *,
    demand_back: Decimal = Decimal(0),
    supply_back: Decimal = Decimal(0),
    text: str = "",
) -> None:
    """It stops early; what was not used goes back to each listing, which opens again where it had been filled."""
    require(by, Action.END_PARTNERSHIP, partnership)
    match = partnership.match
    check_back(match.demand, Side.DEMAND, partnership.demand_amount, partnership.demand_unit, demand_back)
    check_back(match.supply, Side.SUPPLY, partnership.supply_amount, partnership.supply_unit, supply_back)
    move(partnership, Action.END_PARTNERSHIP, by, ended_at=now())
    tell_sides(MailKind.PARTNERSHIP_ENDED, match, by, partnership)
    remark(partnership, by, NoteKind.NOTE, text, Audience.SIDES)
    for side, back in ((Side.DEMAND, demand_back), (Side.SUPPLY, supply_back)):
        _return(match.listing(side), side, back, by)


def _checked(match: Match, terms: Terms) -> tuple[Decimal | None, Decimal | None]:
    """The amounts of the terms as they will stand. How much is left is for `take` to say, at the last moment."""
    stocks = stock_of(match.demand), stock_of(match.supply)
    amounts = paired_amounts(*stocks, terms.demand_amount, terms.supply_amount)
    boundless = Stock(stocks[0].unit), Stock(stocks[1].unit)
    found = problems(terms) | missing(*stocks, *amounts) | amount_problems(*boundless, *amounts)
    if found:
        raise Unfit(found)
    return amounts


def _held_open(listing: Listing, match: Match) -> list[Posting]:
    postings = postings_held(listing.id)
    state = next((p.state for p in postings if p.authority_id == match.authority_id), None)
    if state != PostingState.OPEN:
        raise WrongState("listing", state or "absent", Action.CONFIRM_MATCH)
    return postings


def _fill_or_look_again(listing: Listing, postings: Iterable[Posting], by: Actor) -> None:
    if listing.remaining == 0:
        for posting in postings:
            if posting.state == PostingState.OPEN:
                carry(posting, Action.CONFIRM_MATCH, by)
    owe_suggestions(listing)


def _return(listing: Listing, side: Side, back: Decimal, by: Actor) -> None:
    if not back:
        return
    give_back(listing, side, back)
    for posting in postings_held(listing.id):
        # One that its owner closed, with a reason, stays closed.
        if posting.state == PostingState.FILLED and posting.closing_reason is None:
            carry(posting, Action.END_PARTNERSHIP, by)
    owe_suggestions(listing)

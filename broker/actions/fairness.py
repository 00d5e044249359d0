"""Officers' boosts: a listing that nobody sees is lifted for a while, openly, with a reason."""

from datetime import date, timedelta

from broker.actions.jobs import owe_suggestions
from broker.actions.moving import begin, record
from broker.domain.clock import now, today
from broker.domain.kinds import PostingState
from broker.domain.permissions import Action, Actor, require
from broker.domain.refusals import Unfit, WrongState
from broker.store.fairness import ListingBoost, boosts_of, run_out_boosts
from broker.store.listings import Listing

USUAL_DAYS, MOST_DAYS = 30, 180
LEVELS = (1, 2, 3)


def boost_listing(listing: Listing, by: Actor, *, level: int, reason: str, ends_on: date) -> ListingBoost:
    """Lift a listing that is open in the officer's area until this day; it takes the place of an earlier boost there.

    Unfit on `level`, `reason` or `ends_on`.
    """
    require(by, Action.BOOST_LISTING, listing)
    posting = next(posting for posting in listing.postings if posting.authority_id == by.authority_id)
    if posting.state != PostingState.OPEN:
        raise WrongState(posting.noun, posting.state, Action.BOOST_LISTING)
    problems = _problems(level, reason, ends_on)
    if problems:
        raise Unfit(problems)
    for earlier in boosts_of(listing.id, posting.authority_id):
        if earlier.counts(today()):
            _end(earlier, by)
    boost = ListingBoost(
        listing=listing,
        authority_id=posting.authority_id,
        level=level,
        reason=reason.strip(),
        made_at=now(),
        made_by_id=by.user_id,
        ends_on=ends_on,
    )
    begin(boost, Action.BOOST_LISTING, by)
    owe_suggestions(listing)
    return boost


def end_boost(boost: ListingBoost, by: Actor) -> None:
    """Lift the listing no more, from now on. One that has ended stays as it was."""
    require(by, Action.END_BOOST, boost)
    if boost.counts(today()):
        _end(boost, by)
        owe_suggestions(boost.listing)


def lapse_boosts(by: Actor, on: date) -> int:
    """Let go of the boosts whose last day lies before this one; how many that were."""
    over = run_out_boosts(on)
    for boost in over:
        require(by, Action.END_BOOST, boost)
        _end(boost, by)
        owe_suggestions(boost.listing)
    return len(over)


def _problems(level: int, reason: str, ends_on: date) -> dict[str, str]:
    found = {} if level in LEVELS else {"level": "missing"}
    if not reason.strip():
        found["reason"] = "missing"
    if ends_on < today():
        found["ends_on"] = "past"
    elif ends_on > today() + timedelta(days=MOST_DAYS):
        found["ends_on"] = "far"
    return found


def _end(boost: ListingBoost, by: Actor) -> None:
    boost.ended_at, boost.ended_by_id = now(), by.user_id
    record(boost, Action.END_BOOST, by, "ended_at")

"""An organisation says that a suggestion is not for it, and takes that back; its list changes in the same breath."""

from broker.actions.moving import begin, move, remark
from broker.domain.clock import now
from broker.domain.kinds import Audience, NoteKind, NotForUs, PreferenceState, Side
from broker.domain.permissions import Action, Actor, require
from broker.domain.preferences import Limit, Refused, limit_of
from broker.store.brokering import Candidate, side_of, suggestion_of
from broker.store.listings import Listing
from broker.store.preferences import Preference


def say_not_for_us(listing: Listing, other: Candidate, by: Actor, *, why: NotForUs, text: str = "") -> Preference:
    """Take a suggestion out of this listing's list, with whatever the reason says is alike. Officers read the text."""
    require(by, Action.SAY_NOT_FOR_US, listing)
    seen = suggestion_of(*_pair(listing, other))
    limit = limit_for(why, listing, other)
    preference = Preference(
        listing=listing,
        other_id=other.id,
        why=why,
        miles=limit.miles,
        support_kind=limit.support_kind,
        from_date=limit.from_date,
        until_date=limit.until_date,
        state=PreferenceState.STANDING,
        said_at=now(),
    )
    if seen is not None:
        preference.score, preference.reason, preference.engine = seen.score, seen.reason, seen.engine
    begin(preference, Action.SAY_NOT_FOR_US, by)
    remark(preference, by, NoteKind.REASON, text, Audience.OFFICERS)
    return preference


def take_back_not_for_us(preference: Preference, by: Actor) -> None:
    """What it kept out of the list is back. A second click changes nothing."""
    require(by, Action.TAKE_BACK_NOT_FOR_US, preference)
    if preference.state == PreferenceState.STANDING:
        move(preference, Action.TAKE_BACK_NOT_FOR_US, by)


def limit_for(why: NotForUs, listing: Listing, other: Candidate) -> Limit:
    """What a reason would keep out of the list beside the suggestion itself."""
    miles = (other.reason or {}).get("distance_miles")
    refused = Refused(miles, other.support_kind, other.from_date, other.until_date)
    return limit_of(why, refused, listing.latest.support_kind)


def _pair(listing: Listing, other: Candidate) -> tuple[int, int]:
    return (listing.id, other.id) if side_of(listing) is Side.DEMAND else (other.id, listing.id)

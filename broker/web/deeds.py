"""What somebody may do next with a listing, as buttons: the tables of states and of rights in words."""

from dataclasses import dataclass
from datetime import timedelta

from broker.domain.clock import today
from broker.domain.kinds import ListingKind, PostingState
from broker.domain.permissions import Action, Actor, can
from broker.domain.states import open_moves
from broker.store.listings import Listing

SOON = timedelta(days=30)  # before its time is over, a listing may be renewed


@dataclass(frozen=True)
class Deed:
    """A step with its address; `is_link` leads to a page with more questions, otherwise the button does it."""

    text: str
    url: str
    is_link: bool = False


_BUTTONS = {
    Action.PAUSE_LISTING: Deed("Pause", "pause"),
    Action.RESUME_LISTING: Deed("Open again", "resume"),
    Action.RENEW_LISTING: Deed("Renew", "renew"),
    Action.CLOSE_LISTING: Deed("It has been met", "close", is_link=True),
    Action.WITHDRAW_LISTING: Deed("Withdraw", "withdraw", is_link=True),
}


def deeds_of(listing: Listing, actor: Actor | None) -> list[Deed]:
    """The steps open to the actor, the likeliest first."""
    if not can(actor, Action.EDIT_LISTING, listing):
        return []
    states = {posting.state for posting in listing.postings}
    moves = {move for posting in listing.postings for move in open_moves(posting, actor)}
    if not _may_renew(listing):
        moves.discard(Action.RENEW_LISTING)
    found = []
    if states != {PostingState.WITHDRAWN}:
        text = "Change and send" if Action.SUBMIT_LISTING in moves else "Change"
        found.append(Deed(text, f"/listings/{listing.id}/edit", is_link=True))
    if listing.kind == ListingKind.ASPIRATION and can(actor, Action.GROW_ASPIRATION, listing):
        found.append(Deed("Grow a need from it", f"/listings/{listing.id}/grow", is_link=True))
    if PostingState.OPEN in states:
        page = "suggestions" if actor and actor.organisation_id else "broker"
        found.append(Deed("See what fits", f"/listings/{listing.id}/{page}", is_link=True))
    return found + [
        Deed(deed.text, f"/listings/{listing.id}/{deed.url}", deed.is_link)
        for action, deed in _BUTTONS.items()
        if action in moves
    ]


def _may_renew(listing: Listing) -> bool:
    return listing.expires_on is not None and listing.expires_on <= today() + SOON

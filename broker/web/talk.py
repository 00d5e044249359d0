"""What was asked, answered and returned while a listing was checked, and who may read it."""

from collections.abc import Sequence

from broker.domain.kinds import Audience, Role
from broker.domain.permissions import Action, Actor, can
from broker.store.events import Note, notes_of_each
from broker.store.listings import Listing, Posting


def said_about(listings: Sequence[Listing], actor: Actor) -> dict[int, list[Note]]:
    """The notes of the listings' postings, by posting. One council's talk is not the next one's: an officer reads all
    that was said in the own market and nothing of another's; everybody else reads what is for owners.
    """
    postings = [posting for listing in listings for posting in listing.postings]
    if actor.role is not Role.OFFICER:
        return notes_of_each(Posting.__tablename__, [p.id for p in postings], frozenset({Audience.OWNER}))
    own = [posting.id for posting in postings if can(actor, Action.SEE_POSTING, posting)]
    return notes_of_each(Posting.__tablename__, own, frozenset(Audience))

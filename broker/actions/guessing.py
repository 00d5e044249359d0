"""What a listing that waits for its check seems to be about, so that its officer reads the guess beside it.

Listings that are open are guessed with the market itself (see suggesting).
"""

from broker.actions.weighing import engine_now, side_of
from broker.domain.kinds import ListingKind
from broker.matching import Guess, Market, Record, Weighing
from broker.store.counts import last_weighing
from broker.store.guesses import listing_in_check, refused_guesses
from broker.store.listings import Listing
from broker.store.suggestions import MERELY_RELATED


def look(listing_id: int) -> tuple[Guess, ...] | None:
    """The guesses about its newest wording, weighed as the market was last; None where it waits for no first check."""
    listing = listing_in_check(listing_id)
    if listing is None:
        return None
    engine, weighed, side = engine_now(), last_weighing(), side_of(ListingKind(listing.kind))
    record = _record(listing)
    market = Market(
        [record] if side == "demand" else [],
        [record] if side == "supply" else [],
        weights=engine.weights,
        synonyms=engine.synonyms,
        table=None,
        weighing=Weighing(weighed.listings, weighed.words) if weighed else None,
    )
    return market.guess(side, listing_id)


def _record(listing: Listing) -> Record:
    said = listing.latest
    mappings = [mapping for node in said.priorities for mapping in node.mappings]
    return Record(
        id=listing.id,
        owner=listing.organisation_id,
        title=said.title,
        text=said.body,
        kind=said.support_kind,
        themes=frozenset(each.hub_code for each in mappings if each.relation != MERELY_RELATED),
        guesses_refused=refused_guesses().get(listing.id, frozenset()),
    )

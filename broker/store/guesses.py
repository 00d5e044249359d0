"""What the computer guesses of a listing from its text, and what people said to each guess."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint, exists, select
from sqlalchemy.orm import Mapped, backref, joinedload, mapped_column, relationship

from broker.domain.kinds import GuessKind, GuessState, PostingState
from broker.domain.states import GUESS
from broker.store.base import Base, db
from broker.store.frameworks import Node
from broker.store.listings import Listing, ListingVersion, Posting


class ListingGuess(Base):
    """One thing that a listing may be about. `value`: a kind of support, or the code of a shared outcome ("H09").

    `cues` are the words of the text that say so. What somebody agreed with or refused is never guessed anew.
    """

    __tablename__ = "listing_guess"
    __table_args__ = (UniqueConstraint("listing_id", "what", "value"),)
    machine = GUESS
    noun = "guess"
    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    what: Mapped[GuessKind] = mapped_column(String(20))
    value: Mapped[str] = mapped_column(String(40))
    cues: Mapped[list[str]] = mapped_column(JSON, default=list)
    state: Mapped[GuessState] = mapped_column(String(20), default=GuessState.GUESSED, index=True)
    guessed_at: Mapped[datetime]
    listing: Mapped[Listing] = relationship(backref=backref("guesses", order_by=(what, value), viewonly=True))

    @property
    def owners(self) -> frozenset[int]:
        return self.listing.owners

    @property
    def authorities(self) -> frozenset[int]:
        return self.listing.authorities


def with_guesses() -> Any:  # what joinedload gives has no public name
    """Loads the guesses in the statement that loads their listing."""
    return joinedload(Listing.guesses)  # type: ignore[attr-defined]


def guesses_of(listing: Listing) -> list[ListingGuess]:
    """Every guess about a listing, kinds of support first."""
    return list(listing.guesses)  # type: ignore[attr-defined]


def guesses_of_each(listing_ids: Iterable[int]) -> dict[int, list[ListingGuess]]:
    """The same for several listings at once, by the id of each; one without guesses is left out."""
    query = select(ListingGuess).where(ListingGuess.listing_id.in_(list(listing_ids)))
    found: dict[int, list[ListingGuess]] = defaultdict(list)
    for guess in db.session.scalars(query):
        found[guess.listing_id].append(guess)
    return found


def guess_of(listing_id: int, guess_id: int) -> ListingGuess | None:
    """The guess of this id, if it is about this listing."""
    query = select(ListingGuess).where(ListingGuess.id == guess_id, ListingGuess.listing_id == listing_id)
    return db.session.scalar(query)


def listing_in_check(listing_id: int) -> Listing | None:
    """A listing that waits for a check and that nobody may read yet, with its newest wording and what that serves."""
    said = joinedload(Listing.latest).selectinload(ListingVersion.priorities).selectinload(Node.mappings)
    of_it = Posting.listing_id == Listing.id
    waits = exists().where(of_it, Posting.state == PostingState.SUBMITTED)
    query = select(Listing).where(Listing.id == listing_id, waits, ~exists().where(of_it, Posting.shown()))
    return db.session.scalar(query.options(said))


def refused_guesses() -> dict[int, frozenset[str]]:
    """By listing, the kinds and shared outcomes that somebody said are wrong."""
    return _values(GuessState.REFUSED, *GuessKind)


def agreed_themes() -> dict[int, frozenset[str]]:
    """By listing, the shared outcomes that were guessed and that somebody agreed with."""
    return _values(GuessState.AGREED, GuessKind.THEME)


def agreed_kinds() -> dict[int, frozenset[str]]:
    """By listing, the kinds of support that were guessed and that somebody agreed with."""
    return _values(GuessState.AGREED, GuessKind.KIND)


def _values(state: GuessState, *kinds: GuessKind) -> dict[int, frozenset[str]]:
    query = select(ListingGuess.listing_id, ListingGuess.value).where(
        ListingGuess.state == state, ListingGuess.what.in_(kinds)
    )
    found: dict[int, set[str]] = defaultdict(set)
    for listing_id, value in db.session.execute(query):
        found[listing_id].add(value)
    return {listing_id: frozenset(values) for listing_id, values in found.items()}

"""What the computer guesses of a listing: kept when it guesses, put right by the people whose listing it is."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from broker.actions.jobs import owe_suggestions
from broker.actions.moving import move
from broker.domain.clock import now
from broker.domain.kinds import GuessKind, GuessState
from broker.domain.permissions import Action, Actor
from broker.store.base import db
from broker.store.guesses import ListingGuess, guesses_of

CUES_KEPT = 4


class Guessed(Protocol):
    """A guess as the matcher hands it over; `cues` are words of the text, the most telling first."""

    @property
    def what(self) -> str: ...

    @property
    def value(self) -> str: ...

    @property
    def cues(self) -> Sequence[str]: ...


def note_guesses(listing_id: int, guesses: Iterable[Guessed]) -> None:
    """Take these guesses in place of the last ones; what somebody has decided stays decided."""
    known = {(GuessKind(guess.what), guess.value): guess for guess in guesses_of(listing_id)}
    fresh = {(GuessKind(guess.what), guess.value): list(guess.cues[:CUES_KEPT]) for guess in guesses}
    for key, cues in fresh.items():
        if key in known:
            known[key].cues = cues
        else:
            what, value = key
            db.session.add(
                ListingGuess(
                    listing_id=listing_id,
                    what=what,
                    value=value,
                    cues=cues,
                    state=GuessState.GUESSED,
                    guessed_at=now(),
                )
            )
    for key, guess in known.items():
        if key not in fresh and guess.state == GuessState.GUESSED:
            db.session.delete(guess)
    db.session.flush()


def agree_guess(guess: ListingGuess, by: Actor) -> None:
    """Somebody says that the computer guessed right: from now on it counts as if they had written it."""
    move(guess, Action.AGREE_GUESS, by)
    owe_suggestions(guess.listing)


def refuse_guess(guess: ListingGuess, by: Actor) -> None:
    """Somebody says that the computer guessed wrong: it counts no more and is not guessed again."""
    move(guess, Action.REFUSE_GUESS, by)
    owe_suggestions(guess.listing)

"""What the computer guesses of a listing: kept when it guesses, put right by the people whose listing it is."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from broker.actions.jobs import owe_suggestions
from broker.actions.moving import move
from broker.domain.clock import now
from broker.domain.kinds import GuessKind, GuessState
from broker.domain.permissions import Action, Actor
from broker.store.base import db
from broker.store.guesses import ListingGuess, guesses_of_each

CUES_KEPT = 4
BATCH = 500


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
    note_guesses_of_each({listing_id: guesses})


def note_guesses_of_each(guesses: Mapping[int, Iterable[Guessed]]) -> None:
    """The same for many listings at once, by their ids."""
    ids = list(guesses)
    for start in range(0, len(ids), BATCH):
        known = guesses_of_each(ids[start : start + BATCH])
        for listing_id in ids[start : start + BATCH]:
            _note(listing_id, known.get(listing_id, []), guesses[listing_id])
    db.session.flush()


def _note(listing_id: int, present: Iterable[ListingGuess], guesses: Iterable[Guessed]) -> None:
    known = {(GuessKind(guess.what), guess.value): guess for guess in present}
    fresh = {(GuessKind(guess.what), guess.value): list(guess.cues[:CUES_KEPT]) for guess in guesses}
    for key, cues in fresh.items():
        if key in known:
            if known[key].cues != cues:
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


def agree_guess(guess: ListingGuess, by: Actor) -> None:
    """Somebody says that the computer guessed right: from now on it counts as if they had written it."""
    move(guess, Action.AGREE_GUESS, by)
    owe_suggestions(guess.listing)


def refuse_guess(guess: ListingGuess, by: Actor) -> None:
    """Somebody says that the computer guessed wrong: it counts no more and is not guessed again."""
    move(guess, Action.REFUSE_GUESS, by)
    owe_suggestions(guess.listing)

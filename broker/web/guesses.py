"""What the computer guesses of a listing, put right by the people whose listing it is and by their officers."""

from typing import NamedTuple

from flask import Blueprint, abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload

from broker.actions import guesses
from broker.domain.kinds import GuessKind, GuessState, SupportKind
from broker.domain.permissions import Action, Actor
from broker.domain.states import open_moves
from broker.store.guesses import ListingGuess, guess_of, guesses_of
from broker.store.listings import Listing
from broker.web import words
from broker.web.guard import acting, allow, load
from broker.web.outcomes import outcome_words
from broker.web.reasons import joined

bp = Blueprint("guesses", __name__)

# A guess is always called one; what somebody said of it is said as plainly.
STATE = {
    GuessState.GUESSED: ("Guessed", "yellow"),
    GuessState.AGREED: ("Guessed, and the owner or an officer said yes", "green"),
    GuessState.REFUSED: ("Guessed, and the owner or an officer said no", "grey"),
}


class Shown(NamedTuple):
    """A guess as a page shows it: what it is about, the words that made the computer think so, the steps left."""

    id: int
    what: str
    label: str
    cues: str
    state: tuple[str, str]
    may_agree: bool
    may_refuse: bool


@bp.post("/listings/<id:listing_id>/guesses/<id:guess_id>/agree")
@allow(Action.AGREE_GUESS)
def agree(listing_id: int, guess_id: int) -> ResponseReturnValue:
    listing = load(Listing, listing_id, Action.AGREE_GUESS, joinedload(Listing.postings))
    guesses.agree_guess(guess_of(listing.id, guess_id) or abort(404), acting())
    flash("Thank you. It counts from now on, and suggestions are being worked out again.", "success")
    return _back_to(listing)


@bp.post("/listings/<id:listing_id>/guesses/<id:guess_id>/refuse")
@allow(Action.REFUSE_GUESS)
def refuse(listing_id: int, guess_id: int) -> ResponseReturnValue:
    listing = load(Listing, listing_id, Action.REFUSE_GUESS, joinedload(Listing.postings))
    guesses.refuse_guess(guess_of(listing.id, guess_id) or abort(404), acting())
    flash("Thank you. It is not guessed again, and suggestions are being worked out again.", "success")
    return _back_to(listing)


def guesses_shown(listing: Listing, actor: Actor | None) -> list[Shown]:
    """What the computer guesses of a listing, for its owner and its officers."""
    return [_shown(guess, actor) for guess in guesses_of(listing)]


def _shown(guess: ListingGuess, actor: Actor | None) -> Shown:
    moves = open_moves(guess, actor)
    return Shown(
        guess.id,
        "A kind of support" if guess.what == GuessKind.KIND else "A shared outcome",
        guess_words(GuessKind(guess.what), guess.value),
        joined([f"“{cue}”" for cue in guess.cues]) if guess.cues else "",
        STATE[guess.state],
        Action.AGREE_GUESS in moves,
        Action.REFUSE_GUESS in moves,
    )


def guess_words(what: GuessKind, value: str) -> str:
    """A kind of support or a shared outcome as people read it."""
    if what == GuessKind.KIND:
        return words.SUPPORT_KIND.get(SupportKind(value), value)
    return outcome_words().get(value, value)


def _back_to(listing: Listing) -> ResponseReturnValue:
    """The page it was pressed on: the officer's check, or the listing."""
    checked = next((p.id for p in listing.postings if str(p.id) == request.form.get("posting")), None)
    page = f"/postings/{checked}" if checked else f"/listings/{listing.id}"
    return redirect(f"{page}#guesses", 303)

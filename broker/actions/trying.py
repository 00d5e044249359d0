"""What the matcher sees in two texts that somebody tries: the same look as at two listings that say nothing else."""

from typing import Any

from broker.actions.trials import Tried
from broker.actions.weighing import Engine, engine_now
from broker.matching import Guess, Market, Record, Side, Weighing
from broker.matching.meaning.encoder import Encoder
from broker.matching.synonyms import SAYS, Synonyms
from broker.store.base import db
from broker.store.counts import last_weighing
from broker.store.trials import Trial

NEED, OFFER = 1, 2
SIDES: tuple[tuple[Side, int], ...] = (("demand", NEED), ("supply", OFFER))


def look(trial_id: int) -> Tried | None:
    """The two texts weighed as the market was last, with the words of now; None where that is done already."""
    trial = db.session.get(Trial, trial_id)
    if trial is None or trial.answer:
        return None
    return Tried(trial.id, trial.asked, _answer(trial.need, trial.offer, engine_now()))


def _answer(need: str, offer: str, engine: Engine) -> dict[str, Any]:
    """The score and its reason, whether that is enough to suggest the pair; guesses and entries of each text."""
    weighed = last_weighing()
    market = Market(
        [Record(NEED, owner=NEED, title="", text=need)],
        [Record(OFFER, owner=OFFER, title="", text=offer)],
        weights=engine.weights,
        synonyms=engine.synonyms,
        encoder=Encoder.chosen(),
        weighing=Weighing(weighed.listings, weighed.words) if weighed else None,
    )
    explained = market.explain(NEED, OFFER)
    return {
        "score": explained.score,
        "reason": explained.reason.to_json(),
        "fits": bool(market.scores("demand", NEED)),
        "guesses": [[_guess(guess) for guess in market.guess(side, id)] for side, id in SIDES],
        "entries": [_entries(text, engine.synonyms) for text in (need, offer)],
    }


def _guess(guess: Guess) -> dict[str, Any]:
    return {"what": guess.what, "value": guess.value, "cues": list(guess.cues)}


def _entries(text: str, synonyms: Synonyms) -> list[dict[str, Any]]:
    """The entries that a text touches, each with the phrase that stands for it most clearly, as they come."""
    found: dict[str, dict[str, Any]] = {}
    for use in synonyms.uses(text):
        known = found.get(use.entry.name)
        if known is None or (use.strength == SAYS and known["hint"]):
            found[use.entry.name] = {"name": use.entry.name, "cue": use.written, "hint": use.strength < SAYS}
    return list(found.values())

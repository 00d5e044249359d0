"""Trying two texts: what the matcher would see in them, before and after a word is taught. Nothing is posted."""

from dataclasses import dataclass
from typing import Any

from broker.actions.jobs import owe
from broker.domain.clock import now
from broker.domain.permissions import Action, Actor, require
from broker.store.base import db
from broker.store.trials import Trial, trial_of


@dataclass(frozen=True)
class Tried:
    """What the matcher says. `asked`: of the texts of which try of that person."""

    trial_id: int
    asked: int
    answer: dict[str, Any]


def try_texts(by: Actor, *, need: str, offer: str) -> Trial:
    """Ask the background what it sees in these two texts, in place of what this person tried before."""
    require(by, Action.TRY_TEXTS)
    trial = trial_of(by.user_id)
    if trial is None:
        trial = Trial(user_id=by.user_id, asked=0, before={})
        db.session.add(trial)
    elif (trial.need, trial.offer) != (need, offer):
        trial.before = {}
    elif trial.answer:
        trial.before = trial.answer
    trial.need, trial.offer, trial.answer, trial.asked_at = need, offer, {}, now()
    trial.asked += 1
    db.session.flush()
    owe("try", trial.id)
    return trial


def note_answer(tried: Tried) -> None:
    """Keep what the matcher says, unless something else was asked meanwhile."""
    trial = db.session.get(Trial, tried.trial_id)
    if trial is not None and trial.asked == tried.asked:
        trial.answer = tried.answer

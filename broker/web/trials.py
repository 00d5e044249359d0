"""Trying two texts on the page: what the matcher sees in them now, and what it saw before a word was taught."""

from typing import Any, NamedTuple

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from broker.actions import trials
from broker.domain.kinds import GuessKind
from broker.domain.permissions import Action
from broker.store.trials import Trial, has_failed, trial_of
from broker.web.forms.trials import TrialForm
from broker.web.guard import acting, allow
from broker.web.guesses import guess_words
from broker.web.reasons import Changed, changes, joined, why

bp = Blueprint("trials", __name__)

REFRESH_SECONDS = 2
SIDES = ("The need", "The offer")


class Seen(NamedTuple):
    """What the computer finds in one of the two texts: guesses, and entries with the phrase that stands for each."""

    name: str
    guesses: list[tuple[str, str]]
    entries: list[dict[str, Any]]


@bp.get("/synonyms/try")
@allow(Action.TRY_TEXTS)
def show() -> str:
    trial = trial_of(acting().user_id)
    if trial is None or trial.answer:
        form = TrialForm.sent(data={"need": trial.need, "offer": trial.offer} if trial else {})
        return render_template("trials/show.html", form=form, trial=trial, **(_answer(trial) if trial else {}))
    failed = has_failed(trial)
    seconds = None if failed else REFRESH_SECONDS
    return render_template("trials/waiting.html", trial=trial, failed=failed, refresh_seconds=seconds)


@bp.post("/synonyms/try")
@allow(Action.TRY_TEXTS)
def ask() -> ResponseReturnValue:
    form = TrialForm.sent()
    if not form.ok():
        return render_template("trials/show.html", form=form, trial=None), 422
    trials.try_texts(acting(), need=form.need.data or "", offer=form.offer.data or "")
    return redirect("/synonyms/try", 303)


def _answer(trial: Trial) -> dict[str, Any]:
    """The answer in words: the reason, what is found in each text, and what has changed since the answer before."""
    answer, before = trial.answer, trial.before
    changed: list[Changed] = changes(before["reason"], answer["reason"]) if before else []
    found = why(answer["reason"])
    return {
        # How often a faint pair fits is known of pairs that are suggested; of these it is said that they are not.
        "why": found if answer["fits"] else found._replace(caution=""),
        "fits": answer["fits"],
        "sides": [_seen(*each) for each in zip(SIDES, answer["guesses"], answer["entries"], strict=True)],
        "before": why(before["reason"]) if before else None,
        "changed": changed,
    }


def _seen(name: str, guesses: list[dict[str, Any]], entries: list[dict[str, Any]]) -> Seen:
    told = [
        (guess_words(GuessKind(each["what"]), each["value"]), joined([f"“{cue}”" for cue in each["cues"]]))
        for each in guesses
    ]
    return Seen(name, told, entries)

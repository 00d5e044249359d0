"""Projects that councillors suggest: told to the officers, taken up or not, and the answer told to the councillor."""

from functools import partial

from broker.actions.mail import owe_mail, tell_officers
from broker.actions.moving import begin, move
from broker.domain.clock import TWICE, now
from broker.domain.kinds import IdeaState
from broker.domain.mail import MailKind
from broker.domain.permissions import Action, Actor, require
from broker.domain.refusals import Unfit
from broker.store.places import Ward
from broker.store.project_ideas import ProjectIdea, ideas_for


def suggest_project(ward: Ward, by: Actor, *, title: str, text: str) -> ProjectIdea:
    """Say what should be done in a ward, and why. Unfit on `title` or `text`. The same words sent twice are one."""
    idea = ProjectIdea(
        authority_id=ward.authority_id,
        ward=ward,
        state=IdeaState.NEW,
        title=title.strip(),
        text=text.strip(),
        suggested_by_id=by.user_id,
        suggested_at=now(),
    )
    require(by, Action.SUGGEST_PROJECT, idea)
    found = {name: "needed" for name in ("title", "text") if not getattr(idea, name)}
    if found:
        raise Unfit(found)
    if (twin := next(filter(partial(_is_twin, idea), ideas_for(ward.id)), None)) is not None:
        return twin
    begin(idea, Action.SUGGEST_PROJECT, by)
    tell_officers(MailKind.PROJECT_SUGGESTED, idea.authority_id, idea, by)
    return idea


def _is_twin(idea: ProjectIdea, other: ProjectIdea) -> bool:
    """Whether this person said the very same a moment ago, and came back to the form."""
    is_same = (other.suggested_by_id, other.title, other.text) == (idea.suggested_by_id, idea.title, idea.text)
    return is_same and other.suggested_at > now() - TWICE


def take_up_project(idea: ProjectIdea, by: Actor, *, answer: str) -> None:
    """An officer sees to it; the councillor reads how."""
    _answer(idea, Action.TAKE_UP_PROJECT, by, answer)


def decline_project(idea: ProjectIdea, by: Actor, *, answer: str) -> None:
    """Not now; the councillor reads why. It can still be taken up later."""
    _answer(idea, Action.DECLINE_PROJECT, by, answer)


def _answer(idea: ProjectIdea, action: Action, by: Actor, answer: str) -> None:
    require(by, action, idea)
    if not answer.strip():
        raise Unfit({"answer": "needed"})
    move(idea, action, by, answer=answer.strip(), answered_at=now())
    if idea.suggested_by is not None:
        owe_mail(MailKind.PROJECT_ANSWERED, idea.suggested_by, idea)

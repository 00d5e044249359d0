"""Projects that councillors suggest: writing one, reading it with its answer, and answering it."""

from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload

from broker.actions import project_ideas
from broker.domain.kinds import IdeaState, Role
from broker.domain.permissions import Action
from broker.domain.states import open_moves
from broker.store.organisations import groups_in
from broker.store.places import wards_now
from broker.store.project_ideas import ProjectIdea
from broker.web.forms.project_ideas import AnswerForm, SuggestForm
from broker.web.guard import acting, allow, load

bp = Blueprint("project_ideas", __name__)

WHOLE = (joinedload(ProjectIdea.ward), joinedload(ProjectIdea.suggested_by), joinedload(ProjectIdea.authority))


@bp.route("/wards/<code>/suggest", methods=["GET", "POST"])
@allow(Action.SUGGEST_PROJECT)
def suggest(code: str) -> ResponseReturnValue:
    own = wards_now([acting().authority_id or 0])
    ward = next((ward for ward in own if ward.code == code), None) or abort(404)
    form = SuggestForm.sent()
    if form.ok():
        idea = project_ideas.suggest_project(ward, acting(), title=form.title.data or "", text=form.text.data or "")
        flash("Thank you. The officers have it on their desk, and you get a letter when they answer.", "success")
        return redirect(f"/project-ideas/{idea.id}", 303)
    return render_template("project_ideas/suggest.html", form=form, ward=ward), 422 if form.errors else 200


@bp.get("/project-ideas/<id:idea_id>")
@allow(Action.SEE_WARD)
def show(idea_id: int) -> str:
    idea = load(ProjectIdea, idea_id, Action.SEE_WARD, *WHOLE)
    steps, is_next = open_moves(idea, acting()), idea.state == IdeaState.TAKEN_UP and acting().role is Role.OFFICER
    groups = groups_in(idea.authority_id) if is_next else []
    return render_template("project_ideas/show.html", idea=idea, steps=steps, groups=groups)


@bp.route("/project-ideas/<id:idea_id>/take-up", methods=["GET", "POST"])
@allow(Action.TAKE_UP_PROJECT)
def take_up(idea_id: int) -> ResponseReturnValue:
    idea = load(ProjectIdea, idea_id, Action.TAKE_UP_PROJECT, *WHOLE)
    return _answered(idea, project_ideas.take_up_project, "Taken up. The councillor is told.")


@bp.route("/project-ideas/<id:idea_id>/decline", methods=["GET", "POST"])
@allow(Action.DECLINE_PROJECT)
def decline(idea_id: int) -> ResponseReturnValue:
    idea = load(ProjectIdea, idea_id, Action.DECLINE_PROJECT, *WHOLE)
    return _answered(idea, project_ideas.decline_project, "Kept. The councillor is told why.")


def _answered(idea: ProjectIdea, answer: Callable[..., None], done: str) -> ResponseReturnValue:
    form = AnswerForm.sent(data={"answer": idea.answer})
    if form.ok():
        answer(idea, acting(), answer=form.answer.data or "")
        flash(done, "success")
        return redirect(f"/project-ideas/{idea.id}", 303)
    is_yes = answer is project_ideas.take_up_project
    page = render_template("project_ideas/answer.html", form=form, idea=idea, is_yes=is_yes)
    return page, 422 if form.errors else 200

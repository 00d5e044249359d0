"""The next version of a framework: starting it, editing its names, looking at what changes, publishing."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from broker.actions import framework_drafts
from broker.domain.permissions import Action, can
from broker.domain.refusals import NotAllowed, Unfit
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.frameworks import Framework, versions_of
from broker.web.forms.frameworks import DraftForm, form_for
from broker.web.frameworks import seen
from broker.web.guard import acting, allow

bp = Blueprint("framework_drafts", __name__)

CHANGED = {
    "changed": "Somebody else saved this draft while you were typing. Your words are still here and theirs stand "
    "beside them. Save again to keep yours."
}


@bp.get("/frameworks/<id:framework_id>/edit")
@allow(Action.EDIT_FRAMEWORK)
def edit(framework_id: int) -> ResponseReturnValue:
    framework, _ = seen(framework_id)
    if framework.status != "draft":
        return _beginning(framework)
    _require(framework, Action.EDIT_FRAMEWORK)
    return render_template("frameworks/edit.html", framework=framework, form=form_for(framework), theirs={})


@bp.post("/frameworks/<id:framework_id>/drafts")
@allow(Action.EDIT_FRAMEWORK)
def start(framework_id: int) -> ResponseReturnValue:
    framework, _ = seen(framework_id)
    draft = framework_drafts.start_draft(framework, acting())
    return redirect(url_for("framework_drafts.edit", framework_id=draft.id))


@bp.post("/frameworks/<id:framework_id>/edit")
@allow(Action.EDIT_FRAMEWORK)
def save(framework_id: int) -> ResponseReturnValue:
    framework, _ = seen(framework_id)
    form = form_for(framework)
    theirs: dict[int, str] = {}
    if form.ok():
        try:
            framework_drafts.edit_draft(framework, acting(), changes=form.changes())
        except Unfit as refusal:
            form.put(refusal, CHANGED)
            theirs = _theirs(framework, form)
            form.row_version.data = str(framework.row_version)  # saving again is an answer to what is shown
        else:
            flash("Saved. Only officers of your council and administrators see this draft.", "success")
            return redirect(url_for("framework_drafts.edit", framework_id=framework_id))
    return render_template("frameworks/edit.html", framework=framework, form=form, theirs=theirs), 422


@bp.get("/frameworks/<id:framework_id>/publish")
@allow(Action.PUBLISH_FRAMEWORK)
def look(framework_id: int) -> ResponseReturnValue:
    draft, _ = seen(framework_id)
    _require(draft, Action.PUBLISH_FRAMEWORK)
    if draft.status != "draft":
        return redirect(url_for("frameworks.show", framework_id=framework_id))
    return _confirm_page(draft, [])


@bp.post("/frameworks/<id:framework_id>/publish")
@allow(Action.PUBLISH_FRAMEWORK)
def publish(framework_id: int) -> ResponseReturnValue:
    draft, _ = seen(framework_id)
    try:
        framework_drafts.publish_draft(draft, acting())
    except Unfit as refusal:
        return _confirm_page(draft, list(refusal.problems.values())), 422
    flash(f"Version {draft.version} of {draft.name} is in use now.", "success")
    return redirect(url_for("frameworks.show", framework_id=framework_id))


def _require(framework: Framework, action: Action) -> None:
    if not can(acting(), action, framework):
        raise NotAllowed(action)


def _beginning(framework: Framework) -> ResponseReturnValue:
    """The page that explains what a new version is, before one is begun."""
    by = acting()
    authority = db.session.get(Authority, by.authority_id) if by.authority_id else None
    shared = framework.authority_id is None and authority is not None
    if not shared:
        _require(framework, Action.EDIT_FRAMEWORK)
    if framework.status != "current" or (authority and shared and authority.framework_code != framework.code):
        abort(404)
    return render_template("frameworks/begin.html", framework=framework, authority=authority if shared else None)


def _confirm_page(draft: Framework, problems: list[str]) -> str:
    versions = versions_of(draft.code)
    former = next((each for each in versions if each.status == "current"), None)
    before = {node.code: node for node in former.nodes} if former else {}
    after = {node.code: node for node in draft.nodes}
    kept = [(before[code], node) for code, node in after.items() if code in before]
    return render_template(
        "frameworks/publish.html",
        draft=draft,
        former=former,
        problems=problems,
        renamed=[(old.label, new.label) for old, new in kept if old.label != new.label],
        explained=[new.label for old, new in kept if old.summary != new.summary],
        added=[node.label for code, node in after.items() if code not in before],
        removed=[node.label for code, node in before.items() if code not in after],
        placeholders=[node.label for node in draft.nodes if node.is_placeholder],
    )


def _theirs(framework: Framework, form: DraftForm) -> dict[int, str]:
    """What a colleague saved, for each node where it is not what was typed here."""
    found = {}
    for node in framework.nodes:
        label, summary = form.of(node.id, "label"), form.of(node.id, "summary")
        if label is None or summary is None:
            continue
        if (label.data, summary.data) != (node.label, node.summary):
            found[node.id] = f"{node.label}: {node.summary}" if node.summary else node.label
    return found

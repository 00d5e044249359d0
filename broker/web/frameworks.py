"""What the priorities mean: frameworks, how each authority works, the measures; open to everyone."""

from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from broker import policy
from broker.actions.frameworks import add_framework, as_record, mapping_records, rule_records, use_framework
from broker.domain.kinds import NodeKind
from broker.domain.permissions import Action, can
from broker.domain.refusals import NotAllowed, Unfit
from broker.policy import crosswalk
from broker.store.authorities import Authority, all_authorities
from broker.store.base import db
from broker.store.frameworks import (
    Framework,
    Node,
    authorities_using,
    framework_and_hub,
    frameworks_for,
    versions_of,
)
from broker.web import words
from broker.web.forms.frameworks import AddForm
from broker.web.guard import acting, allow, current_actor, public
from broker.web.uploads import takes_files

bp = Blueprint("frameworks", __name__)


@dataclass(frozen=True)
class Branch:
    """A node with what stands under it and how it stands to the shared outcomes, in words."""

    node: Node
    near: list[str]
    below: list["Branch"]


@bp.get("/frameworks")
@public
def index() -> str:
    frames = frameworks_for(current_actor())
    regions = _by_region(all_authorities(), {each.code: each for each in frames if each.status == "current"})
    used = {framework.id for region in regions.values() for framework, _ in region}
    others = sorted((each for each in frames if each.id not in used), key=lambda each: each.status == "superseded")
    return render_template("frameworks/index.html", regions=regions, others=others)


@bp.get("/frameworks/<id:framework_id>")
@public
def show(framework_id: int) -> str:
    framework, hub = seen(framework_id)
    outcomes = {node.code: node.label for node in hub.nodes} if hub else {}
    mappings = mapping_records(framework.nodes)
    users = authorities_using(framework.code) if framework.status == "current" else []
    actor = current_actor()
    return render_template(
        "frameworks/show.html",
        framework=framework,
        trunk=_by_kind(_branches(framework, outcomes)),
        is_hub=hub is framework,
        has_placeholders=any(node.is_placeholder for node in framework.nodes),
        not_counted=[outcomes[code] for code in crosswalk.not_counted(outcomes, mappings)],
        profiles=[(each, _profile(each, framework, hub)) for each in users],
        versions=_visible_versions(framework),
        may_edit=framework.status == "current" and _may_edit(framework, users),
        may_use=_may_use(framework, users),
        own=next((each for each in users if actor and each.id == actor.authority_id), None),
    )


@bp.get("/frameworks/<id:framework_id>.toml")
@public
def export(framework_id: int) -> ResponseReturnValue:
    framework, _ = seen(framework_id)
    if framework.status == "draft":
        abort(404)
    name = f"{framework.code.lower()}-{framework.version}.toml"
    headers = {"Content-Type": "text/plain; charset=utf-8", "Content-Disposition": f'attachment; filename="{name}"'}
    return policy.write(as_record(framework)), 200, headers


@bp.route("/frameworks/add", methods=["GET", "POST"])
@allow(Action.ADD_FRAMEWORK)
@takes_files
def add() -> ResponseReturnValue:
    form = AddForm.sent()
    if form.ok():
        content, name = form.content() or ("", "")
        try:
            if not content:
                raise Unfit({"file": "Choose a file, or paste its text"})
            framework = add_framework(content, name, acting())
        except Unfit as refusal:
            form.put(refusal, {})
        else:
            flash(_added(framework), "success")
            return redirect(url_for("frameworks.show", framework_id=framework.id))
    return render_template("frameworks/add.html", form=form), 422 if form.errors else 200


@bp.post("/frameworks/<id:framework_id>/use")
@allow(Action.PUBLISH_FRAMEWORK)
def use(framework_id: int) -> ResponseReturnValue:
    framework, _ = seen(framework_id)
    by = acting()
    authority = db.session.get(Authority, by.authority_id) if by.authority_id else None
    if authority is None:
        raise NotAllowed(Action.PUBLISH_FRAMEWORK)
    use_framework(framework, authority, by)
    flash(f"{authority.name} works by {framework.name} from now on.", "success")
    return redirect(url_for("frameworks.show", framework_id=framework_id))


def _added(framework: Framework) -> str:
    here = f"{framework.name}, version {framework.version}, is here now."
    if framework.status == "superseded":
        here += " It is not in use: an earlier version is confirmed. Say in the file that it supersedes that one."
    return here


def seen(framework_id: int) -> tuple[Framework, Framework | None]:
    """The framework, whole, and the shared outcomes; a draft exists only for those who may see it."""
    framework, hub = framework_and_hub(framework_id)
    if framework is None:
        abort(404)
    if framework.status == "draft" and not can(current_actor(), Action.SEE_DRAFT_FRAMEWORK, framework):
        abort(404)
    return framework, hub


def _by_region(
    areas: list[Authority], current: dict[str, Framework]
) -> dict[str, list[tuple[Framework, list[Authority]]]]:
    """For each region the frameworks that are worked by there, each with its authorities."""
    found: dict[str, dict[int, tuple[Framework, list[Authority]]]] = {}
    for area in areas:
        framework = current.get(area.framework_code or "")
        if framework:
            found.setdefault(area.region, {}).setdefault(framework.id, (framework, []))[1].append(area)
    return {region: list(frames.values()) for region, frames in sorted(found.items())}


def _branches(framework: Framework, outcomes: dict[str, str], parent_id: int | None = None) -> list[Branch]:
    return [
        Branch(node, _near(node, outcomes), _branches(framework, outcomes, node.id))
        for node in framework.nodes
        if node.parent_id == parent_id
    ]


def _by_kind(branches: list[Branch]) -> list[tuple[str, list[Branch]]]:
    """Themes first, then what stands beside them."""
    kinds = ((words.NODE_KIND[kind], [each for each in branches if each.node.kind == kind]) for kind in NodeKind)
    return [(kind, found) for kind, found in kinds if found]


def _near(node: Node, outcomes: dict[str, str]) -> list[str]:
    """'close to Jobs for local people', strongest first."""
    order = list(words.RELATION)
    mapped = sorted(node.mappings, key=lambda each: (order.index(each.relation), -each.confidence))
    return [f"{words.RELATION[each.relation]} “{outcomes.get(each.hub_code, each.hub_code)}”" for each in mapped]


def _profile(authority: Authority, framework: Framework, hub: Framework | None) -> list[tuple[policy.Rule, str]]:
    """The rules that hold for an authority, each with whose it is; the nearest one wins."""
    layers = [(authority.name, rule_records(authority.rules)), (framework.name, rule_records(framework.rules))]
    layers += [("our usual rule", rule_records(hub.rules if hub else ()))]
    found: dict[str, tuple[policy.Rule, str]] = {}
    for whose, rules in layers:
        for rule in rules:
            found.setdefault(rule.name, (rule, whose))
    return [found[name] for name in policy.RULE_UNITS if name in found]


def _visible_versions(framework: Framework) -> list[Framework]:
    actor = current_actor()
    return [
        each
        for each in versions_of(framework.code)
        if each.status != "draft" or can(actor, Action.SEE_DRAFT_FRAMEWORK, each)
    ]


def _may_edit(framework: Framework, users: list[Authority]) -> bool:
    """Its own people may; so may an officer whose authority uses a shared one, and makes it its own."""
    actor = current_actor()
    if any(node.kind == NodeKind.HUB for node in framework.nodes):
        return False
    if can(actor, Action.EDIT_FRAMEWORK, framework):
        return True
    return framework.authority_id is None and any(can(actor, Action.EDIT_FRAMEWORK, each) for each in users)


def _may_use(framework: Framework, users: list[Authority]) -> bool:
    """An officer may take a current framework, shared or of the own authority, that the authority does not use yet."""
    actor = current_actor()
    if actor is None or actor.authority_id is None or framework.status != "current":
        return False
    if any(node.kind == NodeKind.HUB for node in framework.nodes):
        return False
    fits = framework.authority_id in (None, actor.authority_id)
    return fits and all(each.id != actor.authority_id for each in users)

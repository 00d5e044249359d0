"""The next version of a framework: drafted by officers, edited, and published; a published one is never edited."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm.attributes import flag_modified

from broker import policy
from broker.actions.frameworks import as_record
from broker.actions.moving import begin, record
from broker.domain.clock import today
from broker.domain.kinds import NodeKind
from broker.domain.permissions import Action, Actor, require
from broker.domain.refusals import Unfit, WrongState
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.frameworks import (
    Framework,
    FrameworkRule,
    Node,
    NodeMapping,
    current_version,
    framework_and_hub,
    node_codes,
    versions_of,
)

LONGEST_CODE = 30


@dataclass(frozen=True, slots=True)
class NodeWords:
    """What a draft says about one of its nodes; `parent_id` None means that it stands by itself."""

    label: str
    summary: str
    parent_id: int | None


@dataclass(frozen=True, slots=True)
class NewNode:
    kind: NodeKind
    label: str
    parent_id: int | None = None


@dataclass(frozen=True, slots=True)
class DraftChanges:
    """Everything that one saving of the edit page says. `row_version` is the draft as its author saw it."""

    row_version: int
    name: str
    words: Mapping[int, NodeWords]
    removed: frozenset[int] = frozenset()
    added: Sequence[NewNode] = field(default_factory=tuple)


def start_draft(published: Framework, by: Actor) -> Framework:
    """The draft of the next version: the one that is open already, or a copy of this version.

    An officer whose authority uses a shared framework makes it its own: the copy belongs to the authority.
    """
    owner = _owner(published, by)
    require(by, Action.EDIT_FRAMEWORK, owner or published)
    _require_in_use(published, owner)
    code = owner.code if owner and published.authority_id is None else published.code
    versions = versions_of(code)
    if versions and versions[0].status == "draft":
        return versions[0]
    draft = _copy(published, code, owner)
    draft.version = versions[0].version + 1 if versions else 1
    draft.supersedes = next((each for each in versions if each.status == "current"), None)
    begin(draft, Action.EDIT_FRAMEWORK, by)
    _copy_nodes(published, draft)
    db.session.flush()
    return draft


def edit_draft(draft: Framework, by: Actor, *, changes: DraftChanges) -> None:
    """Write down one saving. Raises WrongState once it is published, Unfit where a colleague saved in between."""
    _require_draft(draft, by, Action.EDIT_FRAMEWORK)
    if draft.row_version != changes.row_version:
        raise Unfit({"draft": "changed"})
    draft.name = changes.name
    flag_modified(draft, "name")  # so that every saving counts as one, whichever rows it touches
    nodes = {node.id: node for node in draft.nodes}
    tops = {node.id for node in draft.nodes if node.parent_id is None} - changes.removed
    for node_id, words in changes.words.items():
        if node_id in nodes:
            node = nodes[node_id]
            node.label, node.summary = words.label, words.summary
            node.parent_id = words.parent_id if words.parent_id in tops - {node_id} else None
    for node_id in changes.removed & nodes.keys():
        _remove(nodes[node_id], draft)
    _add(draft, changes.added)
    record(draft, Action.EDIT_FRAMEWORK, by, "name", "nodes")


def publish_draft(draft: Framework, by: Actor) -> None:
    """Make the draft the current version; the one before it stays as it is, for the records that name it."""
    _require_draft(draft, by, Action.PUBLISH_FRAMEWORK)
    problems = problems_of_draft(draft)
    if problems:
        raise Unfit({"draft": problems[0]})
    former = current_version(draft.code)
    if former is not None:
        former.status, former.valid_to = "superseded", today()
        db.session.flush()
    draft.status, draft.valid_from, draft.valid_to = "current", today(), None
    if not any(node.is_placeholder for node in draft.nodes):
        draft.wording, draft.certainty = "confirmed", "read"
    if draft.authority:
        draft.source = f"Written and published here by {draft.authority.name}"
        draft.authority.framework_code = draft.code
    record(draft, Action.PUBLISH_FRAMEWORK, by, "status", "wording")


def problems_of_draft(draft: Framework) -> list[str]:
    """What stands in the way of publishing, in sentences."""
    _, hub = framework_and_hub(draft.id)
    return list(policy.problems_of(as_record(draft), as_record(hub) if hub else None))


def _owner(published: Framework, by: Actor) -> Authority | None:
    """To whom the next version belongs: an officer's authority, or whoever owns this one."""
    if published.authority_id is None and by.authority_id is not None:
        return db.session.get(Authority, by.authority_id)
    return published.authority


def _require_in_use(published: Framework, owner: Authority | None) -> None:
    shared = published.authority_id is None and owner is not None
    if published.status != "current" or (shared and owner and owner.framework_code != published.code):
        raise WrongState("framework", published.status, Action.EDIT_FRAMEWORK)


def _require_draft(draft: Framework, by: Actor, action: Action) -> None:
    require(by, action, draft)
    if draft.status != "draft":
        raise WrongState("framework", draft.status, action)


def _copy(published: Framework, code: str, owner: Authority | None) -> Framework:
    return Framework(
        code=code,
        name=published.name,
        level="local" if owner else published.level,
        status="draft",
        wording=published.wording,
        authority=owner,
        licence=published.licence,
        source=published.source if published.code == code else f"Made from {published.name}, {published.reference}",
        certainty=published.certainty,
        is_demonstration=published.is_demonstration,
        rules=[
            FrameworkRule(
                name=rule.name,
                value=rule.value,
                unit=rule.unit,
                source=rule.source,
                certainty=rule.certainty,
                note=rule.note,
            )
            for rule in published.rules
        ],
    )


def _copy_nodes(published: Framework, draft: Framework) -> None:
    """The same nodes under the same codes; in a framework of its own, under codes of its own."""
    codes = {node.code: _code(node.code, number, draft) for number, node in enumerate(published.nodes, start=1)}
    if published.code == draft.code:
        codes = {code: code for code in codes}
    made = {node.id: _copied(node, codes) for node in published.nodes}
    draft.nodes = list(made.values())
    db.session.flush()
    for node in published.nodes:
        made[node.id].parent_id = made[node.parent_id].id if node.parent_id else None


def _code(code: str, number: int, draft: Framework) -> str:
    own = f"{draft.code}-{code}"
    return own if len(own) <= LONGEST_CODE else f"{draft.code}-C{number}"


def _copied(node: Node, codes: Mapping[str, str]) -> Node:
    return Node(
        code=codes[node.code],
        kind=node.kind,
        label=node.label,
        summary=node.summary,
        order=node.order,
        supports=[codes[code] for code in node.supports],
        strategies=list(node.strategies),
        mappings=[
            NodeMapping(
                hub_code=each.hub_code,
                relation=each.relation,
                confidence=each.confidence,
                rationale=each.rationale,
                reviewed_by=each.reviewed_by,
            )
            for each in node.mappings
        ],
    )


def _remove(node: Node, draft: Framework) -> None:
    """Take a node out of a draft; what stood under it stands by itself."""
    for other in draft.nodes:
        if other.parent_id == node.id:
            other.parent_id = None
        other.supports = [code for code in other.supports if code != node.code]
    db.session.flush()
    for mapping in list(node.mappings):
        node.mappings.remove(mapping)
        db.session.delete(mapping)
    draft.nodes.remove(node)
    db.session.delete(node)
    db.session.flush()


def _add(draft: Framework, added: Sequence[NewNode]) -> None:
    """Put new nodes at the end, under codes that no version of this framework has ever used."""
    used = node_codes(draft.code)
    known = {node.id for node in draft.nodes}
    order = max((node.order for node in draft.nodes), default=0)
    number = 0
    for each in added:
        while f"{draft.code}-N{number}" in used or number == 0:
            number += 1
        code = f"{draft.code}-N{number}"
        used.add(code)
        order += 1
        parent = each.parent_id if each.parent_id in known else None
        node = Node(code=code, kind=each.kind, label=each.label, parent_id=parent, order=order)
        node.supports, node.strategies = [], []
        draft.nodes.append(node)
    db.session.flush()

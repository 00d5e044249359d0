"""Frameworks between files and tables: the shipped ones and uploads come in, any published version goes out."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import cast

from broker import policy
from broker.actions.moving import record
from broker.domain.kinds import NodeKind
from broker.domain.permissions import Action, Actor, require
from broker.domain.refusals import NotAllowed, Unfit
from broker.store.authorities import Authority, AuthorityRule, authority_by_code
from broker.store.base import db
from broker.store.frameworks import (
    Framework,
    FrameworkRule,
    Node,
    NodeMapping,
    current_version,
    framework_version,
    owners_of_nodes,
    shared_outcomes,
)
from broker.store.measures import Measure, all_measures


def load_shipped(folder: Path | None = None) -> None:
    """Bring the policy files of a folder (the shipped one by default) into the tables. Raises BadPolicy.

    What is there already is never changed: neither a version of a framework nor what an authority has set.
    """
    whole = policy.load_all(folder)
    for authority in whole.authorities:
        _load_authority(authority)
    for framework in (whole.hub, *whole.frameworks):
        if framework_version(framework.code, framework.version) is None:
            insert_framework(framework)
    for framework in whole.frameworks:
        _link(framework)
    _load_measures(whole.measures)
    db.session.flush()


def add_framework(content: bytes | str, filename: str, by: Actor) -> Framework:
    """A framework from an uploaded file; its authority, if it has one, uses it from now on.

    Raises Unfit with a sentence where the file or its place among the others is wrong.
    """
    require(by, Action.ADD_FRAMEWORK)
    try:
        given = policy.parse(content, filename)
    except policy.BadPolicy as problem:
        raise Unfit({"file": problem.problem}) from None
    misfit = next(_misfits(given), None)
    if misfit:
        raise Unfit({"file": misfit})
    framework = insert_framework(given)
    _link(given)
    record(framework, Action.ADD_FRAMEWORK, by)
    if framework.authority and framework.status == "current":
        framework.authority.framework_code = framework.code
    db.session.flush()
    return framework


def use_framework(framework: Framework, authority: Authority, by: Actor) -> None:
    """The authority works by this framework from now on: its own, or one that belongs to no single authority."""
    require(by, Action.PUBLISH_FRAMEWORK, authority)
    if framework.status != "current" or framework.authority_id not in (None, authority.id):
        raise NotAllowed(Action.PUBLISH_FRAMEWORK)
    authority.framework_code = framework.code
    record(authority, Action.PUBLISH_FRAMEWORK, by, "framework_code")


def as_record(framework: Framework) -> policy.Framework:
    """A version as the policy files write it (a draft as if it were current)."""
    codes = {node.id: node.code for node in framework.nodes}
    return policy.Framework(
        code=framework.code,
        name=framework.name,
        authority=framework.authority.code if framework.authority else None,
        level=cast("policy.records.Level", framework.level),
        version=framework.version,
        status="superseded" if framework.status == "superseded" else "current",
        wording=cast("policy.records.Wording", framework.wording),
        valid_from=framework.valid_from,
        valid_to=framework.valid_to,
        supersedes=framework.supersedes.reference if framework.supersedes else None,
        licence=framework.licence,
        source=framework.source,
        certainty=cast("policy.records.Certainty", framework.certainty),
        demonstration=framework.is_demonstration,
        nodes=tuple(_node_record(node, codes) for node in framework.nodes),
        mappings=mapping_records(framework.nodes),
        rules=rule_records(framework.rules),
    )


def mapping_records(nodes: Iterable[Node]) -> tuple[policy.Mapping, ...]:
    """How these nodes stand to the shared outcomes."""
    return tuple(
        policy.Mapping(
            node=node.code,
            hub=each.hub_code,
            relation=cast("policy.records.Relation", each.relation),
            confidence=each.confidence,
            rationale=each.rationale,
            reviewed_by=each.reviewed_by,
        )
        for node in nodes
        for each in node.mappings
    )


def rule_records(rules: Iterable[FrameworkRule | AuthorityRule]) -> tuple[policy.Rule, ...]:
    """The rules of a framework or of an authority."""
    return tuple(
        policy.Rule(
            name=cast("policy.records.RuleName", each.name),
            value=_value(each.value, each.unit),
            unit=cast("policy.records.RuleUnit", each.unit),
            source=each.source or "",
            certainty=cast("policy.records.Certainty", each.certainty),
            note=each.note,
        )
        for each in rules
    )


def insert_framework(given: policy.Framework) -> Framework:
    """The rows of one version. A newer current version takes the place of a provisional older one, and of the one that
    it says it supersedes; of no other.
    """
    status = given.status
    former = current_version(given.code) if status == "current" else None
    if (
        former
        and former.version < given.version
        and (former.is_provisional or _version(given.supersedes or "") is former)
    ):
        former.status = "superseded"
        db.session.flush()
    elif former:
        status = "superseded"
    framework = Framework(
        code=given.code,
        name=given.name,
        version=given.version,
        level=given.level,
        status=status,
        wording=given.wording,
        authority=authority_by_code(given.authority) if given.authority else None,
        valid_from=given.valid_from,
        valid_to=given.valid_to,
        licence=given.licence,
        source=given.source,
        certainty=given.certainty,
        is_demonstration=given.demonstration,
    )
    db.session.add(framework)
    _add_nodes(framework, given)
    framework.rules = [
        FrameworkRule(
            name=each.name,
            value=str(each.value),
            unit=each.unit,
            source=each.source,
            certainty=each.certainty,
            note=each.note,
        )
        for each in given.rules
    ]
    db.session.flush()
    return framework


def _add_nodes(framework: Framework, given: policy.Framework) -> None:
    made = {
        each.code: Node(
            code=each.code,
            kind=NodeKind(each.kind),
            label=each.label,
            summary=each.summary,
            order=each.order,
            supports=list(each.supports),
            strategies=list(each.strategies),
        )
        for each in given.nodes
    }
    framework.nodes = list(made.values())
    db.session.flush()
    for each in given.nodes:
        made[each.code].parent_id = made[each.parent].id if each.parent else None
    for mapping in given.mappings:
        made[mapping.node].mappings.append(
            NodeMapping(
                hub_code=mapping.hub,
                relation=mapping.relation,
                confidence=mapping.confidence,
                rationale=mapping.rationale,
                reviewed_by=mapping.reviewed_by,
            )
        )


def _link(given: policy.Framework) -> None:
    """Point a version to the one it supersedes, once both have rows."""
    framework = framework_version(given.code, given.version)
    if framework and given.supersedes and framework.supersedes_id is None:
        framework.supersedes = _version(given.supersedes)


def _version(reference: str) -> Framework | None:
    code, _, version = reference.rpartition(" v")
    return framework_version(code, int(version)) if version.isdecimal() and len(version) < 10 else None


def _load_authority(given: policy.Authority) -> None:
    """The authority of this code; where it exists only what it lacks is filled in."""
    authority = authority_by_code(given.code)
    if authority is None:
        authority = Authority(code=given.code, name=given.name, region=given.region)
        db.session.add(authority)
    authority.framework_code = authority.framework_code or given.framework
    known = {each.name for each in authority.rules}
    authority.rules += [
        AuthorityRule(
            name=each.name,
            value=str(each.value),
            unit=each.unit,
            source=each.source,
            certainty=each.certainty,
            note=each.note,
        )
        for each in given.rules
        if each.name not in known
    ]


def _load_measures(given: Sequence[policy.Measure]) -> None:
    known = {each.code: each for each in all_measures()}
    for each in given:
        measure = known.get(each.code) or Measure(code=each.code)
        measure.label = each.label
        measure.unit = each.unit
        measure.unit_kind = each.unit_kind
        measure.hubs = list(each.hubs)
        measure.evidence_min = each.evidence_min
        measure.exclusive_group = each.exclusive_group
        measure.points_to = [{"scheme": pointer.scheme, "code": pointer.code} for pointer in each.points_to]
        db.session.add(measure)


def _misfits(given: policy.Framework) -> Iterator[str]:
    """What keeps an uploaded framework from standing beside those in the tables."""
    if framework_version(given.code, given.version):
        yield f"{given.reference} is already here. A changed framework needs the next version number."
    if given.authority and authority_by_code(given.authority) is None:
        yield f"It belongs to the authority {given.authority}, which is not known here. Add the authority first."
    if given.supersedes and _version(given.supersedes) is None:
        yield f'It supersedes "{given.supersedes}", which is not known here.'
    for node, owner in owners_of_nodes({each.code for each in given.nodes}).items():
        if owner != given.code:
            yield f"The code {node} is already used by the framework {owner}."
    former = current_version(given.code)
    if former and given.status == "current" and former.version > given.version:
        yield f"Version {former.version} of {given.code} is in use already. Give this one a higher version."
    if any(NodeKind(each.kind) is NodeKind.HUB for each in given.nodes):
        yield "The shared outcomes come with the product and cannot be sent here."
    hub = shared_outcomes()
    yield from policy.problems_of(given, as_record(hub) if hub else None)


def _node_record(node: Node, codes: dict[int, str]) -> policy.Node:
    return policy.Node(
        code=node.code,
        kind=cast("policy.records.Kind", str(node.kind)),
        label=node.label,
        summary=node.summary,
        parent=codes[node.parent_id] if node.parent_id else None,
        order=node.order,
        supports=tuple(node.supports),
        strategies=tuple(node.strategies),
    )


def _value(text: str, unit: str | None) -> int | float | str:
    """A rule's value as the file gave it: everything but words is a number."""
    if unit == "words":
        return text
    return int(text) if text.lstrip("-").isdecimal() else float(text)

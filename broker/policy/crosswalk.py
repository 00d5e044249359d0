"""One authority's frame seen from another's, by way of the hub outcomes that both are mapped to.

What has no counterpart is said to have none: an empty answer means "not counted there", and is shown.
Works on anything with the words of a mapping, a record or a database row.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from broker.policy.records import Relation

# How a first step and a second make one; strongest first. Two steps that are merely related say nothing
# at all, so that pair is not here. SKOS does not chain "close" for fear of errors that add up; here
# there are never more than two steps, and the confidence falls with each.
STRENGTH: tuple[Relation, ...] = ("exact", "close", "broader", "narrower", "related")
COMPOSED: dict[tuple[Relation, Relation], Relation] = {
    ("exact", "exact"): "exact",
    ("exact", "close"): "close",
    ("exact", "broader"): "broader",
    ("exact", "narrower"): "narrower",
    ("exact", "related"): "related",
    ("close", "exact"): "close",
    ("close", "close"): "close",
    ("close", "broader"): "broader",
    ("close", "narrower"): "narrower",
    ("close", "related"): "related",
    ("broader", "exact"): "broader",
    ("broader", "close"): "broader",
    ("broader", "broader"): "broader",
    ("broader", "narrower"): "related",
    ("broader", "related"): "related",
    ("narrower", "exact"): "narrower",
    ("narrower", "close"): "narrower",
    ("narrower", "broader"): "related",
    ("narrower", "narrower"): "narrower",
    ("narrower", "related"): "related",
    ("related", "exact"): "related",
    ("related", "close"): "related",
    ("related", "broader"): "related",
    ("related", "narrower"): "related",
}
TURNED: dict[Relation, Relation] = {
    "exact": "exact",
    "close": "close",
    "broader": "narrower",
    "narrower": "broader",
    "related": "related",
}


class Mapped(Protocol):
    """How a node stands to a hub outcome."""

    @property
    def node(self) -> str: ...
    @property
    def hub(self) -> str: ...
    @property
    def relation(self) -> Relation: ...
    @property
    def confidence(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Seen:
    """A node of the other framework: `broader` says that it is broader than the one we started from."""

    node: str
    relation: Relation
    confidence: float
    through: str  # the hub outcome by which the two are linked

    @property
    def counts(self) -> bool:
        """Whether work for the one is work for the other; what is only related is not counted."""
        return self.relation != "related"


def across(node: str, own: Iterable[Mapped], target: Iterable[Mapped]) -> tuple[Seen, ...]:
    """What a node is called in the target framework, best first; empty means that it is not counted there."""
    target = tuple(target)
    steps = [
        seen
        for first in own
        if first.node == node
        for second in target
        if second.hub == first.hub and (seen := _two_steps(first, second))
    ]
    return _best(steps)


def from_hub(hub: str, target: Iterable[Mapped]) -> tuple[Seen, ...]:
    """Where a hub outcome has its place in the target framework; empty means nowhere."""
    return _best([Seen(each.node, each.relation, each.confidence, hub) for each in target if each.hub == hub])


def not_counted(hubs: Iterable[str], target: Iterable[Mapped]) -> tuple[str, ...]:
    """The hub outcomes without a place in the target: what is lost when only that framework is reported."""
    target = tuple(target)
    return tuple(hub for hub in hubs if not any(seen.counts for seen in from_hub(hub, target)))


def _two_steps(first: Mapped, second: Mapped) -> Seen | None:
    relation = COMPOSED.get((TURNED[first.relation], second.relation))
    if relation is None:
        return None
    return Seen(second.node, relation, round(first.confidence * second.confidence, 3), first.hub)


def _best(steps: Iterable[Seen]) -> tuple[Seen, ...]:
    """One for each node: the strongest relation, then the surest."""
    found: dict[str, Seen] = {}
    for seen in sorted(steps, key=_rank):
        found.setdefault(seen.node, seen)
    return tuple(found.values())


def _rank(seen: Seen) -> tuple[int, float, str]:
    return STRENGTH.index(seen.relation), -seen.confidence, seen.node

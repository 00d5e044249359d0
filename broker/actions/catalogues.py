"""The measures that count in an area: their words, the themes that they serve there, and what a unit is worth."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from broker.actions.frameworks import mapping_records
from broker.domain.worth import UnitValue
from broker.policy.crosswalk import from_hub
from broker.store.frameworks import Framework, Node
from broker.store.packs import Worded
from broker.store.valuations import Valuation

NOTHING = Decimal(0)


def exact(amount: Decimal | None) -> str:
    """An exact amount as JSON can keep it."""
    return f"{(amount or NOTHING).normalize() + 0:f}"


@dataclass(frozen=True)
class Valued:
    """What a unit is worth, and the very inputs, to be shown beside the result."""

    unit: UnitValue
    inputs: dict[str, Any]


class Catalogue:
    """The measures by what they count as, with their words, themes and worth."""

    def __init__(self, rows: Iterable[Worded], framework: Framework | None) -> None:
        known = [*rows]
        self._measures = {row.measure.id: row.measure for row in known}
        self._order = {measure: at for at, measure in enumerate(self._measures)}
        self._themes = themes_by_hub(framework)
        self.edition = next((row.edition for row in known if row.edition), None)
        self.values = {row.measure.root_id: _valued(row.value) for row in known if row.value}

    def named(self, measure: int) -> dict[str, Any]:
        found = self._measures[measure]
        return {"measure": measure, "code": found.code, "label": found.label, "unit": found.unit}

    def unit_kind(self, measure: int) -> str:
        return self._measures[measure].unit_kind

    def in_order(self, amounts: dict[int, Any]) -> list[tuple[int, Any]]:
        return sorted(amounts.items(), key=lambda each: self._order[each[0]])

    def themes(self, measure: int) -> list[str]:
        """Where it counts in the authority's framework; nowhere where that has no place for it."""
        found = {theme for hub in self._measures[measure].hubs for theme in self._themes.get(hub, ())}
        return sorted(found)


def themes_by_hub(framework: Framework | None) -> dict[str, list[str]]:
    """For each shared outcome the themes of a framework that it has its place in; what is only related has none."""
    if framework is None:
        return {}
    mappings, nodes = mapping_records(framework.nodes), {node.id: node for node in framework.nodes}
    tops = {node.code: _top(node, nodes).label for node in framework.nodes}
    hubs = {mapping.hub for mapping in mappings}
    return {hub: sorted({tops[seen.node] for seen in from_hub(hub, mappings) if seen.counts}) for hub in hubs}


def _top(node: Node, nodes: dict[int, Node]) -> Node:
    while node.parent_id is not None:
        node = nodes[node.parent_id]
    return node


def _valued(value: Valuation) -> Valued:
    off = {name: getattr(value, name) for name in ("deadweight", "attribution", "displacement", "drop_off", "years")}
    unit = UnitValue(edition=value.edition_id, low=value.low, high=value.high, **off)
    return Valued(unit, {"low": exact(value.low), "high": exact(value.high), **off})

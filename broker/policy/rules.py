"""Which rule holds where several could: the nearest one that was made."""

from collections.abc import Iterable

from broker.policy.records import Rule, RuleName


def rule(name: RuleName, *layers: Iterable[Rule]) -> Rule | None:
    """The first found, asking in turn: the authority's rules, its framework's, the hub's (our usual ones)."""
    return next((each for layer in layers for each in layer if each.name == name), None)

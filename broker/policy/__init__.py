"""Frameworks as data: read from files, checked as a whole, written back for exchange."""

from pathlib import Path

from broker.policy.reading import BadPolicy, Spot, build, contents
from broker.policy.records import (
    RULE_UNITS,
    Authority,
    Framework,
    Mapping,
    Measure,
    Node,
    Pointer,
    Policy,
    Rule,
)

__all__ = [
    "RULE_UNITS", "Authority", "BadPolicy", "Framework", "Mapping", "Measure", "Node", "Pointer", "Policy",
    "Rule", "parse", "read",
]


def parse(content: bytes | str, file: str) -> Framework:
    """The framework in the content of a file, such as an upload. Raises BadPolicy."""
    return build(Framework, contents(content, file), Spot(file))


def read(path: Path) -> Framework:
    """The framework in a file. Raises BadPolicy, or OSError where there is no such file."""
    return parse(path.read_bytes(), path.name)

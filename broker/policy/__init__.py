"""Frameworks as data: read from files, checked as a whole, written back for exchange."""

from broker.policy.checking import problems_of
from broker.policy.loading import load_all, parse, read
from broker.policy.reading import BadPolicy
from broker.policy.records import (
    GONE_BY,
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
from broker.policy.rules import rule
from broker.policy.writing import write

__all__ = [
    "GONE_BY",
    "RULE_UNITS",
    "Authority",
    "BadPolicy",
    "Framework",
    "Mapping",
    "Measure",
    "Node",
    "Pointer",
    "Policy",
    "Rule",
    "load_all",
    "parse",
    "problems_of",
    "read",
    "rule",
    "write",
]

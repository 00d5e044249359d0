"""From a framework to the text of a policy file, for exchange; reading it gives the same framework."""

import json
from dataclasses import MISSING, fields
from datetime import date

from broker.policy.records import Framework, Mapping, Node, Rule

LISTS = ("nodes", "mappings", "rules")
ALWAYS = ("order",)  # left out, it would mean the place in the file


def write(framework: Framework) -> str:
    """The text of a policy file."""
    heading = _lines(framework)
    entries = [_entry(name, each) for name in LISTS for each in getattr(framework, name)]
    return "\n".join([*heading, *entries]) + "\n"


def _entry(name: str, record: Node | Mapping | Rule) -> str:
    return "\n".join(["", f"[[{name}]]", *_lines(record)])


def _lines(record: Framework | Node | Mapping | Rule) -> list[str]:
    """`word = value` for what a record says; what it leaves at its default is left out."""
    said = {field.name: getattr(record, field.name) for field in fields(record) if field.name not in LISTS}
    usual = {field.name: field.default for field in fields(record) if field.default is not MISSING}
    return [
        f"{name} = {_value(value)}"
        for name, value in said.items()
        if name in ALWAYS or usual.get(name, MISSING) != value
    ]


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, tuple):
        return f"[{', '.join(_value(each) for each in value)}]"
    return value.isoformat() if isinstance(value, date) else repr(value)


def _quoted(text: str) -> str:
    """JSON's quoting is TOML's, but for the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")

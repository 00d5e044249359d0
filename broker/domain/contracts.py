"""What makes a contract complete, and its state by its days."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

MOST = Decimal(1_000_000_000)
OCDS = "ocds-"
# The prefix that a publisher was given, then its own name for the contracting process.
_OCID = re.compile(r"ocds-[a-z0-9]{6}-\S{1,80}")
_PREFIX = len("ocds-h6vhtk-")
LONGEST_YEARS = 50


class Stage(StrEnum):
    """Where a contract stands on a day."""

    RUNNING = "running"
    TO_COME = "to_come"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractFacts:
    """What an officer says of a contract; its supplier apart. `value` and `spent` in pounds."""

    title: str
    starts_on: date
    ends_on: date
    buyer: str = ""
    identifier: str = ""
    value: Decimal | None = None
    spent: Decimal = Decimal(0)
    manager_id: int | None = None
    manager_name: str = ""


def known_as(number: str) -> str:
    """How a contract is known elsewhere, as it is kept: an ocid's prefix is of small letters, whoever shouts it."""
    plain = " ".join(number.split())
    return plain[:_PREFIX].lower() + plain[_PREFIX:] if plain.lower().startswith(OCDS) else plain


def stage(starts_on: date, ends_on: date, on: date) -> Stage:
    """Where a contract of these days stands on that day."""
    if on < starts_on:
        return Stage.TO_COME
    return Stage.RUNNING if on <= ends_on else Stage.OVER


def problems(facts: ContractFacts) -> dict[str, str]:
    """What is wrong with the facts by themselves, as field name to code; empty when nothing is."""
    found = {} if facts.title else {"title": "needed"}
    if facts.ends_on < facts.starts_on:
        found["ends_on"] = "before_start"
    elif facts.ends_on.year - facts.starts_on.year > LONGEST_YEARS:
        found["ends_on"] = "too_long"
    for name, amount in (("value", facts.value), ("spent", facts.spent)):
        if amount is not None and amount < 0:
            found[name] = "negative"
        elif amount is not None and amount > MOST:
            found[name] = "too_much"
    if facts.identifier.startswith(OCDS) and not _OCID.fullmatch(facts.identifier):
        found["identifier"] = "not_ocid"
    return found

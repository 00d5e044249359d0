"""The chain of one measure: promised, matched, delivered, verified, claimed, and what is lost between two steps."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from broker.domain.kinds import Lane

NOTHING = Decimal(0)


class Step(StrEnum):
    """The steps of the chain, in their order everywhere."""

    PROMISED = "promised"
    MATCHED = "matched"
    DELIVERED = "delivered"
    VERIFIED = "verified"
    CLAIMED = "claimed"

    @property
    def before(self) -> "Step | None":
        steps = list(Step)
        place = steps.index(self)
        return steps[place - 1] if place else None


class Sums(NamedTuple):
    """What came of promises, in one unit."""

    matched: Decimal = NOTHING
    delivered: Decimal = NOTHING
    verified: Decimal = NOTHING
    claimed: Decimal = NOTHING

    def plus(self, other: "Sums") -> "Sums":
        return Sums(*(one + another for one, another in zip(self, other, strict=True)))


def together(found: Iterable[Sums]) -> Sums:
    """Several of one unit, added up."""
    return Sums(*(sum(amounts, NOTHING) for amounts in zip(Sums(), *found, strict=True)))


class Unit(NamedTuple):
    """What is counted: the measure that others stand for, and its unit. Two of different `id` are never added up."""

    id: int
    code: str
    label: str
    unit: str
    unit_kind: str


@dataclass
class Line:
    """The chain of one measure. `lanes` keeps one-off and lasting apart; `inherent` is what is done anyway."""

    unit: Unit
    promised: Decimal = NOTHING
    lanes: dict[Lane, Sums] = field(default_factory=dict)
    inherent: Decimal = NOTHING

    def add(self, lane: Lane, sums: Sums) -> None:
        self.lanes[lane] = self.lanes.get(lane, Sums()).plus(sums)

    @property
    def whole(self) -> Sums:
        """Both lanes together."""
        return together(self.lanes.values())

    def at(self, step: str, lane: Lane | None = None) -> Decimal:
        """How much is there at a step; nobody promises for one lane, so there it is nothing."""
        if step == Step.PROMISED:
            return self.promised if lane is None else NOTHING
        sums = self.whole if lane is None else self.lanes.get(lane, Sums())
        amount: Decimal = getattr(sums, step)
        return amount

    def gap(self, step: Step) -> Decimal:
        """How much of the step before is missing here; nothing where there is as much or more."""
        before = step.before
        return max(self.at(before) - self.at(step), NOTHING) if before else NOTHING


def in_order(lines: Iterable[Line]) -> list[Line]:
    """Measure by measure, by its code."""
    return sorted(lines, key=lambda line: (line.unit.code, line.unit.id))

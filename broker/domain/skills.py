"""Skills: how far what is asked for goes beyond what is offered, and what could teach it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Protocol


class SkillSide(StrEnum):
    """Where a listing stands that names a skill."""

    ASKED = "asked"
    OFFERED = "offered"
    TRAINED = "trained"


class Counted(Protocol):
    """So many listings of one skill, side and unit; `amount` is None where none of them states how much."""

    @property
    def skill(self) -> str: ...

    @property
    def side(self) -> str: ...

    @property
    def unit(self) -> str | None: ...

    @property
    def listings(self) -> int: ...

    @property
    def amount(self) -> Decimal | None: ...


Amounts = dict[str, Decimal]


@dataclass
class Skill:
    """One skill: listings that ask, offer, and train; and how much they come to, by unit, where they say so."""

    name: str
    listings: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    amounts: dict[str, Amounts] = field(default_factory=lambda: defaultdict(dict))

    @property
    def asked(self) -> int:
        return self.listings[SkillSide.ASKED]

    @property
    def offered(self) -> int:
        return self.listings[SkillSide.OFFERED]

    @property
    def trained(self) -> int:
        return self.listings[SkillSide.TRAINED]

    @property
    def gap(self) -> int:
        """How many more listings ask than offer; below 0 where more offer."""
        return self.asked - self.offered


def by_shortage(cells: Iterable[Counted]) -> list[Skill]:
    """Every skill, the one of which most is short first; of two alike the one that is asked for more."""
    skills: dict[str, Skill] = {}
    for cell in cells:
        skill = skills.setdefault(cell.skill, Skill(cell.skill))
        skill.listings[cell.side] += cell.listings
        if cell.unit and cell.amount:
            amounts = skill.amounts[cell.side]
            amounts[cell.unit] = amounts.get(cell.unit, Decimal(0)) + cell.amount
    return sorted(skills.values(), key=lambda skill: (-skill.gap, -skill.asked, skill.name))

"""How skills are ranked: by how many more listings ask than offer, amounts kept apart by unit."""

from decimal import Decimal
from typing import NamedTuple

import pytest

from broker.domain.skills import SkillSide, by_shortage

pytestmark = pytest.mark.any_database


class Cell(NamedTuple):
    skill: str
    side: str
    unit: str | None
    listings: int
    amount: Decimal | None


def test_what_is_short_of_most_stands_first() -> None:
    found = by_shortage(
        [
            Cell("cooking", SkillSide.OFFERED, "hours", 3, Decimal(9)),
            Cell("law", SkillSide.ASKED, "hours", 2, Decimal(30)),
            Cell("law", SkillSide.ASKED, "people", 1, Decimal(2)),
            Cell("law", SkillSide.ASKED, None, 1, None),
            Cell("law", SkillSide.OFFERED, "hours", 1, Decimal("4.5")),
            Cell("art", SkillSide.ASKED, "hours", 3, Decimal(6)),
            Cell("drama", SkillSide.ASKED, "hours", 5, None),
            Cell("drama", SkillSide.OFFERED, None, 2, None),
            Cell("law", SkillSide.TRAINED, "places", 2, Decimal(12)),
        ]
    )
    assert [(skill.name, skill.gap) for skill in found] == [("drama", 3), ("law", 3), ("art", 3), ("cooking", -3)]
    law = found[1]
    assert (law.asked, law.offered, law.trained) == (4, 1, 2)
    assert law.amounts[SkillSide.ASKED] == {"hours": Decimal(30), "people": Decimal(2)}
    assert law.amounts[SkillSide.OFFERED] == {"hours": Decimal("4.5")}
    assert found[0].amounts[SkillSide.ASKED] == {}, "what nobody states is no amount"


def test_there_may_be_no_skill_at_all() -> None:
    assert by_shortage([]) == []

"""What listings come to: how many ever got a match or a partnership, and how long they waited for the first match."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from statistics import median

FEWEST = 5  # listings, below which a part of them says more about chance than about fairness


@dataclass(frozen=True, slots=True)
class Story:
    """One listing that was ever open: in which group, since when, when it was first put to both sides, and whether
    that made a partnership.
    """

    group: str
    published: datetime
    matched: datetime | None
    is_partnership: bool


@dataclass(frozen=True, slots=True)
class Reached:
    """A group of listings. `days`: half of those with a match waited so long or less; None with fewer than FEWEST."""

    name: str
    listings: int
    matched: int
    partnerships: int
    days: float | None

    @property
    def is_enough(self) -> bool:
        """Whether there are enough listings to speak of a part of them."""
        return self.listings >= FEWEST


def reached(stories: Iterable[Story]) -> list[Reached]:
    """Each group with what its listings came to, by name."""
    groups: dict[str, list[Story]] = defaultdict(list)
    for story in stories:
        groups[story.group].append(story)
    return [_reached(name, groups[name]) for name in sorted(groups)]


def _reached(name: str, stories: list[Story]) -> Reached:
    waits = [max(0.0, (each.matched - each.published).total_seconds() / 86_400) for each in stories if each.matched]
    return Reached(
        name=name,
        listings=len(stories),
        matched=len(waits),
        partnerships=sum(each.is_partnership for each in stories),
        days=round(median(waits), 1) if len(waits) >= FEWEST else None,
    )

"""How much each part of a score counts, and when: the one setting of the matcher, as data that can be kept and learned.

The help beyond the words themselves is gated by how much the need says, and by how rare its words are among the
listings: a one-line need in words that few use gets most of it, a long one is left to its own words. Why these
numbers: docs/quality.md.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from broker.matching.records import PartName

HELPED: tuple[PartName, ...] = ("related", "spelling", "meaning", "encoder")
"""The parts that only a short need gets."""
KNOWN: tuple[PartName, ...] = ("synonyms", "kind", "theme")
"""The parts that the field's own words bring: of them a long need keeps a share."""
TEXT_PARTS: frozenset[PartName] = frozenset({"words", "synonyms", *HELPED})
"""The parts that come from what the two texts say."""


@dataclass(frozen=True, slots=True)
class Weights:
    """One multiplier for each part (its name is the part's), then the numbers of the gate."""

    words: float = 1.0
    synonyms: float = 1.0
    related: float = 0.4
    spelling: float = 0.3
    meaning: float = 0.9
    encoder: float = 0.5
    kind: float = 0.05
    theme: float = 0.1
    place: float = 0.03
    dates: float = 0.01
    lane: float = 0.01
    led: float = 0.01
    checks: float = 0.02
    boost: float = 0.03
    short: float = 10.5
    """How many different words a need has at which the help is halved."""
    steep: float = 3.0
    """How sharply the help ends there."""
    long: float = 0.7
    """The share of what the field's own words bring that even a long need keeps, 0 to 1."""
    few: float = 20.0
    """In how many listings a word is found when it halves the help: common words find enough by themselves."""
    common: float = 30.0
    """In how many listings the rarest word of an entry's phrase is found when what the phrase brings is halved."""
    ease: float = 0.4
    """The share of the words' own part that a need with full help gives up."""
    even: float = 1.5
    """How much what a need with full help scores is brought down, so that offers see short and long needs alike."""
    near_words: float = 0.3
    """The likeness from which two words count as related, 0 to 1."""
    near_texts: float = 0.2
    """The likeness from which the encoder's word counts, 0 to 1: about that of two texts taken blindly."""
    blind: float = 0.3
    """The likeness of two texts' general subject that is no ground to suggest them, 0 to 1."""
    near_miles: float = 5.0
    """The distance at which nearness is halved."""
    least: float = 0.04
    """What the texts alone must bring for a pair to be suggested at all, the subject's blind likeness left out."""

    def of(self, part: PartName) -> float:
        """The multiplier of a part."""
        return float(getattr(self, part))

    def to_json(self) -> dict[str, float]:
        """Every number by its name."""
        return asdict(self)

    @classmethod
    def from_json(cls, numbers: Mapping[str, Any]) -> "Weights":
        """The setting with these numbers; what is not named is as shipped, what is unknown is left out."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: float(number) for name, number in numbers.items() if name in known})


SHIPPED = Weights()

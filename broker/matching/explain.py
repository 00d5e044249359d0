"""Why two listings go together, as parts that add up to the score; the words for them are the page's."""

from collections.abc import Callable, Iterator, Mapping

from broker.matching.facts import checks_between, dates_between, miles_between
from broker.matching.lexical.index import Lexical
from broker.matching.meaning.nearby import Near, Nearby
from broker.matching.placing import Held
from broker.matching.records import PART_NAMES, Part, PartName, Reason, Record, WordShare
from broker.matching.subjects import KINDS, THEMES, Touch, kinds_of, themes_of
from broker.matching.text import as_written

Pairs = dict[tuple[str, str, str], float]
"""Word of the demand and of the supply as their authors wrote them, and the entry that joins the two (or none), with
what the pair brings before any multiplier.
"""


class Pairing:
    """Takes the parts of a pair's score apart into the words that make them up."""

    def __init__(self, words: Lexical, nearby: Nearby) -> None:
        self._words, self._nearby = words, nearby

    def reason(self, ours: Held, theirs: Held, shares: Mapping[PartName, float]) -> Reason:
        """The reason for a demand and a supply. shares: what each part brings, those above 0."""
        demand, supply = ours.record, theirs.record
        kind, kind_guessed = _shared_kind(ours, theirs)
        themes = _shared_themes(ours, theirs)
        return Reason(
            parts=tuple(self._part(name, shares[name], ours, theirs) for name in PART_NAMES if name in shares),
            kind=kind,
            kind_guessed=kind_guessed,
            themes=themes,
            themes_guessed=not demand.themes.intersection(supply.themes).issuperset(themes),
            same_priorities=tuple(sorted(demand.priorities & supply.priorities)),
            distance_miles=miles_between(demand, supply),
            remote=demand.remote or supply.remote,
            dates=dates_between(demand, supply),
            checks_met=checks_between(demand, supply),
            lane_same=None if demand.lane is None or supply.lane is None else demand.lane == supply.lane,
        )

    def _part(self, name: PartName, share: float, ours: Held, theirs: Held) -> Part:
        pairs = self._pairs(name, ours, theirs)
        whole = sum(pairs.values())
        words = [WordShare(one, two, share * part / whole, about) for (one, two, about), part in pairs.items()]
        words.sort(key=lambda each: (-each.share, each.word, each.other, each.about))
        return Part(name, share, tuple(words))

    def _pairs(self, name: PartName, ours: Held, theirs: Held) -> Pairs:
        if name == "words":
            return self._met(ours, theirs, lambda column: ([column], [1.0]))
        if name == "synonyms":
            return dict(_same_entries(ours, theirs))
        if name == "related":
            return self._met(ours, theirs, lambda column: _listed(self._nearby.related_to(column)))
        if name == "spelling":
            return self._met(ours, theirs, lambda column: _listed(self._nearby.misspelled_for(column)))
        return {}

    def _met(self, ours: Held, theirs: Held, near: Callable[[int], tuple[list[int], list[float]]]) -> Pairs:
        """Each word of the demand with each of the supply that is near it."""
        written, others = as_written(ours.record.words), as_written(theirs.record.words)
        there = theirs.weights
        pairs: Pairs = {}
        for column, weight in ours.weights.items():
            for other, nearness in zip(*near(column), strict=True):
                if other in there:
                    one, two = self._words.words([column, other])
                    pairs[written[one], others[two], ""] = weight * nearness * there[other]
        return pairs


def _listed(near: Near) -> tuple[list[int], list[float]]:
    return near[0].tolist(), near[1].tolist()


def _same_entries(ours: Held, theirs: Held) -> Iterator[tuple[tuple[str, str, str], float]]:
    """The entries that both touch by different phrases."""
    for name, touch in ours.found.items():
        other = theirs.found.get(name)
        if other and other.use.stems != touch.use.stems:
            yield (_written(ours.record, touch), _written(theirs.record, other), name), touch.reach * other.reach


def _written(record: Record, touch: Touch) -> str:
    """A phrase in its author's words."""
    written = as_written(record.words)
    return touch.use.written or " ".join(written[stem] for stem in touch.use.stems)


def _shared_kind(ours: Held, theirs: Held) -> tuple[str | None, bool]:
    """The kind that both have most of, and whether one of the two was guessed."""
    stated = {ours.record.kind, theirs.record.kind}
    both = kinds_of([ours.record, theirs.record], [ours.found, theirs.found]).prod(axis=0)
    return (KINDS[int(both.argmax())], stated != {KINDS[int(both.argmax())]}) if both.any() else (None, False)


def _shared_themes(ours: Held, theirs: Held) -> tuple[str, ...]:
    """The themes that both serve, stated or guessed, the three that weigh most."""
    both = themes_of([ours.record, theirs.record], [ours.found, theirs.found]).prod(axis=0)
    ordered = sorted(range(len(THEMES)), key=lambda number: (-both[number], number))
    return tuple(THEMES[number] for number in ordered[:3] if both[number] > 0)

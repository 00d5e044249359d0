"""Why two listings go together, as facts; the words for them are the page's."""

from broker.matching.facts import dates_between, miles_between
from broker.matching.records import Part, Reason, Record, WordShare
from broker.matching.text import as_written


def reason_for(demand: Record, supply: Record, shares: dict[str, float]) -> Reason:
    """The reason for a pair. shares: each shared stem with its part of the score, from the index."""
    ours, theirs = as_written(demand.words), as_written(supply.words)
    words = [WordShare(ours[stem], theirs[stem], share) for stem, share in shares.items()]
    ordered = tuple(sorted(words, key=lambda shared: (-shared.share, shared.word)))
    return Reason(
        parts=(Part("words", sum(shares.values()), ordered),) if ordered else (),
        kind=demand.kind if demand.kind == supply.kind else None,
        kind_guessed=False,
        themes=tuple(sorted(demand.themes & supply.themes)),
        themes_guessed=False,
        same_priorities=tuple(sorted(demand.priorities & supply.priorities)),
        distance_miles=miles_between(demand, supply),
        remote=demand.remote or supply.remote,
        dates=dates_between(demand, supply),
        lane_same=None if demand.lane is None or supply.lane is None else demand.lane == supply.lane,
    )

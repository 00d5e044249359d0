"""Why two listings go together, as facts; the words for them are the page's."""

from broker.matching.facts import dates_between, miles_between
from broker.matching.records import Reason, Record, WordShare
from broker.matching.text import as_written


def reason_for(demand: Record, supply: Record, shares: dict[str, float]) -> Reason:
    """The reason for a pair. shares: each shared stem with its part of the score, from the index."""
    written = as_written(demand.words)
    words = [WordShare(written[stem], share) for stem, share in shares.items()]
    return Reason(
        same_words=tuple(sorted(words, key=lambda shared: (-shared.share, shared.word))),
        same_kind=demand.kind if demand.kind == supply.kind else None,
        distance_miles=miles_between(demand, supply),
        remote=demand.remote or supply.remote,
        dates=dates_between(demand, supply),
        same_priorities=tuple(sorted(demand.priorities & supply.priorities)),
        lane_same=None if demand.lane is None or supply.lane is None else demand.lane == supply.lane,
    )

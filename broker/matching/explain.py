"""Why two listings go together: the reason as facts, and the reason as a sentence for a councillor."""

from broker.matching.facts import dates_between, miles_between
from broker.matching.records import Reason, Record, WordShare
from broker.matching.text import as_written

# More words than these say no more to a reader.
_WORDS_IN_SENTENCE = 3


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


def sentence(reason: Reason) -> str:
    """The reason in plain words, such as "Both talk about laptops and clubs. About 2 miles apart."."""
    say = (_words, _kind, _distance, _dates, _priorities, _lane)
    return " ".join(said for part in say if (said := part(reason)))


def _words(reason: Reason) -> str:
    words = [shared.word for shared in reason.same_words[:_WORDS_IN_SENTENCE]]
    if not words:
        return "The two texts share no word."
    *others, last = words
    return f"Both talk about {', '.join(others)} and {last}." if others else f"Both talk about {last}."


def _kind(reason: Reason) -> str:
    return f"Both are about {reason.same_kind.replace('_', ' ')}." if reason.same_kind else ""


def _distance(reason: Reason) -> str:
    if reason.remote:
        return "It can be done from anywhere."
    if reason.distance_miles is None:
        return ""
    if reason.distance_miles < 0.5:
        return "Less than half a mile apart."
    miles = round(reason.distance_miles)
    return "About a mile apart." if miles <= 1 else f"About {miles} miles apart."


def _dates(reason: Reason) -> str:
    return {"overlap": "The dates fit.", "apart": "The dates do not meet.", "unknown": ""}[reason.dates]


def _priorities(reason: Reason) -> str:
    count = len(reason.same_priorities)
    if not count:
        return ""
    return "Both serve the same priority." if count == 1 else f"Both serve the same {count} priorities."


def _lane(reason: Reason) -> str:
    return "One is a single piece of help, the other is meant to last." if reason.lane_same is False else ""

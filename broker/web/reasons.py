"""Why the matcher pairs two listings, from the facts it stored to a sentence a councillor understands."""

from collections.abc import Mapping, Sequence
from typing import Any

from broker.domain.kinds import SupportKind
from broker.web.words import SUPPORT_KIND

WORDS_SAID = 3
WORDS_SHOWN = 5


def reason_sentence(reason: Mapping[str, Any] | None) -> str:
    """The reason in plain words: 'Both talk about laptops and homework. Both are about goods. The dates fit.'"""
    if not reason:
        return "The computer did not suggest this pair; a person put it together."
    said = (_words(reason), _kind(reason), _distance(reason), _dates(reason), _priorities(reason), _lane(reason))
    return " ".join(sentence for sentence in said if sentence)


def reason_bars(reason: Mapping[str, Any] | None) -> list[tuple[str, float, str]]:
    """For a bar chart: the shared words with their part of the whole likeness, in 100, the rest as one bar."""
    shares = [(each["word"], float(each["share"])) for each in (reason or {}).get("same_words", ())]
    whole = sum(share for _, share in shares)
    if whole <= 0:
        return []
    rows = [(word, 100 * share / whole) for word, share in shares[:WORDS_SHOWN]]
    if rest := sum(share for _, share in shares[WORDS_SHOWN:]):
        rows.append(("all other words", 100 * rest / whole))
    return [(word, round(part, 1), f"{round(part)}%") for word, part in rows]


def joined(words: Sequence[str]) -> str:
    """'laptops', 'laptops and homework', 'laptops, homework and children'."""
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


def _words(reason: Mapping[str, Any]) -> str:
    words = [str(each["word"]) for each in reason.get("same_words", ())][:WORDS_SAID]
    return f"Both talk about {joined(words)}." if words else ""


def _kind(reason: Mapping[str, Any]) -> str:
    kind = reason.get("same_kind")
    return f"Both are about {SUPPORT_KIND[SupportKind(kind)].lower()}." if kind in set(SupportKind) else ""


def _distance(reason: Mapping[str, Any]) -> str:
    if reason.get("remote"):
        return "It can be done from anywhere."
    miles = reason.get("distance_miles")
    if miles is None:
        return ""
    if miles < 1:
        return "Less than a mile apart."
    return "About a mile apart." if round(miles) == 1 else f"About {round(miles)} miles apart."


def _dates(reason: Mapping[str, Any]) -> str:
    return "The dates fit." if reason.get("dates") == "overlap" else ""


def _priorities(reason: Mapping[str, Any]) -> str:
    labels = [str(label) for label in reason.get("same_priorities") or ()]
    return f"Both serve {joined([f'“{label}”' for label in labels])}." if labels else ""


def _lane(reason: Mapping[str, Any]) -> str:
    return "One is a single piece of help, the other is meant to last." if reason.get("lane_same") is False else ""

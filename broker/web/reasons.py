"""Why the matcher pairs two listings, from the parts it stored to a sentence and a picture a councillor understands."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from broker.domain.kinds import SupportKind
from broker.web.outcomes import outcome_words
from broker.web.words import SUPPORT_KIND, sentence

PAIRS_SAID = 3
PAIRS_SHOWN = 5
NAMES_SAID = 2
THEMES_SAID = 2
FELT_PART = 0.02  # of the whole: below it a guess is not worth a sentence
FAINT = 0.14  # in what the listings say; how often such a pair fits is measured: docs/quality.md, by score
BESIDE = frozenset({"place", "dates", "lane", "led", "checks", "boost"})  # not what the listings say
CLEAR_PART = 0.2  # of the whole: from here on a likeness that no single word shows is worth a sentence

PART = {
    "words": "The same words",
    "synonyms": "Words that mean the same here",
    "related": "Related words",
    "spelling": "Similar spelling",
    "meaning": "The texts’ general subject",
    "encoder": "The language model",
    "kind": "The same kind of support",
    "theme": "The same priority",
    "place": "How near they are",
    "dates": "The dates",
    "lane": "Both one-off, or both lasting",
    "led": "Led by the community",
    "checks": "The background check",
    "boost": "An officer’s boost",
}
# How two different words are said to meet, as verb and rest.
ALIKE = {"synonyms": ("mean", "much the same here"), "related": ("go", "together"), "spelling": ("are", "spelt alike")}
CHECKS: dict[object, str] = {
    True: "The people who help have the background check that is asked for.",
    False: "A background check is asked for that the people who help do not have yet.",
}
GUESSED = " (guessed from the text)"
LITTLE = "Little in common: about one in ten like this fits."
BY_HAND = "The computer did not suggest this pair; a person put it together."


class Row(NamedTuple):
    """One bar of the picture: a part of the score or, under it, two words that meet. `percent` is of the whole."""

    label: str
    percent: str
    share: str
    width: float
    is_word: bool = False


class Why(NamedTuple):
    """A reason as a page shows it. `score`: all parts together. `caution`: what to mind, or nothing."""

    sentence: str
    rows: list[Row]
    score: str
    caution: str


class Changed(NamedTuple):
    """A part of a score, or all together, before and now."""

    label: str
    before: str
    now: str


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Changed]:
    """The parts that differ between two reasons as a page shows them, and the two scores below them; of equal ones,
    nothing.
    """
    then, present = ({part["name"]: part["share"] for part in _parts(reason)} for reason in (before, now))
    lines = [(label, then.get(name, 0.0), present.get(name, 0.0)) for name, label in PART.items()]
    lines.append(("All together", sum(then.values()), sum(present.values())))
    shown = [Changed(label, f"{was:.4f}", f"{became:.4f}") for label, was, became in lines]
    return [line for line in shown if line.before != line.now]


def why(reason: Mapping[str, Any] | None) -> Why:
    """The reason in words and as a picture; for a pair that a person made only the words."""
    parts = _parts(reason or {})
    whole = sum(part["share"] for part in parts)
    return Why(reason_sentence(reason), list(_rows(parts, whole)), f"{whole:.4f}", _caution(parts))


def in_short(reason: Mapping[str, Any] | None) -> str:
    """The reason where no picture stands beside it: the sentence, and what to mind."""
    return f"{reason_sentence(reason)} {_caution(_parts(reason or {}))}".strip()


def reason_sentence(reason: Mapping[str, Any] | None) -> str:
    """The reason in plain words: 'Both talk about laptops. Both are about goods. The dates fit.'"""
    if not reason:
        return BY_HAND
    parts = {part["name"]: part for part in _parts(reason)}
    said = (
        *_words_said(parts),
        _likeness(parts),
        _kind(reason),
        _distance(reason),
        "The dates fit." if reason.get("dates") == "overlap" else "",
        _themes(reason, parts),
        "One is a single piece of help, the other is meant to last." if reason.get("lane_same") is False else "",
        "One of the two is led by the community." if "led" in parts else "",
        CHECKS.get(reason.get("checks_met"), ""),
        "An officer asked for it to be seen more." if "boost" in parts else "",
    )
    return " ".join(sentence for sentence in said if sentence)


def joined(words: Sequence[str]) -> str:
    """'laptops', 'laptops and homework', 'laptops, homework and children'."""
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


def _parts(reason: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The parts above 0. A reason of the first matcher was made of shared words alone."""
    if "parts" in reason:
        return [part for part in reason["parts"] if part["share"] > 0]
    words = [{**each, "other": each["word"]} for each in reason.get("same_words", ()) if each["share"] > 0]
    return [{"name": "words", "share": sum(each["share"] for each in words), "words": words}] if words else []


def _words_said(parts: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """The pairs of words that count most, over all parts: what is the same first, then what is only alike."""
    best = sorted(_meetings(parts), key=lambda each: -each.share)[:PAIRS_SAID]
    same = [each.word for each in best if each.part == "words"]
    if same:
        yield f"Both talk about {joined(same)}."
    meant = [f"{joined(each.about[:NAMES_SAID])}: {each.pair}" for each in best if each.about]
    if meant:
        yield f"Both have to do with {', and with '.join(meant)}."
    for name, (verb, rest) in ALIKE.items():
        pairs = [each.pair for each in best if each.part == name and not each.about]
        if pairs:
            also = "".join(f", and so {'are' if verb == 'are' else 'do'} {pair}" for pair in pairs[1:])
            yield f"{pairs[0]} {verb} {rest}{also}."


class _Meeting(NamedTuple):
    """Two words that meet. `about`: the entries that join them, the one that brings most first."""

    part: str
    word: str
    other: str
    share: float
    about: list[str]

    @property
    def pair(self) -> str:
        return f"“{self.word}” and “{self.other}”"


def _meetings(parts: Mapping[str, Mapping[str, Any]]) -> list[_Meeting]:
    """Each pair of words once, however many entries join the two."""
    found: dict[tuple[str, str, str], _Meeting] = {}
    for name, part in parts.items():
        for pair in part.get("words", ()):
            key, names = (name, str(pair["word"]), str(pair["other"])), [pair["about"]] if pair.get("about") else []
            known = found.get(key, _Meeting(*key, 0.0, []))
            if pair["share"] > 0:
                found[key] = known._replace(share=known.share + pair["share"], about=known.about + names)
    return list(found.values())


def _likeness(parts: Mapping[str, Mapping[str, Any]]) -> str:
    """Whether the texts as a whole are alike, said where that weighs much."""
    is_clear = _of_whole(parts, "meaning", "encoder") >= CLEAR_PART
    return "The two texts are about similar things." if is_clear else ""


def _of_whole(parts: Mapping[str, Mapping[str, Any]], *names: str) -> float:
    """How much of the whole these parts make, from 0 to 1."""
    whole = sum(part["share"] for part in parts.values())
    return sum(parts[name]["share"] for name in names if name in parts) / whole if whole else 0.0


def _caution(parts: Sequence[Mapping[str, Any]]) -> str:
    """Said where what the two listings say brings little, so that nobody takes a first suggestion for a good one."""
    told: float = sum(part["share"] for part in parts if part["name"] not in BESIDE)
    return LITTLE if parts and told < FAINT else ""


def _kind(reason: Mapping[str, Any]) -> str:
    kind = reason.get("kind") or reason.get("same_kind")
    if kind not in set(SupportKind):
        return ""
    return f"Both are about {SUPPORT_KIND[SupportKind(kind)].lower()}{GUESSED if reason.get('kind_guessed') else ''}."


def _distance(reason: Mapping[str, Any]) -> str:
    if reason.get("remote"):
        return "It can be done from anywhere."
    miles = reason.get("distance_miles")
    if miles is None:
        return ""
    if miles < 1:
        return "Less than a mile apart."
    return "About a mile apart." if round(miles) == 1 else f"About {round(miles)} miles apart."


def _themes(reason: Mapping[str, Any], parts: Mapping[str, Mapping[str, Any]]) -> str:
    """The priorities that both name and, where there is none, the shared outcomes that both serve. Of what is only
    guessed, the likeliest, where it counts at all.
    """
    known = outcome_words()
    labels = [str(label) for label in reason.get("same_priorities") or ()]
    labels = labels or [known.get(code, str(code)) for code in reason.get("themes") or ()]
    if not labels:
        return ""
    if reason.get("themes_guessed") and not reason.get("same_priorities"):
        return f"Both may serve {_quoted(labels[:1])}{GUESSED}." if _of_whole(parts, "theme") >= FELT_PART else ""
    more = len(labels) - THEMES_SAID
    return f"Both serve {joined([*_marks(labels[:THEMES_SAID]), *([f'{more} more'] if more > 0 else [])])}."


def _quoted(labels: Iterable[str]) -> str:
    return joined(_marks(labels))


def _marks(labels: Iterable[str]) -> list[str]:
    return [f"“{label}”" for label in labels]


def _rows(parts: Sequence[Mapping[str, Any]], whole: float) -> Iterator[Row]:
    """A bar for each part, and under a part of words one for each of its largest pairs; the rest as one."""
    top = max((part["share"] for part in parts), default=0.0)
    percents = _rounded([100 * part["share"] / whole for part in parts], 1)
    shares = _rounded([part["share"] for part in parts], 4)
    for part, percent, share in zip(parts, percents, shares, strict=True):
        yield Row(PART.get(part["name"], part["name"]), f"{_some(percent)}%", _some(share), _width(part["share"], top))
        pairs = [(_label(pair), pair["share"]) for pair in part.get("words", ()) if pair["share"] > 0]
        pairs = [*pairs[:PAIRS_SHOWN], *_rest(pairs[PAIRS_SHOWN:])]
        within = _rounded([one for _, one in pairs], 4, float(share))
        hundredths = _rounded([100 * one / whole for _, one in pairs], 1, float(percent))
        for (label, one), of_whole, exact in zip(pairs, hundredths, within, strict=True):
            yield Row(label, f"{_some(of_whole)}%", _some(exact), _width(one, top), is_word=True)


def _some(number: str) -> str:
    """A part that is there is never shown as nothing: '0.0' as '<0.1'."""
    return number if float(number) else f"<{number[:-1]}1"


def _rest(pairs: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
    return [(f"{len(pairs)} more", sum(share for _, share in pairs))] if pairs else []


def _label(pair: Mapping[str, Any]) -> str:
    if pair["word"] == pair["other"]:
        return _quoted([pair["word"]])
    words = f"“{pair['word']}” with “{pair['other']}”"
    return f"{sentence(str(pair['about']))}: {words}" if pair.get("about") else words


def _width(share: float, top: float) -> float:
    return round(100 * share / top, 1)


def _rounded(shares: Sequence[float], digits: int, whole: float | None = None) -> list[str]:
    """Each with so many digits, so rounded that what stands on the page adds up to the whole as it stands there."""
    unit = 10**digits
    total = round((sum(shares) if whole is None else whole) * unit)
    floors = [int(share * unit) for share in shares]
    most_lost = sorted(range(len(shares)), key=lambda at: floors[at] - shares[at] * unit)
    for at in most_lost[: max(0, total - sum(floors))]:
        floors[at] += 1
    return [f"{floor / unit:.{digits}f}" for floor in floors]

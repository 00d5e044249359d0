"""The rules for words that mean the same: what an entry needs before the matcher can use it."""

import re
from collections.abc import Collection, Iterator, Sequence

FEWEST_PHRASES = 2
MOST_PHRASES = 60
LONGEST = 60  # characters, of a name and of a phrase

_BREAKS = re.compile(r"[\n,;]+")
_WORD = re.compile(r"[^\W\d_]{2,}")


def as_phrases(text: str) -> list[str]:
    """What somebody typed, one phrase on each line or between commas, as single phrases."""
    return [phrase for part in _BREAKS.split(text) if (phrase := " ".join(part.split()))]


def phrase_key(phrase: str) -> str:
    """What makes two phrases the same one: how they are capitalised does not count."""
    return " ".join(phrase.casefold().split())


def name_problem(name: str) -> str | None:
    """Why this cannot be the name of an entry, if so."""
    if not name.strip():
        return "missing"
    return "long" if len(name) > LONGEST else None


def phrase_problems(
    say: Sequence[str], hint: Sequence[str], stop_words: Collection[str], given: Sequence[str] = ()
) -> dict[str, str]:
    """Field to code of what is wrong, after a colon the phrase meant. `given`: phrases that stand there already."""
    problems = {}
    seen = {phrase_key(phrase) for phrase in given}
    for field, phrases in (("say", say), ("hint", hint)):
        problem = next(_problems_of(phrases, seen, stop_words), None)
        if problem:
            problems[field] = problem
    every = len(given) + len(say) + len(hint)
    if not given and not say:
        problems.setdefault("say", "missing")
    elif every < FEWEST_PHRASES:
        problems.setdefault("say", "few")
    elif every > MOST_PHRASES:
        problems.setdefault("say", "many")
    return problems


def _problems_of(phrases: Sequence[str], seen: set[str], stop_words: Collection[str]) -> Iterator[str]:
    """Every phrase that does not do, in the order typed; `seen` grows by those read."""
    for phrase in phrases:
        key = phrase_key(phrase)
        if len(phrase) > LONGEST:
            yield f"long:{phrase[:LONGEST]}"
        elif not _says_something(key, stop_words):
            yield f"empty:{phrase}"
        elif key in seen:
            yield f"twice:{phrase}"
        seen.add(key)


def _says_something(key: str, stop_words: Collection[str]) -> bool:
    """Whether one word at least is more than a small word, a letter or a number."""
    return any(word not in stop_words for word in _WORD.findall(key))

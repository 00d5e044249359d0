"""What a look at a running installation finds: each finding is fine, worth a look, or wrong, and says what to do."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a thing stands."""

    OK = "ok"
    LOOK = "look"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: what is so (`said`), and where it is not fine what to do about it (`do`)."""

    what: str
    verdict: Verdict
    said: str
    do: str = ""


def fine(what: str, said: str) -> Finding:
    return Finding(what, Verdict.OK, said)


def look(what: str, said: str, do: str) -> Finding:
    return Finding(what, Verdict.LOOK, said, do)


def wrong(what: str, said: str, do: str) -> Finding:
    return Finding(what, Verdict.WRONG, said, do)


def within(what: str, amount: float, said: str, do: str, *, fine_to: float, bearable_to: float) -> Finding:
    """A finding about an amount that should be small."""
    if amount <= fine_to:
        return fine(what, said)
    return look(what, said, do) if amount <= bearable_to else wrong(what, said, do)

"""How a promise stands today between its start and its day: in a word, and in a sentence."""

from decimal import Decimal
from typing import NamedTuple

from broker.domain.chains import Sums
from broker.domain.claims import Pace, expected, pace, roughly
from broker.domain.clock import today
from broker.store.commitments import Commitment
from broker.web import saying

PACE = {
    Pace.KEPT: ("Kept", "green"),
    Pace.AHEAD: ("On the way", "teal"),
    Pace.WAITS: ("Waits for proof", "yellow"),
    Pace.BEHIND: ("Behind the line", "red"),
    Pace.LATE: ("Late", "red"),
}
AT_RISK = frozenset({Pace.WAITS, Pace.BEHIND, Pace.LATE})


class Standing(NamedTuple):
    """How one promise keeps pace: in a word, and in a sentence."""

    commitment: Commitment
    pace: Pace
    sentence: str


def standing(commitment: Commitment, sums: Sums) -> Standing:
    """How a promise stands today against an even pace from its start to its day."""
    promised, on = commitment.promised, today()
    starts = commitment.contract.starts_on if commitment.contract else commitment.created_at.date()
    by_now = expected(promised, starts, commitment.due_on, on)
    found = pace(promised, sums.delivered, sums.verified, by_now, commitment.due_on < on)
    return Standing(commitment, found, _sentence(commitment, found, sums, by_now))


def _sentence(commitment: Commitment, found: Pace, sums: Sums, by_now: Decimal) -> str:
    def said(number: Decimal) -> str:
        return saying.counted(number, commitment.measure)

    def are(number: Decimal) -> str:
        return f"{said(number)} {'is' if number == 1 else 'are'}"

    if not commitment.promised:
        return "Nothing is promised so far, because nothing is spent yet."
    line = f"By today about {said(roughly(by_now))} would keep the pace"
    return {
        Pace.KEPT: f"All of it is verified: {said(sums.verified)}.",
        Pace.AHEAD: f"{line}, and {are(sums.verified)} verified.",
        Pace.WAITS: f"{line}. {are(sums.delivered)} done, but only {are(sums.verified)} verified.",
        Pace.BEHIND: f"{line}, but {are(sums.delivered)} done and {said(sums.verified)} verified.",
        Pace.LATE: (
            f"It was due on {saying.day(commitment.due_on)}, and {are(commitment.promised - sums.verified)} still"
            " missing or not verified."
        ),
    }[found]

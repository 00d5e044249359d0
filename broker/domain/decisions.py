"""What people decide about a pair, and how strongly each decision speaks for or against it."""

from enum import StrEnum


class Decision(StrEnum):
    """What somebody did with a pair."""

    SHORTLISTED = "shortlisted"
    PROPOSED = "proposed"
    PAIRED_BY_HAND = "paired_by_hand"  # the matcher had not suggested it
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    DISMISSED = "dismissed"
    NOT_FOR_US = "not_for_us"


# Above 0 for the pair, below 0 against it. A partnership that came about, and an officer who set a pair aside, leave no
# doubt; a shortlist is a thought.
STRENGTH: dict[Decision, float] = {
    Decision.SHORTLISTED: 0.5,
    Decision.PROPOSED: 0.75,
    Decision.PAIRED_BY_HAND: 0.75,
    Decision.CONFIRMED: 1.0,
    Decision.DECLINED: -0.75,
    Decision.DISMISSED: -1.0,
    Decision.NOT_FOR_US: -0.75,
}

# A side that has no time, or has found help already, says nothing about whether the two fit.
ABOUT_THE_PAIR = frozenset({"not_fit", "too_far"})

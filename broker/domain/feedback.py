"""What both sides say of a partnership: when they may, and what an answer needs."""

from broker.domain.kinds import PartnershipState

SCORES = (1, 2, 3, 4, 5)
LEAST_SHOWN = 5  # of fewer answers one could guess whose they are
CAN_BE_TOLD = frozenset(PartnershipState) - {PartnershipState.PLANNED}
OVER = frozenset({PartnershipState.CLOSED, PartnershipState.ENDED_EARLY})


def problems(score: int | None, words: str) -> dict[str, str]:
    """What an answer lacks, as field name to code; empty when it is complete."""
    found = {}
    if score not in SCORES:
        found["score"] = "choose_score"
    if not words.strip():
        found["words"] = "say_why"
    return found

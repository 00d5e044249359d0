"""Background checks: what a demand asks of the people who help, beside what the people of a supply have."""

from broker.domain.kinds import BackgroundCheck

_ORDER = tuple(BackgroundCheck)


def strictness(check: str | None) -> int | None:
    """0 for no check, and the more the stricter; None where nobody said."""
    return None if check is None else _ORDER.index(BackgroundCheck(check))


def is_missing(asked: str | None, stated: str | None) -> bool:
    """True where a demand asks for a check, and the supply states a lesser one or says nothing about it."""
    wanted = strictness(asked) or 0
    return wanted > (strictness(stated) or 0)

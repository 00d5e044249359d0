"""How long a browser stays signed in, and what is remembered of it so that its owner can tell it from another."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from broker.domain.kinds import Role


@dataclass(frozen=True, slots=True)
class Limit:
    """A sign-in ends after this time without a page, and after this time in any case."""

    idle: timedelta
    at_most: timedelta


# Those who see other people's private details are asked again sooner.
_STAFF = Limit(timedelta(minutes=30), timedelta(hours=12))
_OWN = Limit(timedelta(hours=24), timedelta(days=7))
LIMITS: dict[Role, Limit] = {
    Role.MEMBER: _OWN,
    Role.COLLEAGUE: _OWN,
    Role.OFFICER: _STAFF,
    Role.CONTRACT_MANAGER: _STAFF,
    Role.COUNCILLOR: _OWN,  # sees no private detail
    Role.ADMINISTRATOR: _STAFF,
}
SEEN_EVERY = timedelta(minutes=1)  # being seen is written down no oftener
CODE_WAITS = timedelta(minutes=10)  # how long a password that was right waits for the code that goes with it
PROOF_LASTS = timedelta(minutes=10)  # how long a password typed counts as fresh


class Way(StrEnum):
    """How somebody showed who they are."""

    PASSWORD = "password"  # noqa: S105 - a way, not a secret
    SINGLE_SIGN_ON = "single_sign_on"


@dataclass(frozen=True, slots=True)
class Browser:
    """What a browser tells of itself, told coarsely: 'Firefox on Windows', and the first part of its address.

    `whence` is what tries that go wrong are counted by; it is kept for a day and with nothing else.
    """

    name: str = ""
    place: str = ""
    whence: str = "unknown"


UNKNOWN = Browser()

"""Why a rule says no. These carry facts; the page finds the words."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from broker.domain.lists import Refused


class Refusal(Exception):
    """A rule refused the deed; nothing was changed."""


class NotAllowed(Refusal):
    """This actor may not do this to this thing."""

    def __init__(self, action: str) -> None:
        super().__init__(action)
        self.action = action


class WrongState(Refusal):
    """The thing is not in a state from which the action starts (or somebody was quicker)."""

    def __init__(self, noun: str, state: str, action: str) -> None:
        super().__init__(f"{action} is not open to a {noun} that is {state}")
        self.noun, self.state, self.action = noun, state, action


class Unfit(Refusal):
    """Something typed does not fit the world: field name to code of the reason (the page words it)."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{field}: {code}" for field, code in problems.items()))
        self.problems = dict(problems)


class QuantityTaken(Refusal):
    """More is asked of a listing than is left of it."""

    def __init__(self, side: str, remaining: Decimal) -> None:
        super().__init__(f"only {remaining} left on the {side} side")
        self.side, self.remaining = side, remaining


class TooManyTries(Refusal):
    """So many tries went wrong in so short a time that the next one has to wait until `after`."""

    def __init__(self, after: datetime) -> None:
        super().__init__(f"too many tries; the next one after {after}")
        self.after = after


class LinkOver(Refusal):
    """A link from a letter was used, perhaps this very moment, or what it was for is no longer so."""


class AlreadyThere(Refusal):
    """The deed was done before, or a live one stands in its way; `winner` is the id of what stands."""

    def __init__(self, noun: str, winner: int | None = None) -> None:
        super().__init__(f"{noun} {winner} is already there")
        self.noun, self.winner = noun, winner


class BadEntries(Refusal):
    """Entries of a list cannot be taken, so none was; `refused` says which and why (broker.domain.lists)."""

    def __init__(self, refused: Sequence[Refused]) -> None:
        super().__init__(f"{len(refused)} entries cannot be taken")
        self.refused = tuple(refused)

"""Whether somebody may do something: the table of rights, asked about one actor and one thing."""

from dataclasses import dataclass, field
from typing import Protocol, cast

from broker.domain.actions import Action
from broker.domain.grants import GRANTS, Reach
from broker.domain.kinds import Role
from broker.domain.refusals import NotAllowed

# Whoever asks for a right names the deed, so both are found here.
__all__ = ["GRANTS", "Action", "Actor", "Given", "Handed", "Reach", "Thing", "can", "reach", "require"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is acting, in which of their roles. `organisation_id` for a member, `authority_id` for an officer.

    `user_id` is None for the worker and for commands, which act under a role like anybody else.
    """

    role: Role
    user_id: int | None = None
    organisation_id: int | None = None
    authority_id: int | None = None
    name: str = field(default="", compare=False)


class Thing(Protocol):
    """What a right can be asked about: who owns it (organisation ids), where it lies (authority ids)."""

    @property
    def owners(self) -> frozenset[int]: ...

    @property
    def authorities(self) -> frozenset[int]: ...


class Handed(Protocol):
    """What can be handed to people: their user ids."""

    @property
    def assignees(self) -> frozenset[int]: ...


class Given(Protocol):
    """What goes from one organisation to another."""

    @property
    def giver_id(self) -> int: ...

    @property
    def receiver_id(self) -> int | None: ...


def reach(actor: Actor | None, action: Action) -> Reach:
    """How far this actor's right to the action goes; NONE for a visitor who is not signed in."""
    return GRANTS[action].get(actor.role, Reach.NONE) if actor else Reach.NONE


def can(actor: Actor | None, action: Action, thing: Thing | None = None) -> bool:
    """True when the actor may do the action to the thing (or, without a thing, to anything at all)."""
    how_far = reach(actor, action)
    if actor is None or how_far is Reach.NONE:
        return False
    if thing is None or how_far is Reach.ALL:
        return True
    return _reaches(actor, how_far, thing)


def _reaches(actor: Actor, how_far: Reach, thing: Thing) -> bool:
    if how_far is Reach.AREA:
        return actor.authority_id in thing.authorities
    if how_far is Reach.ASSIGNED:
        return actor.user_id is not None and actor.user_id in cast(Handed, thing).assignees
    if actor.organisation_id is None:
        return False
    if how_far is Reach.GIVEN:
        return actor.organisation_id == cast(Given, thing).giver_id
    if how_far is Reach.RECEIVED:
        return actor.organisation_id == cast(Given, thing).receiver_id
    return actor.organisation_id in thing.owners


def require(actor: Actor | None, action: Action, thing: Thing | None = None) -> None:
    """Raise NotAllowed unless `can`."""
    if not can(actor, action, thing):
        raise NotAllowed(action)

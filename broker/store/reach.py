"""The rights table as a WHERE: the rows listed are exactly those for which `can` is true."""

from typing import Protocol

from sqlalchemy import ColumnElement, false, true
from sqlalchemy.orm import Mapped

from broker.domain.permissions import Action, Actor, Reach, reach


class Owned(Protocol):
    """A table whose rows lie somewhere and belong to somebody."""

    @classmethod
    def owned_by(cls, organisation_id: int) -> ColumnElement[bool]: ...

    @classmethod
    def in_area(cls, authority_id: int) -> ColumnElement[bool]: ...


class OfOneAuthority:
    """Joins a table whose rows belong to one authority and to no organisation: its officers' own papers."""

    authority_id: Mapped[int]

    @property
    def owners(self) -> frozenset[int]:
        return frozenset()

    @property
    def authorities(self) -> frozenset[int]:
        return frozenset({self.authority_id})

    @classmethod
    def owned_by(cls, organisation_id: int) -> ColumnElement[bool]:
        return false()

    @classmethod
    def in_area(cls, authority_id: int) -> ColumnElement[bool]:
        return cls.authority_id == authority_id


def within(model: type[Owned], actor: Actor | None, action: Action) -> ColumnElement[bool]:
    """The condition under which a row of `model` is within the actor's reach for the action."""
    how_far = reach(actor, action)
    if actor is None or how_far is Reach.NONE:
        return false()
    if how_far is Reach.ALL:
        return true()
    if how_far is Reach.AREA:
        return model.in_area(actor.authority_id) if actor.authority_id is not None else false()
    return model.owned_by(actor.organisation_id) if actor.organisation_id is not None else false()

"""The rights table as a WHERE: the rows listed are exactly those for which `can` is true."""

from collections.abc import Callable
from typing import Protocol, cast

from sqlalchemy import ColumnElement, false, true
from sqlalchemy.orm import Mapped

from broker.domain.permissions import Action, Actor, Reach, reach


class Owned(Protocol):
    """A table whose rows lie somewhere and belong to somebody."""

    @classmethod
    def owned_by(cls, organisation_id: int) -> ColumnElement[bool]: ...

    @classmethod
    def in_area(cls, authority_id: int) -> ColumnElement[bool]: ...


class Handed(Protocol):
    """A table whose rows may be handed to a person."""

    @classmethod
    def assigned_to(cls, user_id: int) -> ColumnElement[bool]: ...


class Given(Protocol):
    """A table whose rows go from one organisation to another."""

    @classmethod
    def given_by(cls, organisation_id: int) -> ColumnElement[bool]: ...

    @classmethod
    def received_by(cls, organisation_id: int) -> ColumnElement[bool]: ...


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
    place, condition = _narrowed(model, actor, how_far)
    return condition(place) if place is not None else false()


def _narrowed(
    model: type[Owned], actor: Actor, how_far: Reach
) -> tuple[int | None, Callable[[int], ColumnElement[bool]]]:
    """By which id of the actor's, and by which question, the rows are narrowed."""
    if how_far is Reach.AREA:
        return actor.authority_id, model.in_area
    if how_far is Reach.ASSIGNED:
        return actor.user_id, cast(type[Handed], model).assigned_to
    if how_far is Reach.GIVEN:
        return actor.organisation_id, cast(type[Given], model).given_by
    if how_far is Reach.RECEIVED:
        return actor.organisation_id, cast(type[Given], model).received_by
    return actor.organisation_id, model.owned_by

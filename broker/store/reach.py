"""The rights table as a WHERE: the rows listed are exactly those for which `can` is true."""

from collections.abc import Callable
from typing import Any, Protocol, cast

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


class InOneArea:
    """Joins a table whose rows lie in one authority, or, where that may be left out, in none."""

    authority_id: Mapped[Any]

    @property
    def authorities(self) -> frozenset[int]:
        return frozenset({self.authority_id} if self.authority_id else ())

    @classmethod
    def in_area(cls, authority_id: int) -> ColumnElement[bool]:
        return cls.authority_id == authority_id


class OfOneOrganisation:
    """Joins a table whose rows belong to one organisation."""

    organisation_id: Mapped[int]

    @property
    def owners(self) -> frozenset[int]:
        return frozenset({self.organisation_id})

    @classmethod
    def owned_by(cls, organisation_id: int) -> ColumnElement[bool]:
        return cls.organisation_id == organisation_id


class OfOneAuthority(InOneArea):
    """Joins a table whose rows belong to an authority and to no organisation: its officers' own papers."""

    @property
    def owners(self) -> frozenset[int]:
        return frozenset()

    @classmethod
    def owned_by(cls, organisation_id: int) -> ColumnElement[bool]:
        return false()


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

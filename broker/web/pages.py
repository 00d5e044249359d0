"""The list of all blueprints, in the order of the story."""

from flask import Blueprint

from broker.web import (
    accounts,
    administration,
    brokering,
    desk,
    home,
    imports,
    matches,
    organisations,
    partnerships,
    registrations,
)

BLUEPRINTS: tuple[Blueprint, ...] = (
    home.bp,
    accounts.bp,
    organisations.bp,
    registrations.bp,
    administration.bp,
    imports.bp,
    matches.bp,
    brokering.bp,
    partnerships.bp,
    desk.bp,
)

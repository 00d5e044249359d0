"""The list of all blueprints, in the order of the story."""

from flask import Blueprint

from broker.web import accounts, administration, home, imports, organisations, registrations

BLUEPRINTS: tuple[Blueprint, ...] = (
    home.bp,
    accounts.bp,
    organisations.bp,
    registrations.bp,
    administration.bp,
    imports.bp,
)

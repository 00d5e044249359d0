"""The list of all blueprints, in the order of the story."""

from flask import Blueprint

from broker.web import accounts, home, organisations, registrations

BLUEPRINTS: tuple[Blueprint, ...] = (
    home.bp,
    accounts.bp,
    organisations.bp,
    registrations.bp,
)

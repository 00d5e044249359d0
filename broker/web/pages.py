"""The list of all blueprints, in the order of the story."""

from flask import Blueprint

from broker.web import (
    accounts,
    administration,
    brokering,
    desk,
    framework_drafts,
    frameworks,
    home,
    imports,
    matches,
    organisations,
    partnerships,
    registrations,
    suggestions,
)

BLUEPRINTS: tuple[Blueprint, ...] = (
    home.bp,
    accounts.bp,
    organisations.bp,
    registrations.bp,
    administration.bp,
    imports.bp,
    frameworks.bp,
    framework_drafts.bp,
    suggestions.bp,
    matches.bp,
    brokering.bp,
    partnerships.bp,
    desk.bp,
)

"""The list of all blueprints, in the order of the story."""

from flask import Blueprint

from broker.web import (
    accounts,
    administration,
    brokering,
    browse,
    desk,
    framework_drafts,
    frameworks,
    guesses,
    home,
    imports,
    listings,
    maps,
    matches,
    my_listings,
    organisations,
    partnerships,
    postings,
    registrations,
    suggestions,
    synonyms,
)

BLUEPRINTS: tuple[Blueprint, ...] = (
    home.bp,
    accounts.bp,
    organisations.bp,
    registrations.bp,
    administration.bp,
    browse.bp,
    maps.bp,
    listings.bp,
    my_listings.bp,
    guesses.bp,
    postings.bp,
    imports.bp,
    synonyms.bp,
    frameworks.bp,
    framework_drafts.bp,
    suggestions.bp,
    matches.bp,
    brokering.bp,
    partnerships.bp,
    desk.bp,
)

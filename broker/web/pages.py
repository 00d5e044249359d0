"""The list of all blueprints, in the order of the story."""

from flask import Blueprint

from broker.web import home

BLUEPRINTS: tuple[Blueprint, ...] = (home.bp,)

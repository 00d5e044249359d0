"""The commands: each calls one action, then commits."""

from flask import Flask


def install(app: Flask) -> None:
    """Hang the commands on the app."""

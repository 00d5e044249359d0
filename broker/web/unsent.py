"""A form that was sent after its sender's sign-in had ended: what was written in it is given back, to copy.

Somebody who writes for half an hour, or was signed out elsewhere, would else lose it to the sign-in page.
"""

from flask import Flask, current_app, render_template, request, session
from flask.typing import ResponseReturnValue

from broker.web.errors import typed
from broker.web.guard import LONGEST_WANTED, PUBLIC, access_of, current_actor
from broker.web.onward import came_from


def install(app: Flask) -> None:
    """Stand before the guard, which only says that somebody must sign in."""
    app.before_request(_give_back)


def _give_back() -> ResponseReturnValue | None:
    if request.method != "POST" or request.endpoint is None or "_user_id" not in session:
        return None
    if access_of(current_app, request.endpoint) == PUBLIC or current_actor() is not None:
        return None
    session["wanted"] = came_from()[:LONGEST_WANTED]
    written = typed()
    return (render_template("errors/signed_out.html", typed=written), 403) if written else None

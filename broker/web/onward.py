"""Where a person lands after a deed: on its own page, or back on the desk it was done from."""

from urllib.parse import urlsplit

from flask import redirect, request
from werkzeug.wrappers import Response

from broker.domain.waiting import Wait

# Nothing else is followed: a form's hidden address could lead anywhere.
KNOWN = {"/desk", *(f"/desk?what={what}" for what in Wait)}


def onward(default: str) -> Response:
    """To the form's `next` where that is a page we know, else to `default`."""
    wanted = request.form.get("next", "")
    return redirect(wanted if wanted in KNOWN else default, 303)


def came_from() -> str:
    """The path of the page that led here, as the browser tells it; nothing where it tells none, or no address."""
    try:
        return urlsplit(request.referrer or "").path
    except ValueError:
        return ""

"""Where a person lands after a deed: on its own page, or back on the desk it was done from."""

from flask import redirect, request
from werkzeug.wrappers import Response

from broker.domain.waiting import Wait

# Nothing else is followed: a form's hidden address could lead anywhere.
KNOWN = {"/desk", *(f"/desk?what={what}" for what in Wait)}


def onward(default: str) -> Response:
    """To the form's `next` where that is a page we know, else to `default`."""
    wanted = request.form.get("next", "")
    return redirect(wanted if wanted in KNOWN else default, 303)

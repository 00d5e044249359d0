"""A form sent twice is taken once: each carries a key of its own, and the second answer leads where the first did.

The same key with other words in the form is another form: somebody went back and wrote something else.
"""

import hashlib
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, make_response, redirect, request, session
from werkzeug.wrappers import Response

from broker.actions import submissions
from broker.domain.clock import now
from broker.web.guard import current_actor

FIELD = "once"
WELL_FORMED = re.compile(r"[A-Za-z0-9_-]{22}")


def install(app: Flask) -> None:
    """Let every page that takes a post take it once."""
    for endpoint in {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}:
        app.view_functions[endpoint] = _once(app.view_functions[endpoint])


def _once(view: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(view)
    def taken_once(**values: Any) -> Any:
        key = request.form.get(FIELD, "") if request.method == "POST" else ""
        if not WELL_FORMED.fullmatch(key):
            return view(**values)
        key_hash, browser = _hash(), session.get("_user_id")
        place = submissions.claim(key_hash, now())
        if place is not None:
            return redirect(place, 303)
        answer: Response = make_response(view(**values))
        # What signs somebody in has to be answered anew, with its cookie; what leads nowhere does no harm twice.
        if answer.location and answer.status_code < 400 and session.get("_user_id") == browser:
            submissions.lead(key_hash, answer.location)
        return answer

    return taken_once


def _hash() -> str:
    """What tells this form, from this person, filled in like this, from every other."""
    actor = current_actor()
    told = hashlib.sha256(repr((request.path, actor and actor.user_id)).encode())
    for name, value in request.form.items(multi=True):
        if name != "csrf_token":
            told.update(repr((name, value)).encode("utf-8", "surrogatepass"))
    for name, file in request.files.items(multi=True):
        told.update(repr((name, file.filename)).encode("utf-8", "surrogatepass"))
        told.update(hashlib.sha256(file.stream.read()).digest())
        file.stream.seek(0)
    return told.hexdigest()

"""The answer when nothing else works: it needs no database, no template, no session and no address of ours."""

import logging
import secrets
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask, Response

from broker.web.headers import ALWAYS, HTTPS_ONLY
from broker.web.tracing import HEADER

PAGE = """<!DOCTYPE html>
<html lang="en-GB">
<head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><main><h1>{title}</h1><p>{text}</p><p>Reference: {reference}</p></main></body>
</html>
"""
WORDS = {
    400: (
        "We could not read that",
        "The address that your browser asked for is not one of this service. Go back to the page you came from, or"
        " type the address that your council gave you.",
    ),
    500: (
        "Sorry, something went wrong on our side",
        "What you were doing has not been saved. Go back and try it once more. If it happens again, wait an hour, or"
        " tell an officer of your council and quote the reference.",
    ),
    503: (
        "The service is resting for a moment",
        "Try again in a few minutes. Everything that you saved before is safe.",
    ),
}
log = logging.getLogger(__name__)


def page(status: int, reference: str) -> Response:
    """A page made of nothing but these words."""
    title, text = WORDS.get(status, WORDS[500 if status >= 500 else 400])
    answer = Response(PAGE.format(title=title, text=text, reference=reference), status, mimetype="text/html")
    if status == 503:
        answer.headers["Retry-After"] = "5"
    return answer


def install(app: Flask) -> None:
    """Stand around the whole application, and answer in its place should it fail."""
    inner = app.wsgi_app

    def guarded(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            return inner(environ, start_response)
        except Exception:
            if app.testing or app.debug:
                raise
            reference = secrets.token_hex(8)
            log.exception("failed outside", extra={"request": reference})
            answer = page(500, reference)
            answer.headers.extend({**ALWAYS, HEADER: reference, "Cache-Control": "no-store"})
            if app.config["SESSION_COOKIE_SECURE"]:
                answer.headers["Strict-Transport-Security"] = HTTPS_ONLY
            return answer(environ, start_response)

    app.wsgi_app = guarded  # type: ignore[method-assign]

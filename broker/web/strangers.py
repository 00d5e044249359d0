"""The public list, its listings and the public results, kept for whoever comes without any cookie and answered first.

A process forgets with each thing sent to itself; what is done through another one it notices within a second.
"""

import logging
import re
import time
from collections.abc import Iterable
from typing import Any, NamedTuple
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask

from broker.store.audit import head
from broker.store.base import reading
from broker.web import tracing
from broker.web.kept_pages import LONGEST_QUERY, KeptPages

PATHS = re.compile(r"/listings(/[0-9]{1,18})?|/results(/[A-Za-z0-9]{1,20})?")
LOOK_EVERY = 1.0  # seconds between two looks at the record
OLDEST = 60.0  # seconds
NOT_KEPT = {"set-cookie", tracing.HEADER.lower()}
Key = tuple[str, ...]
Headers = list[tuple[str, str]]
log = logging.getLogger(__name__)


class Answer(NamedTuple):
    """An answer as it was given, without its reference."""

    headers: Headers
    body: bytes


def install(app: Flask) -> None:
    """Stand before the pages as a shared cache would."""
    pages: KeptPages | None = app.extensions.get("kept_pages")
    if pages is None:
        return
    inner = app.wsgi_app

    def standing_before(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        key = _key(environ)
        if key is None:
            return inner(environ, start_response)
        _look(app, pages)
        kept, turn = pages.find(key, OLDEST), pages.turn
        if kept is None:
            return _make(inner, environ, start_response, lambda made: pages.keep(key, made, turn))
        reference = tracing.choose(environ.get("HTTP_X_REQUEST_ID", "") if app.config["PROXIES"] else "")
        log.info("answered", extra={"request": reference, "method": "GET", "route": "kept", "status": 200})
        start_response("200 OK", [*kept.headers, (tracing.HEADER, reference)])
        return [kept.body]

    app.wsgi_app = standing_before  # type: ignore[method-assign]


def _key(environ: WSGIEnvironment) -> Key | None:
    """What the answer depends on; None where it may depend on who asks. A foreign host has no answer to be kept."""
    query = environ.get("QUERY_STRING", "")
    is_for_all = environ["REQUEST_METHOD"] == "GET" and "HTTP_COOKIE" not in environ and len(query) <= LONGEST_QUERY
    if not is_for_all or not PATHS.fullmatch(environ.get("PATH_INFO", "")):
        return None
    return environ["wsgi.url_scheme"], environ.get("HTTP_HOST", ""), environ["PATH_INFO"], query


def _look(app: Flask, pages: KeptPages) -> None:
    if time.monotonic() - pages.looked < LOOK_EVERY:
        return
    try:
        with app.app_context(), reading():
            pages.look(head().hash)
    except Exception:  # the database is away: the pages themselves have the words for that
        pages.forget()


def _make(inner: Any, environ: WSGIEnvironment, start_response: StartResponse, keep: Any) -> Iterable[bytes]:
    """The answer as it comes, which is kept if it is whole and nobody's own."""
    told: list[tuple[str, Headers]] = []

    def started(status: str, headers: Headers, exc_info: Any = None) -> Any:
        told.append((status, headers))
        return start_response(status, headers, exc_info)

    answer = inner(environ, started)
    body = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    status, headers = told[-1]
    names = {name.lower(): value for name, value in headers}
    if status.startswith("200") and "set-cookie" not in names and "no-store" not in names.get("cache-control", ""):
        kept = [(name, value) for name, value in headers if name.lower() not in NOT_KEPT]
        keep(Answer(kept, body))
    return [body]

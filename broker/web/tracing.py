"""Each request has a reference, which stands on its answer and on every line that the log has of it."""

import logging
import re
import secrets
import time

from flask import Flask, Response, current_app, g, request
from flask_login import user_logged_in

from broker.web import counters

HEADER = "X-Request-Id"
WELL_FORMED = re.compile(r"[A-Za-z0-9-]{8,64}")
# What an answer is called in the counters and in the log. The reader's own slips (404, 422) are no events.
EVENTS = {403: "denied", 409: "conflict", 429: "too_often", 500: "failed", 503: "unavailable"}
SIGN_INS = frozenset({"accounts.sign_in", "second_factors.ask", "single_sign_on.come_back"})
QUIET = frozenset({"static", "health.healthz", "health.readyz"})
log = logging.getLogger(__name__)


def reference() -> str:
    """What a person can quote when they ask about this answer."""
    if "request_id" not in g:
        g.request_id = choose(request.headers.get(HEADER, "") if current_app.config["PROXIES"] else "")
    return str(g.request_id)


def choose(given: str) -> str:
    """The reference that a proxy of ours has given, or else a new one."""
    return given if WELL_FORMED.fullmatch(given) else secrets.token_hex(8)


def event_of(response: Response) -> str | None:
    """What of note this answer is, if anything."""
    if request.endpoint in SIGN_INS:
        if "signed_in" in g:
            return "signed_in"
        if response.status_code == 422:
            return "not_signed_in"
    return EVENTS.get(response.status_code)


def actor_id() -> int | None:
    """Who asked, as far as this request has found out: never a question to the database."""
    visitor = g.get("_login_user")
    return visitor.actor.user_id if visitor is not None and visitor.is_authenticated else None


def facts(response: Response) -> dict[str, object]:
    """What the log has of a request: the page's name instead of its address, which may hold a secret."""
    return {
        "method": request.method,
        "route": request.endpoint,
        "status": response.status_code,
        "actor": actor_id(),
        "things": {name: value for name, value in (request.view_args or {}).items() if isinstance(value, int)},
        "ms": round((time.perf_counter() - g.began) * 1000) if "began" in g else None,
    }


def install(app: Flask) -> None:
    app.log_exception = _log_exception  # type: ignore[method-assign]
    app.jinja_env.globals["reference"] = reference

    @user_logged_in.connect_via(app)
    def _signed_in(_app: Flask, **_facts: object) -> None:
        g.signed_in = True

    @app.before_request
    def _begin() -> None:
        reference()
        g.began = time.perf_counter()

    @app.after_request
    def _end(response: Response) -> Response:
        response.headers[HEADER] = reference()
        event = event_of(response)
        if event:
            counters.add(event)
        level = logging.WARNING if response.status_code >= 500 else logging.INFO
        if log.isEnabledFor(level) and (event or request.endpoint not in QUIET):
            log.log(level, event or "answered", extra=facts(response))
        return response


def _log_exception(exc_info: object) -> None:
    """Flask's own line would tell the address, which may hold a secret."""
    log.error("failed inside", exc_info=exc_info, extra={"route": request.endpoint, "method": request.method})  # type: ignore[arg-type]

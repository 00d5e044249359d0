"""From a refusal to a page: which status each one has, and the words that say what to do next."""

import logging
import math
import re
from contextlib import suppress

from flask import Flask, abort, current_app, g, make_response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    ProgrammingError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, SecurityError

from broker.domain.claims import CannotClaim
from broker.domain.clock import now
from broker.domain.refusals import (
    AlreadyThere,
    LinkOver,
    NotAllowed,
    QuantityTaken,
    Refusal,
    TooManyTries,
    Unfit,
    WrongState,
)
from broker.domain.texts import tidy
from broker.store.base import db
from broker.web import last_resort
from broker.web.tracing import reference
from broker.web.words import sentence

# Of the database's refusals the narrower stand first: what is left of DatabaseError is that it is full, locked, gone,
# read-only, broken, restarting or too slow, in either database's words, and the service rests until it is back.
STATUS: dict[type[Exception], int] = {
    NotAllowed: 403,
    WrongState: 409,
    QuantityTaken: 409,
    AlreadyThere: 409,
    CannotClaim: 409,
    StaleDataError: 409,
    IntegrityError: 409,
    LinkOver: 404,
    Unfit: 422,
    TooManyTries: 429,
    ProgrammingError: 500,
    DataError: 500,
    DatabaseError: 503,
    InterfaceError: 503,
    NoConnectionFree: 503,
}
LOST_RACES = (StaleDataError, IntegrityError)
CROSSED = frozenset({"40P01", "40001"})  # PostgreSQL undid one of two deeds that waited for each other
log = logging.getLogger(__name__)
PAGES = {400, 403, 404, 409, 413, 422, 429, 500, 503}
SECRET = ("csrf", "once", "password", "current", "token", "code")
BY_HEART = ("email",)  # nobody has to copy their own address
LONG = 20  # characters: less is quickly typed again
FIELD = {  # what stands above a field whose name alone tells little
    "does": "What you do",
    "own_words": "In your own words",
    "serves": "Who it is for",
    "text": "Your words",
    "what": "What will happen",
}
WINNER = {"match": "/matches/{}", "partnership": "/partnerships/{}", "listing": "/listings/{}"}
# What a deed was about stands at the start of its address, and is the page that tells how it stands now.
_NOUNS = (
    "matches|partnerships|listings|organisations|registrations|postings|plans|deliveries|commitments|claims|contracts"
    "|project-ideas"
)
THING = re.compile(rf"/(?:{_NOUNS})/[0-9]+(?=/)")


def answer(problem: Exception) -> ResponseReturnValue:
    """The page for a refusal or a database's refusal."""
    status = _status(problem)
    if status >= 500:
        log.error("the database refused", exc_info=problem, extra={"route": request.endpoint})
    _let_go(status)
    if isinstance(problem, TooManyTries):
        return _wait(problem)
    if isinstance(problem, LinkOver):
        return render_template("accounts/link_over.html"), status
    winner = None
    if isinstance(problem, AlreadyThere) and problem.winner and problem.noun in WINNER:
        winner = WINNER[problem.noun].format(problem.winner)
    elif status == 409 and (about := THING.match(request.path)):
        winner = about.group()
    message = refusal_words(problem) if isinstance(problem, Refusal) else None
    return _page(status, message=message, winner_url=winner)


def _wait(problem: TooManyTries) -> ResponseReturnValue:
    """The page that asks for patience, in whole minutes to people and in seconds to machines."""
    seconds = max(1, math.ceil((problem.after - now()).total_seconds()))
    minutes = math.ceil(seconds / 60)
    return _page(429, seconds, wait="in a minute" if minutes == 1 else f"in {minutes} minutes")


def _status(problem: Exception) -> int:
    found = next((code for kind, code in STATUS.items() if isinstance(problem, kind)), 500)
    return 409 if _is_crossed(problem) else found


def _is_crossed(problem: Exception) -> bool:
    return isinstance(problem, DatabaseError) and getattr(problem.orig, "sqlstate", None) in CROSSED


def _refused(problem: Exception) -> ResponseReturnValue:
    return _once_more(problem) if isinstance(problem, LOST_RACES) or _is_crossed(problem) else answer(problem)


def _once_more(problem: Exception) -> ResponseReturnValue:
    """A deed that lost a race is done once more, as if it had come a moment later: it meets what the winner left."""
    if g.get("second_try"):
        return answer(problem)
    g.second_try = True
    db.session.rollback()
    for file in request.files.values():
        file.seek(0)
    try:
        return current_app.dispatch_request()
    except Exception as again:
        return current_app.handle_user_exception(again)


def http_answer(problem: HTTPException) -> ResponseReturnValue:
    """The page for what Flask itself refuses (404, 405, 413, ...)."""
    status = problem.code or 500
    if status < 400:
        return problem.get_response()
    _let_go(status)
    if isinstance(problem, SecurityError):  # no page of ours can be drawn for a host that is not ours
        return last_resort.page(status, reference())
    response = make_response(_page(status))
    if isinstance(problem, MethodNotAllowed):
        response.allow.update(problem.valid_methods or ())
    return response


def refusal_words(problem: Refusal) -> str:
    """What to tell the person whose deed a rule refused."""
    match problem:
        case NotAllowed():
            return "This page, or this step, is not one that your account can use."
        case QuantityTaken(side=side, remaining=remaining):
            whose = "The offer or asset" if side == "supply" else "The need"
            return f"{whose} has only {remaining.normalize():f} left now. Go back and choose a smaller number."
        case AlreadyThere():
            return "Somebody has done this already, perhaps a moment ago. Nothing was done twice."
        case WrongState():
            return "Something changed since you opened the page, so this step can no longer be taken. Nothing was done."
        case _:
            return "That did not work, and nothing was changed."


def _page(status: int, retry: int = 5, **words: str | None) -> ResponseReturnValue:
    """The page of a status; `retry` is in how many seconds to come back to one that passes.

    Should the database fail while it is drawn, it says that; should all fail, plain words.
    """
    shown = {405: 404, 401: 403}.get(status, status)
    name = shown if shown in PAGES else 400 if status < 500 else 500
    headers = {"Retry-After": str(retry)} if status in (429, 503) else {}
    try:
        return render_template(f"errors/{name}.html", typed=typed(), **words), status, headers
    except SQLAlchemyError:
        if g.plain_page:
            raise
        log.exception("the database refused", extra={"route": request.endpoint})
        _let_go(503)
        return _page(503)
    except Exception:
        log.exception("an error page failed", extra={"route": request.endpoint})
        return last_resort.page(status, reference())


def typed() -> list[tuple[str, str]]:
    """What somebody wrote into the form that could not be taken, to copy from: never a secret."""
    found: list[tuple[str, str]] = []
    if request.method == "POST":
        with suppress(HTTPException):  # what is too much to read is not read here either
            found = list(request.form.items(multi=True))
    left_out = (*SECRET, *BY_HEART)
    kept = [(tidy(name), tidy(text)) for name, text in found if not any(part in name.lower() for part in left_out)]
    return [(_label(name), text) for name, text in kept if len(text) > LONG]


def _label(name: str) -> str:
    return FIELD.get(name) or sentence(re.sub(r"[-_]", " ", name))


def _let_go(status: int) -> None:
    """Undo what the request wrote. After a failure of ours the page asks the database for nothing more."""
    g.plain_page = status >= 500
    with suppress(SQLAlchemyError):
        db.session.rollback()


def install(app: Flask) -> None:
    for kind in STATUS:
        app.register_error_handler(kind, _refused)
    app.register_error_handler(HTTPException, http_answer)

    @app.before_request
    def _must_be_text() -> None:
        """An address with bytes that are no text is refused before anybody tries to read it."""
        try:
            request.query_string.decode()
        except UnicodeDecodeError:
            abort(400)

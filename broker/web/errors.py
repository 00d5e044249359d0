"""From a refusal to a page: which status each one has, and the words that say what to do next."""

from flask import Flask, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from broker.domain.refusals import AlreadyThere, NotAllowed, QuantityTaken, Refusal, Unfit, WrongState
from broker.store.base import db
from broker.web.words import refusal_words

STATUS: dict[type[Exception], int] = {
    NotAllowed: 403,
    WrongState: 409,
    QuantityTaken: 409,
    AlreadyThere: 409,
    StaleDataError: 409,
    IntegrityError: 409,
    Unfit: 422,
    OperationalError: 503,
}
PAGES = {400, 403, 404, 405, 409, 413, 429, 500, 503}
WINNER = {"match": "/matches/{}", "partnership": "/partnerships/{}", "listing": "/listings/{}"}


def answer(problem: Exception) -> ResponseReturnValue:
    """The page for a refusal or a database's refusal."""
    db.session.rollback()
    status = next(code for kind, code in STATUS.items() if isinstance(problem, kind))
    winner = None
    if isinstance(problem, AlreadyThere) and problem.winner and problem.noun in WINNER:
        winner = WINNER[problem.noun].format(problem.winner)
    message = refusal_words(problem) if isinstance(problem, Refusal) else None
    headers = {"Retry-After": "5"} if status == 503 else {}
    page = render_template(f"errors/{status if status in PAGES else 400}.html", message=message, winner_url=winner)
    return page, status, headers


def http_answer(problem: HTTPException) -> ResponseReturnValue:
    """The page for what Flask itself refuses (404, 405, 413, ...)."""
    db.session.rollback()
    status = problem.code or 500
    if status < 400:
        return problem.get_response()
    shown = {405: 404, 401: 403}.get(status, status)
    template = f"errors/{shown if shown in PAGES else 400 if status < 500 else 500}.html"
    return render_template(template, message=None), status


def install(app: Flask) -> None:
    for kind in STATUS:
        app.register_error_handler(kind, answer)
    app.register_error_handler(HTTPException, http_answer)

"""One request, one transaction, closed here: commit what succeeded, roll back everything else."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, current_app, request
from sqlalchemy.exc import SQLAlchemyError

from broker.actions.jobs import OWED
from broker.store.base import db, set_reading
from broker.web import errors
from broker.work import queue

SAFE = ("GET", "HEAD", "OPTIONS")
View = TypeVar("View", bound=Callable[..., Any])


def writes(view: View) -> View:
    """Stamp a page that signs in whoever another service sends back to it: it is asked for by GET and yet writes."""
    view.writes = True  # type: ignore[attr-defined]
    return view


def only_reads() -> bool:
    """True when nothing that this request does may be kept."""
    view = current_app.view_functions.get(request.endpoint or "")
    return request.method in SAFE and not (request.method == "GET" and getattr(view, "writes", False))


def install(app: Flask) -> None:
    @app.before_request
    def _open() -> None:
        set_reading(only_reads())

    @app.after_request
    def _close(response: Response) -> Response:
        if only_reads() or response.status_code >= 400:
            db.session.rollback()
            return response
        try:
            db.session.commit()
        except SQLAlchemyError as problem:
            db.session.rollback()
            return current_app.make_response(errors.answer(problem))
        for job_id in db.session.info.pop(OWED, []):
            queue.send(job_id)
        return response

"""One request, one transaction, closed here: commit what succeeded, roll back everything else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, request
from sqlalchemy.exc import SQLAlchemyError

from broker.domain.clock import now
from broker.store.accounts import note_seen
from broker.store.base import db, reading, set_reading
from broker.store.events import set_request
from broker.web import errors
from broker.web.tracing import reference

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


def keep() -> None:
    """What this request has written stays although its answer is a refusal: a wrong password is remembered."""
    g.keep = True


def _note_seen() -> None:
    """In a transaction of its own, after everything else: that somebody was here is worth no failure."""
    set_reading(False)
    try:
        note_seen(g.pop("seen"), now())
        db.session.commit()
    except SQLAlchemyError:
        _undo()


def _undo() -> None:
    """Let go of what was read or written. A server that has gone away has let go of it already."""
    with suppress(SQLAlchemyError):
        db.session.rollback()


@contextmanager
def looking() -> Iterator[None]:
    """A look before anything is written, that leaves no lock behind it."""
    _undo()
    with reading():
        yield


def install(app: Flask) -> None:
    @app.before_request
    def _open() -> None:
        set_reading(only_reads())
        set_request(reference())

    @app.teardown_request
    def _leave(_problem: BaseException | None) -> None:
        """Whatever the same thread does next says for itself whether it reads, and for whom."""
        set_reading(False)
        set_request(None)

    @app.after_request
    def _close(response: Response) -> Response:
        response = _end(response)
        if "seen" in g and response.status_code < 500:
            _note_seen()
        return response

    def _end(response: Response) -> Response:
        if only_reads() or (response.status_code >= 400 and not g.get("keep")):
            _undo()
            return response
        try:
            db.session.commit()
        except SQLAlchemyError as problem:
            return current_app.make_response(errors.answer(problem))
        return response

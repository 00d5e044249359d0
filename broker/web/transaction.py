"""One request, one transaction, closed here: commit what succeeded, roll back everything else."""

from flask import Flask, Response, current_app, request
from sqlalchemy.exc import SQLAlchemyError

from broker.actions.jobs import OWED
from broker.store.base import db, set_reading
from broker.web import errors
from broker.work import queue

SAFE = ("GET", "HEAD", "OPTIONS")


def install(app: Flask) -> None:
    @app.before_request
    def _open() -> None:
        set_reading(request.method in SAFE)

    @app.after_request
    def _close(response: Response) -> Response:
        if request.method in SAFE or response.status_code >= 400:
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

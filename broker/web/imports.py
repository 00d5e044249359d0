"""Bringing in files of listings: sending one, watching it come in, and the report of what became of each row."""

import csv
from io import StringIO

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload

from broker.actions.imports import receive_file, start_again
from broker.domain.importing import harmless
from broker.domain.permissions import Action
from broker.domain.refusals import Unfit
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.imports import Import, import_job, imports_of
from broker.web.forms.imports import ImportForm
from broker.web.guard import acting, allow, load
from broker.web.uploads import takes_files

bp = Blueprint("imports", __name__)

REFRESH_SECONDS = 3
MOST_SHOWN = 200  # rows in a table of the report; the download has all of them
COLUMNS = ("line", "id", "field", "reason")


@bp.get("/imports")
@allow(Action.IMPORT_LISTINGS)
def index() -> ResponseReturnValue:
    return _list(ImportForm.sent())


@bp.post("/imports")
@allow(Action.IMPORT_LISTINGS)
@takes_files
def receive() -> ResponseReturnValue:
    form, by = ImportForm.sent(), acting()
    if not form.ok():
        return _list(form), 422
    sent = form.file.data
    authority = db.session.get_one(Authority, by.authority_id)
    try:
        brought = receive_file(
            sent.read(), sent.filename or "", authority, by, all_or_nothing=bool(form.all_or_nothing.data)
        )
    except Unfit as refusal:
        form.put(refusal, {})
        return _list(form), 422
    return redirect(url_for("imports.show", import_id=brought.id))


@bp.get("/imports/<id:import_id>")
@allow(Action.IMPORT_LISTINGS)
def show(import_id: int) -> ResponseReturnValue:
    brought = load(Import, import_id, Action.IMPORT_LISTINGS, joinedload(Import.authority))
    job = None if brought.finished_at else import_job(import_id)
    failed = job is not None and job.state == "failed"
    waits = brought.finished_at is None and not failed
    return render_template(
        "imports/show.html",
        brought=brought,
        job=job,
        failed=failed,
        whole_file=next((each["reason"] for each in brought.refused if each["line"] == 0), None),
        most_shown=MOST_SHOWN,
        refresh_seconds=REFRESH_SECONDS if waits else None,
    )


@bp.get("/imports/<id:import_id>/refused.csv")
@allow(Action.IMPORT_LISTINGS)
def refused(import_id: int) -> ResponseReturnValue:
    brought = load(Import, import_id, Action.IMPORT_LISTINGS)
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([harmless(each[name]) for name in COLUMNS] for each in brought.refused)
    name = f"refused-rows-{import_id}.csv"
    headers = {"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": f'attachment; filename="{name}"'}
    return "\ufeff" + out.getvalue(), 200, headers


@bp.post("/imports/<id:import_id>/again")
@allow(Action.IMPORT_LISTINGS)
def again(import_id: int) -> ResponseReturnValue:
    start_again(load(Import, import_id, Action.IMPORT_LISTINGS), acting())
    flash("The import goes on where it stopped.", "success")
    return redirect(url_for("imports.show", import_id=import_id))


def _list(form: ImportForm) -> str:
    return render_template("imports/index.html", form=form, imports=imports_of(acting().authority_id or 0))

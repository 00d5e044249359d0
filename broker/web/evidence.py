"""Evidence for a delivery: adding a file, taking one away, and saving one that was handed in."""

from io import BytesIO

from flask import Blueprint, Response, abort, flash, redirect, render_template, send_file
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload

from broker.actions.evidence import add_evidence, remove_evidence
from broker.actions.files import keep_file
from broker.domain.files import MEDIA_TYPE
from broker.domain.kinds import DeliveryState
from broker.domain.permissions import Action
from broker.domain.refusals import Unfit
from broker.store.base import db
from broker.store.deliveries import Delivery
from broker.store.evidence import evidence_for, evidence_of, files_of, readable_file
from broker.store.files import StoredFile, kept_by
from broker.web.forms.evidence import EvidenceForm
from broker.web.forms.files import ACCEPT, FILE_WORDS, quota
from broker.web.guard import acting, allow, load
from broker.web.pictures import clean_file, takes_file

bp = Blueprint("evidence", __name__)

MOST_OFFERED = 50  # files that were sent before, to choose from
WHOLE = (joinedload(Delivery.measure), joinedload(Delivery.authority))


@bp.route("/deliveries/<id:delivery_id>/evidence", methods=["GET", "POST"])
@allow(Action.ADD_EVIDENCE)
@takes_file("file", lambda delivery_id: load(Delivery, delivery_id, Action.ADD_EVIDENCE, *WHOLE))
def add(delivery_id: int) -> ResponseReturnValue:
    delivery = load(Delivery, delivery_id, Action.ADD_EVIDENCE, *WHOLE)
    evidence = evidence_for(delivery.id)
    there = {each.file_id for each in evidence}
    files = [file for file in files_of(delivery.organisation_id, acting(), MOST_OFFERED) if file.id not in there]
    form = EvidenceForm.sent()
    form.offer(files)
    if form.ok() and _taken(delivery, form):
        flash("Thank you. The file is with this delivery now.", "success")
        return redirect(f"/deliveries/{delivery.id}/evidence", 303)
    page = render_template(
        "evidence/add.html",
        delivery=delivery,
        form=form,
        files=files,
        evidence=evidence,
        may_add=delivery.state != DeliveryState.WITHDRAWN,
        kept=kept_by(delivery.organisation_id),
        quota=quota(),
        accept=ACCEPT,
    )
    return page, 422 if form.errors else 200


@bp.post("/deliveries/<id:delivery_id>/evidence/<id:evidence_id>/remove")
@allow(Action.REMOVE_EVIDENCE)
def remove(delivery_id: int, evidence_id: int) -> ResponseReturnValue:
    delivery = load(Delivery, delivery_id, Action.REMOVE_EVIDENCE, *WHOLE)
    evidence = evidence_of(delivery.id, evidence_id) or abort(404)
    remove_evidence(evidence, acting())
    flash("The file is no longer with this delivery.", "success")
    return redirect(f"/deliveries/{delivery.id}/evidence", 303)


@bp.get("/files/<id:file_id>")
@allow(Action.SEE_DELIVERY)
def save(file_id: int) -> Response:
    """The file, to be saved. A file that this visitor may not have is one that is not there."""
    file = readable_file(file_id, acting()) or abort(404)
    answer = send_file(BytesIO(file.content), MEDIA_TYPE[file.kind], as_attachment=True, download_name=file.name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _taken(delivery: Delivery, form: EvidenceForm) -> bool:
    try:
        add_evidence(delivery, acting(), file=_file(delivery, form), what=form.what.data or "")
    except Unfit as refusal:
        form.put(refusal, FILE_WORDS)
        return False
    return True


def _file(delivery: Delivery, form: EvidenceForm) -> StoredFile:
    """The file that was sent, or the one that was sent before. Raises FileRefused."""
    clean = clean_file(form.file)
    if clean is None:
        return db.session.get_one(StoredFile, int(form.earlier.data))
    return keep_file(clean, delivery.organisation_id, acting(), quota())

"""Whether the service lives, can write and keeps up: for the machines that watch it, and for administrators."""

import secrets
from pathlib import Path

from flask import Blueprint, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue

from broker.actions.checkup import look_over
from broker.actions.readiness import Hindrance, figures, hindrance
from broker.domain.checkup import Verdict
from broker.domain.clock import now
from broker.domain.permissions import Action
from broker.store.base import db
from broker.web import counters
from broker.web.guard import allow, public

bp = Blueprint("health", __name__)

PLAIN = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}
PINS = Path(__file__).resolve().parent.parent.parent / "requirements.txt"
NOT_READY = {
    Hindrance.DISK: "the disk is full",
    Hindrance.DATABASE: "the database cannot be written to",
    Hindrance.TABLES: "the tables belong to another version; `doctor` says what to do",
}
VERDICTS = {
    Verdict.WRONG: ("Wrong", "red"),
    Verdict.LOOK: ("Worth a look", "yellow"),
    Verdict.OK: ("Fine", "green"),
}
COUNTED = {
    "signed_in": "People signed in",
    "not_signed_in": "A sign-in did not succeed",
    "denied": "A page or a step was not open to the person (403)",
    "conflict": "Somebody else had been quicker (409)",
    "too_often": "Somebody was asked to wait (429)",
    "failed": "The service failed (500)",
    "unavailable": "The service rested, because its database could not be used (503)",
}


@bp.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    return "ok\n", 200, PLAIN


@bp.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    found = hindrance(Path(current_app.instance_path))
    if found is None:
        return "ready\n", 200, PLAIN
    return f"not ready: {NOT_READY[found]}\n", 503, {**PLAIN, "Retry-After": "5"}


@bp.get("/metrics")
@public
def metrics() -> ResponseReturnValue:
    """For a machine that has the token of the settings; to everybody else there is no such page."""
    token = str(current_app.config["METRICS_TOKEN"] or "")
    given = request.headers.get("Authorization", "")
    if not token or not secrets.compare_digest(given.encode(), f"Bearer {token}".encode()):
        abort(404)
    lines = [f'broker_answers_total{{event="{name}"}} {number}' for name, number in counters.figures().items()]
    lines += [f"broker_{name} {value:g}" for name, value in figures(now()).items()]
    return "\n".join([*lines, ""]), 200, PLAIN


@bp.get("/administration/condition")
@allow(Action.SEE_CONDITION)
def condition() -> str:
    found = look_over(db.engine, Path(current_app.instance_path), PINS, current_app.config, now())
    ordered = sorted(found, key=lambda finding: list(VERDICTS).index(finding.verdict))
    return render_template(
        "administration/condition.html",
        findings=[(finding, *VERDICTS[finding.verdict]) for finding in ordered],
        counted=[(COUNTED[name], f"{number:,}") for name, number in counters.figures().items()],
        amiss=sum(finding.verdict is not Verdict.OK for finding in found),
    )

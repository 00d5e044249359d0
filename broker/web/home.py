"""The front page, the pages that explain, and the sign that the service is alive."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from broker.web.guard import public

bp = Blueprint("home", __name__)


@bp.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    return "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"}


@bp.get("/")
@public
def front() -> ResponseReturnValue:
    return render_template("home/front.html")

"""The front page, and the pages that explain."""

from flask import Blueprint, render_template

from broker.store.counts import parts_off
from broker.store.home import front_numbers
from broker.store.weights import version_in_use
from broker.web.guard import public
from broker.web.weights import weight_bars

bp = Blueprint("home", __name__)


@bp.get("/")
@public
def front() -> str:
    return render_template("home/front.html", numbers=front_numbers())


@bp.get("/how-it-works")
@public
def how_it_works() -> str:
    present = version_in_use()
    return render_template("home/how_it_works.html", bars=weight_bars(present, parts_off()) if present else [])

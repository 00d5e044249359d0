"""Who is being seen in an officer's area, who is not and why, and the boosts that officers give."""

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload

from broker.actions import fairness
from broker.domain.clock import today
from broker.domain.permissions import Action
from broker.domain.reached import FEWEST
from broker.domain.refusals import Unfit
from broker.store.fairness import (
    ExposureReport,
    ListingBoost,
    boosts_in,
    boosts_of,
    exposure_of,
    names_of,
    unseen_among,
    unseen_counts,
    unseen_in,
)
from broker.store.listings import Listing, Posting
from broker.web import fairness_figures as figures
from broker.web.fairness_figures import COLUMNS, MOST_NAMED
from broker.web.forms.base import typed
from broker.web.forms.fairness import LEVELS, PROBLEMS, BoostForm
from broker.web.guard import acting, allow, load
from broker.web.searching import Pages, page_number
from broker.web.sheets import sheet

bp = Blueprint("fairness", __name__)

PAGE = 20
SIDE = {"supply": "Those who offer", "demand": "Those who ask"}
# By why a listing stands in nobody's list: what an officer reads, and what its owner can do.
WHY = {
    "short": ("It says very little", "Add what you need it for, how many, and where."),
    "unlike": (
        "Nothing on the other side is like it",
        "Say it again in everyday words: what you need it for or what it is good for, how many, and where.",
    ),
    "kind": (
        "Nobody in its area has this kind of support on their list",
        "Check that the kind of support is right. If it is, you are early: it stays on the list, and we keep looking.",
    ),
    "nobody": (
        "Nobody on the other side is in its area",
        "If you work in other council areas too, add them to the listing.",
    ),
    "far": (
        "Everybody is further away than it can travel",
        "Say how far you could travel, or whether online would do.",
    ),
    "dates": ("Its dates meet nobody else's", "If other days would do as well, change the dates or leave them open."),
    "spent": ("All of it is promised already", "If there is more, change how much there is."),
    "outranked": (
        "Others fit better everywhere",
        "Say what is special about it: who it is for, what exactly, how many, and where.",
    ),
}


@bp.get("/fairness")
@allow(Action.SEE_FAIRNESS)
def show() -> str:
    area, side = acting().authority_id or 0, _side()
    report, names = _report(area, side)
    told = report.sides[side] if report else None
    return render_template(
        "fairness/show.html",
        report=report,
        told=told,
        side=side,
        sides=SIDE,
        other=next(each for each in SIDE if each != side),
        too_much=figures.too_much(report.sides, names) if report else [],
        takers=figures.takers(told, names) if told else [],
        too_little=figures.too_little(told["bands"]) if told else [],
        organisations=[figures.organisation(each, names) for each in told["organisations"][:MOST_NAMED]]
        if told
        else [],
        bands=figures.bands(told["bands"]) if told else [],
        reached=figures.reached(told.get("reached", {})) if told else [],
        fewest=FEWEST,
        percent=figures.in_words,
        unseen=sum(unseen_counts(area).values()),
    )


@bp.get("/fairness.csv")
@allow(Action.SEE_FAIRNESS)
def download() -> ResponseReturnValue:
    side = _side()
    report, names = _report(acting().authority_id or 0, side)
    return sheet(f"fairness-{side}", COLUMNS, figures.sheet_rows(report.sides[side], names) if report else [])


@bp.get("/fairness/unseen")
@allow(Action.SEE_FAIRNESS)
def unseen() -> str:
    area, why, page = acting().authority_id or 0, typed("why"), page_number()
    why = why if why in WHY else ""
    counts = unseen_counts(area)
    rows = unseen_in(area, why, today(), page, PAGE)
    choices = [("", "Every reason"), *((each, f"{WHY[each][0]} ({counts[each]})") for each in WHY if each in counts)]
    return render_template(
        "fairness/unseen.html",
        rows=rows[:PAGE],
        why=why,
        whys=WHY,
        levels=LEVELS,
        choices=choices,
        total=sum(counts.values()),
        pages=Pages.around(
            lambda to: f"/fairness/unseen?why={why}&page={to}" if why else f"/fairness/unseen?page={to}",
            page,
            len(rows) > PAGE,
        ),
    )


@bp.get("/fairness/boosts")
@allow(Action.SEE_FAIRNESS)
def boosts() -> str:
    page, on = page_number(), today()
    found = boosts_in(acting().authority_id or 0, page, PAGE)
    return render_template(
        "fairness/boosts.html",
        live=[boost for boost in found[:PAGE] if boost.counts(on)],
        over=[boost for boost in found[:PAGE] if not boost.counts(on)],
        levels=LEVELS,
        pages=Pages.around(lambda to: f"/fairness/boosts?page={to}", page, len(found) > PAGE),
    )


@bp.route("/listings/<id:listing_id>/boost", methods=["GET", "POST"])
@allow(Action.BOOST_LISTING)
def boost(listing_id: int) -> ResponseReturnValue:
    listing = load(
        Listing,
        listing_id,
        Action.BOOST_LISTING,
        joinedload(Listing.latest),
        joinedload(Listing.organisation),
        joinedload(Listing.postings).joinedload(Posting.authority),
    )
    form = BoostForm.sent(data={"level": "2", "ends_on": today() + timedelta(days=fairness.USUAL_DAYS)})
    if form.ok():
        try:
            fairness.boost_listing(
                listing, acting(), level=int(form.level.data), reason=form.reason.data or "", ends_on=form.ends_on.data
            )
            flash("Lifted. Lists are being worked out again: it shows in a minute or two.", "success")
            return redirect(f"/listings/{listing.id}/boost", 303)
        except Unfit as refusal:
            form.put(refusal, PROBLEMS)
    given, on = boosts_of(listing.id, acting().authority_id or 0), today()
    page = render_template(
        "fairness/boost.html",
        form=form,
        listing=listing,
        is_open=any(p.is_shown for p in listing.postings if p.authority_id == acting().authority_id),
        now_on=next((each for each in given if each.counts(on)), None),
        over=[each for each in given if not each.counts(on)],
        alone=WHY.get(unseen_among([listing.id]).get(listing.id, "")),
        levels=LEVELS,
    )
    return page, 422 if form.errors else 200


@bp.post("/boosts/<id:boost_id>/end")
@allow(Action.END_BOOST)
def end(boost_id: int) -> ResponseReturnValue:
    found = load(ListingBoost, boost_id, Action.END_BOOST, joinedload(ListingBoost.listing))
    fairness.end_boost(found, acting())
    flash("Ended. It stands in lists by its own merits again in a minute or two.", "success")
    return redirect(f"/listings/{found.listing_id}/boost", 303)


def hint_of(why: str | None) -> str:
    """What the owner of a listing to which nobody is suggested can do about it; '' where there is nothing to say."""
    return f"Nobody has been suggested yet. {WHY[why][1]}" if why in WHY else ""


def _side() -> str:
    return typed("side") if typed("side") in SIDE else "supply"


def _report(area: int, side: str) -> tuple[ExposureReport | None, dict[int, str]]:
    """What the worker last worked out, and the names of the organisations that the page of this side may name."""
    report = exposure_of(area)
    return report, names_of(figures.ids_of(report.sides, side)) if report else {}

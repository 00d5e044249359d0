"""Who is being seen in an officer's area, who is not and why, and the boosts that officers give."""

from datetime import timedelta
from typing import Any, NamedTuple

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload

from broker.actions import fairness
from broker.domain.clock import today
from broker.domain.permissions import Action
from broker.domain.reached import FEWEST, Reached
from broker.domain.refusals import Unfit
from broker.store.fairness import (
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
from broker.web.forms.base import typed
from broker.web.forms.fairness import LEVELS, PROBLEMS, BoostForm
from broker.web.guard import acting, allow, load
from broker.web.searching import Pages, page_number

bp = Blueprint("fairness", __name__)

PAGE = 20
TOO_LITTLE = 0.6  # a group that gets less than this part of what its listings would get if all were alike is named
ENOUGH = 3  # listings, below which a group says nothing
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
BANDS = {
    "size": {
        "small": "Small groups, in no public register",
        "registered": "Groups in a public register",
        "supplier": "Firms and public bodies",
    },
    "deprivation": {
        "most": "Most deprived wards (tenths 1 to 3)",
        "middle": "Wards in the middle (tenths 4 to 7)",
        "least": "Least deprived wards (tenths 8 to 10)",
        "": "In no one ward, or not known",
    },
    "novelty": {"new": "New here (in the last 90 days)", "known": "Here for longer"},
    "ward": {"": "In no one ward"},
}
HEADING = {
    "size": "By the size of the organisation",
    "deprivation": "By how deprived the ward is",
    "novelty": "By how long the organisation has been here",
    "ward": "By ward",
}


class Share(NamedTuple):
    """A group of listings with the part of them that got a match. `text`: the same, or that they are too few to say."""

    name: str
    percent: float
    text: str
    cells: list[str]


class Line(NamedTuple):
    """One bar: a name, its share of all attention, the same in words, and the figures of the table beside it."""

    name: str
    percent: float
    text: str
    cells: list[str]
    href: str | None = None


@bp.get("/fairness")
@allow(Action.SEE_FAIRNESS)
def show() -> str:
    area = acting().authority_id or 0
    report, side = exposure_of(area), typed("side")
    side = side if side in SIDE else "supply"
    told = report.sides[side] if report else None
    names = names_of([int(each["name"]) for each in told["organisations"]]) if told else {}
    return render_template(
        "fairness/show.html",
        report=report,
        told=told,
        side=side,
        sides=SIDE,
        other=next(each for each in SIDE if each != side),
        too_little=_too_little(told["bands"]) if told else [],
        organisations=[_organisation(each, names) for each in told["organisations"][:10]] if told else [],
        bands=_bands(told["bands"]) if told else [],
        reached=_reached(told.get("reached", {})) if told else [],
        fewest=FEWEST,
        percent=_percent,
        unseen=sum(unseen_counts(area).values()),
    )


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


def _percent(share: float) -> str:
    """0.123 as '12 in 100'; what is little but not nothing is said to be so."""
    return "less than 1 in 100" if 0 < share < 0.005 else f"{share * 100:.0f} in 100"


def _organisation(told: dict[str, Any], names: dict[int, str]) -> Line:
    key = int(told["name"])
    return _line(names.get(key, "An organisation that is gone"), told, f"/organisations/{key}")


def _bands(told: dict[str, list[dict[str, Any]]]) -> list[tuple[str, list[Line]]]:
    """Each way of grouping with its groups in the order of BANDS, wards by name."""
    found = []
    for way, heading in HEADING.items():
        rows = _ordered(way, told.get(way, []))
        found.append((heading, [_line(BANDS[way].get(each["name"], each["name"]), each) for each in rows]))
    return found


def _ordered(way: str, groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Groups in the order of BANDS; wards by name, what is in none of them last."""
    order = list(BANDS[way])
    return sorted(groups, key=lambda each: (order.index(each["name"]) if each["name"] in order else -1, each["name"]))


def _reached(told: dict[str, list[dict[str, Any]]]) -> list[tuple[str, list[Share]]]:
    """Each way of grouping with its groups, in the order of BANDS: what their listings came to."""
    return [(HEADING[way], [_share(way, Reached(**each)) for each in _ordered(way, told[way])]) for way in told]


def _share(way: str, each: Reached) -> Share:
    part = 100 * each.matched / each.listings if each.is_enough else 0.0
    waited = "Too few" if each.days is None else "Under a day" if each.days < 1 else f"{each.days:.0f}"
    return Share(
        BANDS[way].get(each.name, each.name),
        round(part, 1),
        f"{part:.0f}" if each.is_enough else "Too few",
        [f"{each.listings:,}", f"{each.matched:,}", f"{each.partnerships:,}", waited],
    )


def _too_little(told: dict[str, list[dict[str, Any]]]) -> list[str]:
    """A sentence for each group of listings that gets far less attention than it has listings."""
    return [
        f"{BANDS[way].get(each['name'], each['name'])}: {_percent(each['share_of_listings'])} of all listings, "
        f"but {_percent(each['share_of_attention'])} of all attention."
        for way in HEADING
        for each in told.get(way, [])
        if each["listings"] >= ENOUGH and each["share_of_attention"] < TOO_LITTLE * each["share_of_listings"]
    ]


def _line(name: str, told: dict[str, Any], href: str | None = None) -> Line:
    share = told["share_of_attention"]
    return Line(
        name,
        round(share * 100, 1),
        f"{share * 100:.0f}" if href else f"{share * 100:.0f} / {told['share_of_listings'] * 100:.0f}",
        [
            f"{told['organisations']:,}",
            f"{told['listings']:,}",
            f"{told['share_of_listings'] * 100:.0f}",
            f"{told['places']:,}",
            f"{told['firsts']:,}",
            f"{told['unseen']:,}",
        ],
        href,
    )

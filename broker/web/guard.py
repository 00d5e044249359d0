"""Who is asking, and whether this page is for them. A view without a stamp stops the start."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, cast

from flask import Flask, abort, current_app, g, redirect, request, session
from flask_login import LoginManager, UserMixin, current_user
from sqlalchemy import select
from sqlalchemy.sql.base import ExecutableOption
from werkzeug.wrappers import Response

from broker.domain.clock import now
from broker.domain.kinds import Role
from broker.domain.permissions import Action, Actor, Reach, can, reach
from broker.domain.refusals import NotAllowed
from broker.domain.sign_ins import PROOF_LASTS, SEEN_EVERY, Way
from broker.store.accounts import hash_token, signed_in
from broker.store.base import db
from broker.store.claims import Claim
from broker.store.commitments import Commitment
from broker.store.contracts import Contract
from broker.store.deliveries import Delivery
from broker.store.fairness import ListingBoost
from broker.store.imports import Import
from broker.store.listings import Listing, Posting
from broker.store.matches import Match
from broker.store.milestones import Milestone
from broker.store.need_groups import NeedGroup
from broker.store.organisations import Organisation, Registration
from broker.store.partnerships import Partnership
from broker.store.periods import ReportPeriod
from broker.store.plans import Plan
from broker.store.project_ideas import ProjectIdea
from broker.store.reach import Owned, within
from broker.store.valuations import ValuationEdition
from broker.web.onward import came_from

PUBLIC = "public"
LONGEST_WANTED = 500  # a cookie of more than 4 kB is one that browsers drop, and with it the sign-in
STAFF = (Role.OFFICER, Role.ADMINISTRATOR)
# All that is open to staff who have yet to set up the codes that are asked of them.
BEFORE_CODES = {
    "static",
    "accounts.sign_out",
    "accounts.switch",
    "proofs.prove",
    "second_factors.show",
    "second_factors.begin",
    "second_factors.set_up",
    "health.healthz",
    "health.readyz",
    "health.metrics",
}
View = TypeVar("View", bound=Callable[..., Any])
Model = TypeVar("Model")

# Whoever may not even do this to a thing is told that it does not exist.
SEE: dict[type, Action] = {
    Organisation: Action.SEE_ORGANISATION,
    Registration: Action.SEE_ORGANISATION,
    Listing: Action.SEE_LISTING,
    Posting: Action.SEE_LISTING,
    Match: Action.SEE_MATCH,
    Partnership: Action.SEE_PARTNERSHIP,
    Contract: Action.SEE_CONTRACT,
    Commitment: Action.SEE_COMMITMENT,
    Milestone: Action.SEE_COMMITMENT,
    Delivery: Action.SEE_DELIVERY,
    Claim: Action.SEE_COMMITMENT,
    ValuationEdition: Action.SEE_VALUATIONS,
    ReportPeriod: Action.SEE_REPORTS,
    ProjectIdea: Action.SEE_WARD,
    Import: Action.IMPORT_LISTINGS,
    Plan: Action.PLAN_MARKET,
    ListingBoost: Action.SEE_FAIRNESS,
    NeedGroup: Action.SEE_FAIRNESS,
}


@dataclass(frozen=True)
class Visitor(UserMixin):
    """The signed-in person of this request, as Flask-Login knows them; the id is the cookie's token."""

    token: str
    sign_in_id: int
    actor: Actor
    acting_for: str
    is_supplier: bool
    way: Way
    proved_at: datetime
    has_second_factor: bool
    record_end: str

    def get_id(self) -> str:
        return self.token


def load_visitor(token: str) -> Visitor | None:
    """The visitor behind a cookie's token, or None when the sign-in has ended."""
    at = now()
    row = signed_in(hash_token(token), at)
    if row is None:
        return None
    if at >= row.last_seen_at + SEEN_EVERY:
        g.seen = row.sign_in_id  # written down when the answer is ready
    actor = Actor(Role(row.role), row.user_id, row.organisation_id, row.authority_id, row.name)
    return Visitor(
        token,
        row.sign_in_id,
        actor,
        row.organisation or row.authority or "",
        bool(row.is_supplier),
        Way(row.way),
        row.proved_at,
        row.has_second_factor,
        row.record_end,
    )


def current_actor() -> Actor | None:
    """Who acts in this request; None for a visitor who is not signed in."""
    if "anybody" in g:  # a page is drawn for all who stand alike
        return cast(Actor, g.anybody)
    return current_user.actor if current_user.is_authenticated else None


def acting() -> Actor:
    """The same on a page that asks for a sign-in."""
    actor = current_actor()
    if actor is None:
        abort(401)
    return actor


def allow(action: Action) -> Callable[[View], View]:
    """Stamp a view: only for roles that the rights table gives this action to."""

    def stamp(view: View) -> View:
        view.access = action  # type: ignore[attr-defined]
        return view

    return stamp


def public(view: View) -> View:
    """Stamp a view: for anyone."""
    view.access = PUBLIC  # type: ignore[attr-defined]
    return view


def fresh(view: View) -> View:
    """Stamp a view, beneath `allow`: only for somebody who has just shown who they are, or else does so first."""
    view.fresh = True  # type: ignore[attr-defined]
    return view


def load(model: type[Model], thing_id: int, action: Action, *options: ExecutableOption) -> Model:
    """The thing, for this action: 404 unless the visitor may see it, NotAllowed (403) unless they may do it.

    Whoever sees none of a kind of thing, but may do this to what was handed to them, finds that.
    """
    actor = acting()
    see = SEE[model] if reach(actor, SEE[model]) is not Reach.NONE else action
    visible = within(cast(type[Owned], model), actor, see)
    query = select(model).where(model.id == thing_id, visible).options(*options)  # type: ignore[attr-defined]
    thing = db.session.scalars(query).unique().one_or_none()
    if thing is None:
        abort(404)
    if not can(actor, action, thing):  # type: ignore[arg-type]
        raise NotAllowed(action)
    return thing


def access_of(app: Flask, endpoint: str) -> Action | str | None:
    """How the view behind an endpoint is stamped."""
    return PUBLIC if endpoint == "static" else getattr(app.view_functions[endpoint], "access", None)


def check_every_route(app: Flask) -> None:
    """Refuse to start while any page does not say who may open it."""
    unstamped = sorted({r.endpoint for r in app.url_map.iter_rules() if access_of(app, r.endpoint) is None})
    if unstamped:
        raise RuntimeError(f"These pages do not say who may open them: {', '.join(unstamped)}")


def _check_access() -> Response | None:
    """Before every view: the sign-in page for strangers, 403 for roles that never may."""
    if request.endpoint is None:
        return None
    access = access_of(current_app, request.endpoint)
    if _lacks_codes():
        return redirect("/account/codes", 303)
    if access == PUBLIC:
        return None
    actor = current_actor()
    if actor is None:
        wanted = request.full_path.rstrip("?")
        if request.method == "GET" and len(wanted) <= LONGEST_WANTED:
            session["wanted"] = wanted
        return redirect("/sign-in")
    if reach(actor, Action(str(access))) is Reach.NONE:
        raise NotAllowed(str(access))
    if getattr(current_app.view_functions[request.endpoint], "fresh", False) and not is_proved():
        wanted = request.full_path.rstrip("?") if request.method == "GET" else came_from() or request.path
        session["wanted"] = wanted[:LONGEST_WANTED]
        return redirect("/account/prove", 303)
    return None


def _lacks_codes() -> bool:
    """True for somebody of whom codes are asked, and who has none yet, on any page that is not about them."""
    if not _codes_demanded() or request.endpoint in BEFORE_CODES:
        return False
    actor = current_actor()
    return actor is not None and needs_second_factor(actor) and not current_user.has_second_factor


def _codes_demanded() -> bool:
    return str(current_app.config["SECOND_FACTOR"]) == "required"


def needs_second_factor(actor: Actor) -> bool:
    """True where this person's role asks for a code beside the password. A council's own sign-in asks for its own."""
    return _codes_demanded() and actor.role in STAFF and current_user.way == Way.PASSWORD


def is_proved() -> bool:
    """True when the visitor has shown who they are a moment ago."""
    return bool(now() < current_user.proved_at + PROOF_LASTS)


def install(app: Flask) -> None:
    manager = LoginManager()
    manager.init_app(app, add_context_processor=False)
    manager.user_loader(load_visitor)
    app.before_request(_check_access)

"""The pages where a listing is written: posted, changed, or grown from an aspiration."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload, selectinload

from broker.actions import listings
from broker.domain.clock import today
from broker.domain.kinds import DEMAND, SUPPLY, ListingKind, PlaceKind, PostingState, Role
from broker.domain.listings import Wording, changes, may_rest
from broker.domain.permissions import Action
from broker.domain.refusals import Unfit
from broker.store.authorities import Authority
from broker.store.frameworks import frameworks_in_force
from broker.store.listings import Listing, ListingVersion, Posting, wording_of
from broker.store.market import title_on_show
from broker.store.organisations import Organisation, Registration
from broker.store.places import wards_now
from broker.store.project_ideas import ProjectIdea
from broker.web.forms.listings import Asked, ListingForm, listing_form, whole_number
from broker.web.guard import acting, allow, load
from broker.web.prompts import PROMPTS, SUPPORT_HINTS, UNIT_HINT

bp = Blueprint("listings", __name__)

KINDS = "any(need,asset,aspiration,offer)"
AREAS = joinedload(Organisation.registrations).joinedload(Registration.authority)
WHOLE = (
    joinedload(Listing.organisation).options(AREAS),
    joinedload(Listing.postings).joinedload(Posting.authority),
    selectinload(Listing.versions).joinedload(ListingVersion.priorities),
)
STALE = (
    "This listing was changed after you opened the page, perhaps by you in another tab. What you typed is kept below."
    " Look at the listing as it is now, then send again to put your words in its place."
)


@bp.get("/listings/new")
@allow(Action.POST_LISTING)
def choose() -> str:
    query = {name: request.args[name] for name in ("organisation", "answers") if name in request.args}
    return render_template("listings/choose.html", prompts=PROMPTS, organisation=_for_whom(), query=query)


@bp.route(f"/listings/new/<{KINDS}:name>", methods=["GET", "POST"])
@allow(Action.POST_LISTING)
def new(name: str) -> ResponseReturnValue:
    kind, organisation = ListingKind(name), _for_whom()
    if organisation is None:
        idea = whole_number(request.args.get("idea", ""))
        return redirect(f"/project-ideas/{idea}" if idea else "/listings/new")
    asked = _asked(kind, _areas(organisation))
    form, answers = listing_form(asked, _suggested(kind)), _answered(kind)
    if form.ok():
        try:
            listing = listings.post_listing(
                kind,
                organisation,
                _chosen(form, asked),
                form.wording(),
                acting(),
                send=_is_sent(),
                origin=_origin(form, answers),
            )
            return _done(listing)
        except Unfit as refusal:
            form.tell(refusal)
    return _page(form, asked, organisation=organisation, answers=answers)


@bp.route("/listings/<id:listing_id>/edit", methods=["GET", "POST"])
@allow(Action.EDIT_LISTING)
def edit(listing_id: int) -> ResponseReturnValue:
    listing = load(Listing, listing_id, Action.EDIT_LISTING, *WHOLE)
    said = wording_of(listing.versions[-1])
    asked = _asked(ListingKind(listing.kind), _free_areas(listing), listing)
    drafted = [p.authority_id for p in listing.postings if p.state == PostingState.DRAFT]
    form = listing_form(asked, said, seen=said.fingerprint, authorities=drafted)
    if form.ok():
        if _is_stale(form, said):
            return _page(form, asked, listing=listing)[0], 409
        try:
            areas = _chosen(form, asked) if asked.areas else None
            listings.edit_listing(listing, acting(), wording=form.wording(), send=_is_sent(), areas=areas)
            return _done(listing)
        except Unfit as refusal:
            form.tell(refusal)
    return _page(form, asked, listing=listing)


@bp.route("/listings/<id:listing_id>/grow", methods=["GET", "POST"])
@allow(Action.GROW_ASPIRATION)
def grow(listing_id: int) -> ResponseReturnValue:
    aspiration = load(Listing, listing_id, Action.GROW_ASPIRATION, *WHOLE)
    if aspiration.kind != ListingKind.ASPIRATION:
        abort(404)
    asked = _asked(ListingKind.NEED, _areas(aspiration.organisation))
    form = listing_form(asked, wording_of(aspiration.versions[-1]))
    if form.ok():
        try:
            areas = _chosen(form, asked)
            need = listings.grow_aspiration(aspiration, areas, form.wording(), acting(), send=_is_sent())
            return _done(need)
        except Unfit as refusal:
            form.tell(refusal)
    return _page(form, asked, aspiration=aspiration)


def _for_whom() -> Organisation | None:
    """The member's own organisation, or the one in `?organisation=` that an officer writes for."""
    actor = acting()
    wanted = actor.organisation_id or whole_number(request.args.get("organisation", ""))
    return load(Organisation, wanted, Action.POST_LISTING, AREAS) if wanted else None


def _areas(organisation: Organisation) -> list[Authority]:
    """Where this person may post for the organisation: an officer in the own area only."""
    actor = acting()
    areas = [registration.authority for registration in organisation.registrations]
    return [area for area in areas if actor.role is Role.MEMBER or area.id == actor.authority_id]


def _free_areas(listing: Listing) -> list[Authority]:
    """Where the owner may still say yes or no to posting it: nowhere, if the one place it stands in is all there is."""
    if acting().role is not Role.MEMBER:
        return []
    stands = {posting.authority_id for posting in listing.postings if posting.state != PostingState.DRAFT}
    free = [area for area in _areas(listing.organisation) if area.id not in stands]
    return free if {area.id for area in free} != listing.authorities or len(free) > 1 else []


def _asked(kind: ListingKind, areas: list[Authority], listing: Listing | None = None) -> Asked:
    """The form's choices; the wards and frames also of where the listing stands already."""
    every = areas + [posting.authority for posting in listing.postings] if listing else areas
    frames = frameworks_in_force([area.framework_code for area in every])
    wards = wards_now([area.id for area in every])
    return Asked(kind, areas, wards, frames, listing is None, acting().role is Role.OFFICER)


def _answered(kind: ListingKind) -> tuple[int, str] | None:
    """The need or aspiration in `?answers=` that an offer or asset is made for, with its title."""
    wanted = whole_number(request.args.get("answers", "")) if kind in SUPPLY else None
    title = title_on_show(wanted, DEMAND) if wanted else None
    return (wanted, title) if wanted and title else None


def _suggested(kind: ListingKind) -> Wording | None:
    """What a councillor suggested, as the first words of a need that an officer writes for a group."""
    wanted = whole_number(request.args.get("idea", "")) if kind is ListingKind.NEED else None
    if not wanted:
        return None
    idea = load(ProjectIdea, wanted, Action.TAKE_UP_PROJECT, joinedload(ProjectIdea.ward))
    ward_id = idea.ward_id if idea.ward.ended_on is None else None
    return Wording(title=idea.title, body=idea.text, place_kind=PlaceKind.WARD if ward_id else None, ward_id=ward_id)


def _origin(form: ListingForm, answers: tuple[int, str] | None) -> listings.Origin:
    return listings.Origin(
        entered_how=form.entered_how.data if form.entered_how else None,
        answers_id=answers[0] if answers else None,
        answers_node_id=form.node_answered(),
    )


def _chosen(form: ListingForm, asked: Asked) -> list[Authority]:
    if not form.authorities:
        return list(asked.areas)
    return [area for area in asked.areas if area.id in (form.authorities.data or [])]


def _is_sent() -> bool:
    return request.form.get("deed") == "send"


def _is_stale(form: ListingForm, said: Wording) -> bool:
    """Whether the wording changed under this form; if so the form says it, and its next sending goes through."""
    if form.seen.data == said.fingerprint or not changes(said, form.wording()) - {"ward_id"}:
        return False
    form.form_errors.append(STALE)
    form.seen.data = said.fingerprint
    return True


def _done(listing: Listing) -> ResponseReturnValue:
    """Where to go after saving, and what to say: an officer to the check, an owner to the own listings."""
    waiting = [posting for posting in listing.postings if posting.state == PostingState.SUBMITTED]
    own = [posting for posting in waiting if posting.authority_id == acting().authority_id]
    if own:
        flash("Saved. Read it once more: you can approve it right away.", "success")
        return redirect(f"/postings/{own[0].id}", 303)
    if waiting:
        names = " and ".join(sorted(posting.authority.name for posting in waiting))
        flash(f"Sent. An officer of {names} will check it. You can see here how it stands.", "success")
    else:
        flash("Saved. It is not public yet: come back to it whenever you like.", "success")
    return redirect(f"/my-listings#listing-{listing.id}", 303)


def _page(form: ListingForm, asked: Asked, **context: Any) -> tuple[str, int]:
    listing = context.get("listing")
    if form.errors and _is_sent():
        form.tell_gaps(asked.kind, today())
    page = render_template(
        "listings/form.html",
        form=form,
        asked=asked,
        prompts=PROMPTS[asked.kind],
        support_hints=SUPPORT_HINTS,
        unit_hint=UNIT_HINT,
        may_rest=listing is None or may_rest(posting.state for posting in listing.postings),
        **context,
    )
    return page, 422 if form.errors else 200

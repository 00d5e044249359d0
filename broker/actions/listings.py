"""Listings from their owner's side: posting, editing, sending, growing, and bringing in whole lists."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from broker.actions.jobs import owe, owe_suggestions
from broker.actions.mail import tell_members, tell_sides
from broker.actions.moving import begin, carry, move, record
from broker.actions.versions import days_listed, fitting, lay_down, seal, write_wording
from broker.domain.clock import TWICE, now, today
from broker.domain.kinds import ListingKind, PostingState, Role
from broker.domain.listings import Wording, changes, expiry, may_rest, renewal_problem
from broker.domain.mail import MailKind
from broker.domain.permissions import Action, Actor, can, require
from broker.domain.refusals import Unfit, WrongState
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.listings import (
    Listing,
    ListingVersion,
    Posting,
    keep_still,
    run_out_before,
    wording_of,
)
from broker.store.matches import live_matches_of
from broker.store.organisations import Organisation, approved_areas
from broker.store.twins import recent_twins

UNSENT = frozenset({PostingState.DRAFT, PostingState.RETURNED})


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Where a listing comes from: `entered_how` (phone, paper) if an officer typed it; what it answers or grew from."""

    entered_how: str | None = None
    answers_id: int | None = None
    answers_node_id: int | None = None
    grown_from_id: int | None = None


def post_listing(
    kind: ListingKind,
    organisation: Organisation,
    areas: Sequence[Authority],
    wording: Wording,
    by: Actor,
    *,
    send: bool = False,
    origin: Origin = Origin(),
) -> Listing:
    """A new draft in each of these authorities, sent to be checked if `send`. The same one sent twice is one.

    Unfit on `authorities` where none is named or the organisation is not known there; with `send` as submit_listing.
    """
    require(by, Action.POST_LISTING, organisation)
    wording = fitting(kind, wording)
    listing = _twin(kind, organisation, wording, origin)
    if listing is None:
        facts = {"entered_by_id": by.user_id} if origin.entered_how else {}
        listing = Listing(kind=kind, organisation=organisation, created_at=now(), **_columns(origin), **facts)
        begin(listing, Action.POST_LISTING, by)
        _add_areas(listing, areas, by)
        lay_down(listing, wording, by)
    if send and any(posting.state == PostingState.DRAFT for posting in listing.postings):
        submit_listing(listing, by)
    return listing


def edit_listing(
    listing: Listing, by: Actor, *, wording: Wording, send: bool = False, areas: Sequence[Authority] | None = None
) -> None:
    """Change what a listing says. A draft or a returned one may rest half done; any other goes to be checked at once,
    while what was approved stays public if it was open. `areas`: where it is wanted now, drafts elsewhere are dropped.
    """
    require(by, Action.EDIT_LISTING, listing)
    keep_still(listing)
    if all(posting.state == PostingState.WITHDRAWN for posting in listing.postings):
        raise WrongState("listing", PostingState.WITHDRAWN, Action.EDIT_LISTING)
    before = wording_of(listing.versions[-1])
    wording = fitting(ListingKind(listing.kind), wording, before)
    if areas is not None:
        _drop_drafts(listing, areas)
        _add_areas(listing, [area for area in areas if area.id not in listing.authorities], by)
    changed = changes(before, wording)
    if changed:
        lay_down(listing, wording, by)
        record(listing, Action.EDIT_LISTING, by, *changed, old=before, new=wording)
    if send or not may_rest(posting.state for posting in listing.postings):
        _send(listing, by, bool(changed))


def submit_listing(listing: Listing, by: Actor) -> None:
    """Send a draft, or one that was returned, to be checked. Unfit (field to code) when something is missing."""
    require(by, Action.SUBMIT_LISTING, listing)
    states = {posting.state for posting in listing.postings}
    if not states & UNSENT:
        raise WrongState("listing", min(states), Action.SUBMIT_LISTING)
    _send(listing, by, False)


def _send(listing: Listing, by: Actor, is_new: bool) -> None:
    """To the officers of every authority; where nothing changed, only to those that have not approved it yet."""
    seal(listing, by)
    for posting in listing.postings:
        if posting.state in UNSENT:
            carry(posting, Action.SUBMIT_LISTING, by, submitted_at=now())
        elif is_new and posting.machine.allows(posting.state, Action.EDIT_LISTING):
            stays = posting.state == PostingState.OPEN
            carry(posting, Action.EDIT_LISTING, by, submitted_at=now(), stays_public=stays)
    owe("guess", listing.id)


def pause_listing(listing: Listing, by: Actor) -> None:
    """Hide an open listing until its owner opens it again."""
    _everywhere(listing, Action.PAUSE_LISTING, by)


def resume_listing(listing: Listing, by: Actor) -> None:
    """Show a paused listing again. Unfit on `until_date` when its day has passed, on `organisation` while that is
    not approved where the listing was open."""
    _check_day(listing)
    _check_standing(listing)
    _everywhere(listing, Action.RESUME_LISTING, by)


def renew_listing(listing: Listing, by: Actor) -> None:
    """Give a listing its full time again, from today. Unfit as for resume_listing."""
    _check_day(listing)
    _check_standing(listing)
    days = max(days_listed(posting.authority) for posting in listing.postings)
    _everywhere(listing, Action.RENEW_LISTING, by)
    listing.expires_on = expiry(today(), days)
    record(listing, Action.RENEW_LISTING, by, "expires_on")


def close_listing(listing: Listing, by: Actor, *, reason: str) -> None:
    """It has been met, or is not wanted any more; `reason` is a code that the page words. Open talks about it end."""
    closed = _everywhere(listing, Action.CLOSE_LISTING, by, closing_reason=reason)
    _end_talks(listing, closed, by)


def withdraw_listing(listing: Listing, by: Actor) -> None:
    """Take a listing back for good, wherever the actor has the right to. Talks about it end with it."""
    withdrawn = _everywhere(listing, Action.WITHDRAW_LISTING, by, stays_public=False)
    _end_talks(listing, withdrawn, by)


def lapse_listings(by: Actor, on: date) -> int:
    """Take off the list what has run out before this day; how many postings that were."""
    over = run_out_before(on)
    for posting in over:
        move(posting, Action.LAPSE_LISTING, by)
        owe_suggestions(posting.listing)
        once = f"lapsed:{posting.listing_id}:{posting.last_day}"
        tell_members(MailKind.LISTING_LAPSED, posting.listing.organisation_id, posting, by, once=once)
    return len(over)


def _everywhere(listing: Listing, action: Action, by: Actor, **facts: object) -> list[Posting]:
    """The move in every authority where the actor has the right to it and the state allows it; WrongState if none."""
    require(by, action, listing)
    keep_still(listing)
    mine = [posting for posting in listing.postings if can(by, action, posting)]
    ready = [posting for posting in mine if posting.machine.allows(posting.state, action)]
    if not ready:
        raise WrongState("listing", mine[0].state, action)
    for posting in ready:
        move(posting, action, by, **facts)
    owe_suggestions(listing)
    return ready


def _check_day(listing: Listing) -> None:
    days = [posting.approved.until_date for posting in listing.postings if posting.approved]
    problem = renewal_problem(max((day for day in days if day), default=None), today())
    if problem:
        raise Unfit(problem)


def _check_standing(listing: Listing) -> None:
    """Nothing goes back onto the list for an organisation that an authority has paused."""
    approved = approved_areas(listing.organisation_id)
    if not all(posting.authority_id in approved for posting in listing.postings if posting.approved_version_id):
        raise Unfit({"organisation": "paused"})


def _end_talks(listing: Listing, ended: Sequence[Posting], by: Actor) -> None:
    """Withdraw the unconfirmed matches credited to the authorities where the listing has just gone."""
    areas = {posting.authority_id for posting in ended}
    is_gone = all(p.state in (PostingState.WITHDRAWN, PostingState.FILLED) for p in listing.postings)
    for match in live_matches_of(listing.id):
        if is_gone or match.authority_id in areas:
            carry(match, Action.WITHDRAW_LISTING, by)
            tell_sides(MailKind.MATCH_WITHDRAWN, match, by)


def grow_aspiration(
    aspiration: Listing, areas: Sequence[Authority], wording: Wording, by: Actor, *, send: bool = False
) -> Listing:
    """A need that takes one step of an aspiration, which itself stays open and can be grown again."""
    require(by, Action.GROW_ASPIRATION, aspiration)
    if aspiration.kind != ListingKind.ASPIRATION:
        raise WrongState("listing", aspiration.kind, Action.GROW_ASPIRATION)
    origin = Origin(
        grown_from_id=aspiration.id,
        entered_how=aspiration.entered_how if by.role is Role.OFFICER else None,
    )
    need = post_listing(ListingKind.NEED, aspiration.organisation, areas, wording, by, send=send, origin=origin)
    record(aspiration, Action.GROW_ASPIRATION, by)
    return need


def bring_in_listing(
    *,
    kind: ListingKind,
    organisation: Organisation,
    authority: Authority,
    source_id: str,
    wording: Wording,
    notes: str,
    by: Actor,
) -> Listing:
    """One row of an imported list: approved by the import, open at once. The place is taken as given (lat, lon)."""
    require(by, Action.IMPORT_LISTINGS, authority)
    at, is_counted = now(), kind != ListingKind.ASPIRATION
    listing = Listing(
        kind=kind,
        organisation=organisation,
        quantity=wording.amount if is_counted else None,
        unit=wording.unit if is_counted else None,
        created_at=at,
        expires_on=expiry(today()),
        suggest_at=at,
        entered_how="import",
        source_authority_id=authority.id,
        source_id=source_id,
        source_notes=notes,
        text_hash=wording.text_hash,
    )
    version = ListingVersion(listing=listing, number=1, created_at=at, submitted_at=at, author_id=by.user_id)
    write_wording(version, wording)
    posting = Posting(
        listing=listing, authority=authority, state=PostingState.OPEN, approved=version, submitted_at=at, approved_at=at
    )
    begin(posting, Action.IMPORT_LISTINGS, by)
    with db.session.no_autoflush:  # one write for each of thousands of rows, not two
        owe("suggest")
    return listing


def _columns(origin: Origin) -> dict[str, object]:
    return {name: getattr(origin, name) for name in Origin.__slots__}


def _twin(kind: ListingKind, organisation: Organisation, wording: Wording, origin: Origin) -> Listing | None:
    """The same listing, posted a moment ago: a button pressed twice."""
    for listing in recent_twins(organisation.id, kind, wording.text_hash, now() - TWICE):
        said = wording_of(listing.versions[-1])
        same_origin = all(getattr(listing, name) == value for name, value in _columns(origin).items())
        if same_origin and not changes(said, replace(wording, ward_id=said.ward_id)):
            return listing
    return None


def _add_areas(listing: Listing, areas: Sequence[Authority], by: Actor) -> None:
    known = listing.organisation.authorities & (
        frozenset({by.authority_id}) if by.role is Role.OFFICER else listing.organisation.authorities
    )
    if not areas and not listing.postings:
        raise Unfit({"authorities": "missing"})
    if not {area.id for area in areas} <= known:
        raise Unfit({"authorities": "not_yours"})
    for area in areas:
        begin(Posting(listing=listing, authority=area, state=PostingState.DRAFT), Action.POST_LISTING, by)


def _drop_drafts(listing: Listing, areas: Sequence[Authority]) -> None:
    wanted = {area.id for area in areas}
    for posting in [p for p in listing.postings if p.authority_id not in wanted and p.state == PostingState.DRAFT]:
        listing.postings.remove(posting)
        db.session.delete(posting)

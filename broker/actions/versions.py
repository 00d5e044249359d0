"""A listing's wordings: how a new one is laid down and sealed, and what it undoes in the matches agreed before."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from broker.actions.mail import tell_members
from broker.actions.moving import carry, record, remark
from broker.actions.places import find_point
from broker.domain.clock import now, today
from broker.domain.kinds import Audience, ListingKind, MatchState, NoteKind, PlaceKind, Role
from broker.domain.listings import (
    COLUMNS,
    LISTING_DAYS,
    MOST_PRIORITIES,
    Wording,
    are_material,
    changes,
    gaps,
    quantity_problem,
)
from broker.domain.mail import MailKind
from broker.domain.permissions import Action, Actor
from broker.domain.refusals import Unfit
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.frameworks import Node, nodes_with_ids
from broker.store.listings import Listing, ListingVersion, wording_of
from broker.store.matches import Match, live_matches_of, reply_days
from broker.store.rules import rule_value

CHANGED = "The listing has changed in its quantity, dates, place or kind. Please look again: do you still agree?"


def fitting(kind: ListingKind, wording: Wording, before: Wording | None = None) -> Wording:
    """The wording with its point and ward found, and without what its kind of listing or of place cannot have."""
    if kind == ListingKind.ASPIRATION:
        wording = replace(wording, amount=None, unit=None, roughly=False, frequency=None)
    if wording.place_kind is None:
        return wording
    if wording.place_kind == PlaceKind.POSTCODE:
        return _at_postcode(wording, before)
    spot = find_point(ward_id=wording.ward_id) if wording.place_kind == PlaceKind.WARD else None
    if spot is None:
        return replace(wording, postcode="", ward_id=None, lat=None, lon=None)
    return replace(wording, postcode="", lat=spot.point.lat, lon=spot.point.lon)


def _at_postcode(wording: Wording, before: Wording | None) -> Wording:
    if before and before.place_kind == PlaceKind.POSTCODE and before.postcode == wording.postcode:
        return replace(wording, ward_id=before.ward_id, lat=before.lat, lon=before.lon)  # an officer's tag stays
    spot = find_point(postcode=wording.postcode)
    if spot is None:
        return replace(wording, ward_id=None, lat=None, lon=None)
    return replace(wording, ward_id=spot.ward_id, lat=spot.nearby.lat, lon=spot.nearby.lon)


def lay_down(listing: Listing, wording: Wording, by: Actor) -> ListingVersion:
    """Write the wording as the listing's newest: into its draft, or as a new version beside a sealed one.

    A draft that somebody else wrote stays as it was: an officer's edit is a version of its own.
    """
    version = listing.versions[-1] if listing.versions else None
    if version is None or version.submitted_at or (by.role is not Role.MEMBER and version.author_id != by.user_id):
        edited_by_id = by.user_id if version is not None and by.role is not Role.MEMBER else None
        number = version.number + 1 if version else 1
        version = ListingVersion(number=number, author_id=by.user_id, edited_by_id=edited_by_id, created_at=now())
        listing.versions.append(version)
        listing.version_number = number
    write_wording(version, wording)
    listing.text_hash = wording.text_hash
    db.session.flush()
    return version


def write_wording(version: ListingVersion, wording: Wording) -> None:
    """Copy a wording into a version that is not sealed."""
    for name in COLUMNS:
        setattr(version, name, getattr(wording, name))
    version.searchable = wording.searchable
    version.priorities = nodes_with_ids(wording.priorities) if wording.priorities else []


def seal(listing: Listing, by: Actor) -> None:
    """Send the newest wording to be checked: from now on it never changes. Unfit when something is missing."""
    version = listing.versions[-1]
    wording = wording_of(version)
    problems = gaps(ListingKind(listing.kind), wording, today())
    problems |= quantity_problem(ListingKind(listing.kind), wording, listing.reserved, listing.unit)
    if _too_many(version.priorities):
        problems["priorities"] = "too_many"
    if problems:
        raise Unfit(problems)
    if version.submitted_at is None:
        version.submitted_at = now()
        void_acceptances(listing, by)


def _too_many(priorities: list[Node]) -> bool:
    return any(number > MOST_PRIORITIES for number in Counter(node.framework_id for node in priorities).values())


def void_acceptances(listing: Listing, by: Actor) -> None:
    """Where the newest wording changes what was agreed to, each side of its matches has to say yes again."""
    *earlier, latest = [version for version in listing.versions if version.submitted_at]
    if not earlier or not are_material(changes(wording_of(earlier[-1]), wording_of(latest))):
        return
    for match in live_matches_of(listing.id):
        if match.demand_accepted_at or match.supply_accepted_at:
            _ask_again(match, by)


def _ask_again(match: Match, by: Actor) -> None:
    nothing = dict.fromkeys(
        f"{side}_{what}" for side in ("demand", "supply") for what in ("accepted_at", "accepted_how", "version_id")
    )
    reply_by = today() + timedelta(days=reply_days(match.authority_id))
    if match.state == MatchState.AGREED:
        carry(match, Action.EDIT_LISTING, by, **nothing, reply_by=reply_by)
    else:
        for name in nothing:
            setattr(match, name, None)
        match.reply_by = reply_by
        record(match, Action.EDIT_LISTING, by, *nothing, "reply_by")
    remark(match, by, NoteKind.NOTE, CHANGED, Audience.SIDES)
    for organisation_id in sorted(match.owners):  # both: whoever changed it has to say yes again as well
        tell_members(MailKind.MATCH_CHANGED, organisation_id, match, by)


def days_listed(authority: Authority) -> int:
    """How long an approved listing stays before it has to be renewed, by the authority's rule."""
    value = rule_value(authority, "listing_days")
    return int(value) if value and value.isdecimal() else LISTING_DAYS

"""Listings from the officer's side: correct the tags, ask, approve, or return with a kind reason."""

from dataclasses import replace

from broker.actions.jobs import owe_suggestions
from broker.actions.mail import tell_members
from broker.actions.moving import move, record, remark
from broker.actions.versions import days_listed, fitting, lay_down, void_acceptances
from broker.domain.clock import now, today
from broker.domain.kinds import Audience, ListingKind, NoteKind, PlaceKind, PostingState, RegistrationState
from broker.domain.listings import ASKABLE, CORRECTABLE, Wording, changes, expiry, quantity_problem
from broker.domain.mail import MailKind
from broker.domain.permissions import Action, Actor, require
from broker.domain.refusals import Unfit, WrongState
from broker.store.events import last_note
from broker.store.listings import Listing, ListingVersion, Posting, wording_of
from broker.store.organisations import registration_of

TALK = frozenset({NoteKind.QUESTION, NoteKind.ANSWER})


def approve_listing(posting: Posting, by: Actor, *, seen: int | None = None) -> None:
    """Open it in this authority with its newest wording, which sets the quantity from now on.

    `seen`: the number of the version that the officer read. Unfit on `organisation` while that is not approved here,
    on `version` when the wording changed meanwhile, on `amount` or `unit` when less is left than is promised.
    """
    posting.machine.next(posting.state, Action.APPROVE_LISTING)  # WrongState first: a draft has no wording to read
    listing, version = posting.listing, _newest(posting.listing)
    _check_wording(listing, version, seen)
    registration = registration_of(listing.organisation_id, posting.authority_id)
    if registration is None or registration.state != RegistrationState.APPROVED:
        raise Unfit({"organisation": "not_approved"})
    until = max(listing.expires_on or today(), expiry(today(), days_listed(posting.authority)))
    move(posting, Action.APPROVE_LISTING, by, approved=version, approved_at=now(), stays_public=False)
    _take_quantity(listing, version)
    listing.expires_on = until
    owe_suggestions(listing)
    tell_members(MailKind.LISTING_APPROVED, listing.organisation_id, posting, by)


def return_listing(posting: Posting, by: Actor, *, reason: str) -> None:
    """Send it back to its owner with words that the owner reads. What was approved before stays as public as it was."""
    if not reason.strip():
        raise Unfit({"reason": "missing"})
    move(posting, Action.RETURN_LISTING, by)
    remark(posting, by, NoteKind.REASON, reason, Audience.OWNER)
    tell_members(MailKind.LISTING_RETURNED, posting.listing.organisation_id, posting, by)


def ask_owner(posting: Posting, by: Actor, *, question: str) -> None:
    """Ask one thing back; the listing goes on waiting. Unfit while the last question has no answer."""
    require(by, Action.ASK_OWNER, posting)
    _check_waits(posting, Action.ASK_OWNER)
    if not question.strip():
        raise Unfit({"question": "missing"})
    if _is_asked(posting):
        raise Unfit({"question": "waiting"})
    remark(posting, by, NoteKind.QUESTION, question, Audience.OWNER)
    record(posting, Action.ASK_OWNER, by)
    tell_members(MailKind.LISTING_QUESTION, posting.listing.organisation_id, posting, by)


def answer_question(posting: Posting, by: Actor, *, answer: str) -> None:
    """The owner answers the officer's question."""
    require(by, Action.ANSWER_QUESTION, posting)
    if not _is_asked(posting):
        raise WrongState("listing", posting.state, Action.ANSWER_QUESTION)
    if not answer.strip():
        raise Unfit({"answer": "missing"})
    remark(posting, by, NoteKind.ANSWER, answer, Audience.OWNER)
    record(posting, Action.ANSWER_QUESTION, by)


def edit_tags(posting: Posting, by: Actor, *, wording: Wording) -> frozenset[str]:
    """An officer's correction, as a version of its own beside the original; gives the fields that changed.

    On a listing that waits it is what will be approved. On one that is open or paused here it counts at once.
    """
    require(by, Action.EDIT_TAGS, posting)
    if posting.state not in CORRECTABLE:
        raise WrongState("listing", posting.state, Action.EDIT_TAGS)
    listing, before = posting.listing, wording_of(_newest(posting.listing))
    ward_id = wording.ward_id
    wording = fitting(ListingKind(listing.kind), wording, before)
    if wording.place_kind == PlaceKind.POSTCODE:
        wording = replace(wording, ward_id=ward_id)  # the officer knows better than the map
    changed = changes(before, wording)
    if not changed:
        return changed
    problems = quantity_problem(ListingKind(listing.kind), wording, listing.reserved, listing.unit)
    if problems:
        raise Unfit(problems)
    version = lay_down(listing, wording, by)
    version.submitted_at = now()
    void_acceptances(listing, by)
    if posting.state != PostingState.SUBMITTED:
        posting.approved = version
        _take_quantity(listing, version)
        owe_suggestions(listing)
    record(posting, Action.EDIT_TAGS, by, *changed)
    return changed


def _newest(listing: Listing) -> ListingVersion:
    """The newest wording that was sent."""
    return next(version for version in reversed(listing.versions) if version.submitted_at)


def _check_wording(listing: Listing, version: ListingVersion, seen: int | None) -> None:
    if seen is not None and seen != version.number:
        raise Unfit({"version": "changed"})
    problems = quantity_problem(ListingKind(listing.kind), wording_of(version), listing.reserved, listing.unit)
    if problems:
        raise Unfit(problems)


def _take_quantity(listing: Listing, version: ListingVersion) -> None:
    is_counted = listing.kind != ListingKind.ASPIRATION
    listing.quantity = version.amount if is_counted else None
    listing.unit = version.unit if is_counted else None


def _check_waits(posting: Posting, action: Action) -> None:
    if posting.state not in ASKABLE:
        raise WrongState("listing", posting.state, action)


def _is_asked(posting: Posting) -> bool:
    """True while the officer's last question has no answer."""
    note = last_note(posting.__tablename__, posting.id, TALK)
    return note is not None and note.kind == NoteKind.QUESTION

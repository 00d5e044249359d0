"""The city's listings, each with its wording, its state in each authority, and what it grew from or answers."""

from datetime import datetime, timedelta

from broker.actions.demonstration.town import ENTERED, Town, amount, day, event, note
from broker.actions.jobs import owe, owe_suggestions
from broker.actions.versions import fitting, write_wording
from broker.demonstration import records
from broker.domain.clock import now, today
from broker.domain.kinds import (
    Audience,
    BackgroundCheck,
    Frequency,
    Lane,
    ListingKind,
    MatchState,
    NoteKind,
    PlaceKind,
    PostingState,
    SupportKind,
    Unit,
)
from broker.domain.listings import Wording
from broker.domain.permissions import Action
from broker.store.base import db
from broker.store.listings import Listing, ListingVersion, Posting

NEVER_CHECKED = {PostingState.DRAFT, PostingState.SUBMITTED, PostingState.RETURNED}
SHOWN_FOR = timedelta(days=180)


def stock(town: Town) -> None:
    """Bring in every listing, then how they hang together."""
    confirmed = {key for m in town.city.matches if m.state == MatchState.CONFIRMED for key in (m.demand, m.supply)}
    with db.session.no_autoflush:  # all rows at once: a flush for each of them would take most of the time
        for record in town.city.listings:
            made = _listing(town, record)
            town.listings[record.key] = made
            _post(town, record, made, record.key in confirmed)
        db.session.flush()
        for record in town.city.listings:
            _remember(town, record, town.listings[record.key])
    _kinship(town)


def _listing(town: Town, record: records.Listing) -> Listing:
    at = now() - timedelta(days=record.days_ago)
    states = [PostingState(posting.state) for posting in record.postings]
    checked = any(state not in NEVER_CHECKED for state in states)
    whole = amount(record.amount)
    officer = town.officers[record.postings[0].authority]
    made = Listing(
        kind=ListingKind(record.kind),
        organisation=town.organisations[record.organisation],
        quantity=whole if checked and record.kind != ListingKind.ASPIRATION else None,
        unit=record.unit,
        created_at=at,
        expires_on=max(at.date() + SHOWN_FOR, today() + timedelta(days=20)) if checked else None,
        entered_how=ENTERED if record.on_behalf else None,
        entered_by_id=officer.id if record.on_behalf else None,
    )
    db.session.add(made)
    return made


def _post(town: Town, record: records.Listing, made: Listing, is_taken: bool) -> None:
    """Stand it, with its wording, in each of its authorities; `is_taken`: a partnership has come of it."""
    version = _version(town, record, made)
    for wanted in record.postings:
        state = PostingState(wanted.state)
        approved = version if state not in NEVER_CHECKED else None
        posting = Posting(
            authority=town.authorities[wanted.authority],
            state=state,
            approved=approved,
            submitted_at=None if state == PostingState.DRAFT else made.created_at,
            approved_at=_approved(record) if approved else None,
            closing_reason=wanted.reason or "met_elsewhere" if state == PostingState.FILLED and not is_taken else None,
        )
        made.postings.append(posting)


def _remember(town: Town, record: records.Listing, made: Listing) -> None:
    """What the record says of it, and what the matcher owes it."""
    by = town.members.get(record.organisation)
    for wanted, posting in zip(record.postings, made.postings, strict=True):
        event(town, posting, Action.SUBMIT_LISTING, record.days_ago, by, posting.state)
        if wanted.reason:
            officer = town.officers[wanted.authority]
            note(posting, NoteKind.REASON, wanted.reason, Audience.OWNER, record.days_ago - 1, officer)
    states = {posting.state for posting in made.postings}
    if PostingState.OPEN in states:
        owe_suggestions(made)
    elif PostingState.SUBMITTED in states:
        owe("guess", made.id)


def _version(town: Town, record: records.Listing, listing: Listing) -> ListingVersion:
    at = now() - timedelta(days=record.days_ago)
    drafts_only = all(posting.state == PostingState.DRAFT for posting in record.postings)
    made = ListingVersion(listing=listing, number=1, created_at=at, submitted_at=None if drafts_only else at)
    db.session.add(made)
    wording = fitting(ListingKind(record.kind), _wording(town, record))
    write_wording(made, wording)
    listing.text_hash = wording.text_hash
    return made


def _wording(town: Town, record: records.Listing) -> Wording:
    return Wording(
        title=record.title,
        body=record.body,
        support_kind=SupportKind(record.support_kind) if record.support_kind else None,
        amount=amount(record.amount),
        unit=Unit(record.unit) if record.unit else None,
        roughly=record.roughly,
        frequency=Frequency(record.frequency) if record.frequency else None,
        from_date=day(record.from_days),
        until_date=day(record.until_days),
        place_kind=PlaceKind(record.place_kind),
        postcode=record.postcode or "",
        ward_id=town.wards[record.ward].id if record.ward else None,
        reach_miles=record.reach_miles,
        lane=Lane(record.lane),
        community_led=record.community_led,
        community_owned=record.community_owned,
        background_check=BackgroundCheck(record.background_check) if record.background_check else None,
        safeguarding=record.safeguarding or "",
        priorities=frozenset(town.nodes[code].id for code in record.priorities),
    )


def _approved(record: records.Listing) -> datetime:
    """When it was last checked. Old listings were renewed lately: on a desk that is kept, little is late."""
    return now() - timedelta(days=min(record.days_ago - 1, record.days_ago % 13), hours=3)


def _kinship(town: Town) -> None:
    """What was grown from what, and which offer was designed in answer to which need."""
    for record in town.city.listings:
        if record.grown_from:
            town.listings[record.key].grown_from_id = town.listings[record.grown_from].id
        if record.answers:
            town.listings[record.key].answers_id = town.listings[record.answers].id

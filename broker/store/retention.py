"""What has been kept long enough: for each kind of thing the ids whose time is over at a given moment."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from broker.domain.kinds import MatchState, PostingState
from broker.domain.links import LASTS
from broker.domain.retention import GONE, NO_ADDRESS
from broker.store.accounts import Membership, OneTimeLink, SignIn, User
from broker.store.base import db
from broker.store.confirmations import Confirmation
from broker.store.deliveries import Delivery
from broker.store.events import Event
from broker.store.evidence import Evidence
from broker.store.files import StoredFile
from broker.store.imports import Import
from broker.store.leaving import LIVE
from broker.store.listings import Listing, ListingVersion, Posting
from broker.store.matches import Match
from broker.store.outbox import Outbox
from broker.store.partnerships import Partnership
from broker.store.privacy import Departure
from broker.store.trials import Trial
from broker.store.tries import FailedTry

ENDED = (PostingState.LAPSED, PostingState.WITHDRAWN, PostingState.FILLED)
SHORT = timedelta(hours=1)  # what lives no longer is for somebody who waits at the screen
NEVER_SENT = (PostingState.DRAFT, PostingState.WITHDRAWN)


def ended_sign_ins(before: datetime) -> list[int]:
    """Sign-ins that had ended, or run out, by then."""
    over = func.coalesce(SignIn.ended_at, SignIn.expires_at, type_=SignIn.expires_at.type)
    return _ids(select(SignIn.id).where(over < before))


def old_reset_links(before: datetime) -> list[int]:
    """Links for a lost password that were made by then."""
    return _old_links(before, is_short=True)


def old_invitations(before: datetime) -> list[int]:
    """Links that invite somebody and were made by then."""
    return _old_links(before, is_short=False)


def _old_links(before: datetime, is_short: bool) -> list[int]:
    purposes = [purpose for purpose, lasts in LASTS.items() if (lasts <= SHORT) is is_short]
    return _ids(select(OneTimeLink.id).where(OneTimeLink.created_at < before, OneTimeLink.purpose.in_(purposes)))


def old_tries(before: datetime) -> list[int]:
    """Tries to sign in that went wrong by then."""
    return _ids(select(FailedTry.id).where(FailedTry.at < before))


def old_letters(before: datetime) -> list[int]:
    """Letters settled by then of which it is still known where they went."""
    settled = func.coalesce(Outbox.sent_at, Outbox.created_at, type_=Outbox.created_at.type)
    return _ids(select(Outbox.id).where(settled < before, Outbox.state != "waiting", Outbox.forgotten_at.is_(None)))


def unread_files(before: datetime) -> list[int]:
    """Imports sent by then whose file still stands there."""
    return _ids(select(Import.id).where(Import.created_at < before, Import.content.is_not(None)))


def old_trials(before: datetime) -> list[int]:
    """Texts that were tried by then."""
    return _ids(select(Trial.id).where(or_(Trial.asked_at < before, Trial.asked_at.is_(None))))


def forgotten_drafts(before: datetime) -> list[int]:
    """Listings that were never sent, and that nobody has touched since then."""
    return _ids(_untouched(before, NEVER_SENT).where(_stands_in(PostingState.DRAFT)))


def ended_listings(before: datetime) -> list[int]:
    """Listings that had ended everywhere by then, with all that came of them, and still have their words."""
    worded = exists().where(ListingVersion.listing_id == Listing.id, ListingVersion.title != GONE)
    return _ids(_untouched(before, ENDED).where(worded))


def ended_with_safeguarding(before: datetime) -> list[int]:
    """The same, for listings that still say something about keeping people safe."""
    says = or_(ListingVersion.safeguarding != "", ListingVersion.background_check.is_not(None))
    return _ids(_untouched(before, ENDED).where(exists().where(ListingVersion.listing_id == Listing.id, says)))


def old_evidence(before: datetime) -> list[int]:
    """Files handed in by then, for nothing that was still being done since then."""
    lately = Delivery.ended_on >= before.date()
    supports = select(Evidence.id).join(Evidence.delivery).where(Evidence.file_id == StoredFile.id, lately)
    shows = select(Confirmation.id).join(Confirmation.delivery).where(Confirmation.photo_id == StoredFile.id, lately)
    return _ids(select(StoredFile.id).where(StoredFile.added_at < before, ~supports.exists(), ~shows.exists()))


def untaken_accounts(before: datetime) -> list[int]:
    """People who signed up or were invited by then, and of whom nobody has opened the letter."""
    has_place = exists().where(Membership.user_id == User.id)
    untaken = or_(User.unconfirmed_since.is_not(None), and_(User.password_hash.is_(None), ~has_place))
    asked_again = exists().where(OneTimeLink.user_id == User.id, OneTimeLink.created_at >= before)
    return _ids(select(User.id).where(User.created_at < before, untaken, _is_somebody(), ~asked_again))


def unused_accounts(before: datetime) -> list[int]:
    """People of whom nothing was seen since then: no page with a sign-in of theirs, no deed."""
    seen = exists().where(
        SignIn.membership_id == Membership.id, Membership.user_id == User.id, SignIn.last_seen_at >= before
    )
    did = exists().where(Event.actor_id == User.id, Event.at >= before)
    given = exists().where(Membership.user_id == User.id, Membership.created_at >= before)
    return _ids(select(User.id).where(User.created_at < before, _is_somebody(), ~seen, ~did, ~given).order_by(User.id))


def warned() -> list[Departure]:
    """Everybody who was written to because nobody had seen them."""
    return list(db.session.scalars(select(Departure).where(Departure.warnings > 0)))


def _untouched(before: datetime, states: Collection[PostingState]) -> Select[int]:
    """Listings that stand in these states alone, with nothing promised still under way and nothing done since then."""
    posting, match = aliased(Posting), aliased(Match)
    mine = and_(posting.listing_id == Listing.id)
    on = or_(match.demand_id == Listing.id, match.supply_id == Listing.id)
    elsewhere = exists().where(mine, posting.state.not_in(states))
    in_talk = exists().where(on, match.state.in_([MatchState.SHORTLISTED, MatchState.PROPOSED, MatchState.AGREED]))
    under_way = exists().where(
        on, Partnership.match_id == match.id, or_(Partnership.state.in_(LIVE), Partnership.ended_at >= before)
    )
    recent = [
        exists().where(_of("listing", Listing.id), Event.at >= before),
        exists().where(mine, _of("posting", posting.id), Event.at >= before),
        exists().where(on, _of("match", match.id), Event.at >= before),
    ]
    return select(Listing.id).where(
        Listing.created_at < before, exists().where(mine), ~elsewhere, ~in_talk, ~under_way, *(~each for each in recent)
    )


def _is_somebody() -> ColumnElement[bool]:
    return ~User.email.endswith(NO_ADDRESS, autoescape=True)


def _stands_in(state: PostingState) -> ColumnElement[bool]:
    return exists().where(Posting.listing_id == Listing.id, Posting.state == state)


def _of(subject: str, thing_id: Any) -> ColumnElement[bool]:
    return and_(Event.subject == subject, Event.subject_id == thing_id)


def _ids(query: Select[int]) -> list[int]:
    return list(db.session.scalars(query))

"""What has been kept long enough goes, all of it; what has not stays, all of it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from broker.actions import retention
from broker.domain.clock import today
from broker.domain.kinds import Audience, Lane, MatchState, NoteKind, PartnershipState, PostingState, Role
from broker.domain.links import LASTS, LinkPurpose
from broker.domain.permissions import Action, Actor
from broker.domain.refusals import NotAllowed
from broker.domain.retention import GONE, RULES, Kept, Period
from broker.domain.sign_ins import Way
from broker.domain.tries import Door
from broker.store.accounts import OneTimeLink, SignIn, User
from broker.store.base import db
from broker.store.confirmations import Confirmation
from broker.store.deliveries import Delivery
from broker.store.events import Event, Note
from broker.store.evidence import Evidence
from broker.store.files import StoredFile
from broker.store.imports import Import
from broker.store.listings import Listing, ListingVersion, Posting
from broker.store.outbox import Outbox
from broker.store.partnerships import Partnership
from broker.store.privacy import is_erased
from broker.store.trials import Trial
from broker.store.tries import FailedTry
from tests import make

AT = datetime(2027, 5, 31, 3, 0, tzinfo=UTC)
TIME = Actor(Role.SYSTEM)
SECOND = timedelta(seconds=1)
Plant = Callable[[datetime], Any]


def kept(model: type[Any], **facts: Any) -> Any:
    """One more row of it."""
    row = model(**facts)
    db.session.add(row)
    db.session.flush()
    return row


def link(moment: datetime, purpose: LinkPurpose) -> OneTimeLink:
    made: OneTimeLink = kept(
        OneTimeLink, token_hash=f"{moment}{purpose}", user_id=make.user().id, purpose=purpose, created_at=moment,
        expires_at=moment + LASTS[purpose],
    )  # fmt: skip
    return made


def sign_in(moment: datetime, ended: bool) -> SignIn:
    times = {"created_at": moment, "last_seen_at": moment, "proved_at": moment, "way": Way.PASSWORD}
    membership = make.member(make.organisation(make.authority()))
    over = {"ended_at": moment, "expires_at": AT + timedelta(9)} if ended else {"expires_at": moment}
    made: SignIn = kept(SignIn, token_hash=f"{moment}{ended}", membership=membership, **times, **over)
    return made


def letter(moment: datetime) -> Outbox:
    made: Outbox = kept(
        Outbox, kind="invitation", user=make.user(), token="secret", address="somebody@example.org", state="sent",
        message_id=f"{moment}", created_at=moment - timedelta(days=3), sent_at=moment,
    )  # fmt: skip
    return made


def file(moment: datetime) -> Import:
    made: Import = kept(Import, authority=make.authority(), filename="a.csv", content=b"name", created_at=moment)
    return made


def failed_try(moment: datetime) -> FailedTry:
    made: FailedTry = kept(FailedTry, at=moment, door=Door.PASSWORD, account="a", place="b")
    return made


def trial(moment: datetime) -> Trial:
    made: Trial = kept(Trial, user_id=make.user().id, need="a", offer="b", asked_at=moment)
    return made


def ended(moment: datetime, state: PostingState = PostingState.LAPSED, **facts: Any) -> Listing:
    """A listing that was touched for the last time at that moment."""
    area = make.authority()
    listing = make.need(
        make.organisation(area), area, state=state, postcode="QM1 1AA", safeguarding="Two adults", **facts
    )
    listing.created_at = moment - timedelta(days=900)
    happened(listing.postings[0], moment)
    return listing


def happened(thing: Any, moment: datetime, by: int | None = None) -> None:
    """A deed on record."""
    kept(
        Event, at=moment, actor_id=by, role=Role.SYSTEM, action=Action.LAPSE_LISTING, subject=thing.__tablename__,
        subject_id=thing.id, fields=[],
    )  # fmt: skip


def evidence(moment: datetime, with_photo: bool = False) -> StoredFile:
    """A file handed in at that moment, for what had been done a month before."""
    within = make.partnership(make.authority())
    done = moment.date() - timedelta(days=30)
    delivery = make.delivery(within, make.measure(), started_on=done, ended_on=done)
    row: StoredFile = kept(
        StoredFile, organisation_id=delivery.organisation_id, kind="pdf", name="a.pdf", size=1, sha256=f"{moment}",
        content=b"x", added_at=moment,
    )  # fmt: skip
    if with_photo:
        said = {"answer": "yes", "quantity": delivery.quantity, "channel": "link", "at": moment}
        kept(Confirmation, delivery=delivery, photo=row, **said)
    else:
        kept(Evidence, delivery=delivery, file=row, added_at=moment)
    return row


def invited(moment: datetime) -> User:
    """Somebody whose address another person typed."""
    user = make.user()
    user.created_at = moment
    return user


def begun(moment: datetime) -> User:
    """Somebody who signed up and never opened the letter."""
    user = make.member(make.organisation(make.authority())).user
    user.password_hash, user.created_at, user.unconfirmed_since = "hash", moment, moment
    return user


PLANTS: dict[Kept, list[Plant]] = {
    Kept.RESET_LINKS: [lambda moment: link(moment, LinkPurpose.RESET)],
    Kept.INVITATIONS: [
        lambda moment: link(moment, LinkPurpose.INVITATION),
        lambda moment: link(moment, LinkPurpose.PASSWORD),
    ],
    Kept.SIGN_INS: [lambda moment: sign_in(moment, ended=True), lambda moment: sign_in(moment, ended=False)],
    Kept.FAILED_SIGN_INS: [failed_try],
    Kept.MAIL: [letter],
    Kept.IMPORT_FILES: [file],
    Kept.TRIALS: [trial],
    Kept.UNTAKEN_ACCOUNTS: [
        invited,
        begun,
    ],
    Kept.EVIDENCE: [evidence, lambda moment: evidence(moment, with_photo=True)],
    Kept.DRAFTS: [lambda moment: ended(moment, PostingState.DRAFT)],
    Kept.SAFEGUARDING: [ended],
    Kept.ENDED_LISTINGS: [
        ended,
        lambda moment: ended(moment, PostingState.FILLED),
        lambda moment: ended(moment, PostingState.WITHDRAWN),
    ],
}
# What a thing looks like of which the time is over; a row that is gone altogether needs no line.
IS_CLEARED: dict[Kept, Callable[[Any], bool]] = {
    Kept.MAIL: lambda row: (row.token, row.address) == (None, None),
    Kept.IMPORT_FILES: lambda row: row.content is None,
    Kept.UNTAKEN_ACCOUNTS: is_erased,
    Kept.DRAFTS: lambda row: row.latest.title == GONE and row.postings[0].state == PostingState.WITHDRAWN,
    Kept.SAFEGUARDING: lambda row: row.latest.safeguarding == "" and row.latest.title != GONE,
    Kept.ENDED_LISTINGS: lambda row: (row.latest.title, row.latest.body, row.latest.postcode) == (GONE, "", ""),
}


def is_cleared(what: Kept, model: type[Any], key: int) -> bool:
    row = db.session.get(model, key)
    return row is None if what not in IS_CLEARED else IS_CLEARED[what](row)


@pytest.mark.parametrize("what", PLANTS)
def test_all_that_is_due_goes_and_nothing_that_is_not(database: Flask, what: Kept) -> None:
    limit = RULES[what].lasts.before(AT)
    moments = {limit - SECOND: True, limit - timedelta(days=400): True, limit: False, AT - SECOND: False}
    planted = [(plant(moment), is_due) for plant in PLANTS[what] for moment, is_due in moments.items()]
    rows = [(type(row), row.id, is_due) for row, is_due in planted]
    assert sorted(retention.due(what, RULES, AT)) == sorted(key for _, key, is_due in rows if is_due)
    assert retention.clear(what, RULES, TIME, AT) == sum(is_due for *_, is_due in rows)
    db.session.expire_all()
    assert [is_cleared(what, model, key) for model, key, _ in rows] == [is_due for *_, is_due in rows]
    assert retention.due(what, RULES, AT) == []
    assert retention.clear(what, RULES, TIME, AT) == 0


def test_a_link_is_kept_as_long_as_it_works() -> None:
    day = datetime(2027, 3, 1, tzinfo=UTC)
    assert day - RULES[Kept.RESET_LINKS].lasts.before(day) == LASTS[LinkPurpose.RESET]
    assert day - RULES[Kept.INVITATIONS].lasts.before(day) == LASTS[LinkPurpose.INVITATION]


def test_whatever_the_job_sees_to_is_tried_here() -> None:
    by_job = {what for what, rule in RULES.items() if rule.by_job}
    assert set(retention.CLEARINGS) == by_job
    assert set(PLANTS) | {Kept.INACTIVE_ACCOUNTS} == by_job


@pytest.mark.parametrize("what", [Kept.AUDIT, Kept.ACCESS_LOGS])
def test_the_record_is_never_cleared_away(database: Flask, what: Kept) -> None:
    happened(make.authority(), AT - timedelta(days=9000))
    assert retention.clear(what, RULES, TIME, AT) == 0
    assert db.session.scalars(select(Event)).all()


def test_another_time_is_set_for_one_copy(database: Flask) -> None:
    row = trial(AT - timedelta(days=5))
    shorter = {**RULES, Kept.TRIALS: RULES[Kept.TRIALS]._replace(lasts=Period(4, "day"))}
    assert retention.due(Kept.TRIALS, RULES, AT) == []
    assert retention.due(Kept.TRIALS, shorter, AT) == [row.id]


def test_notes_about_an_ended_listing_go_and_the_figures_stay(database: Flask) -> None:
    listing = ended(AT - timedelta(days=1000), PostingState.FILLED)
    [posting] = listing.postings
    listing.reserved, quantity = 6, listing.quantity
    facts = {"at": AT, "kind": NoteKind.CALL, "audience": Audience.OFFICERS, "author_role": Role.OFFICER}
    note = kept(Note, subject="posting", subject_id=posting.id, text="Spoke to her mother", **facts)
    retention.clear(Kept.ENDED_LISTINGS, RULES, TIME, AT)
    db.session.expire_all()
    assert note.text == GONE
    assert (listing.reserved, listing.quantity) == (6, quantity)
    assert (listing.latest.amount, listing.latest.until_date is None) == (quantity, False)


@pytest.mark.parametrize("state", [PartnershipState.RUNNING, PartnershipState.CLOSED])
def test_a_listing_waits_for_what_came_of_it(database: Flask, state: PartnershipState) -> None:
    long_ago, lately = AT - timedelta(days=1000), AT - timedelta(days=10)
    listing = ended(long_ago, PostingState.FILLED)
    area = listing.postings[0].authority
    offer = make.offer(make.supplier(area), area)
    match = make.match(listing, offer, area, MatchState.CONFIRMED)
    partnership = kept(
        Partnership, match=match, authority=area, state=state, lane=Lane.TRANSACTIONAL, what="Chairs",
        starts_on=today(), ends_on=today(), created_at=long_ago,
        ended_at=lately if state == PartnershipState.CLOSED else None,
    )  # fmt: skip
    assert retention.due(Kept.ENDED_LISTINGS, RULES, AT) == []
    if partnership.ended_at:
        partnership.ended_at = long_ago
        db.session.flush()
        assert retention.due(Kept.ENDED_LISTINGS, RULES, AT) == [listing.id]


def test_whoever_is_invited_again_has_the_full_time_again(database: Flask) -> None:
    link(AT - timedelta(days=1), LinkPurpose.INVITATION).user.created_at = AT - timedelta(days=60)
    db.session.flush()
    assert retention.due(Kept.UNTAKEN_ACCOUNTS, RULES, AT) == []


def test_evidence_waits_for_the_last_thing_that_it_shows(database: Flask) -> None:
    long_ago = AT - timedelta(days=8 * 365)
    file = evidence(long_ago)
    within = make.partnership(make.authority())
    lately = make.delivery(
        within, make.measure(), ended_on=AT.date() - timedelta(days=6 * 365), started_on=long_ago.date()
    )
    later = kept(Evidence, delivery=lately, file=file, added_at=long_ago)
    assert retention.due(Kept.EVIDENCE, RULES, AT) == []
    db.session.delete(later)
    db.session.flush()
    assert retention.clear(Kept.EVIDENCE, RULES, TIME, AT) == 1
    assert db.session.scalars(select(Evidence)).all() == []
    verified = set(db.session.scalars(select(Delivery.verified)))
    assert verified == {40}, "what was verified stays verified"


def test_members_clear_nothing_away(database: Flask) -> None:
    with pytest.raises(NotAllowed):
        retention.clear(Kept.TRIALS, RULES, Actor(Role.OFFICER, 1, authority_id=1), AT)


def test_a_listing_with_nothing_to_say_is_left_alone(database: Flask) -> None:
    listing = ended(AT - timedelta(days=1000))
    retention.clear(Kept.ENDED_LISTINGS, RULES, TIME, AT)
    assert db.session.scalars(select(ListingVersion.title).where(ListingVersion.listing_id == listing.id)).all() == [
        GONE
    ]
    assert db.session.scalars(select(Posting.state)).one() == PostingState.WITHDRAWN

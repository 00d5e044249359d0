"""Whoever is erased leaves no word and no name behind, and every figure as it was."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from broker.actions.erasure import LEFT, ask_erasure, erase_person, leaving, take_back_erasure
from broker.actions.mail import owe_mail
from broker.actions.moving import remark
from broker.actions.sign_ins import open_sign_in
from broker.domain.clock import now, today
from broker.domain.kinds import (
    Answer,
    Audience,
    Channel,
    FileKind,
    Lane,
    MatchState,
    NoteKind,
    PartnershipState,
    PostingState,
    Role,
    Side,
)
from broker.domain.mail import MailKind
from broker.domain.permissions import Actor
from broker.domain.refusals import NotAllowed, Unfit
from broker.domain.retention import GONE, NOBODY
from broker.store.accounts import Membership, User, actor_of, user_by_email
from broker.store.base import Base, db
from broker.store.commitments import Commitment
from broker.store.confirmations import Confirmation
from broker.store.contracts import Contract
from broker.store.deliveries import Delivery
from broker.store.events import Note
from broker.store.fairness import ListingBoost
from broker.store.feedback import Feedback
from broker.store.files import StoredFile
from broker.store.listings import Listing, ListingVersion, Posting
from broker.store.matches import Match
from broker.store.organisations import Organisation
from broker.store.partnerships import Partnership
from broker.store.privacy import Departure, is_erased, people_who_asked
from broker.store.tidying import tidy_up
from broker.store.trials import Trial
from tests import make
from tests.actions.test_own_data import rows_with

ADMINISTRATOR = Actor(Role.ADMINISTRATOR, name="command line")
CANARIES = ("canary", "+44 7700 900123")


def person_of(group: Organisation) -> Membership:
    """A member of it whose name and address give them away wherever they stand."""
    membership = make.member(group)
    membership.user.email, membership.user.name = "canary@example.org", "Canary Bird"
    group.contact_name, group.contact_email, group.contact_phone = "Canary Bird", "canary@example.org", CANARIES[1]
    db.session.flush()
    return membership


def promised(group: Organisation, state: PartnershipState = PartnershipState.CLOSED) -> Partnership:
    """A partnership that this group took something from."""
    [registration] = group.registrations
    area = registration.authority
    need = make.need(group, area, title="Canary cages", state=PostingState.FILLED)
    need.reserved = 6
    match = make.match(need, make.offer(make.supplier(area), area), area, MatchState.CONFIRMED)
    made = Partnership(
        match=match, authority=area, state=state, lane=Lane.TRANSACTIONAL, what="They help Canary Bird with cages",
        starts_on=today(), ends_on=today() + timedelta(days=9), created_at=now(), demand_amount=6, supply_amount=6,
        ended_at=now() if state == PartnershipState.CLOSED else None,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


@pytest.fixture
def last_member(database: Flask) -> Membership:
    """The only member of a group, with words in every kind of place."""
    area = make.authority()
    group = make.organisation(area)
    membership = person_of(group)
    by = actor_of(membership)
    need = make.need(group, area, title="A canary is wanted", body="Ring canary@example.org", author_id=by.user_id)
    make.need(group, area, title="Canary draft", state=PostingState.DRAFT, author_id=by.user_id)
    other = make.offer(make.supplier(area), area, body=f"We spoke with CANARY@example.org on {CANARIES[1]}")
    talk = make.match(need, other, area)
    talk.reason = {"parts": [{"words": [{"word": "canary"}]}]}
    remark(talk, by, NoteKind.APPROACH, "Yours, Canary Bird", Audience.SIDES)
    officer = actor_of(make.officer(area))
    remark(talk, officer, NoteKind.CALL, "Rang Canary Bird, who agrees", Audience.OFFICERS)
    db.session.add(Trial(user_id=membership.user_id, need="canary", offer="cage", asked_at=now()))
    make.organisation(area, referee_name="Canary Bird", referee_contact=f"canary@example.org or {CANARIES[1]}")
    db.session.add(
        ListingBoost(
            listing_id=need.id, authority_id=area.id, level=1, reason="Canary Bird asked", made_at=now(),
            ends_on=today() + timedelta(days=9),
        )
    )  # fmt: skip
    open_sign_in(membership, now())
    owe_mail(MailKind.RESET_PASSWORD, membership.user, token="canary-token", address="canary@example.org")
    promised(group)
    chained(group, by)
    db.session.commit()
    return membership


def chained(group: Organisation, by: Actor) -> None:
    """Words along the chain, where this group received something and where it gave something."""
    [registration] = group.registrations
    area, counted = registration.authority, make.measure()
    for giver, receiver in ((None, group), (group, None)):
        between = make.partnership(area, giver, receiver, PartnershipState.CLOSED)
        done = make.delivery(between, counted, note="With Canary Bird", place="By Canary Bird", logged_by_id=by.user_id)
        photo = StoredFile(
            organisation_id=between.receiver_id,
            kind=FileKind.PNG,
            name="canary.png" if receiver else "bird.png",
            size=4,
            sha256=f"{done.id:064}",
            content=b"bird",
            added_by_id=by.user_id,
            added_at=now(),
        )
        db.session.add_all(
            [
                Confirmation(
                    delivery=done, answer=Answer.YES, quantity=done.quantity, sentence="Canary Bird dug and sang",
                    story_consent=True, photo=photo, photo_consent=True, channel=Channel.PAGE, by_id=by.user_id,
                    at=now(),
                ),
                Feedback(
                    partnership=done.partnership, side=Side.SUPPLY if giver else Side.DEMAND, score=5,
                    words="Yours, Canary Bird", channel=Channel.PAGE, by_id=by.user_id, at=now(),
                ),
            ]
        )  # fmt: skip
        make.contract(area, group, manager_name="Canary Bird", manager_id=by.user_id)
        make.commitment(area, group, counted, what="Ring canary@example.org", owner_id=by.user_id)
    db.session.flush()


def totals() -> list[object]:
    """What reports count: amounts agreed, amounts reserved, and how many there are of everything."""
    sums = select(func.count(Partnership.id), func.sum(Partnership.demand_amount), func.sum(Partnership.supply_amount))
    counts = [select(func.count()).select_from(model) for model in (Match, Listing, ListingVersion, Posting, User)]
    reserved = select(func.sum(Listing.reserved), func.sum(Listing.quantity))
    done = select(func.sum(Delivery.quantity), func.sum(Delivery.verified))
    promised_by = select(func.sum(Commitment.quantity))
    return [tuple(row) for query in (sums, reserved, done, promised_by, *counts) for row in db.session.execute(query)]


def test_the_last_member_goes_without_a_trace_and_the_figures_stand(last_member: Membership, tmp_path: Path) -> None:
    user_id, group_id, before = last_member.user_id, last_member.organisation_id, totals()
    db.session.get_one(Organisation, group_id).is_named = True
    assert len(rows_with(CANARIES[0])) > 10
    assert ask_erasure(actor_of(last_member))
    db.session.commit()
    assert [rows_with(canary) for canary in CANARIES] == [set(), set()]
    assert totals() == before
    assert set(db.session.scalars(select(Commitment.owner_id))) == {None}
    assert set(db.session.scalars(select(Contract.manager_id))) == {None}
    user = db.session.get_one(User, user_id)
    assert (user.name, user.password_hash, is_erased(user)) == (NOBODY, None, True)
    assert db.session.scalars(select(Membership).where(Membership.user_id == user_id)).all() == []
    group = db.session.get_one(Organisation, group_id)
    assert (group.claimed_at, group.contact_name, group.contact_phone, group.is_named) == (None, "", "", False)
    [told] = db.session.scalars(select(Note).where(Note.subject == "registration")).all()
    assert (told.text, told.audience) == (LEFT, Audience.OFFICERS)
    states = set(
        db.session.scalars(select(Posting.state).join(Posting.listing).where(Listing.organisation_id == group_id))
    )
    assert states == {PostingState.WITHDRAWN, PostingState.FILLED}
    assert set(db.session.scalars(select(Match.state))) == {MatchState.WITHDRAWN, MatchState.CONFIRMED}
    assert set(db.session.scalars(select(Partnership.what))) == {GONE}


def test_no_letter_of_it_is_left_in_the_database_file(last_member: Membership, tmp_path: Path) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL keeps no file that a test may read")
    ask_erasure(actor_of(last_member))
    db.session.commit()
    db.session.remove()
    tidy_up(db.engine)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.name == "broker.db" for path in files)
    left = [
        path.name
        for path in files
        if b"canary" in path.read_bytes().lower() or CANARIES[1].encode() in path.read_bytes()
    ]
    assert left == []


def test_colleagues_go_on_without_the_name(database: Flask) -> None:
    area = make.authority()
    group = make.organisation(area, does="Ask Canary Bird what we do.")
    membership, colleague = person_of(group), make.member(group)
    need = make.need(group, area, body="Bring it to Canary Bird", author_id=membership.user_id)
    elsewhere = make.need(make.organisation(area), area, body="Canary Bird is what we call our boat")
    promised(group, PartnershipState.RUNNING)
    assert leaving(membership.user_id).left_alone == []
    assert ask_erasure(actor_of(membership))
    db.session.expire_all()
    assert (group.contact_name, group.contact_email) == (colleague.user.name, colleague.user.email)
    assert group.claimed_at is not None
    assert (need.postings[0].state, need.latest.body) == (PostingState.OPEN, "Bring it to …")
    assert group.does == "Ask … what we do."
    assert elsewhere.latest.body == "Canary Bird is what we call our boat"


def test_an_organisation_that_an_officer_entered_goes_on_without_its_contact(database: Flask) -> None:
    area = make.authority()
    entered = make.organisation(area, claimed_at=None, entered_how="phone", contact_email="Canary@example.org")
    need = make.need(entered, area)
    ask_erasure(actor_of(person_of(make.organisation(area))))
    db.session.expire_all()
    assert (entered.contact_email, need.postings[0].state) == ("", PostingState.OPEN)


@pytest.mark.parametrize("tie", ["partnership", "match", "staff"])
def test_what_others_count_on_is_looked_at_first(database: Flask, tie: str) -> None:
    area = make.authority()
    group = make.organisation(area)
    membership = person_of(group)
    if tie == "partnership":
        promised(group, PartnershipState.RUNNING)
    elif tie == "match":
        make.match(make.need(group, area), make.offer(make.supplier(area), area), area, MatchState.AGREED)
    else:
        membership = make.officer(area)
    by = actor_of(membership)
    assert [each.what for each in leaving(by.user_id or 0).ties] == [tie]
    assert not ask_erasure(by)
    assert not ask_erasure(by)
    db.session.flush()
    assert [each.user_id for each in people_who_asked()] == [by.user_id]
    erase_person(db.session.get_one(User, by.user_id), ADMINISTRATOR)
    db.session.expire_all()
    assert is_erased(db.session.get_one(User, by.user_id))
    assert people_who_asked() == []


def test_a_wish_can_be_taken_back(database: Flask) -> None:
    by = actor_of(make.officer(make.authority()))
    ask_erasure(by)
    take_back_erasure(by)
    take_back_erasure(by)
    db.session.flush()
    assert people_who_asked() == []
    assert not is_erased(db.session.get_one(User, by.user_id))


def test_what_an_officer_wrote_is_the_councils_and_stays(database: Flask) -> None:
    area = make.authority()
    membership, need = make.officer(area), make.need(make.organisation(area), area)
    remark(
        need.postings[0], actor_of(membership), NoteKind.NOTE, "Checked with the charity register", Audience.OFFICERS
    )
    db.session.flush()
    erase_person(membership.user, ADMINISTRATOR)
    assert rows_with("checked with the charity register")


def test_the_last_administrator_cannot_go(database: Flask) -> None:
    only = make.administrator()
    user, by = only.user, actor_of(only)
    with pytest.raises(Unfit):
        erase_person(user, by)
    other = make.administrator()
    successor, theirs = other.user, actor_of(other)
    erase_person(user, theirs)
    erase_person(user, theirs)
    with pytest.raises(Unfit):
        erase_person(successor, theirs)


@pytest.mark.parametrize("role", [Role.MEMBER, Role.OFFICER])
def test_nobody_else_may_erase_somebody(database: Flask, role: Role) -> None:
    area = make.authority()
    by = actor_of(make.member(make.organisation(area)) if role is Role.MEMBER else make.officer(area))
    with pytest.raises(NotAllowed):
        erase_person(make.user(), by)


def test_the_same_address_may_sign_up_again(last_member: Membership) -> None:
    ask_erasure(actor_of(last_member))
    assert user_by_email("canary@example.org") is None
    make.user("canary@example.org")


def test_every_table_that_names_a_person_says_whether_it_goes_with_them(database: Flask) -> None:
    """A row about a person says user_id; whoever adds a table reads here what follows from the name."""
    about, by = set(), set()
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if any(key.target_fullname == "user.id" for key in column.foreign_keys):
                (about if column.name == "user_id" else by).add(f"{table.name}.{column.name}")
    assert {"membership.user_id", "one_time_link.user_id", "trial.user_id", "departure.user_id"} <= about
    assert {"event.actor_id", "note.author_id", "match.confirmed_by_id"} <= by
    handed = {"commitment.owner_id", "contract.manager_id"}  # taken from their hand: `take_from_hand`
    assert {name for name in by if not name.endswith(("_by_id", "by_id", "author_id", "actor_id"))} == handed
    assert Departure.__table__ is Base.metadata.tables["departure"]


def test_what_has_to_be_settled_says_with_whom(database: Flask) -> None:
    area = make.authority()
    group, firm = make.organisation(area), make.supplier(area)
    needs = [make.need(group, area) for _ in range(2)]
    make.match(needs[0], make.offer(firm, area), area, MatchState.AGREED)
    make.match(make.need(firm, area), make.offer(group, area), area, MatchState.AGREED)
    make.match(make.need(firm, area), make.offer(make.supplier(area), area), area, MatchState.AGREED)
    make.match(needs[1], make.offer(firm, area), area, MatchState.PROPOSED)
    assert [(tie.what, tie.other) for tie in leaving(make.member(group).user_id).ties] == [("match", firm.name)] * 2

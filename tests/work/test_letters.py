"""Every letter, whatever people are called: one line of subject, links of ours that lead somewhere, nothing private."""

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from email import message_from_bytes, policy
from typing import Any

import pytest
from flask import Flask

from broker.actions.moving import record, remark
from broker.domain.clock import now, today
from broker.domain.kinds import (
    Answer,
    Audience,
    Channel,
    DeliveryState,
    IdeaState,
    Lane,
    MatchState,
    NoteKind,
    PartnershipState,
    PostingState,
    RegistrationState,
    Role,
)
from broker.domain.mail import OCCASIONS, MailKind, topic_of
from broker.domain.permissions import Action, Actor
from broker.store.accounts import Membership
from broker.store.base import db
from broker.store.commitments import Commitment
from broker.store.confirmations import Confirmation
from broker.store.matches import Match
from broker.store.milestones import Milestone
from broker.store.outbox import Outbox
from broker.store.partnerships import Partnership
from broker.work.carriers import Letter, message_of
from broker.work.letters import base_url, compose
from tests import make
from tests.conftest import check_page

PRIVATE = ("canary-contact", "canary@", "01632 000000", "ZZ9 9ZZ", "canary-referee", "canary-safeguarding")
ODD = {
    "header": "Ann\r\nBcc: victim@elsewhere.example",
    "markup": "<b onclick='x'>Ann</b> & \"Sons\" </p><script>alert(1)</script>",
    "template": "{{ 7 * 7 }}{% raw %} %(x)s {0}",
    "letters": "Zoë Ó Séaghdha-N\u0303 \U0001f33b שלום",
    "long": "a very long name " * 20,
    "seven": "\u2028x\u0085y\x0bz",
}
EXPLAINED = {
    MailKind.ORGANISATION_RETURNED,
    MailKind.LISTING_RETURNED,
    MailKind.ORGANISATION_PAUSED,
    MailKind.COMMITMENT_CHANGED,
}

LASTS = {  # how long its link works, which is nowhere else to be read once the page is closed
    MailKind.INVITATION: "works once, for two days",
    MailKind.RESET_PASSWORD: "works once, for an hour",
    MailKind.VERIFY_ADDRESS: "works once, and only for a short time",
}


class World:
    """One of everything that a letter can be about, all named alike."""

    def __init__(self, name: str) -> None:
        private = {
            "contact_name": "canary-contact", "contact_email": "canary@example.org", "postcode": "ZZ9 9ZZ",
            "contact_phone": "01632 000000", "referee_name": "canary-referee", "referee_contact": "canary-referee",
        }  # fmt: skip
        self.area = make.authority(name[:200])
        self.group = make.organisation(self.area, **{**private, "name": f"Group {name}"[:300]})
        self.firm = make.supplier(self.area, **{**private, "name": f"Firm {name}"[:300]})
        self.need = make.need(self.group, self.area, title=name[:400], safeguarding="canary-safeguarding")
        self.offer = make.offer(self.firm, self.area, title=name[:400])
        self.need.expires_on = today()
        self.member, self.officer = make.member(self.group), make.officer(self.area)
        self.councillor = make.councillor(self.area)
        self.keeper = make.member(self.firm)
        for membership in (self.member, self.officer, self.keeper, self.councillor):
            membership.user.name = name[:200]
        self.officers_word = f"Please tell us more, {name}"

    def thing(self, kind: MailKind) -> Any:
        """What this kind of letter is about, in a state in which it is true."""
        occasion = OCCASIONS.get(kind)
        if occasion is None:
            return None
        state = min(occasion.states, default="")
        return getattr(self, f"_{occasion.about}")(state)

    def reader(self, kind: MailKind) -> Membership:
        occasion = OCCASIONS.get(kind)
        people = {Role.OFFICER: self.officer, Role.COUNCILLOR: self.councillor, Role.COLLEAGUE: self.keeper}
        return people.get(occasion.to, self.member) if occasion else self.member

    def _registration(self, state: str) -> Any:
        registration = self.group.registrations[0]
        registration.state = RegistrationState(state)
        return self._explained(registration)

    def _posting(self, state: str) -> Any:
        posting = self.need.postings[0]
        posting.state = PostingState(state)
        return self._explained(posting)

    def _match(self, state: str) -> Match:
        facts = {} if state in (MatchState.AGREED, MatchState.CONFIRMED) else {"demand_accepted_at": None}
        return make.match(self.need, self.offer, self.area, MatchState(state), **facts)

    def _partnership(self, state: str) -> Partnership:
        made = Partnership(
            match=make.match(self.need, self.offer, self.area, MatchState.CONFIRMED), authority=self.area,
            state=PartnershipState(state or "planned"), lane=Lane.TRANSACTIONAL, what=self.need.versions[0].title,
            starts_on=today(), ends_on=today() + timedelta(days=9), review_on=today(), created_at=now(),
        )  # fmt: skip
        db.session.add(made)
        db.session.flush()
        return made

    def _delivery(self, state: str) -> Any:
        made = make.delivery(self._partnership("running"), make.measure(label=ODD["long"][:300]), DeliveryState(state))
        made.place = self.need.versions[0].title[:300]
        if state not in (DeliveryState.LOGGED, DeliveryState.UNCONFIRMED):
            self._say(made)
        return made

    def _say(self, delivery: Any) -> None:
        said = Confirmation(
            delivery=delivery, answer=Answer.LESS, quantity=Decimal(39), sentence=self.need.versions[0].title,
            channel=Channel.LINK, at=now(),
        )  # fmt: skip
        db.session.add(said)
        db.session.flush()

    def _promise(self, _state: str) -> Commitment:
        made = self._commitment("")
        by = Actor(Role.OFFICER, self.officer.user_id, authority_id=self.area.id)
        record(made, Action.LOWER_COMMITMENT, by, "quantity")
        return self._explained(made)

    def _commitment(self, _state: str) -> Commitment:
        counted = make.measure(label=self.need.versions[0].title[:300])
        return make.commitment(self.area, self.firm, counted, owner=self.keeper.user)

    def _milestone(self, _state: str) -> Milestone:
        late = today() - timedelta(days=1)
        made = Milestone(commitment=self._commitment(""), what=self.need.versions[0].title[:400], due_on=late)
        db.session.add(made)
        db.session.flush()
        return made

    def _project_idea(self, state: str) -> Any:
        place = make.ward(self.area, name=self.area.name)
        title = self.need.versions[0].title
        return make.project_idea(
            place, IdeaState(state), self.councillor.user, title=title, text=title, answer="Yes, in May."
        )

    def _authority(self, _state: str) -> Any:
        make.need(self.group, self.area, state=PostingState.SUBMITTED)
        return self.area

    def _explained(self, thing: Any) -> Any:
        by = Actor(Role.OFFICER, self.officer.user_id, authority_id=self.area.id)
        remark(thing, by, NoteKind.REASON, self.officers_word, Audience.OWNER)
        db.session.flush()
        return thing


@pytest.fixture(params=ODD, ids=str)
def world(request: pytest.FixtureRequest, database: Flask) -> World:
    return World(ODD[request.param])


def written(world: World, kind: MailKind) -> Letter:
    thing = world.thing(kind)
    row = Outbox(
        kind=kind, user=world.reader(kind).user, message_id="0" * 32, created_at=now(), token="s3cret",
        subject=thing.__tablename__ if thing else None, subject_id=thing.id if thing else None,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    letter = compose(row)
    assert letter is not None, f"{kind} says nothing"
    return letter


def each_letter(world: World) -> Iterator[tuple[MailKind, Letter]]:
    """A letter of every kind; what each needed is taken back before the next."""
    db.session.commit()
    for kind in MailKind:
        yield kind, written(world, kind)
        db.session.rollback()


def addresses(text: str) -> list[str]:
    return re.findall(r"https?://[^\s\"<>]+", text)


def test_a_letter_is_mail_whatever_people_are_called(world: World, database: Flask) -> None:
    for kind, letter in each_letter(world):
        assert letter.subject, kind
        assert len(letter.subject) <= 150, kind
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", letter.subject), kind
        message = message_from_bytes(bytes(message_of(letter, database.config)), policy=policy.default)
        assert message.get_all("To") == [letter.to], kind
        assert message["Subject"] == letter.subject, kind
        assert message["Message-ID"].startswith(f"<{letter.message_id}@"), kind
        assert not {"Bcc", "Cc", "Reply-To"} & set(message.keys()), kind
        check_page(letter.html)
        assert not re.search(r"<b[ >]|<script|<i>", letter.html), kind
        assert "None" not in letter.text, kind


def test_a_name_is_no_template(database: Flask) -> None:
    for kind, letter in each_letter(World(ODD["template"])):
        if topic_of(kind) != "account":
            assert "{{ 7 * 7 }}" in letter.text, kind


def test_what_a_letter_says(database: Flask) -> None:
    world = World("Plain name")
    for kind, letter in each_letter(world):
        assert letter.text.count("\n\n\n") == 0, kind
        assert "You get this because" in letter.text, kind
        assert LASTS.get(kind, "") in " ".join(letter.text.split()), kind
        is_account = topic_of(kind) == "account"
        assert (letter.stop_url is None) is is_account, kind
        assert ("/mail/stop/" in letter.text) is not is_account, kind
        assert world.officers_word in letter.text or kind not in EXPLAINED, kind


def test_contacts_are_told_only_once_both_have_said_yes(database: Flask) -> None:
    told = {kind: [word for word in PRIVATE if word in letter.text] for kind, letter in each_letter(World("Ann"))}
    assert told.pop(MailKind.PARTNERSHIP_CONFIRMED) == ["canary-contact", "canary@", "01632 000000"]
    assert not any(told.values()), told


def test_links_are_ours_and_lead_to_a_page(world: World, database: Flask) -> None:
    pages = database.url_map.bind("")
    for kind, letter in each_letter(world):
        found = {address for address in addresses(letter.html) if address.startswith(base_url())}
        assert found, kind
        for address in found:
            endpoint, _ = pages.match(address.removeprefix(base_url()), method="GET")
            assert endpoint, kind
        assert set(re.findall(r'href="([^"]*)"', letter.html)) <= found, kind
        assert set(addresses(letter.html)) <= found, f"{kind} names an address of somebody else's"


@pytest.fixture(params=["https://thread.council.example", "https://thread.council.example/"])
def public(database: Flask, request: pytest.FixtureRequest) -> Flask:
    database.config["BASE_URL"] = request.param
    return database


def test_links_begin_with_the_address_that_was_set(public: Flask) -> None:
    letter = written(World("Plain name"), MailKind.MATCH_PROPOSED)
    assert addresses(letter.text)
    assert all(address.startswith("https://thread.council.example/m") for address in addresses(letter.text))


def test_the_digest_says_how_many_wait(database: Flask) -> None:
    text = written(World("Plain name"), MailKind.DIGEST).text
    assert re.search(r"^- 1 listing to check$", text, re.M)


def test_a_group_without_an_account_is_written_to_where_it_can_be_reached(database: Flask) -> None:
    world = World("Plain name")
    made = world.thing(MailKind.DELIVERY_ASKED)
    row = Outbox(
        kind=MailKind.DELIVERY_ASKED, user=None, message_id="0" * 32, created_at=now(), token="s3cret",
        subject="delivery", subject_id=made.id,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    letter = compose(row)
    assert letter is not None
    assert (letter.to, letter.stop_url) == ("canary@example.org", None)
    assert f"{base_url()}/c/s3cret" in letter.text
    assert letter.text.startswith("Hello,\n")
    assert "gave this address as the one to reach it at" in letter.text
    world.group.contact_email = "elsewhere@example.org"
    found = compose(row)
    assert found is not None
    assert found.to == "elsewhere@example.org", "where it can be reached on the day that it goes"
    world.group.contact_email = ""
    assert compose(row) is None


def test_a_letter_that_asks_is_not_sent_once_it_is_answered(database: Flask) -> None:
    world = World("Plain name")
    made = world.thing(MailKind.DELIVERY_ASKED)
    made.state = DeliveryState.DISPUTED
    row = Outbox(
        kind=MailKind.DELIVERY_ASKED, user=world.member.user, message_id="0" * 32, created_at=now(), token="s3cret",
        subject="delivery", subject_id=made.id,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    assert compose(row) is None

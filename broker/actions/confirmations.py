"""What a receiver says of a delivery: asked by letter, answered by link, on its page, or told to an officer.

The giver never answers for itself: not through a second membership, nor by opening its receiver's letter.
"""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import update

from broker.actions.evidence import let_go
from broker.actions.mail import owe_mail, tell_members
from broker.actions.moving import carry, hold, move, record
from broker.actions.verifications import reopen, verify_at_once
from broker.domain.clock import now, today
from broker.domain.deliveries import LINK_DAYS, MOST_ASKED, Said, halfway, received
from broker.domain.kinds import Answer, Channel, DeliveryState, Role
from broker.domain.mail import MailKind
from broker.domain.permissions import Action, Actor, require
from broker.domain.refusals import LinkOver, Unfit, WrongState
from broker.domain.texts import tidy
from broker.store.accounts import User, hash_token
from broker.store.base import db
from broker.store.confirmations import (
    Confirmation,
    ConfirmationLink,
    acted_for_giver,
    asked_since,
    confirmation_of,
    is_givers,
    link_behind,
    people_to_ask,
    photos_of,
)
from broker.store.deliveries import Delivery, word_rules
from broker.store.events import events_of
from broker.store.outbox import told_before

WHO = Actor(Role.SYSTEM)  # whoever holds a link is not asked for a name
ANSWERED = (DeliveryState.CONFIRMED, DeliveryState.VERIFIED, DeliveryState.DISPUTED)
BY_PAGE = {False: Action.CONFIRM_DELIVERY, True: Action.DISPUTE_DELIVERY}
BY_PHONE = {False: Action.RECORD_CONFIRMATION, True: Action.RECORD_DISPUTE}


def confirm_delivery(delivery: Delivery, by: Actor, said: Said) -> Confirmation:
    """The receiver answers on its page, or says something else than it did before.

    Unfit on `quantity` or `answer`; once something of it is claimed the answer stands. Its words, and whether they may
    be told, are the receiver's at any time: with the same answer nothing but these changes.
    """
    action = BY_PAGE[said.answer is Answer.NOT_AT_ALL]
    require(by, action, delivery)
    hold(delivery)
    if delivery.state in ANSWERED and _is_same(delivery, said):
        _check_not_the_giver(delivery, by)
        record(delivery, action, by)
        return _say(delivery, by, said, received(said, delivery.quantity, delivery.measure.unit_kind), Channel.PAGE)
    return _answer(delivery, by, said, action, Channel.PAGE)


def record_answer(delivery: Delivery, by: Actor, said: Said) -> Confirmation:
    """An officer writes down what the receiver told them. Refuses as confirm_delivery does."""
    action = BY_PHONE[said.answer is Answer.NOT_AT_ALL]
    require(by, action, delivery)
    return _answer(delivery, by, said, action, Channel.PHONE)


def answer_by_link(token: str, said: Said, visitor: Actor | None = None) -> Confirmation:
    """Whoever holds the link answers, once. LinkOver where it was used, perhaps this very moment, or is too old.

    `visitor` is who is signed in where it was opened, if anybody is.
    """
    link = link_behind(hash_token(token))
    if link is None:
        raise LinkOver
    hold(link.delivery)
    db.session.refresh(link, ["used_at"])
    if not is_open(link):
        raise LinkOver
    if visitor is not None and acted_for_giver(visitor.user_id, link.delivery):
        raise Unfit({"answer": "giver"})
    action = BY_PAGE[said.answer is Answer.NOT_AT_ALL]
    return _answer(link.delivery, WHO, said, action, Channel.LINK)


def take_back_consent(delivery: Delivery, by: Actor) -> None:
    """What its receiver let be told and shown may no longer be, from this moment; the photo is gone.

    For the receiver itself, or for an officer whom it told: a group without an account can take it back as well.
    WrongState where nothing was said.
    """
    require(by, Action.TAKE_BACK_CONSENT, delivery)
    hold(delivery)
    said = confirmation_of(delivery.id)
    if said is None:
        raise WrongState("delivery", delivery.state, Action.TAKE_BACK_CONSENT)
    said.story_consent = said.photo_consent = False
    _let_photos_go(delivery)
    record(delivery, Action.TAKE_BACK_CONSENT, by)


def is_open(link: ConfirmationLink) -> bool:
    """Whether this link can still be answered by."""
    waits = link.delivery.state in (DeliveryState.LOGGED, DeliveryState.UNCONFIRMED)
    return waits and link.used_at is None and link.expires_at > now()


def ask(delivery: Delivery, kind: MailKind = MailKind.DELIVERY_ASKED, once: str | None = None) -> bool:
    """Write to the receiver's people, or to its contact address; False where there is nobody to write to."""
    people: Sequence[User | None] = people_to_ask(delivery) or _contact(delivery)
    if not people or delivery.answer_by is None:
        return False
    token, at = secrets.token_urlsafe(32), now()
    ends = datetime.combine(delivery.answer_by + timedelta(days=LINK_DAYS), time.max, UTC).replace(microsecond=0)
    db.session.add(
        ConfirmationLink(token_hash=hash_token(token), delivery_id=delivery.id, created_at=at, expires_at=ends)
    )
    for person in people:
        owe_mail(kind, person, delivery, token=token, once=once)
        once = None  # the first letter's name stands for all of them
    return True


def ask_again(delivery: Delivery, by: Actor) -> bool:
    """Ask once more, with a new link in place of the old ones. False where there is nobody to write to.

    Unfit on `again` where it was asked often enough.
    """
    require(by, Action.ASK_CONFIRMATION, delivery)
    hold(delivery)
    if times_asked(delivery) >= MOST_ASKED:
        raise Unfit({"again": "too_often"})
    _limits, days = word_rules(delivery.authority_id)
    move(delivery, Action.ASK_CONFIRMATION, by, answer_by=today() + timedelta(days=days))
    _end_links(delivery, expires_at=now())
    return ask(delivery)


def times_asked(delivery: Delivery) -> int:
    """How often the giver or an officer has had it asked again."""
    return sum(event.action == Action.ASK_CONFIRMATION for event in events_of("delivery", delivery.id))


def remind_receivers(at: datetime) -> int:
    """Remind once, halfway to the day by which an answer is asked for; of how many deliveries that was."""
    reminded = 0
    for delivery, since in asked_since(at):
        once = f"delivery:{delivery.id}:{delivery.answer_by}"
        if delivery.answer_by and at.date() >= halfway(since.date(), delivery.answer_by) and not told_before(once):
            reminded += ask(delivery, MailKind.DELIVERY_REMINDED, once)
    return reminded


def _contact(delivery: Delivery) -> list[None]:
    """A letter to the address that the receiver gave, where that is not the giver's own."""
    receiver = delivery.partnership.match.demand.organisation if delivery.partnership else None
    address = receiver.contact_email if receiver else ""
    return [None] if address and not is_givers(address, delivery) else []


def _answer(delivery: Delivery, by: Actor, said: Said, action: Action, channel: Channel) -> Confirmation:
    hold(delivery)
    _check_not_the_giver(delivery, by)
    got = received(said, delivery.quantity, delivery.measure.unit_kind)
    if delivery.state == DeliveryState.VERIFIED and action in BY_PAGE.values():
        reopen(delivery, by)
    carry(delivery, action, by)
    confirmation = _say(delivery, by, said, got, channel)
    _end_links(delivery, used_at=now())
    if delivery.tier == 1 and got > 0:
        verify_at_once(delivery, by, got)
    tell_members(MailKind.DELIVERY_ANSWERED, delivery.giver_id, delivery, by)
    return confirmation


def _check_not_the_giver(delivery: Delivery, by: Actor) -> None:
    if delivery.receiver_id == delivery.giver_id or acted_for_giver(by.user_id, delivery):
        raise Unfit({"answer": "giver"})


def _is_same(delivery: Delivery, said: Said) -> bool:
    """Whether this is the answer that stands, perhaps in other words."""
    before = confirmation_of(delivery.id)
    got = received(said, delivery.quantity, delivery.measure.unit_kind)
    return before is not None and (before.answer, before.quantity) == (said.answer, got)


def _say(delivery: Delivery, by: Actor, said: Said, got: Decimal, channel: Channel) -> Confirmation:
    """What stood before is superseded, and kept."""
    before = confirmation_of(delivery.id)
    if before is not None:
        before.superseded_at = now()
        db.session.flush()
    kept = before.photo_id if before and not said.without_photo else None
    photo_id = said.photo_id or kept
    confirmation = Confirmation(
        delivery_id=delivery.id,
        answer=said.answer,
        quantity=got,
        sentence=tidy(said.sentence),
        story_consent=said.story_consent and bool(said.sentence.strip()),
        photo_id=photo_id,
        photo_consent=said.photo_consent and photo_id is not None,
        channel=channel,
        by_id=by.user_id,
        at=now(),
    )
    db.session.add(confirmation)
    db.session.flush()
    _let_photos_go(delivery, but=photo_id)
    return confirmation


def _let_photos_go(delivery: Delivery, but: int | None = None) -> None:
    """A photo that was replaced or taken away is nobody's to open any more, earlier answers or not."""
    for photo in photos_of(delivery.id):
        if photo.id != but:
            theirs = (Confirmation.delivery_id == delivery.id, Confirmation.photo_id == photo.id)
            db.session.execute(update(Confirmation).where(*theirs).values(photo_id=None))
            let_go(photo)


def _end_links(delivery: Delivery, **facts: object) -> None:
    live = update(ConfirmationLink).where(
        ConfirmationLink.delivery_id == delivery.id,
        ConfirmationLink.used_at.is_(None),
        ConfirmationLink.expires_at > now(),
    )
    db.session.execute(live.values(**facts))

"""Evidence: whose file it must be, how often it is kept, when it may be taken away, and what room there is."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from broker.actions.evidence import add_evidence, let_go, remove_evidence
from broker.actions.files import Clean, cleaned, keep_file
from broker.domain.clock import now
from broker.domain.files import FileRefused, Upload
from broker.domain.kinds import Answer, Channel, DeliveryState, Role
from broker.domain.permissions import Action, Actor
from broker.domain.refusals import NotAllowed, Unfit, WrongState
from broker.store.base import db
from broker.store.confirmations import Confirmation
from broker.store.deliveries import Delivery
from broker.store.events import Event
from broker.store.evidence import evidence_for, readable_file
from broker.store.files import StoredFile, kept_by
from tests import make
from tests.actions.test_races import at_once
from tests.hostile_files import JPEG, PDF


@pytest.fixture
def delivery(database: object) -> Delivery:
    """Forty hours that a firm gave a group, which has not answered yet."""
    return make.delivery(make.partnership(make.authority()), make.measure(), DeliveryState.LOGGED)


@pytest.fixture
def giver(delivery: Delivery) -> Actor:
    return member(delivery.giver_id)


def member(organisation_id: int | None) -> Actor:
    return Actor(Role.MEMBER, organisation_id=organisation_id)


def sheet(name: str = "hours.pdf", more: bytes = b"") -> Clean:
    return cleaned(Upload(b"%PDF-1.7\n" + more + b"\n%%EOF", name, "application/pdf"))


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(StoredFile)) or 0


def test_a_file_is_kept_as_it_may_be_kept(delivery: Delivery, giver: Actor) -> None:
    kept = keep_file(cleaned(Upload(JPEG + b"behind", "C:\\me\\garden.JPEG", "image/jpeg")), delivery.giver_id, giver)
    assert (kept.name, kept.kind, kept.size) == ("garden.jpg", "jpeg", len(kept.content))
    assert b"behind" not in kept.content
    assert kept_by(delivery.giver_id) == kept.size


def test_the_same_file_is_kept_once_for_each_organisation(delivery: Delivery, giver: Actor) -> None:
    first = keep_file(sheet(), delivery.giver_id, giver)
    assert keep_file(sheet("again.pdf"), delivery.giver_id, giver) is first
    assert kept_by(delivery.giver_id) == first.size
    other = keep_file(sheet(), delivery.receiver_id or 0, member(delivery.receiver_id))
    assert other.id != first.id
    own = select(StoredFile).where(StoredFile.organisation_id == delivery.giver_id)
    assert db.session.scalars(own).all() == [first]


def test_there_is_room_for_so_much_and_no_more(delivery: Delivery, giver: Actor) -> None:
    first = keep_file(sheet(), delivery.giver_id, giver, quota=40)
    with pytest.raises(FileRefused) as refused:
        keep_file(sheet(more=b"longer than before"), delivery.giver_id, giver, quota=40)
    assert refused.value.problems == {"file": "quota"}
    assert keep_file(sheet(), delivery.giver_id, giver, quota=first.size) is first, "what is kept takes no more room"


def test_a_refused_file_is_not_kept(delivery: Delivery, giver: Actor) -> None:
    with pytest.raises(FileRefused):
        keep_file(cleaned(Upload(PDF, "photo.jpg", "image/jpeg", "photo")), delivery.giver_id, giver)
    assert count() == 0


def test_evidence_is_added_and_told(delivery: Delivery, giver: Actor) -> None:
    file = keep_file(sheet(), delivery.giver_id, giver)
    evidence = add_evidence(delivery, giver, file=file, what=" Hours in May\0 ")
    assert [each.id for each in evidence_for(delivery.id)] == [evidence.id]
    assert evidence.what == "Hours in May"
    told = db.session.scalars(select(Event).where(Event.subject == "evidence")).one()
    assert (told.action, told.changes["delivery_id"]) == (Action.ADD_EVIDENCE, [None, delivery.id])


def test_one_file_supports_several_deliveries_and_each_once(delivery: Delivery, giver: Actor) -> None:
    file = keep_file(sheet(), delivery.giver_id, giver)
    later = make.delivery(delivery.partnership, delivery.measure, DeliveryState.LOGGED)  # type: ignore[arg-type]
    add_evidence(delivery, giver, file=file)
    add_evidence(later, giver, file=file)
    with pytest.raises(Unfit) as refused:
        add_evidence(later, giver, file=file)
    assert refused.value.problems == {"file": "already"}


def test_the_receiver_adds_no_evidence_of_what_another_gave(delivery: Delivery, giver: Actor) -> None:
    file = keep_file(sheet(), delivery.giver_id, giver)
    for by in (member(delivery.receiver_id), Actor(Role.OFFICER, authority_id=delivery.authority_id)):
        with pytest.raises(NotAllowed):
            add_evidence(delivery, by, file=file)


def test_nobody_hands_in_somebody_elses_file(delivery: Delivery, giver: Actor) -> None:
    theirs = keep_file(sheet(), delivery.receiver_id or 0, member(delivery.receiver_id))
    with pytest.raises(NotAllowed):
        add_evidence(delivery, giver, file=theirs)


def test_what_was_taken_back_takes_no_evidence(delivery: Delivery, giver: Actor) -> None:
    file = keep_file(sheet(), delivery.giver_id, giver)
    db.session.execute(update(Delivery).values(state=DeliveryState.WITHDRAWN))
    db.session.refresh(delivery)
    with pytest.raises(WrongState):
        add_evidence(delivery, giver, file=file)


def test_what_nobody_needs_any_more_is_gone(delivery: Delivery, giver: Actor) -> None:
    file = keep_file(sheet(), delivery.giver_id, giver)
    later = make.delivery(delivery.partnership, delivery.measure, DeliveryState.LOGGED)  # type: ignore[arg-type]
    first, second = (add_evidence(each, giver, file=file) for each in (delivery, later))
    remove_evidence(first, giver)
    assert count() == 1, "the other delivery still needs it"
    remove_evidence(second, giver)
    assert count() == 0
    assert kept_by(delivery.giver_id) == 0


def test_what_was_verified_keeps_its_evidence(delivery: Delivery, giver: Actor) -> None:
    evidence = add_evidence(delivery, giver, file=keep_file(sheet(), delivery.giver_id, giver))
    db.session.execute(update(Delivery).values(state=DeliveryState.VERIFIED, verified=Decimal(40), verified_at=now()))
    db.session.refresh(delivery)
    before = (delivery.state, delivery.verified, delivery.verified_at, delivery.row_version)
    later = add_evidence(delivery, giver, file=keep_file(sheet(more=b"later"), delivery.giver_id, giver))
    for each in (evidence, later):
        with pytest.raises(WrongState):
            remove_evidence(each, giver)
    assert count() == 2
    assert (delivery.state, delivery.verified, delivery.verified_at, delivery.row_version) == before


def test_a_file_is_for_both_sides_and_their_officers(delivery: Delivery, giver: Actor) -> None:
    file = keep_file(sheet(), delivery.giver_id, giver)
    officer = Actor(Role.OFFICER, authority_id=delivery.authority_id)
    assert readable_file(file.id, giver) is None, "nothing needs it yet"
    add_evidence(delivery, giver, file=file)
    others = [member(make.organisation(delivery.authority).id), Actor(Role.OFFICER, authority_id=make.authority().id)]
    others += [Actor(Role.COUNCILLOR, authority_id=delivery.authority_id), Actor(Role.COLLEAGUE, user_id=99)]
    for by in (giver, member(delivery.receiver_id), officer):
        assert readable_file(file.id, by) is file
    for by in others:
        assert readable_file(file.id, by) is None, by.role


def test_the_photo_of_a_confirmation_goes_through_the_same_door(delivery: Delivery, giver: Actor) -> None:
    receiver = delivery.receiver_id or 0
    photo = keep_file(cleaned(Upload(JPEG, "garden.jpg", "image/jpeg", "photo")), receiver, Actor(Role.SYSTEM))
    said = {"answer": Answer.YES, "quantity": Decimal(40), "channel": Channel.LINK, "at": now()}
    db.session.add(Confirmation(delivery=delivery, photo=photo, **said))
    db.session.flush()
    assert readable_file(photo.id, giver) is photo
    assert readable_file(photo.id, member(make.organisation(delivery.authority).id)) is None
    files_kept = count()
    let_go(photo)
    assert count() == files_kept, "the confirmation shows it"


def test_the_colleague_who_looks_after_the_promise_adds_and_reads(delivery: Delivery) -> None:
    area = delivery.authority
    colleague, manager = make.user(), make.user()
    contract = make.contract(area, delivery.organisation, manager_id=manager.id)
    promise = make.commitment(area, delivery.organisation, delivery.measure, contract=contract, owner_id=colleague.id)
    assert delivery.partnership is not None
    delivery.partnership.commitment_id, delivery.partnership.committed_amount = promise.id, Decimal(40)
    db.session.flush()
    db.session.expire_all()
    owner = Actor(Role.COLLEAGUE, user_id=colleague.id, organisation_id=delivery.giver_id)
    looks_after = Actor(Role.CONTRACT_MANAGER, user_id=manager.id, authority_id=area.id)
    file = keep_file(sheet(), delivery.giver_id, owner)
    add_evidence(delivery, owner, file=file)
    assert readable_file(file.id, owner) is file
    assert readable_file(file.id, looks_after) is file
    with pytest.raises(NotAllowed):
        add_evidence(delivery, looks_after, file=file)
    another = Actor(Role.COLLEAGUE, user_id=make.user().id, organisation_id=delivery.giver_id)
    assert readable_file(file.id, another) is None


def test_many_files_at_once_never_take_more_room_than_there_is(app: Flask) -> None:
    """Eight of the same size into room for three; two of them are the same file."""
    with app.app_context():
        organisation_id = make.organisation(make.authority()).id
        db.session.commit()
    size = len(sheet(more=b"0").content)

    def send(number: int) -> Callable[[], object]:
        clean = sheet(more=str(number // 2 if number < 2 else number).encode())
        return lambda: keep_file(clean, organisation_id, member(organisation_id), quota=3 * size)

    ends = at_once(app, *(send(number) for number in range(8)))
    with app.app_context():
        kept = db.session.scalars(select(StoredFile.sha256)).all()
    assert len(kept) == len(set(kept)) == 3
    assert {type(end) for end in ends} == {type(None), FileRefused}
    assert sum(end is None for end in ends) in (3, 4), "the same file twice takes its room once"

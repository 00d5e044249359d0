"""What happens to organisations: signing up, applying, deciding, entering, bringing in."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from broker.actions.organisations import (
    OrganisationFacts,
    apply,
    approve_organisation,
    bring_in_organisation,
    edit_organisation,
    enter_organisation,
    restore_organisation,
    return_organisation,
    sign_up,
    suspend_organisation,
)
from broker.actions.passwords import is_password_of
from broker.domain.clock import now
from broker.domain.kinds import Audience, PostingState, RegistrationState, Role
from broker.domain.permissions import Actor
from broker.domain.refusals import NotAllowed, Unfit, WrongState
from broker.domain.sign_ins import UNKNOWN
from broker.store.accounts import Membership, actor_of
from broker.store.base import db
from broker.store.events import Event, Note
from broker.store.jobs import Job
from broker.store.organisations import Organisation, Registration
from tests import make

FACTS = OrganisationFacts(
    name="Lantern Hill Singers",
    is_group=True,
    does="We sing.",
    serves="Anyone",
    contact_name="Ada Okafor",
    contact_email="ada@example.org",
    scheme="GB-CHC",
    number="1234567",
)
PASSWORD = "three random words"


def test_signing_up_makes_an_applicant_in_each_area(database: Flask) -> None:
    areas = [make.authority(), make.authority()]
    sign_up(FACTS, authorities=areas, password=PASSWORD, browser=UNKNOWN, at=now())
    membership = db.session.scalars(select(Membership)).one()
    assert membership.role == Role.MEMBER
    assert [r.state for r in membership.organisation.registrations] == [RegistrationState.APPLIED] * 2  # type: ignore[union-attr]
    events = db.session.scalars(select(Event)).all()
    assert {(e.action, e.actor_id) for e in events if e.subject != "one_time_link"} == {("apply", membership.user_id)}
    assert sorted(e.subject for e in events) == [
        "membership",
        "one_time_link",
        "organisation",
        "registration",
        "registration",
    ]
    assert PASSWORD not in (membership.user.password_hash or "")
    membership.user.unconfirmed_since = None
    sign_up(FACTS, authorities=areas, password="another one altogether", browser=UNKNOWN, at=now())
    assert len(db.session.scalars(select(Membership)).all()) == 1
    assert is_password_of(membership.user, PASSWORD)


def test_nobody_applies_for_another(database: Flask) -> None:
    area, new = make.authority(), make.authority()
    ours, theirs = make.organisation(area), make.organisation(area)
    with pytest.raises(NotAllowed):
        apply(theirs, new, actor_of(make.member(ours)))
    with pytest.raises(NotAllowed):
        apply(theirs, area, actor_of(make.officer(area)))


def test_applying_twice_or_while_paused_is_refused(database: Flask) -> None:
    area = make.authority()
    for state in (RegistrationState.APPLIED, RegistrationState.APPROVED, RegistrationState.SUSPENDED):
        organisation = make.organisation(area, state=state)
        with pytest.raises(WrongState):
            apply(organisation, area, actor_of(make.member(organisation)))


def test_applying_again_starts_afresh(database: Flask) -> None:
    area = make.authority()
    organisation = make.organisation(area, state=RegistrationState.APPLIED, referee_name="Agnes")
    officer = make.officer(area)
    registration = organisation.registrations[0]
    return_organisation(registration, actor_of(officer), reason="Who is Agnes?")
    assert registration.decided_by_id == officer.user_id
    apply(organisation, area, actor_of(make.member(organisation)), answer="Our nurse.")
    assert (registration.state, registration.decided_at) == (RegistrationState.APPLIED, None)
    notes = [(n.text, n.audience) for n in db.session.scalars(select(Note).order_by(Note.id))]
    assert notes == [("Who is Agnes?", Audience.OWNER), ("Our nurse.", Audience.OWNER)]


Deed = Callable[[Registration, Actor], None]
DEEDS: list[tuple[RegistrationState, Deed]] = [
    (RegistrationState.APPLIED, approve_organisation),
    (RegistrationState.APPLIED, lambda thing, by: return_organisation(thing, by, reason="x")),
    (RegistrationState.APPROVED, lambda thing, by: suspend_organisation(thing, by, reason="x")),
    (RegistrationState.SUSPENDED, restore_organisation),
]


@pytest.mark.parametrize(("state", "deed"), DEEDS)
def test_only_an_officer_of_the_area_decides(database: Flask, state: RegistrationState, deed: Deed) -> None:
    area, elsewhere = make.authority(), make.authority()
    organisation = make.organisation(area, state=state, referee_name="Agnes")
    registration = organisation.registrations[0]
    for stranger in (make.officer(elsewhere), make.member(organisation), make.administrator()):
        with pytest.raises(NotAllowed):
            deed(registration, actor_of(stranger))
    assert registration.state == state
    deed(registration, actor_of(make.officer(area)))
    assert registration.state != state
    with pytest.raises(WrongState):
        deed(registration, actor_of(make.officer(area)))


@pytest.mark.parametrize("constituted", [True, False])
def test_approval_needs_somebody_who_knows_them(database: Flask, constituted: bool) -> None:
    area = make.authority()
    by = actor_of(make.officer(area))
    unknown = make.organisation(area, state=RegistrationState.APPLIED, constituted=constituted)
    with pytest.raises(Unfit) as refused:
        approve_organisation(unknown.registrations[0], by, note="They seem nice")
    assert refused.value.problems == {"referee": "unknown"}
    entered = make.organisation(
        area, state=RegistrationState.APPLIED, constituted=constituted, entered_how="phone", claimed_at=None
    )
    with pytest.raises(Unfit):
        approve_organisation(entered.registrations[0], by, note=" ")
    approve_organisation(entered.registrations[0], by, note="I visited them")
    assert entered.registrations[0].state == RegistrationState.APPROVED


@pytest.mark.parametrize("deed", [return_organisation, suspend_organisation])
def test_a_no_needs_a_reason(database: Flask, deed: Callable[..., None]) -> None:
    area = make.authority()
    organisation = make.organisation(area, state=RegistrationState.APPLIED)
    with pytest.raises(Unfit):
        deed(organisation.registrations[0], actor_of(make.officer(area)), reason=" \n")


def test_a_pause_takes_everything_off_the_public_list_there(database: Flask) -> None:
    area, elsewhere = make.authority(), make.authority()
    organisation = make.organisation(area, elsewhere)
    open_one = make.need(organisation, area, elsewhere)
    checked = make.need(organisation, area)
    edited = checked.postings[0]
    edited.state, edited.stays_public = PostingState.SUBMITTED, True
    db.session.flush()
    here = next(r for r in organisation.registrations if r.authority_id == area.id)
    suspend_organisation(here, actor_of(make.officer(area)), reason="We talk first")
    assert {p.authority_id: p.state for p in open_one.postings} == {
        area.id: PostingState.PAUSED,
        elsewhere.id: PostingState.OPEN,
    }
    assert not edited.is_shown
    assert open_one.suggest_at is not None
    assert [job.kind for job in db.session.scalars(select(Job))] == ["suggest"]


def test_editing_records_names_of_fields_and_none_of_their_text(database: Flask) -> None:
    area = make.authority()
    organisation = make.organisation(area)
    by = actor_of(make.member(organisation))
    changed = edit_organisation(organisation, by, facts=FACTS)
    assert {"name", "does", "contact_email", "number"} <= set(changed)
    event = db.session.scalars(select(Event).where(Event.action == "edit_organisation")).one()
    assert event.fields == sorted(changed)
    assert [(i.scheme, i.number) for i in organisation.identifiers] == [("GB-CHC", "1234567")]
    assert edit_organisation(organisation, by, facts=FACTS) == []
    with pytest.raises(NotAllowed):
        edit_organisation(organisation, actor_of(make.member(make.organisation(area))), facts=FACTS)


def test_an_officer_enters_in_the_own_area_only(database: Flask) -> None:
    area, elsewhere = make.authority(), make.authority()
    by = actor_of(make.officer(area))
    made = enter_organisation(FACTS, area, by, how="paper")
    assert (made.entered_how, made.claimed_at) == ("paper", None)
    assert [(r.authority_id, r.state) for r in made.registrations] == [(area.id, RegistrationState.APPROVED)]
    with pytest.raises(NotAllowed):
        enter_organisation(FACTS, elsewhere, by, how="paper")
    with pytest.raises(Unfit):
        enter_organisation(OrganisationFacts(name="Unknown"), area, by, how="phone", note=" ")


def test_bringing_in_the_same_name_twice_gives_one(database: Flask) -> None:
    area, elsewhere = make.authority(), make.authority()
    by = Actor(Role.OFFICER, authority_id=area.id)
    claimed = make.organisation(area, name="Quay Gardeners")
    first = bring_in_organisation("Quay  Gardeners ", area, by, "import")
    assert first.id != claimed.id, "somebody else's claimed organisation must not receive imported listings"
    assert bring_in_organisation("Quay Gardeners", area, by, "import") is first
    assert (first.claimed_at, first.entered_how, first.is_public) == (None, "import", True)
    with pytest.raises(NotAllowed):
        bring_in_organisation("Quay Gardeners", elsewhere, by, "import")
    assert len(db.session.scalars(select(Organisation)).all()) == 2

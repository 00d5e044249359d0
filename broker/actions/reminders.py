"""Letters that time alone causes: once a morning, what runs out soon, and what waits on each officer's desk."""

from datetime import datetime, timedelta

from broker.actions.confirmations import remind_receivers
from broker.actions.feedback import ask_all
from broker.actions.jobs import take_turn
from broker.actions.mail import owe_mail, tell_members
from broker.domain.kinds import Role
from broker.domain.mail import NOTICE_DAYS, MailKind
from broker.domain.permissions import Actor
from broker.store.authorities import all_authorities
from broker.store.desk import waiting_counts
from broker.store.listings import run_out_before
from broker.store.milestones import overdue_steps
from broker.store.outbox import officers_of

MORNING = 6  # the hour (UTC) after which the day's letters are owed
SATURDAY = 5
TIME = Actor(Role.SYSTEM)


def remind(at: datetime) -> None:
    """Owe the day's letters, unless they are owed already. After a night with the power off they come late."""
    if at.hour < MORNING or not take_turn("reminded", at.date().isoformat()):
        return
    _tell_of_listings(at)
    _tell_of_steps(at)
    ask_all(TIME, at.date())
    remind_receivers(at)
    if at.weekday() < SATURDAY:
        _tell_officers(at)


def _tell_of_listings(at: datetime) -> None:
    """Once for each listing and each day on which it would run out."""
    for posting in run_out_before(at.date() + timedelta(days=NOTICE_DAYS)):
        once = f"lapsing:{posting.listing_id}:{posting.last_day}"
        tell_members(MailKind.LISTING_LAPSING, posting.listing.organisation_id, posting, TIME, once=once)


def _tell_of_steps(at: datetime) -> None:
    """Once for each step of a promise and each day that it had, to whoever sees to the promise."""
    for step in overdue_steps(at.date()):
        promise, once = step.commitment, f"overdue:{step.id}:{step.due_on}"
        if promise is None:
            continue
        if promise.owner is not None and promise.owner_place is not None:
            owe_mail(MailKind.MILESTONE_OVERDUE, promise.owner, step, once=f"{once}:{promise.owner_id}")
        else:
            tell_members(MailKind.MILESTONE_OVERDUE, promise.organisation_id, step, TIME, once=once)


def _tell_officers(at: datetime) -> None:
    """One letter a morning to each officer of an area in which something waits."""
    for authority in all_authorities():
        if waiting_counts(authority.id, at.date()):
            for officer in officers_of(authority.id):
                once = f"digest:{authority.id}:{at.date()}:{officer.user_id}"
                owe_mail(MailKind.DIGEST, officer.user, authority, once=once)

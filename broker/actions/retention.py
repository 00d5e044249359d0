"""Clearing away what has been kept long enough, by the one table that also stands on the privacy page."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, select, update

from broker.actions.erasure import erase_person, leaving
from broker.actions.jobs import owe
from broker.actions.mail import forget_old, owe_mail
from broker.actions.moving import carry
from broker.domain.clock import now
from broker.domain.kinds import PostingState
from broker.domain.mail import MailKind
from broker.domain.permissions import Action, Actor, require
from broker.domain.retention import WARNINGS, Kept, Rule
from broker.store import retention as store
from broker.store.accounts import OneTimeLink, SignIn, User
from broker.store.base import db, in_parts
from broker.store.confirmations import Confirmation
from broker.store.evidence import Evidence
from broker.store.files import StoredFile
from broker.store.imports import Import
from broker.store.leaving import is_last_administrator
from broker.store.listings import Listing
from broker.store.privacy import Departure, departure_of, last_done
from broker.store.remains import blank_listings, blank_safeguarding
from broker.store.trials import Trial
from broker.store.tries import FailedTry

NIGHT = 3  # the hour (UTC) after which the night's clearing is owed
Rules = Mapping[Kept, Rule]


class Clearing(NamedTuple):
    """How one kind of thing is cleared away: what is due, and what is done to it."""

    due: Callable[["When"], list[int]]
    clear: Callable[[list[int], Actor, "When"], None]


class When(NamedTuple):
    """The moment at which it is done, and the one before which a thing must have been over."""

    at: datetime
    before: datetime


def due(kept: Kept, rules: Rules, at: datetime) -> list[int]:
    """The ids of what is to be cleared away of this kind; none where it is not the service's to do."""
    rule = rules[kept]
    return CLEARINGS[kept].due(When(at, rule.lasts.before(at))) if rule.by_job else []


def clear(kept: Kept, rules: Rules, by: Actor, at: datetime) -> int:
    """Clear away what is due of this kind; how many things that were."""
    require(by, Action.REMOVE_WHAT_IS_DUE)
    ids = due(kept, rules, at)
    if ids:
        CLEARINGS[kept].clear(ids, by, When(at, rules[kept].lasts.before(at)))
        db.session.flush()
    return len(ids)


def warn_unused(rules: Rules, by: Actor, at: datetime) -> int:
    """Write to everybody whose account goes soon because nobody uses it, twice; how many letters that are."""
    require(by, Action.REMOVE_WHAT_IS_DUE)
    lasts, written = rules[Kept.INACTIVE_ACCOUNTS].lasts, 0
    _welcome_back()
    for number, ahead in enumerate(WARNINGS):
        for user_id in store.unused_accounts(lasts.before(at + ahead)):
            departure = departure_of(user_id) or Departure(user_id=user_id, warnings=0)
            is_rested = departure.warned_at is None or departure.warned_at <= at - WARNINGS[-1]
            if departure.warnings == number and is_rested:
                departure.warnings, departure.warned_at = number + 1, at
                db.session.add(departure)
                owe_mail(MailKind.ACCOUNT_UNUSED, db.session.get_one(User, user_id))
                written += 1
    db.session.flush()
    return written


def owe_clearing() -> None:
    """Owe the night's clearing if it has not been done since the night."""
    night = now().replace(hour=NIGHT, minute=0, second=0, microsecond=0)
    last = last_done("retain")
    if now() >= night and (last is None or last < night):
        owe("retain")


def _welcome_back() -> None:
    """Whoever was seen after a letter about it is not warned any more."""
    for departure in store.warned():
        if departure.warned_at is not None and departure.user_id not in store.unused_accounts(departure.warned_at):
            departure.warnings, departure.warned_at = 0, None


def _unused(when: When) -> list[int]:
    """Accounts unused for so long whose people have had both letters, and time to read the second."""
    read_by = when.at - WARNINGS[-1]
    told = {
        each.user_id
        for each in store.warned()
        if each.warnings == len(WARNINGS) and each.warned_at and each.warned_at <= read_by and each.asked_at is None
    }
    unused = store.unused_accounts(when.before)
    return [each for each in unused if each in told and not is_last_administrator(each)]


def _erase(ids: list[int], by: Actor, when: When) -> None:
    """Whoever still has something that others count on is left to an administrator."""
    for user_id in ids:
        departure = departure_of(user_id)
        if leaving(user_id).ties and departure is not None:
            departure.asked_at = when.at
        else:
            erase_person(db.session.get_one(User, user_id), by)


def _blank(ids: list[int], by: Actor, _when: When) -> None:
    """Take the words out, and see that none of them is ever put on the list again as it is."""
    for some in in_parts(ids):
        for listing in db.session.scalars(select(Listing).where(Listing.id.in_(some))):
            for posting in listing.postings:
                if posting.state in (PostingState.DRAFT, PostingState.LAPSED):
                    carry(posting, Action.WITHDRAW_LISTING, by)
    blank_listings(ids)
    owe("suggest_all")


def _by(found: Callable[[datetime], list[int]]) -> Callable[[When], list[int]]:
    return lambda when: found(when.before)


def _safeguarding(ids: list[int], _by: Actor, _when: When) -> None:
    blank_safeguarding(ids)


def _forget(_ids: list[int], by: Actor, when: When) -> None:
    forget_old(by, when.at, when.before)


def _remove(model: type[Any]) -> Callable[[list[int], Actor, When], None]:
    def remove(ids: list[int], _by: Actor, _when: When) -> None:
        for some in in_parts(ids):
            db.session.execute(delete(model).where(model.id.in_(some)).execution_options(synchronize_session=False))

    return remove


def _empty_files(ids: list[int], _by: Actor, _when: When) -> None:
    for some in in_parts(ids):
        db.session.execute(update(Import).where(Import.id.in_(some)).values(content=None))


def _remove_files(ids: list[int], _by: Actor, _when: When) -> None:
    """The files go, and with them that they supported anything; what was said and verified stays."""
    silent = {"synchronize_session": False}
    for some in in_parts(ids):
        photos = update(Confirmation).where(Confirmation.photo_id.in_(some)).values(photo_id=None)
        db.session.execute(photos.execution_options(**silent))
        for gone in (
            delete(Evidence).where(Evidence.file_id.in_(some)),
            delete(StoredFile).where(StoredFile.id.in_(some)),
        ):
            db.session.execute(gone.execution_options(**silent))


CLEARINGS: dict[Kept, Clearing] = {
    Kept.RESET_LINKS: Clearing(_by(store.old_reset_links), _remove(OneTimeLink)),
    Kept.INVITATIONS: Clearing(_by(store.old_invitations), _remove(OneTimeLink)),
    Kept.SIGN_INS: Clearing(_by(store.ended_sign_ins), _remove(SignIn)),
    Kept.FAILED_SIGN_INS: Clearing(_by(store.old_tries), _remove(FailedTry)),
    Kept.MAIL: Clearing(_by(store.old_letters), _forget),
    Kept.IMPORT_FILES: Clearing(_by(store.unread_files), _empty_files),
    Kept.TRIALS: Clearing(_by(store.old_trials), _remove(Trial)),
    Kept.DRAFTS: Clearing(_by(store.forgotten_drafts), _blank),
    Kept.SAFEGUARDING: Clearing(_by(store.ended_with_safeguarding), _safeguarding),
    Kept.ENDED_LISTINGS: Clearing(_by(store.ended_listings), _blank),
    Kept.EVIDENCE: Clearing(_by(store.old_evidence), _remove_files),
    Kept.UNTAKEN_ACCOUNTS: Clearing(_by(store.untaken_accounts), _erase),
    Kept.INACTIVE_ACCOUNTS: Clearing(_unused, _erase),
}

"""Links that work once: making one, using it up, and ending those that a newer one replaces."""

import secrets
from datetime import datetime

from sqlalchemy import Update, update

from broker.actions.moving import begin
from broker.domain.kinds import Role
from broker.domain.links import LASTS, SETS_PASSWORD, LinkPurpose
from broker.domain.permissions import Action, Actor
from broker.domain.refusals import LinkOver
from broker.store.accounts import OneTimeLink, User, hash_token
from broker.store.base import db

_DEED = {
    LinkPurpose.PASSWORD: Action.ADD_PERSON,
    LinkPurpose.RESET: Action.RESET_PASSWORD,
    LinkPurpose.INVITATION: Action.INVITE_PERSON,
    LinkPurpose.ADDRESS: Action.CONFIRM_ADDRESS,
    LinkPurpose.NEW_ADDRESS: Action.CHANGE_ADDRESS,
}


def themselves(user: User) -> Actor:
    """Somebody who is not signed in, but whose letter this is."""
    return Actor(Role.SYSTEM, user.id, name=user.name)


def issue(user: User, purpose: LinkPurpose, by: Actor, at: datetime, **facts: object) -> str:
    """The token of a fresh link for this person; an older one for the same purpose (and place) stops working."""
    replaced = SETS_PASSWORD if purpose in SETS_PASSWORD else {purpose}
    older = _live(user, at).where(OneTimeLink.purpose.in_(replaced))
    for name in ("role", "organisation_id", "authority_id"):
        older = older.where(getattr(OneTimeLink, name).is_not_distinct_from(facts.get(name)))
    db.session.execute(older.values(expires_at=at))
    token = secrets.token_urlsafe(32)
    made = OneTimeLink(
        token_hash=hash_token(token),
        user_id=user.id,
        purpose=purpose,
        created_at=at,
        expires_at=at + LASTS[purpose],
        **facts,
    )
    begin(made, _DEED[purpose], by)
    return token


def use_up(link: OneTimeLink, at: datetime) -> None:
    """From now on the link opens nothing. LinkOver when somebody, perhaps the same person twice, was quicker."""
    unused = update(OneTimeLink).where(OneTimeLink.id == link.id, OneTimeLink.used_at.is_(None))
    if db.session.execute(unused.values(used_at=at).returning(OneTimeLink.id)).first() is None:
        raise LinkOver


def end_links(user: User, at: datetime) -> None:
    """Whatever waits in this person's letters stops working, invitations apart."""
    db.session.execute(_live(user, at).where(OneTimeLink.purpose != LinkPurpose.INVITATION).values(expires_at=at))


def _live(user: User, at: datetime) -> Update:
    return update(OneTimeLink).where(
        OneTimeLink.user_id == user.id, OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > at
    )

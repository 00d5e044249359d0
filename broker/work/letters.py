"""What a letter says: written from ids at the moment of sending, so that it is true, wanted and for these eyes."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import current_app

from broker.actions.mail_choices import stop_token
from broker.domain.clock import today
from broker.domain.kinds import Audience, NoteKind, Role, Side
from broker.domain.mail import OCCASIONS, MailKind, MailTopic, Occasion, topic_of
from broker.domain.permissions import Action, can
from broker.domain.texts import tidy
from broker.domain.waiting import Wait
from broker.store.accounts import Membership, actor_of, memberships_of
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.commitments import Commitment
from broker.store.confirmations import confirmation_of
from broker.store.deliveries import Delivery
from broker.store.desk import waiting_counts
from broker.store.events import events_of, last_note
from broker.store.listings import Posting
from broker.store.matches import Match
from broker.store.milestones import Milestone
from broker.store.organisations import Registration
from broker.store.outbox import Outbox, refused_by
from broker.store.partnerships import Partnership
from broker.store.project_ideas import ProjectIdea
from broker.work.carriers import Letter

# What a letter may be about, and the right that its reader must have to it on the day that it is sent.
THINGS: dict[str, tuple[type, Action]] = {
    "registration": (Registration, Action.SEE_ORGANISATION),
    "posting": (Posting, Action.SEE_LISTING),
    "match": (Match, Action.SEE_MATCH),
    "partnership": (Partnership, Action.SEE_PARTNERSHIP),
    "promise": (Commitment, Action.SEE_COMMITMENT),
    "commitment": (Commitment, Action.SEE_COMMITMENT),  # in its reader's hands
    "milestone": (Milestone, Action.SEE_COMMITMENT),
    "delivery": (Delivery, Action.SEE_DELIVERY),
    "project_idea": (ProjectIdea, Action.SEE_WARD),
    "authority": (Authority, Action.SEE_DESK),
}
CHANGES = frozenset(
    {Action.MAKE_COMMITMENT, Action.EDIT_COMMITMENT, Action.LOWER_COMMITMENT, Action.WITHDRAW_COMMITMENT}
)
INVENTED = (".example", ".invalid", ".test", ".localhost")  # ends of addresses that nobody can have
LONGEST_SUBJECT = 150
DEVELOPMENT_PORT = 5000


def compose(row: Outbox) -> Letter | None:
    """The letter; None where it is not true, not wanted or not for this person any more."""
    kind = MailKind(row.kind)
    if row.user_id is not None and topic_of(kind) in refused_by(row.user_id):
        return None
    facts = _facts(row, OCCASIONS.get(kind))
    return None if facts is None else _written(row, kind, facts)


def base_url() -> str:
    """Where every link begins: BROKER_BASE_URL and never what a request claims; in development, this machine."""
    settings = current_app.config
    given = str(settings.get("BASE_URL") or "")
    return given.rstrip("/") or f"http://127.0.0.1:{settings.get('PORT') or DEVELOPMENT_PORT}"


def is_invented(address: str) -> bool:
    """True for an address that is set aside for examples, such as those of the demonstration."""
    return address.lower().endswith(INVENTED)


def _written(row: Outbox, kind: MailKind, facts: Mapping[str, Any]) -> Letter:
    stop = _stop_url(row.user_id, topic_of(kind)) if row.user_id is not None else None
    template = current_app.jinja_env.get_template(f"mail/{kind}.txt")
    words = {"user": row.user, "service": current_app.config["SERVICE_NAME"], "link": _link, "stop": stop, **facts}
    subject = " ".join(tidy("".join(template.blocks["subject"](template.new_context(words)))).split())
    paragraphs = [part.strip() for part in tidy(template.render(words)).split("\n\n") if part.strip()]
    page = current_app.jinja_env.get_template("mail/letter.html")
    return Letter(
        number=row.id,
        message_id=row.message_id,
        to=row.address or (row.user.email if row.user else facts["contact"]),
        subject=subject if len(subject) <= LONGEST_SUBJECT else f"{subject[: LONGEST_SUBJECT - 1]}…",
        text="\n\n".join(paragraphs) + "\n",
        html=page.render(subject=subject, paragraphs=paragraphs, ours=f"{base_url()}/"),
        stop_url=stop,
    )


def _link(path: str) -> str:
    return base_url() + path


def _stop_url(user_id: int, topic: MailTopic) -> str | None:
    if topic is MailTopic.ACCOUNT:
        return None
    return _link(f"/mail/stop/{stop_token(user_id, topic, current_app.config['SECRET_KEY'])}")


def _facts(row: Outbox, occasion: Occasion | None) -> dict[str, Any] | None:
    """What the template needs to know of the thing that the letter is about; None where there is nothing to tell."""
    if occasion is None:
        return {"token": row.token}
    model, right = THINGS[occasion.about]
    thing: Any = db.session.get(model, row.subject_id)
    if thing is None or (occasion.states and thing.state not in occasion.states):
        return None
    if row.user_id is None:
        return _to_contact(thing, row)
    reader = _reader(row.user_id, thing, right, occasion.roles)
    if reader is None:
        return None
    more = MORE[occasion.about](thing, reader)
    return None if more is None else {"reader": reader, "token": row.token, **more}


def _to_contact(delivery: Delivery, row: Outbox) -> dict[str, Any] | None:
    """What a letter says to a group without an account; None where it has no address any more."""
    facts = {"reader": None, "token": row.token, **_facts_of_delivery(delivery)}
    return facts if facts["contact"] else None


def _reader(user_id: int, thing: Any, right: Action, roles: frozenset[Role]) -> Membership | None:
    """As what this person may see the thing, in a role that the letter is for."""
    mine = (membership for membership in memberships_of(user_id) if membership.role in roles)
    return next((membership for membership in mine if can(actor_of(membership), right, thing)), None)


def _of_registration(registration: Registration, _reader: Membership) -> dict[str, Any]:
    return {"registration": registration, "organisation": registration.organisation, "said": _said(registration)}


def _of_posting(posting: Posting, _reader: Membership) -> dict[str, Any]:
    listing = posting.listing
    return {"posting": posting, "listing": listing, "title": listing.latest.title, "said": _said(posting)}


def _of_match(match: Match, reader: Membership) -> dict[str, Any]:
    side = match.side_of(reader.organisation_id) or Side.DEMAND
    return {
        "match": match,
        "ours": match.listing(side),
        "theirs": match.listing(side.other),
        "our_title": _title(match, side),
        "their_title": _title(match, side.other),
        "our_turn": match.accepted_at(side) is None,
    }


def _of_partnership(partnership: Partnership, reader: Membership) -> dict[str, Any]:
    return {"partnership": partnership, **_of_match(partnership.match, reader)}


def _of_delivery(delivery: Delivery, _reader: Membership) -> dict[str, Any]:
    return _facts_of_delivery(delivery)


def _facts_of_delivery(delivery: Delivery) -> dict[str, Any]:
    receiver = delivery.partnership.match.demand.organisation if delivery.partnership else None
    return {
        "delivery": delivery,
        "giver": delivery.organisation,
        "receiver": receiver,
        "contact": receiver.contact_email if receiver else "",
        "said": confirmation_of(delivery.id),
    }


def _of_promise(commitment: Commitment, reader: Membership) -> dict[str, Any]:
    """A promise, and why it was changed last where that was said, for those who may read it."""
    note = last_note(commitment.noun, commitment.id, frozenset({NoteKind.REASON}))
    changes = [event.at for event in events_of(commitment.noun, commitment.id) if event.action in CHANGES]
    is_told = note is not None and note.at >= max(changes, default=note.at) and reader.role == Role.MEMBER
    return {"commitment": commitment, "said": note.text if note and is_told else ""}


def _of_commitment(commitment: Commitment, reader: Membership) -> dict[str, Any] | None:
    """A promise in somebody's hands; None where it was handed on meanwhile."""
    return {"commitment": commitment} if commitment.owner_id == reader.user_id else None


def _of_milestone(milestone: Milestone, _reader: Membership) -> dict[str, Any] | None:
    """A step of a promise; None once it is reached, has another day, or the promise is none any more."""
    commitment = milestone.commitment
    is_late = commitment is not None and not commitment.is_over and milestone.due_on < today()
    return {"milestone": milestone, "commitment": commitment} if is_late and not milestone.reached_at else None


def _of_idea(idea: ProjectIdea, _reader: Membership) -> dict[str, Any]:
    return {"idea": idea}


def _of_authority(authority: Authority, _reader: Membership) -> dict[str, Any] | None:
    """What waits on the desk; None where nothing does any more."""
    counts = waiting_counts(authority.id, today())
    waiting = {what: counts[what] for what in Wait if what in counts}
    total = sum(number for number, _late in waiting.values())
    return {"authority": authority, "waiting": waiting, "total": total} if total else None


MORE: dict[str, Callable[[Any, Membership], dict[str, Any] | None]] = {
    "registration": _of_registration,
    "posting": _of_posting,
    "match": _of_match,
    "partnership": _of_partnership,
    "promise": _of_promise,
    "commitment": _of_commitment,
    "milestone": _of_milestone,
    "delivery": _of_delivery,
    "project_idea": _of_idea,
    "authority": _of_authority,
}


def _title(match: Match, side: Side) -> str:
    wording = match.wording(side)
    return wording.title if wording else match.listing(side).latest.title


def _said(thing: Registration | Posting) -> str:
    """The officer's last question or reason, if its owner may read it."""
    note = last_note(thing.__tablename__, thing.id, frozenset({NoteKind.QUESTION, NoteKind.REASON}))
    return note.text if note and note.audience == Audience.OWNER else ""

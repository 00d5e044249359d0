"""Who sees to a promise: handing it to a colleague by their address, and taking it back."""

from datetime import datetime

from broker.actions.accounts import add_user
from broker.actions.links import issue
from broker.actions.mail import owe_mail
from broker.actions.moving import hold, record
from broker.actions.passwords import take_time
from broker.actions.tries import may_write_to, note_letter
from broker.domain.kinds import Role
from broker.domain.links import LinkPurpose
from broker.domain.mail import MailKind
from broker.domain.permissions import Action, Actor, require
from broker.domain.refusals import Unfit, WrongState
from broker.domain.sign_ins import Browser
from broker.store.accounts import User, people_of, user_by_email
from broker.store.commitments import Commitment


def hand_over(commitment: Commitment, by: Actor, *, email: str, browser: Browser, at: datetime) -> bool:
    """Let one person see to the promise; whoever did so before sees it no more.

    One of the organisation's people is named, and told by letter. Anybody else is invited to see this promise and no
    more; True for them. Unfit: "here_already" for who sees to it now; TooManyTries when this address invites and
    invites.
    """
    _begin(commitment, by)
    address = email.strip().lower()
    ours = {place.user.email: place.user for place in people_of(commitment.organisation_id)}
    if commitment.owner is not None and commitment.owner.email == address and address in ours:
        raise Unfit({"email": "here_already"})
    person = ours.get(address) or _invited(address, commitment.organisation_id, by, browser, at)
    _give_to(commitment, person, by)
    if address in ours and person.id != by.user_id:
        owe_mail(MailKind.COMMITMENT_HANDED_OVER, person, commitment)
    return address not in ours


def take_back(commitment: Commitment, by: Actor) -> None:
    """The organisation itself sees to the promise again."""
    _begin(commitment, by)
    if commitment.owner is not None:
        _give_to(commitment, None, by)


def _begin(commitment: Commitment, by: Actor) -> None:
    require(by, Action.HAND_OVER_COMMITMENT, commitment)
    hold(commitment)
    if commitment.is_over:
        raise WrongState(commitment.noun, commitment.state, Action.HAND_OVER_COMMITMENT)


def _give_to(commitment: Commitment, person: User | None, by: Actor) -> None:
    commitment.owner = person
    record(commitment, Action.HAND_OVER_COMMITMENT, by, "owner_id")


def _invited(address: str, organisation_id: int, by: Actor, browser: Browser, at: datetime) -> User:
    """The person behind an address, with a letter on its way; it takes as long whether or not they have an account."""
    wanted = may_write_to(address, browser, at)
    note_letter(address, browser, at)
    take_time()
    person = user_by_email(address) or add_user(address, "", by, Action.HAND_OVER_COMMITMENT)
    if wanted and person.switched_off_at is None:
        place = {"role": Role.COLLEAGUE, "organisation_id": organisation_id}
        owe_mail(MailKind.INVITATION, person, token=issue(person, LinkPurpose.INVITATION, by, at, **place))
    return person

"""What letters there are: why each is written, to whom it matters, and how often a stubborn one is tried."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from broker.domain.kinds import (
    OF_AN_ORGANISATION,
    CommitmentState,
    DeliveryState,
    IdeaState,
    MatchState,
    PartnershipState,
    PostingState,
    RegistrationState,
    Role,
)


class MailTopic(StrEnum):
    """What a person may choose to be written to about; letters about one's own account always come."""

    ACCOUNT = "account"
    LISTINGS = "listings"
    MATCHES = "matches"
    PROMISES = "promises"
    IDEAS = "ideas"
    DIGEST = "digest"


CHOICES = (MailTopic.LISTINGS, MailTopic.MATCHES, MailTopic.PROMISES, MailTopic.IDEAS, MailTopic.DIGEST)


class MailKind(StrEnum):
    """Why somebody is written to. Each kind is one template."""

    # about one's account; the token in the link is given
    INVITATION = "invitation"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a kind of letter
    VERIFY_ADDRESS = "verify_address"
    ACCOUNT_EXISTS = "account_exists"
    ADDRESS_CHANGED = "address_changed"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a kind of letter
    ACCOUNT_UNUSED = "account_unused"
    SECOND_FACTOR_CHANGED = "second_factor_changed"
    # to an organisation's people
    ORGANISATION_APPROVED = "organisation_approved"
    ORGANISATION_RETURNED = "organisation_returned"
    ORGANISATION_PAUSED = "organisation_paused"
    ORGANISATION_RESTORED = "organisation_restored"
    LISTING_APPROVED = "listing_approved"
    LISTING_RETURNED = "listing_returned"
    LISTING_QUESTION = "listing_question"
    LISTING_LAPSING = "listing_lapsing"
    LISTING_LAPSED = "listing_lapsed"
    MATCH_PROPOSED = "match_proposed"
    MATCH_ACCEPTED = "match_accepted"
    MATCH_CHANGED = "match_changed"
    MATCH_MESSAGE = "match_message"
    MATCH_DECLINED = "match_declined"
    MATCH_WITHDRAWN = "match_withdrawn"
    MATCH_LAPSED = "match_lapsed"
    PARTNERSHIP_CONFIRMED = "partnership_confirmed"
    PARTNERSHIP_ENDED = "partnership_ended"
    FEEDBACK_WANTED = "feedback_wanted"
    DELIVERY_ASKED = "delivery_asked"
    DELIVERY_REMINDED = "delivery_reminded"
    DELIVERY_ANSWERED = "delivery_answered"
    DELIVERY_UNCONFIRMED = "delivery_unconfirmed"
    DELIVERY_VERIFIED = "delivery_verified"
    VERIFICATION_TAKEN_BACK = "verification_taken_back"
    # to who promised, and to whoever sees to it
    COMMITMENT_WRITTEN = "commitment_written"
    COMMITMENT_CHANGED = "commitment_changed"
    # to whoever sees to a promise
    COMMITMENT_HANDED_OVER = "commitment_handed_over"
    MILESTONE_OVERDUE = "milestone_overdue"
    # to officers
    MATCH_AGREED = "match_agreed"
    REVIEW_DUE = "review_due"
    PROJECT_SUGGESTED = "project_suggested"
    DIGEST = "digest"
    # to councillors
    PROJECT_ANSWERED = "project_answered"


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a letter is about: a table, and the states in which the letter is still true (none named: in any).

    `to`: in which role its reader gets it.
    """

    topic: MailTopic
    about: str
    states: frozenset[str] = frozenset()
    to: Role = Role.MEMBER

    @property
    def roles(self) -> frozenset[Role]:
        """As what somebody reads it: what is for a colleague may be a member's as well."""
        return OF_AN_ORGANISATION if self.to is Role.COLLEAGUE else frozenset({self.to})


def _organisation(state: RegistrationState) -> Occasion:
    return Occasion(MailTopic.ACCOUNT, "registration", frozenset({state}))


def _listing(*states: PostingState) -> Occasion:
    return Occasion(MailTopic.LISTINGS, "posting", frozenset(states))


def _match(*states: MatchState) -> Occasion:
    return Occasion(MailTopic.MATCHES, "match", frozenset(states))


def _delivery(*states: DeliveryState) -> Occasion:
    return Occasion(MailTopic.MATCHES, "delivery", frozenset(states))


def _promise(*states: CommitmentState) -> Occasion:
    return Occasion(MailTopic.PROMISES, "promise", frozenset(states), Role.COLLEAGUE)


_LIVE = (MatchState.PROPOSED, MatchState.AGREED)
_UNANSWERED = (DeliveryState.LOGGED, DeliveryState.UNCONFIRMED)

OCCASIONS: dict[MailKind, Occasion] = {
    MailKind.ORGANISATION_APPROVED: _organisation(RegistrationState.APPROVED),
    MailKind.ORGANISATION_RETURNED: _organisation(RegistrationState.RETURNED),
    MailKind.ORGANISATION_PAUSED: _organisation(RegistrationState.SUSPENDED),
    MailKind.ORGANISATION_RESTORED: _organisation(RegistrationState.APPROVED),
    MailKind.LISTING_APPROVED: _listing(PostingState.OPEN),
    MailKind.LISTING_RETURNED: _listing(PostingState.RETURNED),
    MailKind.LISTING_QUESTION: _listing(PostingState.SUBMITTED),
    MailKind.LISTING_LAPSING: _listing(PostingState.OPEN, PostingState.PAUSED),
    MailKind.LISTING_LAPSED: _listing(PostingState.LAPSED),
    MailKind.MATCH_PROPOSED: _match(MatchState.PROPOSED),
    MailKind.MATCH_ACCEPTED: _match(*_LIVE),
    MailKind.MATCH_CHANGED: _match(MatchState.PROPOSED),
    MailKind.MATCH_MESSAGE: _match(*_LIVE, MatchState.CONFIRMED),
    MailKind.MATCH_DECLINED: _match(MatchState.DECLINED),
    MailKind.MATCH_WITHDRAWN: _match(MatchState.WITHDRAWN),
    MailKind.MATCH_LAPSED: _match(MatchState.LAPSED),
    MailKind.MATCH_AGREED: Occasion(MailTopic.MATCHES, "match", frozenset({MatchState.AGREED}), Role.OFFICER),
    MailKind.PARTNERSHIP_CONFIRMED: Occasion(MailTopic.MATCHES, "partnership"),
    MailKind.PARTNERSHIP_ENDED: Occasion(MailTopic.MATCHES, "partnership", frozenset({PartnershipState.ENDED_EARLY})),
    MailKind.FEEDBACK_WANTED: Occasion(
        MailTopic.MATCHES,
        "partnership",
        frozenset({PartnershipState.RUNNING, PartnershipState.REVIEW_DUE, PartnershipState.CLOSED}),
    ),
    MailKind.REVIEW_DUE: Occasion(
        MailTopic.MATCHES, "partnership", frozenset({PartnershipState.REVIEW_DUE}), Role.OFFICER
    ),
    MailKind.DELIVERY_ASKED: _delivery(*_UNANSWERED),
    MailKind.DELIVERY_REMINDED: _delivery(*_UNANSWERED),
    MailKind.DELIVERY_ANSWERED: _delivery(DeliveryState.CONFIRMED, DeliveryState.VERIFIED, DeliveryState.DISPUTED),
    MailKind.DELIVERY_UNCONFIRMED: _delivery(DeliveryState.UNCONFIRMED),
    MailKind.DELIVERY_VERIFIED: _delivery(DeliveryState.VERIFIED),
    MailKind.VERIFICATION_TAKEN_BACK: _delivery(DeliveryState.CONFIRMED),
    MailKind.COMMITMENT_WRITTEN: _promise(CommitmentState.OPEN),
    MailKind.COMMITMENT_CHANGED: _promise(),
    MailKind.COMMITMENT_HANDED_OVER: Occasion(
        MailTopic.PROMISES, "commitment", frozenset({CommitmentState.OPEN}), Role.COLLEAGUE
    ),
    MailKind.MILESTONE_OVERDUE: Occasion(MailTopic.PROMISES, "milestone", to=Role.COLLEAGUE),
    MailKind.PROJECT_SUGGESTED: Occasion(MailTopic.IDEAS, "project_idea", frozenset({IdeaState.NEW}), Role.OFFICER),
    MailKind.PROJECT_ANSWERED: Occasion(
        MailTopic.IDEAS, "project_idea", frozenset({IdeaState.TAKEN_UP, IdeaState.DECLINED}), Role.COUNCILLOR
    ),
    MailKind.DIGEST: Occasion(MailTopic.DIGEST, "authority", to=Role.OFFICER),
}


# Their links open an answer, and whoever moves the service to another place leaves them behind.
ASKS_BY_LINK = frozenset({MailKind.DELIVERY_ASKED, MailKind.DELIVERY_REMINDED})


def topic_of(kind: MailKind) -> MailTopic:
    """What somebody would have to stop in order not to get this letter."""
    return OCCASIONS[kind].topic if kind in OCCASIONS else MailTopic.ACCOUNT


# After each failure a longer wait; a letter that has failed once more than there are waits is given up: about a day.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720))
KEPT_DAYS = 7  # so long after it was sent, the record still knows where a letter went
NOTICE_DAYS = 14  # so long before a listing runs out, its owner is told


def pause_after(attempts: int) -> timedelta | None:
    """How long to wait after so many attempts, all failed; None when there is no further one."""
    return PAUSES[attempts - 1] if attempts <= len(PAUSES) else None

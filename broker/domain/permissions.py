"""One table says who may do what. The action, the page, the button, the list and the tests all read it."""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Protocol

from broker.domain.kinds import Role
from broker.domain.refusals import NotAllowed


class Action(StrEnum):
    """Every deed that is guarded, by its name in the code."""

    USE_ACCOUNT = "use_account"
    # organisations
    SEE_ORGANISATION = "see_organisation"
    EDIT_ORGANISATION = "edit_organisation"
    ENTER_ORGANISATION = "enter_organisation"
    APPLY = "apply"
    APPROVE_ORGANISATION = "approve_organisation"
    RETURN_ORGANISATION = "return_organisation"
    SUSPEND_ORGANISATION = "suspend_organisation"
    RESTORE_ORGANISATION = "restore_organisation"
    HAND_OVER_ORGANISATION = "hand_over_organisation"
    # listings
    SEE_LISTING = "see_listing"
    POST_LISTING = "post_listing"
    EDIT_LISTING = "edit_listing"
    SUBMIT_LISTING = "submit_listing"
    PAUSE_LISTING = "pause_listing"
    RESUME_LISTING = "resume_listing"
    RENEW_LISTING = "renew_listing"
    CLOSE_LISTING = "close_listing"
    WITHDRAW_LISTING = "withdraw_listing"
    GROW_ASPIRATION = "grow_aspiration"
    ANSWER_QUESTION = "answer_question"
    SEE_POSTING = "see_posting"
    EDIT_TAGS = "edit_tags"
    ASK_OWNER = "ask_owner"
    APPROVE_LISTING = "approve_listing"
    RETURN_LISTING = "return_listing"
    LAPSE_LISTING = "lapse_listing"
    IMPORT_LISTINGS = "import_listings"
    AGREE_GUESS = "agree_guess"
    REFUSE_GUESS = "refuse_guess"
    # words that mean the same
    SEE_SYNONYMS = "see_synonyms"
    ADD_SYNONYM = "add_synonym"
    EDIT_SYNONYM = "edit_synonym"
    REMOVE_SYNONYM = "remove_synonym"
    SWITCH_OFF_SYNONYM = "switch_off_synonym"
    SWITCH_ON_SYNONYM = "switch_on_synonym"
    TRY_TEXTS = "try_texts"
    # matches
    SEE_SUGGESTIONS = "see_suggestions"
    SAY_NOT_FOR_US = "say_not_for_us"
    TAKE_BACK_NOT_FOR_US = "take_back_not_for_us"
    SEE_MATCH = "see_match"
    ASK_FOR_MATCH = "ask_for_match"
    SHORTLIST_MATCH = "shortlist_match"
    DISMISS_MATCH = "dismiss_match"
    PROPOSE_MATCH = "propose_match"
    ACCEPT_MATCH = "accept_match"
    DECLINE_MATCH = "decline_match"
    WRITE_IN_MATCH = "write_in_match"
    RECORD_ACCEPTANCE = "record_acceptance"
    RECORD_REFUSAL = "record_refusal"
    LOG_CALL = "log_call"
    FOLLOW_UP = "follow_up"
    CONFIRM_MATCH = "confirm_match"
    WITHDRAW_MATCH = "withdraw_match"
    LAPSE_MATCH = "lapse_match"
    # partnerships
    SEE_PARTNERSHIP = "see_partnership"
    START_PARTNERSHIP = "start_partnership"
    CALL_REVIEW = "call_review"
    REVIEW_PARTNERSHIP = "review_partnership"
    CLOSE_PARTNERSHIP = "close_partnership"
    END_PARTNERSHIP = "end_partnership"
    # running the market
    SEE_DESK = "see_desk"
    SEE_FAIRNESS = "see_fairness"
    BOOST_LISTING = "boost_listing"
    END_BOOST = "end_boost"
    GATHER_NEEDS = "gather_needs"
    PLAN_MARKET = "plan_market"
    SEE_WEIGHTS = "see_weights"
    PROPOSE_WEIGHTS = "propose_weights"
    ADOPT_WEIGHTS = "adopt_weights"
    RETIRE_WEIGHTS = "retire_weights"
    RESTORE_WEIGHTS = "restore_weights"
    SEE_DRAFT_FRAMEWORK = "see_draft_framework"
    EDIT_FRAMEWORK = "edit_framework"
    PUBLISH_FRAMEWORK = "publish_framework"
    ADD_AUTHORITY = "add_authority"
    ADD_PERSON = "add_person"
    ADD_FRAMEWORK = "add_framework"
    SEE_ACCESS = "see_access"
    SEE_CONDITION = "see_condition"
    # accounts
    SIGN_IN = "sign_in"
    FAIL_SIGN_IN = "fail_sign_in"
    END_SIGN_IN = "end_sign_in"
    PROVE_IDENTITY = "prove_identity"
    CHANGE_PASSWORD = "change_password"  # noqa: S105 - a deed
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a deed
    CHANGE_ADDRESS = "change_address"
    CONFIRM_ADDRESS = "confirm_address"
    SET_UP_SECOND_FACTOR = "set_up_second_factor"
    REMOVE_SECOND_FACTOR = "remove_second_factor"
    USE_RECOVERY_CODE = "use_recovery_code"
    INVITE_PERSON = "invite_person"
    ACCEPT_INVITATION = "accept_invitation"
    SEE_PERSON = "see_person"
    END_ALL_SIGN_INS = "end_all_sign_ins"
    SWITCH_OFF_PERSON = "switch_off_person"
    SWITCH_ON_PERSON = "switch_on_person"
    TAKE_ROLE_AWAY = "take_role_away"
    RESET_SECOND_FACTOR = "reset_second_factor"
    # mail
    CHOOSE_MAIL = "choose_mail"
    SEE_MAIL = "see_mail"
    SEND_AGAIN = "send_again"
    # the record
    READ_RECORD = "read_record"
    EXPORT_RECORD = "export_record"
    # people's data
    TAKE_COPY = "take_copy"
    ASK_ERASURE = "ask_erasure"
    TAKE_BACK_ERASURE = "take_back_erasure"
    ERASE_PERSON = "erase_person"
    EDIT_CONTACTS = "edit_contacts"
    REMOVE_WHAT_IS_DUE = "remove_what_is_due"


class Reach(IntEnum):
    """How far a role's right goes; a wider one contains the narrower."""

    NONE = 0
    OWN = 1  # what its organisation owns
    AREA = 2  # what lies in its authority
    ALL = 3


_OWN_OR_AREA = {Role.MEMBER: Reach.OWN, Role.OFFICER: Reach.AREA}
_AREA = {Role.OFFICER: Reach.AREA}
_OWN = {Role.MEMBER: Reach.OWN}
_SEEN = {Role.MEMBER: Reach.OWN, Role.OFFICER: Reach.AREA, Role.ADMINISTRATOR: Reach.ALL}
_TIME = {Role.SYSTEM: Reach.ALL}
_ALL = {Role.ADMINISTRATOR: Reach.ALL}
_OFFICERS = {Role.OFFICER: Reach.ALL}  # of any authority: it is shared by all
_ANYBODY = {Role.MEMBER: Reach.ALL, Role.OFFICER: Reach.ALL, Role.ADMINISTRATOR: Reach.ALL}
_POLICY = {Role.OFFICER: Reach.AREA, Role.ADMINISTRATOR: Reach.ALL}

GRANTS: dict[Action, dict[Role, Reach]] = {
    Action.USE_ACCOUNT: _ANYBODY,
    Action.SEE_ORGANISATION: _SEEN,
    Action.EDIT_ORGANISATION: _OWN_OR_AREA,
    Action.ENTER_ORGANISATION: _AREA,
    Action.APPLY: _OWN,
    Action.APPROVE_ORGANISATION: _AREA,
    Action.RETURN_ORGANISATION: _AREA,
    Action.SUSPEND_ORGANISATION: _AREA,
    Action.RESTORE_ORGANISATION: _AREA,
    Action.HAND_OVER_ORGANISATION: _AREA,
    Action.SEE_LISTING: _SEEN,
    Action.POST_LISTING: _OWN_OR_AREA,
    Action.EDIT_LISTING: _OWN_OR_AREA,
    Action.SUBMIT_LISTING: _OWN_OR_AREA,
    Action.PAUSE_LISTING: _OWN_OR_AREA,
    Action.RESUME_LISTING: _OWN_OR_AREA,
    Action.RENEW_LISTING: _OWN_OR_AREA,
    Action.CLOSE_LISTING: _OWN_OR_AREA,
    Action.WITHDRAW_LISTING: _OWN_OR_AREA,
    Action.GROW_ASPIRATION: _OWN_OR_AREA,
    Action.ANSWER_QUESTION: _OWN,
    Action.SEE_POSTING: _AREA,
    Action.EDIT_TAGS: _AREA,
    Action.ASK_OWNER: _AREA,
    Action.APPROVE_LISTING: _AREA,
    Action.RETURN_LISTING: _AREA,
    Action.LAPSE_LISTING: _TIME,
    Action.IMPORT_LISTINGS: _AREA,
    Action.AGREE_GUESS: _OWN_OR_AREA,
    Action.REFUSE_GUESS: _OWN_OR_AREA,
    Action.SEE_SYNONYMS: _OFFICERS,
    Action.ADD_SYNONYM: _OFFICERS,
    Action.EDIT_SYNONYM: _OFFICERS,
    Action.REMOVE_SYNONYM: _OFFICERS,
    Action.SWITCH_OFF_SYNONYM: _OFFICERS,
    Action.SWITCH_ON_SYNONYM: _OFFICERS,
    Action.TRY_TEXTS: _OFFICERS,
    Action.SEE_SUGGESTIONS: _OWN_OR_AREA,
    Action.SAY_NOT_FOR_US: _OWN_OR_AREA,
    Action.TAKE_BACK_NOT_FOR_US: _OWN_OR_AREA,
    Action.SEE_MATCH: _SEEN,
    Action.ASK_FOR_MATCH: _OWN,
    Action.SHORTLIST_MATCH: _AREA,
    Action.DISMISS_MATCH: _AREA,
    Action.PROPOSE_MATCH: _AREA,
    Action.ACCEPT_MATCH: _OWN,
    Action.DECLINE_MATCH: _OWN,
    Action.WRITE_IN_MATCH: _OWN_OR_AREA,
    Action.RECORD_ACCEPTANCE: _AREA,
    Action.RECORD_REFUSAL: _AREA,
    Action.LOG_CALL: _AREA,
    Action.FOLLOW_UP: _AREA,
    Action.CONFIRM_MATCH: _AREA,
    Action.WITHDRAW_MATCH: _OWN_OR_AREA,
    Action.LAPSE_MATCH: _TIME,
    Action.SEE_PARTNERSHIP: _SEEN,
    Action.START_PARTNERSHIP: _AREA,
    Action.CALL_REVIEW: {Role.OFFICER: Reach.AREA, Role.SYSTEM: Reach.ALL},
    Action.REVIEW_PARTNERSHIP: _AREA,
    Action.CLOSE_PARTNERSHIP: _AREA,
    Action.END_PARTNERSHIP: _AREA,
    Action.SEE_DESK: _AREA,
    Action.SEE_FAIRNESS: _AREA,
    Action.BOOST_LISTING: _AREA,
    Action.END_BOOST: {Role.OFFICER: Reach.AREA, Role.SYSTEM: Reach.ALL},
    Action.GATHER_NEEDS: _AREA,
    Action.PLAN_MARKET: _AREA,
    Action.SEE_WEIGHTS: {**_OFFICERS, **_ALL},
    Action.PROPOSE_WEIGHTS: _ALL,
    Action.ADOPT_WEIGHTS: _ALL,
    Action.RETIRE_WEIGHTS: {**_ALL, **_TIME},
    Action.RESTORE_WEIGHTS: _ALL,
    Action.SEE_DRAFT_FRAMEWORK: _POLICY,
    Action.EDIT_FRAMEWORK: _POLICY,
    Action.PUBLISH_FRAMEWORK: _POLICY,
    Action.ADD_AUTHORITY: _ALL,
    Action.ADD_PERSON: _ALL,
    Action.ADD_FRAMEWORK: _ALL,
    Action.SEE_ACCESS: _ALL,
    Action.SEE_CONDITION: _ALL,
    Action.SIGN_IN: _ANYBODY,
    Action.FAIL_SIGN_IN: _TIME,  # nobody has shown who they are
    Action.END_SIGN_IN: _ANYBODY,  # one's own
    Action.PROVE_IDENTITY: _ANYBODY,
    Action.CHANGE_PASSWORD: _ANYBODY,
    Action.RESET_PASSWORD: _ANYBODY,
    Action.CHANGE_ADDRESS: _ANYBODY,
    Action.CONFIRM_ADDRESS: _ANYBODY,
    Action.SET_UP_SECOND_FACTOR: _ANYBODY,
    Action.REMOVE_SECOND_FACTOR: _ANYBODY,
    Action.USE_RECOVERY_CODE: _ANYBODY,
    Action.INVITE_PERSON: _OWN_OR_AREA,
    Action.ACCEPT_INVITATION: _ANYBODY,
    Action.SEE_PERSON: _ALL,
    Action.END_ALL_SIGN_INS: _ALL,
    Action.SWITCH_OFF_PERSON: _ALL,
    Action.SWITCH_ON_PERSON: _ALL,
    Action.TAKE_ROLE_AWAY: _ALL,
    Action.RESET_SECOND_FACTOR: _ALL,
    Action.CHOOSE_MAIL: _ANYBODY,  # one's own
    Action.SEE_MAIL: _ALL,
    Action.SEND_AGAIN: _ALL,
    Action.READ_RECORD: _POLICY,
    Action.EXPORT_RECORD: _POLICY,
    Action.TAKE_COPY: _ANYBODY,  # of one's own data
    Action.ASK_ERASURE: _ANYBODY,
    Action.TAKE_BACK_ERASURE: _ANYBODY,
    Action.ERASE_PERSON: {**_ALL, **_TIME},
    Action.EDIT_CONTACTS: _POLICY,
    Action.REMOVE_WHAT_IS_DUE: {**_ALL, **_TIME},
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is acting, in which of their roles. `organisation_id` for a member, `authority_id` for an officer.

    `user_id` is None for the worker and for commands, which act under a role like anybody else.
    """

    role: Role
    user_id: int | None = None
    organisation_id: int | None = None
    authority_id: int | None = None
    name: str = field(default="", compare=False)


class Thing(Protocol):
    """What a right can be asked about: who owns it (organisation ids), where it lies (authority ids)."""

    @property
    def owners(self) -> frozenset[int]: ...

    @property
    def authorities(self) -> frozenset[int]: ...


def reach(actor: Actor | None, action: Action) -> Reach:
    """How far this actor's right to the action goes; NONE for a visitor who is not signed in."""
    return GRANTS[action].get(actor.role, Reach.NONE) if actor else Reach.NONE


def can(actor: Actor | None, action: Action, thing: Thing | None = None) -> bool:
    """True when the actor may do the action to the thing (or, without a thing, to anything at all)."""
    how_far = reach(actor, action)
    if actor is None or how_far is Reach.NONE:
        return False
    if thing is None or how_far is Reach.ALL:
        return True
    if how_far is Reach.AREA:
        return actor.authority_id in thing.authorities
    return actor.organisation_id in thing.owners


def require(actor: Actor | None, action: Action, thing: Thing | None = None) -> None:
    """Raise NotAllowed unless `can`."""
    if not can(actor, action, thing):
        raise NotAllowed(action)

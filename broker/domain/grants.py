"""One table says who may do what. The action, the page, the button, the list and the tests all read it."""

from enum import IntEnum

from broker.domain.actions import Action
from broker.domain.kinds import Role


class Reach(IntEnum):
    """How far a role's right goes; a wider one contains the narrower."""

    NONE = 0
    ASSIGNED = 1  # what was handed to this person
    GIVEN = 2  # what its organisation gives
    RECEIVED = 3  # what its organisation receives
    OWN = 4  # what its organisation owns, or takes part in on either side
    AREA = 5  # what lies in its authority
    ALL = 6


_OWN_OR_AREA = {Role.MEMBER: Reach.OWN, Role.OFFICER: Reach.AREA}
_AREA = {Role.OFFICER: Reach.AREA}
_OWN = {Role.MEMBER: Reach.OWN}
_SEEN = {Role.MEMBER: Reach.OWN, Role.OFFICER: Reach.AREA, Role.ADMINISTRATOR: Reach.ALL}
_TIME = {Role.SYSTEM: Reach.ALL}
_ALL = {Role.ADMINISTRATOR: Reach.ALL}
_OFFICERS = {Role.OFFICER: Reach.ALL}  # of any authority: it is shared by all
_ANYBODY: dict[Role, Reach] = {role: Reach.ALL for role in Role if role is not Role.SYSTEM}
_POLICY = {Role.OFFICER: Reach.AREA, Role.ADMINISTRATOR: Reach.ALL}
_PART = {Role.MEMBER: Reach.OWN, Role.COLLEAGUE: Reach.ASSIGNED, Role.OFFICER: Reach.AREA}
_CHAIN = {**_PART, Role.CONTRACT_MANAGER: Reach.ASSIGNED, Role.ADMINISTRATOR: Reach.ALL}
_RECEIVER = {Role.MEMBER: Reach.RECEIVED, Role.SYSTEM: Reach.ALL}  # who holds the link is not signed in
_GIVER = {Role.MEMBER: Reach.GIVEN, Role.COLLEAGUE: Reach.ASSIGNED}

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
    Action.ASK_FEEDBACK: {Role.OFFICER: Reach.AREA, Role.SYSTEM: Reach.ALL},
    Action.GIVE_FEEDBACK: _OWN_OR_AREA,
    Action.SEE_CONTRACT: {**_SEEN, Role.CONTRACT_MANAGER: Reach.ASSIGNED},
    Action.REGISTER_CONTRACT: _AREA,
    Action.EDIT_CONTRACT: _AREA,
    Action.IMPORT_CONTRACTS: _AREA,
    Action.SEE_COMMITMENT: _CHAIN,
    Action.MAKE_COMMITMENT: _OWN_OR_AREA,
    Action.EDIT_COMMITMENT: _OWN_OR_AREA,
    Action.LOWER_COMMITMENT: _AREA,  # by the council that it was made to
    Action.HAND_OVER_COMMITMENT: _OWN,
    Action.WITHDRAW_COMMITMENT: _AREA,
    Action.LINK_COMMITMENT: _AREA,
    Action.SET_MILESTONE: _OWN_OR_AREA,
    Action.REACH_MILESTONE: _PART,
    Action.SEE_DELIVERY: _CHAIN,
    Action.LOG_DELIVERY: _GIVER,
    Action.TELL_INHERENT: _OWN,
    Action.WITHDRAW_DELIVERY: _GIVER,
    Action.ASK_CONFIRMATION: {**_GIVER, **_AREA},
    Action.CONFIRM_DELIVERY: _RECEIVER,
    Action.DISPUTE_DELIVERY: _RECEIVER,
    Action.RECORD_CONFIRMATION: _AREA,
    Action.RECORD_DISPUTE: _AREA,
    Action.TAKE_BACK_CONSENT: {Role.MEMBER: Reach.RECEIVED, Role.OFFICER: Reach.AREA},
    Action.LAPSE_DELIVERY: _TIME,
    Action.ADD_EVIDENCE: _GIVER,
    Action.REMOVE_EVIDENCE: _GIVER,
    Action.VERIFY_DELIVERY: _AREA,
    Action.TAKE_BACK_VERIFICATION: _AREA,
    Action.CLAIM_UNITS: {Role.MEMBER: Reach.GIVEN, Role.OFFICER: Reach.AREA},
    Action.TAKE_BACK_CLAIM: {Role.MEMBER: Reach.GIVEN, Role.OFFICER: Reach.AREA},
    Action.LOAD_MEASURES: _AREA,
    Action.SEE_VALUATIONS: _POLICY,
    Action.LOAD_VALUATION: _AREA,
    Action.RETIRE_VALUATION: _AREA,
    Action.SEE_REPORTS: _AREA,
    Action.CLOSE_PERIOD: _AREA,
    Action.LOAD_PLACES: _AREA,
    Action.SEE_WARD: {Role.OFFICER: Reach.AREA, Role.COUNCILLOR: Reach.AREA},
    Action.SUGGEST_PROJECT: {Role.COUNCILLOR: Reach.AREA},
    Action.TAKE_UP_PROJECT: _AREA,
    Action.DECLINE_PROJECT: _AREA,
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
    Action.SET_RULE: _AREA,
    Action.DROP_RULE: _AREA,
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

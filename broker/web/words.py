"""The words of the screens: what kinds, states, reasons and deeds are called before people."""

from broker.domain.contracts import Stage
from broker.domain.kinds import (
    Answer,
    Channel,
    ClaimState,
    CommitmentState,
    DeliveryState,
    Frequency,
    IdeaState,
    Lane,
    ListingKind,
    MatchState,
    NodeKind,
    NoteKind,
    PartnershipState,
    PlaceKind,
    PostingState,
    RegistrationState,
    Role,
    SupportKind,
    Unit,
    Voucher,
)
from broker.domain.permissions import Action, Reach

ROLE = {
    Role.MEMBER: "Member",
    Role.COLLEAGUE: "Colleague for one promise",
    Role.OFFICER: "Officer",
    Role.CONTRACT_MANAGER: "Contract manager",
    Role.COUNCILLOR: "Councillor",
    Role.ADMINISTRATOR: "Administrator",
    Role.SYSTEM: "The service itself",
}
REACH = {
    Reach.NONE: "–",
    Reach.ASSIGNED: "Handed to them",
    Reach.GIVEN: "What they give",
    Reach.RECEIVED: "What they receive",
    Reach.OWN: "Own",
    Reach.AREA: "Own area",
    Reach.ALL: "All",
}
SIZE = {
    "under_10": "1 to 9 people",
    "under_50": "10 to 49 people",
    "under_250": "50 to 249 people",
    "more": "250 people or more",
}
REGISTER = {
    "GB-CHC": "Charity in England or Wales",
    "GB-COH": "Company or community interest company",
    "GB-SC": "Charity in Scotland",
    "GB-NIC": "Charity in Northern Ireland",
    "GB-MPR": "Co-operative or community benefit society",
}
REGISTER_HINT = {
    "GB-CHC": "A charity number of England or Wales has 6 or 7 figures, such as 1234567. Check it and try again",
    "GB-COH": "A company number has 8 figures, or 2 letters and 6 figures, such as SC123456. Check it and try again",
    "GB-SC": "A Scottish charity number looks like SC012345. Check it and try again",
    "GB-NIC": "A Northern Irish charity number looks like NIC101234. Check it and try again",
    "GB-MPR": "A society's number has up to 6 figures and may have a letter, such as 12345R. Check it and try again",
}
ENTERED_HOW = {
    "phone": "Entered by an officer by phone",
    "paper": "Entered by an officer from paper",
    "import": "Brought in from a file by an officer",
    "gathered": "Made of several needs by an officer",
    "council": "The council itself, entered by an officer",
}
LISTING_KIND = {
    ListingKind.NEED: "Need",
    ListingKind.ASSET: "Asset",
    ListingKind.ASPIRATION: "Aspiration",
    ListingKind.OFFER: "Offer",
}
LISTING_COLOUR = {
    ListingKind.NEED: "plum",
    ListingKind.ASSET: "green",
    ListingKind.ASPIRATION: "blue",
    ListingKind.OFFER: "teal",
}
SUPPORT_KIND = {
    SupportKind.SKILLS: "Skills",
    SupportKind.VOLUNTEERING: "Volunteering",
    SupportKind.FUNDING: "Funding",
    SupportKind.GOODS: "Goods",
    SupportKind.SPACE: "Space",
    SupportKind.JOBS: "Jobs and training",
}
LANE = {Lane.TRANSACTIONAL: "One-off", Lane.SYSTEMIC: "Lasting"}
FREQUENCY = {
    Frequency.ONCE: "once",
    Frequency.WEEKLY: "every week",
    Frequency.MONTHLY: "every month",
    Frequency.YEARLY: "every year",
}
PLACE_KIND = {
    PlaceKind.POSTCODE: "A postcode",
    PlaceKind.WARD: "A ward",
    PlaceKind.AUTHORITY: "Anywhere in the council area",
    PlaceKind.REMOTE: "Online or by phone",
}
NODE_KIND = {
    NodeKind.THEME: "Theme",
    NodeKind.PRIORITY: "Priority",
    NodeKind.PRINCIPLE: "Principle",
    NodeKind.OUTCOME: "Outcome",
    NodeKind.MISSION: "Mission",
    NodeKind.COHORT: "People put first",
    NodeKind.HUB: "Shared outcome",
}
# How a node stands to a shared outcome, strongest first.
RELATION = {
    "exact": "the same as",
    "close": "close to",
    "broader": "broader than",
    "narrower": "narrower than",
    "related": "related to",
}
LEVEL = {"local": "One council", "regional": "City region", "national": "National"}
FRAMEWORK_STATUS = {
    "draft": ("Draft", "yellow"),
    "current": ("Current", "green"),
    "superseded": ("Replaced", "grey"),
}
CERTAINTY = {
    "read": "from a public source",
    "second_hand": "from a source at second hand",
    "inferred": "worked out from what is public",
    "recalled": "not checked against a source",
    "ours": "ours",
}
RULE = {
    "weighting": "Weight of social value in a bid",
    "environment_weighting": "Further weight for the environment",
    "consider_above": "Contracts that must consider social value",
    "measure_above": "Contracts that are measured",
    "record_above": "Recording starts",
    "plan_above": "Contracts that need a plan",
    "reporting_rhythm": "How often it is reported",
    "local_means": "What counts as local",
    "counting": "How it is counted",
    "verified_by": "Who verifies",
    "shortfall": "If less is delivered",
    "tool": "Tool",
    "method": "Method",
    "reply_days": "Time to answer a match",
    "listing_days": "How long a listing stays open",
    "review_days": "Time until a partnership's review",
    "most_seen_percent": "One organisation is seen too much",
    "most_matched_percent": "One organisation takes too much",
    "unmet_days": "When an open need counts as unmet",
    "open_data_licence": "Licence of the public results",
    "counts_elsewhere": "Whether help in another area counts for a promise here",
    "first_tier_hours": "Hours that need a document and a second person",
    "first_tier_pounds": "Money or worth that needs a document and a second person",
    "confirm_days": "Time to confirm what was delivered",
}


def rule_value(value: float | str, unit: str) -> str:
    """'20%', 'above £100,000', '14 days', or the words themselves."""
    if isinstance(value, str):
        return value[:1].upper() + value[1:]
    said = {
        "percent": f"{value:g}%",
        "pounds": f"above £{value:,.0f}",
        "hours": f"above {value:g} hours",
        "days": f"{value:g} days",
    }
    return said[unit]


UNIT = {
    Unit.HOURS: ("hour", "hours"),
    Unit.DAYS: ("day", "days"),
    Unit.PEOPLE: ("person", "people"),
    Unit.POUNDS: ("pound", "pounds"),
    Unit.ITEMS: ("item", "items"),
    Unit.PLACES: ("place", "places"),
    Unit.WEEKS: ("week", "weeks"),
}

# A state is (what it says to its owner, colour of its tag).
POSTING_STATE = {
    PostingState.DRAFT: ("Draft: only you can see it", "grey"),
    PostingState.SUBMITTED: ("Waiting for an officer to check it", "yellow"),
    PostingState.RETURNED: ("An officer asked you to change something", "red"),
    PostingState.OPEN: ("Open: everyone can see it", "green"),
    PostingState.PAUSED: ("Paused: hidden until you open it again", "grey"),
    PostingState.FILLED: ("Met", "teal"),
    PostingState.WITHDRAWN: ("Withdrawn", "grey"),
    PostingState.LAPSED: ("Run out: renew it to show it again", "yellow"),
}
REGISTRATION_STATE = {
    RegistrationState.APPLIED: ("Waiting for an officer to say yes", "yellow"),
    RegistrationState.APPROVED: ("Approved", "green"),
    RegistrationState.RETURNED: ("An officer asked for something more", "red"),
    RegistrationState.SUSPENDED: ("Paused by the council", "red"),
}
MATCH_STATE = {
    MatchState.SHORTLISTED: ("On the officer's shortlist", "grey"),
    MatchState.PROPOSED: ("Waiting for a reply", "yellow"),
    MatchState.AGREED: ("Both sides said yes: waiting for the officer to confirm", "teal"),
    MatchState.CONFIRMED: ("Confirmed: it is a partnership", "green"),
    MatchState.DECLINED: ("One side said no, thank you", "grey"),
    MatchState.DISMISSED: ("Set aside by an officer", "grey"),
    MatchState.LAPSED: ("Closed because nobody replied in time", "grey"),
    MatchState.WITHDRAWN: ("Withdrawn", "grey"),
}
PARTNERSHIP_STATE = {
    PartnershipState.PLANNED: ("Planned", "yellow"),
    PartnershipState.RUNNING: ("Under way", "green"),
    PartnershipState.REVIEW_DUE: ("Waiting for its review", "yellow"),
    PartnershipState.CLOSED: ("Finished", "teal"),
    PartnershipState.ENDED_EARLY: ("Ended early", "grey"),
}
# Ready-made, kind ways to say no. Only officers and the one who said it read which was chosen.
COMMITMENT_STATE = {
    CommitmentState.OPEN: ("Open", "green"),
    CommitmentState.WITHDRAWN: ("Taken back", "grey"),
}
STAGE = {
    Stage.RUNNING: ("Running", "green"),
    Stage.TO_COME: ("Still to begin", "yellow"),
    Stage.OVER: ("Over", "grey"),
}
# What everybody reads of a delivery: never "verified" before somebody other than its giver vouched for it.
DELIVERY_STATE = {
    DeliveryState.LOGGED: ("Waits for the group's answer", "blue"),
    DeliveryState.UNCONFIRMED: ("Unconfirmed: no answer yet", "yellow"),
    DeliveryState.DISPUTED: ("The group says it did not happen", "red"),
    DeliveryState.CONFIRMED: ("Confirmed, waits for a check", "turquoise"),
    DeliveryState.VERIFIED: ("Verified", "green"),
    DeliveryState.WITHDRAWN: ("Taken back", "grey"),
    DeliveryState.TOLD: ("Told by the group itself", "purple"),
}
ANSWER = {
    Answer.YES: "Yes, all of it",
    Answer.LESS: "Less than that",
    Answer.MORE: "More than that",
    Answer.NOT_AT_ALL: "Not at all",
}
CHANNEL = {Channel.LINK: "by the link", Channel.PAGE: "on its page", Channel.PHONE: "by phone, through an officer"}
VOUCHER = {Voucher.RECEIVER: "the group that received it", Voucher.OFFICER: "an officer"}
CLAIM_STATE = {ClaimState.STANDING: ("Claimed", "green"), ClaimState.TAKEN_BACK: ("Taken back", "grey")}
IDEA_STATE = {
    IdeaState.NEW: ("New", "blue"),
    IdeaState.TAKEN_UP: ("Taken up", "green"),
    IdeaState.DECLINED: ("Not now", "grey"),
}
# How a partnership went, the best first.
SCORE = {5: "Very well", 4: "Well", 3: "All right", 2: "Not so well", 1: "Badly"}
DECLINE_REASONS = {
    "not_now": "Thank you, but the timing is not right for us just now.",
    "not_fit": "Thank you. It is a kind offer, but not quite what we are looking for.",
    "too_far": "Thank you, but it is too far away for us.",
    "already_met": "Thank you. We have found help for this already.",
    "too_busy": "Thank you. We are too busy to do this well at the moment.",
    "other": "Thank you, but we will say no this time.",
}
RELATED = {
    "grown": "It has grown into",
    "grew_from": "It grew from",
    "answer": "Answered by",
    "answered": "In answer to",
    "gathered": "It was made of",
    "gathered_into": "It is one of the needs behind the lasting need",
}
NOTE_FROM = {
    NoteKind.NOTE: "Note",
    NoteKind.CALL: "Phone call",
    NoteKind.QUESTION: "The officer asks",
    NoteKind.ANSWER: "The owner answers",
    NoteKind.REASON: "The officer writes",
    NoteKind.APPROACH: "Message",
    NoteKind.REVIEW: "Review",
}
# The orders of the public list.
ORDER = [("", "Newest first"), ("soonest", "Needed soonest first"), ("nearest", "Nearest first")]
CLOSING_REASONS = {
    "met_here": "It was met through this service",
    "met_elsewhere": "It was met in another way",
    "not_needed": "It is not needed any more",
}
RETURN_REASONS = {
    "more_detail": "Please tell us a little more, so that people know what you mean.",
    "private_detail": "Please take out the names or contact details: everyone can read a listing.",
    "not_social_value": "This is more of an advert, so it is not a fit for this list.",
    "already_posted": "It looks as if this is posted already.",
    "dates": "Please check the dates.",
}
# What an officer may ask of an organisation that applied; its own words may follow.
REGISTRATION_RETURN_REASONS = {
    "number": "We could not find that number in the register. Please check it, or tell us which name it is under.",
    "referee": "Please name somebody outside your group who knows you, such as a teacher, a nurse or a faith leader.",
    "referee_silent": "We could not reach the person you named. Please check how to reach them, or name someone else.",
    "tell_more": "Please tell us a little more about what you do and who for.",
    "where": "It looks as if you work in another council's area. Please tell us what you do in ours.",
    "already_here": "It looks as if your organisation is here already. Please ask a colleague, or tell us if not.",
}
REGISTRATION_SUSPEND_REASONS = {
    "asked": "You asked us to pause this for a while.",
    "contact": "We have tried to reach you and could not. Please get in touch, and we will open this again.",
    "concern": "Somebody raised a concern with us. We are looking into it and will talk to you first.",
    "closed": "We heard that the organisation has closed. Please tell us if that is not so.",
}


# What the history of a match or a partnership says.
HAPPENED = {
    Action.ASK_FOR_MATCH: "Asked the other side",
    Action.SHORTLIST_MATCH: "Put on the shortlist",
    Action.DISMISS_MATCH: "Set aside",
    Action.PROPOSE_MATCH: "Put to both sides",
    Action.ACCEPT_MATCH: "Said yes",
    Action.RECORD_ACCEPTANCE: "Wrote down a yes",
    Action.DECLINE_MATCH: "Said no, thank you",
    Action.RECORD_REFUSAL: "Wrote down a no",
    Action.WRITE_IN_MATCH: "Wrote",
    Action.LOG_CALL: "Wrote down a call",
    Action.FOLLOW_UP: "Reminded and gave more time",
    Action.EDIT_LISTING: "Changed the listing, so both are asked again",
    Action.WITHDRAW_LISTING: "Withdrew the listing",
    Action.WITHDRAW_MATCH: "Withdrew it",
    Action.LAPSE_MATCH: "Closed because nobody replied in time",
    Action.CONFIRM_MATCH: "Confirmed the partnership",
    Action.START_PARTNERSHIP: "Started",
    Action.CALL_REVIEW: "Called the review",
    Action.REVIEW_PARTNERSHIP: "Reviewed it",
    Action.CLOSE_PARTNERSHIP: "Finished",
    Action.END_PARTNERSHIP: "Ended it early",
    Action.ASK_FEEDBACK: "Asked both sides how it went",
    Action.GIVE_FEEDBACK: "Said how it went",
    Action.LINK_COMMITMENT: "Said which promise it helps to keep",
    Action.SET_MILESTONE: "Set a step on the way",
    Action.REACH_MILESTONE: "Reached a step on the way",
    Action.REGISTER_CONTRACT: "Registered the contract",
    Action.IMPORT_CONTRACTS: "Brought the contract in from a file",
    Action.EDIT_CONTRACT: "Changed the contract",
    Action.MAKE_COMMITMENT: "Promised",
    Action.EDIT_COMMITMENT: "Changed the promise",
    Action.LOWER_COMMITMENT: "Lowered the promise",
    Action.HAND_OVER_COMMITMENT: "Said who sees to it",
    Action.WITHDRAW_COMMITMENT: "Took the promise back",
    Action.LOG_DELIVERY: "Wrote down what was done",
    Action.TELL_INHERENT: "Told what it does anyway",
    Action.WITHDRAW_DELIVERY: "Took it back",
    Action.ASK_CONFIRMATION: "Asked the group to confirm",
    Action.CONFIRM_DELIVERY: "The group confirmed",
    Action.DISPUTE_DELIVERY: "The group says it did not happen",
    Action.RECORD_CONFIRMATION: "Wrote down the group's answer",
    Action.RECORD_DISPUTE: "Wrote down that it did not happen",
    Action.TAKE_BACK_CONSENT: "Took back that it may be told",
    Action.LAPSE_DELIVERY: "No answer in time: unconfirmed",
    Action.ADD_EVIDENCE: "Added evidence",
    Action.REMOVE_EVIDENCE: "Removed evidence",
    Action.VERIFY_DELIVERY: "Verified",
    Action.TAKE_BACK_VERIFICATION: "Took the verification back",
    Action.CLAIM_UNITS: "Claimed",
    Action.TAKE_BACK_CLAIM: "Took the claim back",
}


def deed(action: Action) -> str:
    """An action as words, from its own name: 'Approve organisation'. A posting has no name on screens."""
    return action.replace("posting", "listing to check").replace("_", " ").capitalize()


def sentence(text: str) -> str:
    """The same with a capital at its start."""
    return text[:1].upper() + text[1:]

"""The words of the screens: how kinds, states, dates, amounts, distances and refusals are said to people."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

from broker.domain.clock import today
from broker.domain.kinds import (
    Frequency,
    Lane,
    ListingKind,
    MatchState,
    NodeKind,
    PartnershipState,
    PlaceKind,
    PostingState,
    RegistrationState,
    Role,
    SupportKind,
    Unit,
)
from broker.domain.places import outward
from broker.domain.refusals import AlreadyThere, NotAllowed, QuantityTaken, Refusal, WrongState

ROLE = {
    Role.MEMBER: "Member",
    Role.OFFICER: "Officer",
    Role.ADMINISTRATOR: "Administrator",
    Role.SYSTEM: "The service itself",
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
DECLINE_REASONS = {
    "not_now": "Thank you, but the timing is not right for us just now.",
    "not_fit": "Thank you. It is a kind offer, but not quite what we are looking for.",
    "too_far": "Thank you, but it is too far away for us.",
    "already_met": "Thank you. We have found help for this already.",
    "too_busy": "Thank you. We are too busy to do this well at the moment.",
    "other": "Thank you, but we will say no this time.",
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


def plural(number: Decimal | int, unit: Unit | str) -> str:
    """'1 hour', '2.5 hours', '£400'."""
    text = f"{Decimal(number):,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if unit == Unit.POUNDS:
        return f"£{text}"
    one, many = UNIT[Unit(unit)]
    return f"{text} {one if number == 1 else many}"


def amount(number: Decimal | None, unit: Unit | str | None, roughly: bool = False) -> str:
    """A quantity as people say it; 'Not stated' where there is none."""
    if number is None or unit is None:
        return "Not stated"
    return f"roughly {plural(number, unit)}" if roughly else plural(number, unit)


def day(value: date | datetime | None) -> str:
    """'4 December 2026'."""
    return f"{value.day} {value:%B %Y}" if value else ""


def when(value: date | datetime | None) -> str:
    """A day as seen from today: 'today', 'in 3 days', '2 weeks ago', '4 December 2026'."""
    if value is None:
        return ""
    plain = value.date() if isinstance(value, datetime) else value
    days = (plain - today()).days
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}
    if days in near:
        return near[days]
    if abs(days) > 60:
        return day(plain)
    weeks, left = divmod(abs(days), 7)
    span = f"{weeks} week{'s' if weeks > 1 else ''}" if weeks and not left else f"{abs(days)} days"
    return f"in {span}" if days > 0 else f"{span} ago"


def miles(value: float | None) -> str:
    """'less than a mile away', 'about 3 miles away'."""
    if value is None:
        return ""
    if value < 1:
        return "less than a mile away"
    return f"about {round(value)} mile{'s' if round(value) != 1 else ''} away"


def refusal_words(problem: Refusal) -> str:
    """What to tell the person whose deed a rule refused."""
    match problem:
        case NotAllowed():
            return "This page, or this step, is not one that your account can use."
        case QuantityTaken(side=side, remaining=remaining):
            whose = "The offer or asset" if side == "supply" else "The need"
            return f"{whose} has only {remaining.normalize():f} left now. Go back and choose a smaller number."
        case AlreadyThere():
            return "Somebody has done this already, perhaps a moment ago. Nothing was done twice."
        case WrongState():
            return "Something changed since you opened the page, so this step can no longer be taken. Nothing was lost."
        case _:
            return "That did not work, and nothing was changed."


FILTERS: dict[str, Callable[..., str]] = {"day": day, "when": when, "miles": miles, "outward": outward}

"""The words about listings alone: what comes next, what stands in the way, and how a field was and is."""

from collections.abc import Mapping
from typing import Any

from broker.domain.kinds import UNITS, PostingState
from broker.web.checks import BACKGROUND_CHECK
from broker.web.saying import amount, day
from broker.web.words import FREQUENCY, LANE, PLACE_KIND, SUPPORT_KIND, UNIT

# What its owner may expect, or do, next.
POSTING_NEXT = {
    PostingState.DRAFT: "Finish it and send it for checking when you are ready.",
    PostingState.SUBMITTED: "There is nothing you need to do. We will show any question from the officer here.",
    PostingState.RETURNED: "Read what the officer wrote, change the listing, and send it again.",
    PostingState.OPEN: "People can find it and get in touch. Pause it if you need a rest.",
    PostingState.PAUSED: "Open it again when you are ready.",
    PostingState.FILLED: "Well done. Change it and send it again if you need it once more.",
    PostingState.WITHDRAWN: "You took it back. Post a new one whenever you like.",
    PostingState.LAPSED: "Renew it if it still stands, or change its dates.",
}
LISTING_FIELD = {
    "title": "Title",
    "body": "What it says",
    "support_kind": "Kind of support",
    "amount": "How much",
    "unit": "Counted in",
    "roughly": "Roughly",
    "frequency": "How often",
    "from_date": "From",
    "until_date": "Until",
    "place_kind": "Where",
    "postcode": "Postcode",
    "ward_id": "Ward",
    "place_note": "About the place",
    "reach_miles": "Miles to travel",
    "lane": "One-off or lasting",
    "community_led": "Community-led",
    "community_owned": "Community-owned",
    "background_check": "Background check",
    "safeguarding": "Keeping people safe",
    "priorities": "Priorities",
}
_UNFIT_UNIT = "{} is counted in {}. Choose one of these, or another kind of support"
# Why a listing cannot be sent, saved or approved yet: field:code.
LISTING_PROBLEMS = {
    "title:missing": "Give it a title",
    "body:missing": "Tell us more about it, in a sentence or two",
    "support_kind:missing": "Choose the kind of support",
    "unit:missing": "Choose what the number counts",
    "amount:unit_alone": "Enter a number, or choose no unit",
    "amount:below_promised": "This is less than you have already promised to others. Enter that much or more",
    "unit:unit_promised": "Part of this is promised already, so it has to be counted in the same way as before",
    "until_date:past": "This day has passed. Choose a later one",
    "until_date:before_start": "The last day comes before the first. Check both dates",
    "place_kind:missing": "Choose where it is",
    "postcode:missing": "Enter a whole postcode, such as M33 4RZ",
    "ward:missing": "Choose a ward",
    "priorities:too_many": "Choose no more than three priorities of each council",
    "authorities:missing": "Choose at least one council area",
    "authorities:not_yours": "Choose only council areas where the organisation is registered",
    "organisation:not_approved": "The organisation is not approved here yet. Approve it first",
    "organisation:paused": "A council has paused your organisation, so its listings wait too. Ask the officer there",
    "version:changed": "The listing changed while you were reading it. Read it again before you decide",
    "reason:missing": "Choose a reason, or write one in your own words",
    "question:missing": "Write your question",
    "question:waiting": "Your last question has no answer yet. You can ask the next one when it has",
    "answer:missing": "Write your answer",
    **{
        f"unit:unfit_{kind}": _UNFIT_UNIT.format(SUPPORT_KIND[kind], " or ".join(UNIT[unit][1] for unit in units))
        for kind, units in UNITS.items()
    },
}


def version_value(version: Any, name: str) -> str:
    """One field of a wording as an officer compares it with how it was."""
    value = getattr(version, name)
    known: dict[str, Mapping[Any, str]] = {
        "support_kind": SUPPORT_KIND,
        "frequency": FREQUENCY,
        "place_kind": PLACE_KIND,
        "lane": LANE,
        "background_check": BACKGROUND_CHECK,
    }
    match name:
        case "amount" | "unit":
            return amount(version.amount, version.unit, version.roughly)
        case "ward_id":
            return version.ward.name if version.ward else "Not known"
        case "priorities":
            return "; ".join(node.label for node in value) or "None"
        case "roughly" | "community_led" | "community_owned":
            return "Yes" if value else "No"
        case "from_date" | "until_date":
            return day(value) or "Not stated"
        case _:
            return str(known.get(name, {}).get(value, value)) if value else "Not stated"


def problem_messages(problems: Mapping[str, str]) -> dict[str, str]:
    """A rule's refusal of a listing in words: field to message."""
    return {name: LISTING_PROBLEMS.get(f"{name}:{code}", code) for name, code in problems.items()}

"""What "not for us" does to a list, in words: before it is said, and for as long as it stands."""

from broker.domain.kinds import NotForUs, SupportKind
from broker.domain.preferences import Limit
from broker.store.brokering import Candidate
from broker.web.saying import day
from broker.web.words import SUPPORT_KIND

NOT_FOR_US = {
    NotForUs.TOO_FAR: "It is too far away",
    NotForUs.WRONG_KIND: "It is the wrong kind of help",
    NotForUs.WRONG_TIME: "It is at the wrong time",
    NotForUs.OTHER: "Something else",
}
ONLY_THIS = "Only this one is hidden"
UNKNOWN = {
    NotForUs.TOO_FAR: "we cannot tell how far away it is",
    NotForUs.WRONG_KIND: "other help of its kind may still fit",
    NotForUs.WRONG_TIME: "it names no dates",
}


def effect(why: NotForUs, limit: Limit) -> str:
    """'Only what is nearer than about 9 miles is shown.'"""
    if limit.miles is not None:
        return f"Only what is nearer than {_miles(limit.miles)} is shown."
    if limit.support_kind is not None:
        return f"Nothing of the kind “{SUPPORT_KIND[SupportKind(limit.support_kind)]}” is shown."
    if limit.from_date and limit.until_date:
        return f"Nothing that falls between {day(limit.from_date)} and {day(limit.until_date)} is shown."
    if limit.until_date:
        return f"Nothing that is over by {day(limit.until_date)} is shown."
    if limit.from_date:
        return f"Nothing that starts on {day(limit.from_date)} or later is shown."
    return f"{ONLY_THIS}: {UNKNOWN[why]}." if why in UNKNOWN else f"{ONLY_THIS}."


def told(pair: Candidate) -> list[str]:
    """What an officer reads beside a candidate of what its sides said of each other."""
    said = (
        ("The organisation you broker for", pair.not_for_us, pair.our_words),
        ("The organisation shown here", pair.not_for_them, pair.their_words),
    )
    return [
        f"{who} said that this is not for them: {_clause(why)}." + (f" They wrote: “{text}”" if text else "")
        for who, why, text in said
        if why
    ]


def _clause(why: NotForUs) -> str:
    return NOT_FOR_US[why][:1].lower() + NOT_FOR_US[why][1:]


def _miles(value: float) -> str:
    if value < 1:
        return f"about {value:.1f} miles"
    return "about a mile" if round(value) == 1 else f"about {round(value)} miles"

"""The words about background checks: what a listing says of them, and what an officer settles before a match."""

from typing import Any

from broker.domain.checks import is_missing
from broker.domain.kinds import DEMAND, BackgroundCheck

BACKGROUND_CHECK = {
    BackgroundCheck.NONE: "None",
    BackgroundCheck.BASIC: "Basic DBS check",
    BackgroundCheck.ENHANCED: "Enhanced DBS check",
}
_SOME = {
    BackgroundCheck.NONE: "none",
    BackgroundCheck.BASIC: "a basic DBS check",
    BackgroundCheck.ENHANCED: "an enhanced DBS check",
}


def background_check(version: Any, kind: str) -> str:
    """'Basic DBS check needed' of a need, 'Basic DBS check' of an offer; '' where nobody said."""
    if version.background_check is None:
        return ""
    text = BACKGROUND_CHECK[version.background_check]
    return f"{text} needed" if kind in DEMAND else text


def missing_check(demand: Any, supply: Any) -> str:
    """Which check is still to be got, in kind words; '' where a pair lacks none. Each side is its wording, or None."""
    if not demand or not supply or not is_missing(demand.background_check, supply.background_check):
        return ""
    asked = _SOME[demand.background_check]
    if supply.background_check is None:
        return (
            f"Helpers need {asked}, and nobody has said yet which check these people have. "
            "Ask them, and agree who arranges one if it is missing."
        )
    has = _SOME[supply.background_check]
    return f"Helpers need {asked}. These people have {has} so far. Agree who arranges it before the first day."

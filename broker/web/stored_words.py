"""Words for what is stored, as a person reads it on the record and in a copy of their own data."""

import re
from datetime import date, datetime

from broker.web import saying
from broker.web.words import LANE, sentence

NOT_SAID = "–"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
CODE = re.compile(r"\b[a-z]+(?:_[a-z]+)+")
YES = {True: "Yes", False: "No"}
LANES = {str(lane): text for lane, text in LANE.items()}


def stored_name(name: str) -> str:
    """'Council number' for authority_id."""
    plain = re.sub(r"_id$", "_number", "number" if name == "id" else name).replace("authority", "council")
    return sentence(plain.replace("_", " "))


def stored_value(told: object) -> str:
    """A value in words: a day as a day, true as yes. What people wrote stays as they wrote it."""
    if isinstance(told, dict):
        return "; ".join(f"{stored_name(name)}: {_turned(value)}" for name, value in told.items())
    if isinstance(told, list):
        return ", ".join(map(stored_value, told))
    if told is None or isinstance(told, bool):
        return YES[told] if told is not None else NOT_SAID
    text = str(told)
    if MOMENT.fullmatch(text):
        at = datetime.fromisoformat(text)
        return f"{saying.day(at)}, {at:%H:%M}"
    if DAY.fullmatch(text):
        return saying.day(date.fromisoformat(text))
    return text.replace("_", " ") if CODE.fullmatch(text) else LANES.get(text, text)


def _turned(value: object) -> str:
    """'open → filled' for the two that a change holds."""
    if isinstance(value, list) and len(value) == 2:
        return f"{stored_value(value[0])} → {stored_value(value[1])}"
    return stored_value(value)

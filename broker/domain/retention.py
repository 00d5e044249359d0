"""How long each kind of people's data is kept: one table for the nightly job, the settings and the privacy page."""

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

UNITS = ("hour", "day", "month", "year")
PREFIX = "RETAIN_"  # of a setting: BROKER_RETAIN_SIGN_INS="60 days"


class Kept(StrEnum):
    """What is kept for a time."""

    RESET_LINKS = "reset_links"
    INVITATIONS = "invitations"
    SIGN_INS = "sign_ins"
    FAILED_SIGN_INS = "failed_sign_ins"
    MAIL = "mail"
    IMPORT_FILES = "import_files"
    TRIALS = "trials"
    DRAFTS = "drafts"
    SAFEGUARDING = "safeguarding"
    ENDED_LISTINGS = "ended_listings"
    EVIDENCE = "evidence"
    UNTAKEN_ACCOUNTS = "untaken_accounts"
    INACTIVE_ACCOUNTS = "inactive_accounts"
    ACCESS_LOGS = "access_logs"
    AUDIT = "audit"


class Period(NamedTuple):
    """A time as people say it, such as 24 months."""

    number: int
    unit: str

    def before(self, at: datetime) -> datetime:
        """The moment that lies this long before `at`; of a month that is shorter, its last day."""
        if self.unit in ("hour", "day"):
            return at - timedelta(**{f"{self.unit}s": self.number})
        months = at.year * 12 + at.month - 1 - self.number * (12 if self.unit == "year" else 1)
        year, month = divmod(months, 12)
        return at.replace(year=year, month=month + 1, day=min(at.day, monthrange(year, month + 1)[1]))

    def __str__(self) -> str:
        return f"{self.number} {self.unit}{'s' if self.number != 1 else ''}"


class Rule(NamedTuple):
    """`by_job`: whether the nightly job sees to it. Where it does not, the line is there to be read."""

    lasts: Period
    by_job: bool = True


RULES: dict[Kept, Rule] = {
    Kept.RESET_LINKS: Rule(Period(1, "hour")),
    Kept.INVITATIONS: Rule(Period(2, "day")),
    Kept.SIGN_INS: Rule(Period(30, "day")),
    Kept.FAILED_SIGN_INS: Rule(Period(24, "hour")),
    Kept.MAIL: Rule(Period(7, "day")),
    Kept.IMPORT_FILES: Rule(Period(7, "day")),
    Kept.TRIALS: Rule(Period(30, "day")),
    Kept.DRAFTS: Rule(Period(12, "month")),
    Kept.SAFEGUARDING: Rule(Period(6, "month")),
    Kept.ENDED_LISTINGS: Rule(Period(24, "month")),
    Kept.EVIDENCE: Rule(Period(7, "year")),
    Kept.UNTAKEN_ACCOUNTS: Rule(Period(30, "day")),
    Kept.INACTIVE_ACCOUNTS: Rule(Period(3, "year")),
    Kept.ACCESS_LOGS: Rule(Period(90, "day"), by_job=False),
    Kept.AUDIT: Rule(Period(7, "year"), by_job=False),
}
# What stands in the tables in place of words and names that were removed.
GONE = "Words removed"
NOBODY = "Somebody who has left"
NO_ADDRESS = "@erased.invalid"
ANSWER_WITHIN = timedelta(days=28)  # the law says a month, and this is the shortest
# So long before an unused account goes its person is written to, and again. Each letter has time to be read.
WARNINGS = (timedelta(days=60), timedelta(days=14))


class NoPeriod(ValueError):
    """A setting that should say how long something is kept says something else."""


def rules_from(settings: Mapping[str, object]) -> dict[Kept, Rule]:
    """The table with what this copy's settings change in it. Raises NoPeriod, naming the setting."""
    changed = {kept: settings[name] for kept in Kept if (name := f"{PREFIX}{kept.upper()}") in settings}
    return {
        kept: rule._replace(lasts=_read(kept, changed[kept])) if kept in changed else rule
        for kept, rule in RULES.items()
    }


def _read(kept: Kept, value: object) -> Period:
    found = re.fullmatch(r"([1-9][0-9]{0,2}) ?(hour|day|month|year)s?", str(value).strip().lower())
    if found is None:
        raise NoPeriod(f"BROKER_{PREFIX}{kept.upper()} must be a time, such as 30 days or 24 months, not {value!r}.")
    return Period(int(found[1]), found[2])

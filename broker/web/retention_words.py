"""How long things are kept, in words: each line of the one table, for the page that anybody can read."""

from broker.domain.retention import Kept, Period, Rule

# What it is, and what happens to it then.
WORDS: dict[Kept, tuple[str, str]] = {
    Kept.RESET_LINKS: ("A link to set a new password", "It stops working, and is removed the night after."),
    Kept.INVITATIONS: ("An invitation to join", "It stops working, and is removed the night after."),
    Kept.SIGN_INS: ("Which browsers were signed in, after each has signed out", "Removed."),
    Kept.FAILED_SIGN_INS: ("Attempts to sign in that went wrong", "Removed."),
    Kept.MAIL: ("Which letters we sent you, with their links", "Removed."),
    Kept.IMPORT_FILES: ("A file of listings that an officer sent and that could not be read in", "Removed."),
    Kept.TRIALS: ("Texts that an officer tried out on the matcher", "Removed."),
    Kept.DRAFTS: ("A draft that was never sent, since it was last changed", "Its words are removed."),
    Kept.SAFEGUARDING: (
        "What a listing says about keeping people safe and about checks, once it has ended",
        "Removed.",
    ),
    Kept.ENDED_LISTINGS: (
        "The words of a listing that was met, taken back or ran out, with the notes about it",
        "The words, the postcode and the notes are removed. Kind, amounts and dates stay, so that the figures stand.",
    ),
    Kept.EVIDENCE: (
        "A document or a photo that shows what was done, counted from the last day on which it was done",
        "Removed. What was verified stays verified, so that the figures stand.",
    ),
    Kept.UNTAKEN_ACCOUNTS: ("An account that was begun, or that somebody was invited to, and never used", "Erased."),
    Kept.INACTIVE_ACCOUNTS: (
        "An account that nobody has used",
        "We write to you twice beforehand. Then the account is erased.",
    ),
    Kept.ACCESS_LOGS: (
        "The log of which pages were asked for (no names in it)",
        "Removed by the machine that the service runs on.",
    ),
    Kept.AUDIT: (
        "The record of who did what and when (numbers only, no names or texts)",
        "It is never removed by the service itself. The council decides what happens to it then.",
    ),
}
_ONE = {"hour": "1 hour", "day": "1 day", "month": "1 month", "year": "1 year"}


def period(lasts: Period) -> str:
    """'30 days', '24 months'."""
    return _ONE[lasts.unit] if lasts.number == 1 else f"{lasts.number} {lasts.unit}s"


def rows(rules: dict[Kept, Rule]) -> list[tuple[str, str]]:
    """What, and how long with what happens then, in the table's order."""
    return [(WORDS[kept][0], f"{period(rule.lasts)}. {WORDS[kept][1]}") for kept, rule in rules.items()]

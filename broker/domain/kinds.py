"""The words: what kinds of thing exist. Screens, tables and rules share these and nothing else."""

from enum import StrEnum


class Role(StrEnum):
    """What a membership lets a person do; group and supplier are facts about an organisation instead."""

    MEMBER = "member"
    OFFICER = "officer"
    ADMINISTRATOR = "administrator"
    SYSTEM = "system"  # the worker: time passing, and nothing else


class ListingKind(StrEnum):
    NEED = "need"
    ASSET = "asset"
    ASPIRATION = "aspiration"
    OFFER = "offer"


DEMAND = frozenset({ListingKind.NEED, ListingKind.ASPIRATION})
SUPPLY = frozenset({ListingKind.OFFER, ListingKind.ASSET})


class Side(StrEnum):
    """The two sides of a match."""

    DEMAND = "demand"
    SUPPLY = "supply"

    @property
    def other(self) -> "Side":
        return Side.SUPPLY if self is Side.DEMAND else Side.DEMAND


class SupportKind(StrEnum):
    SKILLS = "skills"
    VOLUNTEERING = "volunteering"
    FUNDING = "funding"
    GOODS = "goods"
    SPACE = "space"
    JOBS = "jobs"


class Unit(StrEnum):
    HOURS = "hours"
    DAYS = "days"
    PEOPLE = "people"
    POUNDS = "pounds"
    ITEMS = "items"
    PLACES = "places"
    WEEKS = "weeks"


UNITS: dict[SupportKind, tuple[Unit, ...]] = {
    SupportKind.SKILLS: (Unit.HOURS, Unit.DAYS, Unit.PEOPLE),
    SupportKind.VOLUNTEERING: (Unit.HOURS, Unit.DAYS, Unit.PEOPLE),
    SupportKind.FUNDING: (Unit.POUNDS,),
    SupportKind.GOODS: (Unit.ITEMS,),
    SupportKind.SPACE: (Unit.HOURS, Unit.DAYS),
    SupportKind.JOBS: (Unit.PLACES, Unit.WEEKS),
}


class Lane(StrEnum):
    """One-off exchange, or lasting change that is reviewed."""

    TRANSACTIONAL = "transactional"
    SYSTEMIC = "systemic"


class BackgroundCheck(StrEnum):
    """Which check of the Disclosure and Barring Service people need (demand) or have (supply); the laxest first."""

    NONE = "none"
    BASIC = "basic"
    ENHANCED = "enhanced"


class PlaceKind(StrEnum):
    POSTCODE = "postcode"
    WARD = "ward"
    AUTHORITY = "authority"
    REMOTE = "remote"


class Frequency(StrEnum):
    """How often an offer's quantity comes round."""

    ONCE = "once"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    YEARLY = "yearly"


class RegistrationState(StrEnum):
    """An organisation in one authority."""

    APPLIED = "applied"
    APPROVED = "approved"
    RETURNED = "returned"
    SUSPENDED = "suspended"


class PostingState(StrEnum):
    """A listing in one authority."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    OPEN = "open"
    PAUSED = "paused"
    FILLED = "filled"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


class MatchState(StrEnum):
    SHORTLISTED = "shortlisted"
    PROPOSED = "proposed"
    AGREED = "agreed"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    DISMISSED = "dismissed"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


LIVE_MATCH = frozenset({MatchState.SHORTLISTED, MatchState.PROPOSED, MatchState.AGREED, MatchState.CONFIRMED})


class PlanMode(StrEnum):
    """What a plan of a whole market tries first."""

    BEST_TOTAL = "best_total"
    SERVE_FIRST = "serve_first"
    SPREAD = "spread"


class PartnershipState(StrEnum):
    PLANNED = "planned"
    RUNNING = "running"
    REVIEW_DUE = "review_due"
    CLOSED = "closed"
    ENDED_EARLY = "ended_early"


class GuessKind(StrEnum):
    """What the computer guesses of a listing from its text."""

    KIND = "kind"  # of support
    THEME = "theme"  # a shared outcome


class GuessState(StrEnum):
    GUESSED = "guessed"
    AGREED = "agreed"
    REFUSED = "refused"


class Telling(StrEnum):
    """How surely a phrase means what its entry is about."""

    SAY = "say"
    HINT = "hint"


class SynonymState(StrEnum):
    """Whether the matcher reads an entry of words that mean the same."""

    OPEN = "open"
    OFF = "off"


class NotForUs(StrEnum):
    """Why an organisation wants none of a suggestion."""

    TOO_FAR = "too_far"
    WRONG_KIND = "wrong_kind"
    WRONG_TIME = "wrong_time"
    OTHER = "other"


class PreferenceState(StrEnum):
    """Whether what an organisation said of a suggestion still shapes its list."""

    STANDING = "standing"
    TAKEN_BACK = "taken_back"


class WeightsState(StrEnum):
    """A setting of the matcher's weights."""

    PROPOSED = "proposed"
    IN_USE = "in_use"
    RETIRED = "retired"


class NodeKind(StrEnum):
    """A level of an authority's framework."""

    THEME = "theme"
    PRIORITY = "priority"
    PRINCIPLE = "principle"
    OUTCOME = "outcome"
    MISSION = "mission"
    COHORT = "cohort"
    HUB = "hub"


class NoteKind(StrEnum):
    """Free text about something that happened; the only erasable part of the record."""

    NOTE = "note"
    CALL = "call"
    QUESTION = "question"
    ANSWER = "answer"
    REASON = "reason"
    APPROACH = "approach"
    REVIEW = "review"


class Audience(StrEnum):
    """Who may read a note, beside the officers."""

    OFFICERS = "officers"
    OWNER = "owner"
    SIDES = "sides"

"""The words: what kinds of thing exist. Screens, tables and rules share these and nothing else."""

from enum import StrEnum


class Role(StrEnum):
    """What a membership lets a person do; group and supplier are facts about an organisation instead."""

    MEMBER = "member"
    COLLEAGUE = "colleague"  # of a member: sees the commitments that were handed to them, and no more
    OFFICER = "officer"
    CONTRACT_MANAGER = "contract_manager"  # of an authority: sees the contracts that they manage
    COUNCILLOR = "councillor"
    ADMINISTRATOR = "administrator"
    SYSTEM = "system"  # the worker: time passing, and nothing else


# Who acts for a council, and who for an organisation.
OF_A_COUNCIL = frozenset({Role.OFFICER, Role.CONTRACT_MANAGER, Role.COUNCILLOR})
OF_AN_ORGANISATION = frozenset({Role.MEMBER, Role.COLLEAGUE})


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


class OrganisationSize(StrEnum):
    """How many people work or volunteer for an organisation, in the bands in which businesses are counted here."""

    UNDER_10 = "under_10"
    UNDER_50 = "under_50"
    UNDER_250 = "under_250"
    MORE = "more"


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


class CommitmentState(StrEnum):
    """What a supplier promised."""

    OPEN = "open"
    WITHDRAWN = "withdrawn"


class Nature(StrEnum):
    """Whether something was done on top of what its giver does anyway. Only that can be claimed."""

    ADDITIONAL = "additional"
    INHERENT = "inherent"


class DeliveryState(StrEnum):
    """How sure it is that something was done. What is inherent is told by its group, and nobody vouches for it."""

    LOGGED = "logged"
    UNCONFIRMED = "unconfirmed"
    DISPUTED = "disputed"
    CONFIRMED = "confirmed"
    VERIFIED = "verified"
    WITHDRAWN = "withdrawn"
    TOLD = "told"


class Answer(StrEnum):
    """What a receiver says of a delivery."""

    YES = "yes"
    LESS = "less"
    MORE = "more"
    NOT_AT_ALL = "not_at_all"


class Channel(StrEnum):
    """How somebody said it."""

    LINK = "link"
    PAGE = "page"
    PHONE = "phone"


class Voucher(StrEnum):
    """Who vouched for a delivery."""

    RECEIVER = "receiver"
    OFFICER = "officer"


class FileKind(StrEnum):
    """What evidence may be."""

    PDF = "pdf"
    PNG = "png"
    JPEG = "jpeg"


class ClaimState(StrEnum):
    STANDING = "standing"
    TAKEN_BACK = "taken_back"


class IdeaState(StrEnum):
    """A project that a councillor suggests."""

    NEW = "new"
    TAKEN_UP = "taken_up"
    DECLINED = "declined"


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

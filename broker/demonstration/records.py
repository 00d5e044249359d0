"""The shapes of the invented city's data: plain records, as the files hold them, with codes for places.

Times are whole days counted from the day of loading: `days_ago` is past, `*_days` is ahead, and a negative
`*_days` is past. Amounts are whole numbers in the unit of their listing.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ward:
    """A ward with its outline: one ring of (longitude, latitude), closed."""

    code: str
    name: str
    authority: str
    ring: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Postcode:
    postcode: str
    lat: float
    lon: float
    authority: str
    ward: str


@dataclass(frozen=True, slots=True)
class Registration:
    """An organisation in one authority; `reason` is what the officer wrote when returning or suspending it."""

    authority: str
    state: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Organisation:
    """A group, a supplier, or both. `does` is what it does anyway; unclaimed ones were entered by an officer."""

    key: str
    name: str
    does: str
    serves: str
    authorities: tuple[str, ...]
    registrations: tuple[Registration, ...]
    postcode: str
    ward: str
    constituted: bool
    contact_name: str
    email: str
    phone: str
    claimed: bool
    days_ago: int
    is_group: bool = False
    is_supplier: bool = False
    size: str | None = None
    identifier_scheme: str | None = None
    identifier_number: str | None = None
    referee_name: str | None = None
    referee_contact: str | None = None


@dataclass(frozen=True, slots=True)
class Posting:
    """A listing in one authority; `reason` is what the officer wrote when returning it, or why it was closed."""

    authority: str
    state: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """Any post. `postcode` and `ward` are set where `place_kind` says so (a postcode has its ward too).

    `answers` is the demand for which an offer was specially designed, `grown_from` the aspiration that became
    this need, `on_behalf` that an officer typed it in. An aspiration usually has no amount.
    """

    key: str
    organisation: str
    kind: str
    title: str
    body: str
    support_kind: str
    place_kind: str
    lane: str
    postings: tuple[Posting, ...]
    days_ago: int
    amount: int | None = None
    unit: str | None = None
    roughly: bool = False
    from_days: int | None = None
    until_days: int | None = None
    postcode: str | None = None
    ward: str | None = None
    frequency: str | None = None
    community_led: bool = False
    community_owned: bool = False
    background_check: str | None = None
    safeguarding: str | None = None
    reach_miles: int | None = None
    priorities: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    answers: str | None = None
    grown_from: str | None = None
    on_behalf: bool = False

    @property
    def authorities(self) -> tuple[str, ...]:
        return tuple(posting.authority for posting in self.postings)


@dataclass(frozen=True, slots=True)
class Note:
    """Free text beside a match or a partnership; kind and audience are words of broker.domain.kinds."""

    kind: str
    text: str
    audience: str
    days_ago: int


@dataclass(frozen=True, slots=True)
class Match:
    """A pairing. `reply_in_days` is when an answer is due, `phrase` how a side declined, `reason` an officer's."""

    key: str
    demand: str
    supply: str
    authority: str
    opened_by: str
    state: str
    days_ago: int
    demand_amount: int | None = None
    supply_amount: int | None = None
    demand_accepted: bool = False
    supply_accepted: bool = False
    reply_in_days: int | None = None
    reason: str | None = None
    phrase: str | None = None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Partnership:
    """What a confirmed match became; `match` is its key and holds both amounts."""

    match: str
    state: str
    lane: str
    what: str
    starts_days: int
    ends_days: int
    review_days: int | None = None
    reason: str | None = None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in: council people have an authority, members and colleagues an organisation."""

    email: str
    name: str
    role: str
    authority: str | None = None
    organisation: str | None = None


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract; `manager` is the address of an account, `manager_name` stands for somebody without one."""

    key: str
    authority: str
    supplier: str
    title: str
    buyer: str
    value: int
    spent: int
    starts: int
    ends: int
    identifier: str
    manager: str | None = None
    manager_name: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A milestone; `reached` is the day on which it was."""

    what: str
    due: int
    quantity: int | None = None
    reached: int | None = None


@dataclass(frozen=True, slots=True)
class Promise:
    """So much of a measure, under a contract (by its key) or as a pledge; `owner` is the address of an account.

    `made` is the day on which it was promised.
    """

    key: str
    authority: str
    supplier: str
    measure: str
    quantity: int
    what: str
    due: int
    made: int
    contract: str | None = None
    per_pounds: int | None = None
    owner: str | None = None
    withdrawn: bool = False
    milestones: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Split:
    """The first delivery of a course, so large, of which so much stands against another promise."""

    delivered: int
    promise: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Course:
    """How a partnership (by the key of its match) was delivered: about `every` so many days one of `sizes`."""

    match: str
    measure: str
    every: int
    sizes: tuple[float, ...]
    wards: tuple[str, ...]
    starts: int
    ends: int
    promise: str | None = None
    committed: int | None = None
    worth: int | None = None
    split: Split | None = None
    milestones: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Inherent:
    """What a group does anyway in a year."""

    group: str
    authority: str
    measure: str
    quantity: float
    what: str


@dataclass(frozen=True, slots=True)
class Idea:
    """What a councillor suggested for a ward (its code)."""

    authority: str
    ward: str
    title: str
    text: str
    state: str
    days_ago: int
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Year:
    """A year of promises and deliveries. The first half of `sentences` may be told as stories.

    `named`: the organisations that may be named in public results.
    """

    contracts: tuple[Contract, ...]
    promises: tuple[Promise, ...]
    courses: tuple[Course, ...]
    inherent: tuple[Inherent, ...]
    ideas: tuple[Idea, ...]
    sentences: tuple[str, ...]
    named: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class City:
    wards: tuple[Ward, ...]
    postcodes: tuple[Postcode, ...]
    organisations: tuple[Organisation, ...]
    listings: tuple[Listing, ...]
    matches: tuple[Match, ...]
    partnerships: tuple[Partnership, ...]
    people: tuple[Person, ...]
    year: Year

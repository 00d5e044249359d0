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
    identifier_scheme: str | None = None
    identifier_number: str | None = None
    referee_name: str | None = None
    referee_contact: str | None = None


@dataclass(frozen=True, slots=True)
class Posting:
    """A listing in one authority; `reason` is what the officer wrote when returning it."""

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
    """Somebody who can sign in: an officer has an authority, a member an organisation."""

    email: str
    name: str
    role: str
    authority: str | None = None
    organisation: str | None = None


@dataclass(frozen=True, slots=True)
class City:
    wards: tuple[Ward, ...]
    postcodes: tuple[Postcode, ...]
    organisations: tuple[Organisation, ...]
    listings: tuple[Listing, ...]
    matches: tuple[Match, ...]
    partnerships: tuple[Partnership, ...]
    people: tuple[Person, ...]

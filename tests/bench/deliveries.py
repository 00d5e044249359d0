"""A year of a large council: contracts, promises, partnerships and 100,000 deliveries, put in by the thousand."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count, islice
from typing import Any

from sqlalchemy import insert, select

from broker.actions.frameworks import load_shipped
from broker.domain.clock import now, today
from broker.domain.kinds import (
    Answer,
    Channel,
    ClaimState,
    CommitmentState,
    DeliveryState,
    Lane,
    ListingKind,
    MatchState,
    Nature,
    PartnershipState,
    PlaceKind,
    PostingState,
    RegistrationState,
    SupportKind,
    Unit,
)
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.claims import Claim
from broker.store.commitments import Commitment
from broker.store.confirmations import Confirmation
from broker.store.contracts import Contract
from broker.store.deliveries import Delivery
from broker.store.listings import Listing, ListingVersion, Posting
from broker.store.matches import Match
from broker.store.measures import Measure
from broker.store.organisations import Organisation, Registration
from broker.store.partnerships import Partnership
from broker.store.places import Ward
from broker.store.valuations import Valuation, ValuationEdition
from tests import make

BLOCK = 5_000
WARDS, SUPPLIERS, GROUPS = 100, 400, 2_000
DAYS = 360
# Of a hundred deliveries, how many are in each state.
STATES = [
    *[DeliveryState.VERIFIED] * 78,
    *[DeliveryState.CONFIRMED] * 6,
    *[DeliveryState.LOGGED] * 6,
    *[DeliveryState.UNCONFIRMED] * 6,
    *[DeliveryState.DISPUTED] * 2,
    *[DeliveryState.WITHDRAWN] * 2,
]
Rows = Iterator[dict[str, Any]]


@dataclass(frozen=True)
class Volume:
    """What was filled, by number."""

    authority: int
    code: str
    officer: int
    contract: int
    commitment: int
    supplier: int
    measures: list[int]


def fill(deliveries: int, seed: int = 1) -> Volume:
    """Put so many deliveries of the last twelve months into one council. Needs empty tables; commits."""
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    load_shipped()
    area = db.session.scalars(select(Authority).where(Authority.framework_code.is_not(None))).first()
    assert area
    officer = make.officer(area)
    measures = list(db.session.scalars(select(Measure.id).order_by(Measure.id)))
    _put(Ward, _wards(area.id))
    _put(Organisation, _organisations())
    _put(Registration, _registrations(area.id))
    _put(Contract, _contracts(area.id, chance))
    _put(Commitment, _commitments(area.id, measures, chance))
    partnerships = max(1, deliveries // 10)
    _market(area.id, partnerships, chance)
    _put(Delivery, _deliveries(area.id, deliveries, partnerships, measures, chance))
    _put(Confirmation, _confirmations(deliveries))
    _put(Claim, _claims())
    _value(area, measures)
    db.session.commit()
    return Volume(area.id, area.code, officer.id, 1, 1, 1, measures)


def _put(model: type[Any], rows: Rows) -> None:
    while block := list(islice(rows, BLOCK)):
        db.session.execute(insert(model), block)
    db.session.commit()


def _wards(area: int) -> Rows:
    for n in range(1, WARDS + 1):
        yield {"id": n, "code": f"E99{n:06}", "name": f"Ward {n}", "authority_id": area, "lat": 53.0, "lon": -2.0}


def _organisations() -> Rows:
    for n in range(1, SUPPLIERS + GROUPS + 1):
        supplies = n <= SUPPLIERS
        name = f"Supplier {n}" if supplies else f"Group {n}"
        yield {
            "id": n, "name": name, "is_supplier": supplies, "is_group": not supplies, "created_at": now(),
            "is_named": n % 3 == 0,
        }  # fmt: skip


def _registrations(area: int) -> Rows:
    for n in range(1, SUPPLIERS + GROUPS + 1):
        yield {"organisation_id": n, "authority_id": area, "state": RegistrationState.APPROVED, "applied_at": now()}


def _contracts(area: int, chance: random.Random) -> Rows:
    for n in range(1, SUPPLIERS + 1):
        yield {
            "id": n, "authority_id": area, "organisation_id": n, "title": f"Contract {n}", "buyer": "Housing",
            "value": Decimal(250_000), "spent": Decimal(chance.randrange(250_000)), "created_at": _at(today()),
            "starts_on": today() - timedelta(days=DAYS), "ends_on": today() + timedelta(days=DAYS),
        }  # fmt: skip


def _measure_of(supplier: int, measures: list[int], turn: int) -> int:
    """Each supplier gives five measures."""
    return measures[(supplier * 7 + turn % 5) % len(measures)]


def _commitments(area: int, measures: list[int], chance: random.Random) -> Rows:
    """Five of each supplier, one for each of its measures; every third grows with what is spent."""
    for n in range(SUPPLIERS * 5):
        supplier, turn = n // 5 + 1, n % 5
        scaled = n % 3 == 0
        yield {
            "id": n + 1, "organisation_id": supplier, "authority_id": area, "contract_id": supplier,
            "measure_id": _measure_of(supplier, measures, turn), "state": CommitmentState.OPEN,
            "quantity": Decimal(3 if scaled else chance.randrange(100, 2_000)),
            "per_pounds": Decimal(1_000) if scaled else None,
            "due_on": today() + timedelta(days=chance.randrange(-DAYS, DAYS)), "created_at": _some_day(chance),
        }  # fmt: skip


def _market(area: int, partnerships: int, chance: random.Random) -> None:
    """A need, an offer, a match and a partnership each."""
    _put(Listing, _listings(partnerships))
    _put(ListingVersion, _versions(partnerships, chance))
    _put(Posting, _postings(area, partnerships))
    _put(Match, _matches(area, partnerships))
    _put(Partnership, _partnerships(area, partnerships, chance))


def _listings(partnerships: int) -> Rows:
    for n in range(1, partnerships + 1):
        both = ((2 * n - 1, ListingKind.NEED, SUPPLIERS + 1 + n % GROUPS), (2 * n, ListingKind.OFFER, _giver(n)))
        for key, kind, owner in both:
            yield {
                "id": key, "kind": kind, "organisation_id": owner, "quantity": Decimal(900), "unit": Unit.HOURS,
                "created_at": now(),
            }  # fmt: skip


def _giver(partnership: int) -> int:
    return 1 + partnership % SUPPLIERS


def _versions(partnerships: int, chance: random.Random) -> Rows:
    for key in range(1, 2 * partnerships + 1):
        yield {
            "id": key, "listing_id": key, "number": 1, "title": f"Listing {key}", "support_kind": SupportKind.SKILLS,
            "amount": Decimal(900), "unit": Unit.HOURS, "place_kind": PlaceKind.WARD, "created_at": now(),
            "ward_id": 1 + chance.randrange(WARDS), "submitted_at": now(),
        }  # fmt: skip


def _postings(area: int, partnerships: int) -> Rows:
    for key in range(1, 2 * partnerships + 1):
        yield {
            "id": key, "listing_id": key, "authority_id": area, "state": PostingState.OPEN,
            "approved_version_id": key, "submitted_at": now(), "approved_at": now(),
        }  # fmt: skip


def _matches(area: int, partnerships: int) -> Rows:
    for n in range(1, partnerships + 1):
        yield {
            "id": n, "demand_id": 2 * n - 1, "supply_id": 2 * n, "authority_id": area, "state": MatchState.CONFIRMED,
            "opened_by": "officer", "demand_accepted_at": now(), "supply_accepted_at": now(), "confirmed_at": now(),
            "created_at": now(), "proposed_at": now(), "reply_by": today(),
        }  # fmt: skip


def _partnerships(area: int, partnerships: int, chance: random.Random) -> Rows:
    """Every second helps to keep a promise."""
    for n in range(1, partnerships + 1):
        lasting, kept = n % 5 == 0, n % 2 == 0
        yield {
            "id": n, "match_id": n, "authority_id": area, "state": PartnershipState.RUNNING, "what": "Help",
            "lane": Lane.SYSTEMIC if lasting else Lane.TRANSACTIONAL, "review_on": today() if lasting else None,
            "starts_on": today() - timedelta(days=DAYS), "ends_on": today() + timedelta(days=DAYS),
            "commitment_id": (_giver(n) - 1) * 5 + 1 + n % 5 if kept else None,
            "committed_amount": Decimal(chance.randrange(5, 200)) if kept else None, "created_at": _some_day(chance),
        }  # fmt: skip


def _deliveries(area: int, deliveries: int, partnerships: int, measures: list[int], chance: random.Random) -> Rows:
    """Ten of each partnership, each written down within a fortnight of its day, as people do.

    Every tenth names a ward, and every hundredth is done anyway.
    """
    for n in range(1, deliveries + 1):
        partnership, anyway = 1 + n % partnerships, n % 100 == 0
        giver, logged = _giver(partnership), today() - timedelta(days=DAYS - n * DAYS // deliveries)
        day = logged - timedelta(days=chance.randrange(14))
        state = DeliveryState.TOLD if anyway else chance.choice(STATES)
        quantity = Decimal(chance.randrange(1, 80))
        proven = state == DeliveryState.VERIFIED
        yield {
            "id": n, "organisation_id": SUPPLIERS + 1 + n % GROUPS if anyway else giver,
            "partnership_id": None if anyway else partnership, "authority_id": area,
            "measure_id": _measure_of(giver, measures, partnership), "state": state,
            "nature": Nature.INHERENT if anyway else Nature.ADDITIONAL, "quantity": quantity,
            "verified": quantity if proven else Decimal(0), "verified_at": _at(day) if proven else None,
            "started_on": day, "ended_on": day, "ward_id": 1 + n % WARDS if n % 10 == 0 else None, "tier": 1,
            "answer_by": day + timedelta(days=14), "logged_at": _at(logged),
        }  # fmt: skip


def _confirmations(deliveries: int) -> Rows:
    for n in range(1, deliveries + 1, 4):
        if n % 100:
            yield {
                "delivery_id": n, "answer": Answer.YES, "quantity": Decimal(1), "sentence": f"Thank you {n}",
                "story_consent": n % 8 == 1, "channel": Channel.LINK, "at": now(),
            }  # fmt: skip


def _claims() -> Rows:
    """Everything verified of a partnership that helps to keep a promise of the same measure."""
    same = (Commitment.measure_id == Delivery.measure_id, Delivery.state == DeliveryState.VERIFIED)
    query = (
        select(Delivery.id, Commitment.id, Delivery.verified)
        .join(Partnership, Partnership.id == Delivery.partnership_id)
        .join(Commitment, Commitment.id == Partnership.commitment_id)
        .where(*same)
    )
    for key, (delivery, commitment, verified) in zip(count(1), db.session.execute(query).all(), strict=False):
        yield {
            "id": key, "delivery_id": delivery, "commitment_id": commitment, "state": ClaimState.STANDING,
            "quantity": verified, "claimed_at": now(),
        }  # fmt: skip


def _value(area: Authority, measures: list[int]) -> None:
    edition = ValuationEdition(authority=area, name="Values", price_year=2026, licence_note="Ours", loaded_at=now())
    edition.values = [
        Valuation(measure_id=each, low=Decimal(10), high=Decimal(20), deadweight=20, drop_off=30, years=3)
        for each in measures[::2]
    ]
    db.session.add(edition)


def _some_day(chance: random.Random) -> datetime:
    return _at(today() - timedelta(days=chance.randrange(DAYS)))


def _at(day: date) -> datetime:
    return datetime.combine(day, time(9), now().tzinfo)

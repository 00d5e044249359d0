"""Things to test with: each function makes one, believable and complete, and flushes it."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from broker.domain.clock import now, today
from broker.domain.kinds import (
    Channel,
    CommitmentState,
    DeliveryState,
    IdeaState,
    Lane,
    ListingKind,
    MatchState,
    Nature,
    PartnershipState,
    PlaceKind,
    PostingState,
    RegistrationState,
    Role,
    Side,
    SupportKind,
    Unit,
)
from broker.store.accounts import Membership, User
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.commitments import Commitment
from broker.store.contracts import Contract
from broker.store.deliveries import Delivery
from broker.store.feedback import Feedback
from broker.store.listings import Listing, ListingVersion, Posting
from broker.store.matches import Match
from broker.store.measures import Measure
from broker.store.organisations import Organisation, Registration
from broker.store.partnerships import Partnership
from broker.store.places import Ward
from broker.store.project_ideas import ProjectIdea
from broker.store.suggestions import Suggestion

_number = count(1)
NEVER_CHECKED = {PostingState.DRAFT, PostingState.SUBMITTED, PostingState.RETURNED, PostingState.WITHDRAWN}


def _keep(thing: Any) -> Any:
    db.session.add(thing)
    db.session.flush()
    return thing


def authority(name: str = "Northmere", **facts: Any) -> Authority:
    n = next(_number)
    made: Authority = _keep(Authority(code=facts.pop("code", f"X99{n:06}"), name=name, **facts))
    return made


def organisation(
    *areas: Authority, state: RegistrationState = RegistrationState.APPROVED, **facts: Any
) -> Organisation:
    """A group known to these authorities."""
    n = next(_number)
    facts = {
        "name": f"Harbour Street Helpers {n}",
        "is_group": True,
        "does": "We cook and talk together every Tuesday.",
        "serves": "Anyone who is on their own",
        "contact_name": f"Private Person {n}",
        "contact_email": f"private{n}@example.org",
        "contact_phone": f"01632 960{n:03}",
        "postcode": "QM1 1AA",
        "created_at": now(),
        "claimed_at": now(),
        **facts,
    }
    made: Organisation = _keep(Organisation(**facts))
    for area in areas:
        _keep(Registration(organisation=made, authority=area, state=state, applied_at=now()))
    return made


def supplier(*areas: Authority, **facts: Any) -> Organisation:
    facts = {"name": f"Quayside Builders {next(_number)}", "is_group": False, "is_supplier": True, **facts}
    return organisation(*areas, **facts)


def user(email: str | None = None, **facts: Any) -> User:
    n = next(_number)
    made: User = _keep(
        User(
            email=email or f"person{n}@example.org",
            name=facts.pop("name", f"Person {n}"),
            created_at=now(),
            **facts,
        )
    )
    return made


def member(of: Organisation) -> Membership:
    made: Membership = _keep(Membership(user=user(), role=Role.MEMBER, organisation=of, created_at=now()))
    return made


def officer(of: Authority) -> Membership:
    made: Membership = _keep(Membership(user=user(), role=Role.OFFICER, authority=of, created_at=now()))
    return made


def colleague(of: Organisation) -> Membership:
    made: Membership = _keep(Membership(user=user(), role=Role.COLLEAGUE, organisation=of, created_at=now()))
    return made


def councillor(of: Authority) -> Membership:
    made: Membership = _keep(Membership(user=user(), role=Role.COUNCILLOR, authority=of, created_at=now()))
    return made


def administrator() -> Membership:
    made: Membership = _keep(Membership(user=user(), role=Role.ADMINISTRATOR, created_at=now()))
    return made


def ward(area: Authority, **facts: Any) -> Ward:
    n = next(_number)
    facts = {"code": f"E05{n:06}", "name": f"Harbour {n}", "lat": 53.4, "lon": -2.2, **facts}
    made: Ward = _keep(Ward(authority=area, **facts))
    return made


def listing(
    kind: ListingKind,
    owner: Organisation,
    areas: Sequence[Authority],
    state: PostingState = PostingState.OPEN,
    **wording: Any,
) -> Listing:
    """A listing of one wording, in one state everywhere. Extra facts go to its wording."""
    n = next(_number)
    words = {
        "title": f"Ten laptops for our homework club {n}",
        "body": "Our young people share one old computer. Ten working laptops would change the club.",
        "support_kind": SupportKind.GOODS,
        "amount": Decimal(10),
        "unit": Unit.ITEMS,
        "place_kind": PlaceKind.AUTHORITY,
        "lane": Lane.TRANSACTIONAL,
        "until_date": today() + timedelta(days=90),
        **wording,
    }
    checked = state not in NEVER_CHECKED
    made: Listing = _keep(
        Listing(
            kind=kind,
            organisation=owner,
            created_at=now(),
            quantity=words["amount"] if checked and kind != ListingKind.ASPIRATION else None,
            unit=words["unit"],
            expires_on=today() + timedelta(days=180) if checked else None,
        )
    )
    submitted = None if state == PostingState.DRAFT else now()
    words["searchable"] = f" {words['title']} {words['body']} ".lower()
    version: ListingVersion = _keep(
        ListingVersion(listing=made, number=1, created_at=now(), submitted_at=submitted, **words)
    )
    for area in areas:
        _keep(
            Posting(
                listing=made,
                authority=area,
                state=state,
                approved=version if checked else None,
                submitted_at=submitted,
                approved_at=now() if checked else None,
            )
        )
    return made


def need(owner: Organisation, *areas: Authority, **facts: Any) -> Listing:
    return listing(ListingKind.NEED, owner, areas, **facts)


def aspiration(owner: Organisation, *areas: Authority, **facts: Any) -> Listing:
    return listing(ListingKind.ASPIRATION, owner, areas, **facts)


def asset(owner: Organisation, *areas: Authority, **facts: Any) -> Listing:
    return listing(ListingKind.ASSET, owner, areas, **facts)


def offer(owner: Organisation, *areas: Authority, **facts: Any) -> Listing:
    facts = {"title": f"Refurbished computers from our offices {next(_number)}", **facts}
    return listing(ListingKind.OFFER, owner, areas, **facts)


def match(
    demand: Listing, supply: Listing, area: Authority, state: MatchState = MatchState.PROPOSED, **facts: Any
) -> Match:
    """A match in a state, with the acceptances that the state asks for."""
    accepted = now() if state in (MatchState.AGREED, MatchState.CONFIRMED) else None
    facts = {
        "opened_by": "officer",
        "demand_amount": Decimal(6),
        "supply_amount": Decimal(6),
        "demand_accepted_at": accepted,
        "supply_accepted_at": accepted,
        "confirmed_at": now() if state == MatchState.CONFIRMED else None,
        "created_at": now(),
        "proposed_at": now(),
        "reply_by": today() + timedelta(days=14),
        **facts,
    }
    made: Match = _keep(Match(demand=demand, supply=supply, authority=area, state=state, **facts))
    return made


def partnership(
    area: Authority,
    giver: Organisation | None = None,
    receiver: Organisation | None = None,
    state: PartnershipState = PartnershipState.RUNNING,
    **facts: Any,
) -> Partnership:
    """One under way since a month ago, for half a year: a supplier's hours for a group's need."""
    hours = {"support_kind": SupportKind.VOLUNTEERING, "unit": Unit.HOURS, "amount": Decimal(60)}
    demand = need(receiver or organisation(area), area, title="Hands for the community garden", **hours)
    supply = offer(giver or supplier(area), area, title="Our people's time", **hours)
    facts = {
        "lane": Lane.TRANSACTIONAL,
        "what": "Digging, planting and mending the fence",
        "demand_amount": Decimal(60),
        "demand_unit": Unit.HOURS,
        "supply_amount": Decimal(60),
        "supply_unit": Unit.HOURS,
        "starts_on": today() - timedelta(days=30),
        "ends_on": today() + timedelta(days=150),
        "created_at": now(),
        **facts,
    }
    agreed = match(demand, supply, area, MatchState.CONFIRMED)
    made: Partnership = _keep(Partnership(match=agreed, authority=area, state=state, **facts))
    return made


def measure(code: str | None = None, **facts: Any) -> Measure:
    """Volunteering for a community project, in hours, unless said otherwise."""
    facts = {
        "code": code or f"XX-{next(_number)}",
        "label": "Volunteering for a community project",
        "unit": "hours",
        "unit_kind": "hours",
        "hubs": ["H08"],
        "evidence_min": "group confirms",
        "exclusive_group": "community",
        **facts,
    }
    made: Measure = _keep(Measure(**facts))
    return made


def contract(area: Authority, of: Organisation, **facts: Any) -> Contract:
    facts = {
        "title": f"Repairs to homes {next(_number)}",
        "buyer": "Housing",
        "value": Decimal(250_000),
        "starts_on": today() - timedelta(days=100),
        "ends_on": today() + timedelta(days=600),
        "created_at": now(),
        **facts,
    }
    made: Contract = _keep(Contract(authority=area, organisation=of, **facts))
    return made


def commitment(area: Authority, of: Organisation, counted: Measure, **facts: Any) -> Commitment:
    """A pledge of 40, unless a contract is given."""
    facts = {
        "state": CommitmentState.OPEN,
        "what": "Our people help out",
        "quantity": Decimal(40),
        "due_on": today() + timedelta(days=200),
        "created_at": now(),
        **facts,
    }
    made: Commitment = _keep(Commitment(authority=area, organisation=of, measure=counted, **facts))
    return made


def delivery(
    within: Partnership, counted: Measure, state: DeliveryState = DeliveryState.VERIFIED, **facts: Any
) -> Delivery:
    """40 of a measure, done last week; all of it verified where that is its state."""
    quantity = facts.pop("quantity", Decimal(40))
    facts = {
        "nature": Nature.ADDITIONAL,
        "verified": quantity if state == DeliveryState.VERIFIED else Decimal(0),
        "verified_at": now() if state == DeliveryState.VERIFIED else None,
        "started_on": today() - timedelta(days=9),
        "ended_on": today() - timedelta(days=7),
        "tier": 1,
        "answer_by": today() + timedelta(days=14),
        "logged_at": now(),
        **facts,
    }
    made: Delivery = _keep(
        Delivery(
            organisation_id=within.giver_id,
            partnership=within,
            authority=within.authority,
            measure=counted,
            state=state,
            quantity=quantity,
            **facts,
        )
    )
    return made


def project_idea(place: Ward, state: IdeaState = IdeaState.NEW, by: User | None = None, **facts: Any) -> ProjectIdea:
    """Suggested by a councillor, of nobody's name unless one is given."""
    facts = {"title": "Benches by the canal", "text": "Old people told me.", "suggested_at": now(), **facts}
    idea = ProjectIdea(authority_id=place.authority_id, ward=place, state=state, suggested_by=by, **facts)
    made: ProjectIdea = _keep(idea)
    return made


def feedback(on: Partnership, side: Side, score: int | None = 4, **facts: Any) -> Feedback:
    """A side's word, said on its page; without a score it was asked in vain."""
    facts = {"words": "They came when they said they would.", "at": now(), **facts}
    channel = Channel.PAGE if score else None
    made: Feedback = _keep(Feedback(partnership=on, side=side, score=score, channel=channel, **facts))
    return made


def inherent(of: Organisation, area: Authority, counted: Measure, **facts: Any) -> Delivery:
    """40 of a measure that a group does anyway, told for last year."""
    last = today().year - 1
    facts = {
        "quantity": Decimal(40),
        "started_on": date(last, 1, 1),
        "ended_on": date(last, 12, 31),
        "logged_at": now(),
        "state": DeliveryState.TOLD,
        **facts,
    }
    made: Delivery = _keep(
        Delivery(
            organisation=of,
            authority=area,
            measure=counted,
            nature=Nature.INHERENT,
            tier=1,
            **facts,
        )
    )
    return made


def suggestion(demand: Listing, supply: Listing, rank: int = 1, **facts: Any) -> Suggestion:
    """The matcher's pairing of two listings, at this place of both lists. `reason` may give only what matters."""
    reason = {
        "parts": [{"name": "words", "share": 0.5, "words": [{"word": "laptops", "other": "laptops", "share": 0.5}]}],
        "kind": None,
        "kind_guessed": False,
        "themes": [],
        "themes_guessed": False,
        "same_priorities": [],
        "distance_miles": None,
        "remote": False,
        "dates": "unknown",
        "lane_same": None,
        **facts.pop("reason", {}),
    }
    facts = {"score": sum(part["share"] for part in reason["parts"]), "engine": "shipped", **facts}
    made: Suggestion = _keep(
        Suggestion(
            demand_id=demand.id,
            supply_id=supply.id,
            demand_rank=rank,
            supply_rank=rank,
            reason=reason,
            computed_at=now(),
            **facts,
        )
    )
    return made

"""A chain in the city: promises, deliveries in every state, what supports and claims them, and whoever sees to them."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from broker.actions.periods import close_period
from broker.domain.clock import now, today
from broker.domain.kinds import (
    Answer,
    Channel,
    ClaimState,
    CommitmentState,
    DeliveryState,
    FileKind,
    IdeaState,
    Nature,
    PartnershipState,
    Role,
    Side,
)
from broker.domain.periods import Span
from broker.domain.permissions import Actor
from broker.store.accounts import Membership, User, hash_token
from broker.store.authorities import Authority
from broker.store.base import db
from broker.store.claims import Claim
from broker.store.commitments import Commitment
from broker.store.confirmations import Confirmation, ConfirmationLink
from broker.store.contracts import Contract
from broker.store.deliveries import Delivery
from broker.store.evidence import Evidence
from broker.store.feedback import Feedback
from broker.store.files import StoredFile
from broker.store.measures import Measure
from broker.store.milestones import Milestone
from broker.store.organisations import Organisation
from broker.store.partnerships import Partnership
from broker.store.places import Ward
from broker.store.project_ideas import ProjectIdea
from broker.store.valuations import Valuation, ValuationEdition

LINK = "a-token-of-the-city"
Found = dict[str, list[tuple[int, str, int | None]]]  # id, what it is, and whose, by the parameter of an address


class Chain:
    """Everything of one running partnership of an authority, under one contract; `people` by their new roles."""

    def __init__(self, area: Authority, tag: str) -> None:
        self.area, self.tag, self.found = area, tag, Found()
        running = select(Partnership).where(Partnership.authority_id == area.id)
        self.partnership = (
            db.session.scalars(
                running.where(Partnership.state == PartnershipState.RUNNING).order_by(Partnership.id)
            ).first()
            or db.session.scalars(running).one()
        )
        self.giver = self.partnership.match.supply.organisation
        self.measure = db.session.scalars(select(Measure).where(Measure.code == "BR-17")).one()
        self.people = {role: self._person(role) for role in (Role.COLLEAGUE, Role.CONTRACT_MANAGER, Role.COUNCILLOR)}
        self._promise()
        self._deliver()
        self._value()

    def _keep(self, name: str, what: str, thing: object, owner: int | None = None) -> None:
        db.session.add(thing)
        db.session.flush()
        self.found.setdefault(name, []).append((int(thing.id), f"{what}{self.tag}", owner))  # type: ignore[attr-defined]

    def _person(self, role: Role) -> Membership:
        place: dict[str, Authority | Organisation]
        place = {"organisation": self.giver} if role is Role.COLLEAGUE else {"authority": self.area}
        person = User(email=f"{role}{self.area.id}@example.org", name="Someone", created_at=now())
        made = Membership(user=person, role=role, created_at=now(), **place)
        db.session.add(made)
        db.session.flush()
        return made

    def _promise(self) -> None:
        starts, ends = today() - timedelta(days=300), today() + timedelta(days=300)
        self.contract = Contract(
            authority=self.area, organisation=self.giver, title="Repairs to homes", buyer="Housing",
            identifier=f"ocds-b5fd17-{self.area.id}", value=Decimal(100_000), starts_on=starts, ends_on=ends,
            manager_id=self.people[Role.CONTRACT_MANAGER].user_id, manager_name="Someone", created_at=now(),
        )  # fmt: skip
        self._keep("contract_id", "contract", self.contract, self.giver.id)
        for what, state, contract, owner in (
            ("open", CommitmentState.OPEN, self.contract, self.people[Role.COLLEAGUE].user_id),
            ("pledge", CommitmentState.OPEN, None, None),
            ("withdrawn", CommitmentState.WITHDRAWN, None, None),
        ):
            made = Commitment(
                organisation=self.giver, authority=self.area, contract=contract, measure=self.measure, state=state,
                what="Our people help out", quantity=Decimal(80), due_on=ends, owner_id=owner, created_at=now(),
            )  # fmt: skip
            self._keep("commitment_id", what, made, self.giver.id)
            if what == "open":
                self.commitment = made
        self.partnership.commitment, self.partnership.committed_amount = self.commitment, Decimal(40)
        for what, of in (
            ("of a promise", {"commitment": self.commitment}),
            ("of both", {"partnership": self.partnership}),
        ):
            step = Milestone(what="The first twenty hours", due_on=ends, **of)
            self._keep("milestone_id", what, step, self.giver.id)
        said = Feedback(
            partnership=self.partnership, side=Side.SUPPLY, score=4, words="Well", channel=Channel.PAGE, at=now()
        )
        db.session.add(said)

    def _deliver(self) -> None:
        for state in DeliveryState:
            told, tier = state is DeliveryState.TOLD, 2 if state is DeliveryState.CONFIRMED else 1
            made = Delivery(
                organisation=self.giver, partnership=None if told else self.partnership, authority=self.area,
                measure=self.measure, nature=Nature.INHERENT if told else Nature.ADDITIONAL, state=state,
                quantity=Decimal(40), verified=Decimal(40 if state is DeliveryState.VERIFIED else 0), tier=tier,
                started_on=today() - timedelta(days=3), ended_on=today() - timedelta(days=2), logged_at=now(),
                answer_by=today() + timedelta(days=9), verified_at=now() if state is DeliveryState.VERIFIED else None,
            )  # fmt: skip
            self._keep("delivery_id", state, made, self.giver.id)
            if state in (DeliveryState.CONFIRMED, DeliveryState.VERIFIED, DeliveryState.DISPUTED):
                self._answer(made, Answer.NOT_AT_ALL if state is DeliveryState.DISPUTED else Answer.YES)
            if state in (DeliveryState.CONFIRMED, DeliveryState.VERIFIED):
                self._support(made)
            if state is DeliveryState.LOGGED and not self.tag:
                at = now()
                db.session.add(
                    ConfirmationLink(
                        token_hash=hash_token(LINK), delivery=made, created_at=at, expires_at=at + timedelta(days=9)
                    )
                )
            if state is DeliveryState.VERIFIED:
                claim = Claim(
                    delivery=made, commitment=self.commitment, state=ClaimState.STANDING, quantity=Decimal(25),
                    claimed_at=now(),
                )  # fmt: skip
                self._keep("claim_id", "standing", claim, self.giver.id)

    def _answer(self, made: Delivery, answer: Answer) -> None:
        got = Decimal(40 if answer is Answer.YES else 0)
        said = Confirmation(
            delivery=made, answer=answer, quantity=got, sentence="Thank you", channel=Channel.PAGE, at=now()
        )
        db.session.add(said)

    def _support(self, made: Delivery) -> None:
        file = StoredFile(
            organisation=self.giver, kind=FileKind.PDF, name="hours.pdf", size=9, sha256=f"{made.id:064}",
            content=b"%PDF-1.4\n", added_at=now(),
        )  # fmt: skip
        self._keep("file_id", made.state, file, self.giver.id)
        evidence = Evidence(delivery=made, file=file, what="Hours, signed", added_at=now())
        self._keep("evidence_id", made.state, evidence, self.giver.id)

    def _value(self) -> None:
        edition = db.session.scalars(
            select(ValuationEdition).where(
                ValuationEdition.authority_id == self.area.id, ValuationEdition.retired_at.is_(None)
            )
        ).first() or ValuationEdition(
            authority=self.area, name="Invented", price_year=2025, licence_note="Our own", loaded_at=now()
        )
        if not edition.values:
            edition.values = [Valuation(measure=self.measure, low=Decimal(10), high=Decimal(12))]
        self._keep("edition_id", "in use", edition)
        long_ago = today() - timedelta(days=4_000)
        period = close_period(
            Span(long_ago, long_ago + timedelta(days=90)), Actor(Role.OFFICER, authority_id=self.area.id)
        )
        self._keep("period_id", "closed", period)
        ward = db.session.scalars(select(Ward).where(Ward.authority_id == self.area.id).order_by(Ward.id)).first()
        for state in IdeaState if ward else ():
            idea = ProjectIdea(
                authority=self.area, ward=ward, state=state, title="A bench", text="By the pond", suggested_at=now(),
                suggested_by_id=self.people[Role.COUNCILLOR].user_id,
            )  # fmt: skip
            self._keep("idea_id", state, idea)


def found_chains(home: Authority) -> tuple[Chain, list[tuple[str, int, str, int | None]]]:
    """The chain at home, and everything of it and of one elsewhere, with the parameter that names it."""
    away = db.session.scalars(
        select(Authority)
        .join(Partnership, Partnership.authority_id == Authority.id)
        .where(Authority.id != home.id)
        .order_by(Authority.id)
    ).first()
    own = Chain(home, "")
    chains = [own, Chain(away, " elsewhere")] if away else [own]
    return own, [(name, *row) for chain in chains for name, row in _rows(chain)]


def _rows(chain: Chain) -> Iterator[tuple[str, tuple[int, str, int | None]]]:
    for name, rows in chain.found.items():
        yield from ((name, row) for row in rows)

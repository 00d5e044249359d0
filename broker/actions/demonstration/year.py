"""The city's year of deliveries: what was done, what the groups said of it, who vouched for it and what was claimed."""

from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256

from broker.actions.demonstration.papers import picture, signed_page
from broker.actions.demonstration.promises import set_steps
from broker.actions.demonstration.town import Town, event
from broker.demonstration import records
from broker.demonstration.rhythm import ANSWERED_BY, NOT_AT_ALL, Turn, turns
from broker.domain.clock import now, today
from broker.domain.impact import proven
from broker.domain.kinds import (
    Answer,
    Channel,
    ClaimState,
    DeliveryState,
    FileKind,
    IdeaState,
    Nature,
    PartnershipState,
    Side,
    Voucher,
)
from broker.domain.permissions import Action
from broker.domain.tiers import Limits, Stake, tier_of
from broker.store.base import db
from broker.store.claims import Claim
from broker.store.commitments import Commitment
from broker.store.confirmations import Confirmation
from broker.store.deliveries import Delivery
from broker.store.evidence import Evidence
from broker.store.feedback import Feedback
from broker.store.files import StoredFile
from broker.store.organisations import Organisation
from broker.store.partnerships import Partnership
from broker.store.project_ideas import ProjectIdea
from broker.store.verifications import Verification

CLAIMED_AFTER = 20  # days: suppliers claim once a month or so
SILENT = 11  # one in so many sides of partnerships that are over was asked how it went and did not say
WORDS = ("Well organised, and kind.", "We would do it again.", "A slow start, then very good.", "")
_ENDS = {
    DeliveryState.VERIFIED: Action.VERIFY_DELIVERY,
    DeliveryState.DISPUTED: Action.DISPUTE_DELIVERY,
    DeliveryState.CONFIRMED: Action.CONFIRM_DELIVERY,
    DeliveryState.UNCONFIRMED: Action.LAPSE_DELIVERY,
    DeliveryState.WITHDRAWN: Action.WITHDRAW_DELIVERY,
}


def live(town: Town) -> None:
    """Bring in everything that was delivered, told and suggested in the year before today."""
    left = {key: made.promised for key, made in town.promises.items()}
    with db.session.no_autoflush:
        for course in town.city.year.courses:
            _Course(town, course, left).run()
    for partnership in town.partnerships.values():
        if partnership.state == PartnershipState.CLOSED:
            _say_how_it_went(partnership)
    for record in town.city.year.inherent:
        _tell(town, record)
    for idea in town.city.year.ideas:
        _suggest(town, idea)
    for key in town.city.year.named:
        town.organisations[key].is_named = True
    db.session.flush()


class _Course:
    """One partnership on its way: everything that its giver did in it."""

    def __init__(self, town: Town, course: records.Course, left: dict[str, Decimal]) -> None:
        self.town, self.course, self.left = town, course, left
        self.partnership: Partnership = town.partnerships[course.match]
        self.measure = town.measures[course.measure]
        self.giver = self.partnership.match.supply.organisation
        self.receiver = self.partnership.match.demand.organisation
        self.officer = town.officers[self.partnership.authority.code]
        key = next(key for key, found in town.organisations.items() if found is self.giver)
        self.by = town.members.get(key)
        self.paper: StoredFile | None = None
        self.claims: list[Claim] = []

    def run(self) -> None:
        if self.course.promise:
            self.partnership.commitment = self.town.promises[self.course.promise]
            self.partnership.committed_amount = Decimal(self.course.committed or 0)
        set_steps(self.partnership, self.course.milestones)
        sentences, whole = self.town.city.year.sentences, self.measure.unit_kind == "count"
        done = [(turn, self._delivery(turn)) for turn in turns(self.course, sentences, whole)]
        db.session.add_all(made for _, made in done)
        db.session.flush()
        for turn, made in done:
            self._follow(turn, made)
        db.session.add_all(self.claims)

    def _delivery(self, turn: Turn) -> Delivery:
        quantity, logged = Decimal(str(turn.quantity)), now() - timedelta(days=turn.days_ago - 1, hours=2)
        worth = Decimal(self.course.worth) * quantity if self.course.worth else None
        tier, _why = tier_of(Stake(self.measure.unit_kind, quantity, worth), (), Limits())
        state, received = _state(turn, tier), Decimal(str(turn.received))
        ended = today() - timedelta(days=turn.days_ago)
        return Delivery(
            organisation=self.giver,
            partnership=self.partnership,
            authority=self.partnership.authority,
            measure=self.measure,
            nature=Nature.ADDITIONAL,
            state=state,
            quantity=quantity,
            verified=proven(quantity, received) if state is DeliveryState.VERIFIED else Decimal(0),
            verified_at=_soon(logged, 3) if state is DeliveryState.VERIFIED else None,
            worth=worth,
            started_on=ended - timedelta(days=turn.lasted),
            ended_on=ended,
            place=self.town.wards[turn.ward].name,
            ward=self.town.wards[turn.ward],
            tier=tier,
            answer_by=logged.date() + timedelta(days=ANSWERED_BY),
            logged_at=logged,
            logged_by=self.by,
        )

    def _follow(self, turn: Turn, made: Delivery) -> None:
        """What came of a delivery."""
        self._record(turn, made)
        if turn.answer is not None:
            self._answer(turn, made)
        if made.tier == 2 and (turn.seen or turn.days_ago % 2):
            self._show(made)
        if made.state == DeliveryState.VERIFIED and turn.days_ago > CLAIMED_AFTER:
            self._claim(made)

    def _record(self, turn: Turn, made: Delivery) -> None:
        event(self.town, made, Action.LOG_DELIVERY, turn.days_ago - 1, self.by, DeliveryState.LOGGED)
        if made.state in _ENDS:
            by = self.officer if made.tier == 2 and made.state == DeliveryState.VERIFIED else None
            event(self.town, made, _ENDS[made.state], max(turn.days_ago - 4, 0), by, made.state)

    def _answer(self, turn: Turn, made: Delivery) -> None:
        at = _soon(made.logged_at, 2)
        photo = self._photo(turn, at) if turn.is_story and turn.days_ago % 3 == 0 else None
        confirmed = Confirmation(
            delivery=made,
            answer=Answer(turn.answer or ""),
            quantity=Decimal(str(turn.received)),
            sentence=turn.sentence,
            story_consent=turn.is_story,
            photo=photo,
            photo_consent=photo is not None and turn.days_ago % 2 == 0,
            channel=Channel(turn.channel),
            by=self.officer if turn.channel == Channel.PHONE else None,
            at=at,
        )
        db.session.add(confirmed)
        if made.state == DeliveryState.VERIFIED:
            voucher = Voucher.OFFICER if made.tier == 2 else Voucher.RECEIVER
            by = self.officer if made.tier == 2 else None
            db.session.add(
                Verification(delivery=made, voucher=voucher, quantity=made.verified, by=by, at=_soon(made.logged_at, 3))
            )

    def _show(self, made: Delivery) -> None:
        """One page for all that needs one: a file may support several deliveries."""
        if self.paper is None:
            lines = ("Invented for the demonstration", self.partnership.what, f"Signed for {self.receiver.name}")
            self.paper = _kept(self.giver, FileKind.PDF, "signed-hours.pdf", signed_page(lines), made.logged_at)
        what = "Signed by the group, with the days"
        db.session.add(Evidence(delivery=made, file=self.paper, what=what, added_at=made.logged_at))

    def _photo(self, turn: Turn, at: datetime) -> StoredFile:
        return _kept(self.receiver, FileKind.PNG, "photo.png", picture(f"{self.course.match}{turn.days_ago}"), at)

    def _claim(self, made: Delivery) -> None:
        """Set it against the promise that the partnership helps to keep; the split one against another too."""
        split, rest = self.course.split, made.verified
        if split and not self.claims:
            rest -= self._set_against(made, split.promise, Decimal(split.quantity))
        if self.course.promise:
            self._set_against(made, self.course.promise, rest)

    def _set_against(self, made: Delivery, key: str, quantity: Decimal) -> Decimal:
        taken = min(quantity, self.left[key])
        if taken <= 0:
            return Decimal(0)
        self.left[key] -= taken
        against: Commitment = self.town.promises[key]
        at = _soon(made.logged_at, CLAIMED_AFTER)
        state = ClaimState.STANDING
        self.claims.append(Claim(delivery=made, commitment=against, state=state, quantity=taken, claimed_at=at))
        return taken


def _say_how_it_went(partnership: Partnership) -> None:
    """What both sides say of it at its end; now and then one was asked and did not answer."""
    for number, side in enumerate((Side.DEMAND, Side.SUPPLY), start=partnership.id * 3):
        answers = number % SILENT != 0
        db.session.add(
            Feedback(
                partnership=partnership,
                side=side,
                score=3 + number % 3 if answers else None,
                words=WORDS[number % len(WORDS)] if answers else "Written to twice, rung once.",
                channel=Channel.PAGE if answers else None,
                at=partnership.ended_at or now(),
            )
        )


def _state(turn: Turn, tier: int) -> DeliveryState:
    if turn.withdrawn:
        return DeliveryState.WITHDRAWN
    if turn.answer is None:
        return DeliveryState.UNCONFIRMED if turn.days_ago > ANSWERED_BY + 1 else DeliveryState.LOGGED
    if turn.answer == NOT_AT_ALL:
        return DeliveryState.DISPUTED
    return DeliveryState.VERIFIED if tier == 1 or turn.seen else DeliveryState.CONFIRMED


def _soon(at: datetime, days: int) -> datetime:
    """So many days later, and not in the future."""
    return min(at + timedelta(days=days), now())


def _kept(of: Organisation, kind: FileKind, name: str, content: bytes, at: datetime) -> StoredFile:
    made = StoredFile(
        organisation=of,
        kind=kind,
        name=name,
        size=len(content),
        sha256=sha256(content).hexdigest(),
        content=content,
        added_at=at,
    )
    db.session.add(made)
    return made


def _tell(town: Town, record: records.Inherent) -> None:
    """What a group does anyway, told for each quarter of the year."""
    for quarter in range(4):
        ended = today() - timedelta(days=20 + 91 * quarter)
        made = Delivery(
            organisation=town.organisations[record.group],
            authority=town.authorities[record.authority],
            measure=town.measures[record.measure],
            nature=Nature.INHERENT,
            state=DeliveryState.TOLD,
            quantity=(Decimal(str(record.quantity)) / 4).quantize(Decimal("0.01" if record.quantity < 10 else "1")),
            started_on=ended - timedelta(days=90),
            ended_on=ended,
            note=record.what,
            tier=1,
            logged_at=now() - timedelta(days=15 + 91 * quarter),
            logged_by=town.members.get(record.group),
        )
        db.session.add(made)
        db.session.flush()
        event(town, made, Action.TELL_INHERENT, 15 + 91 * quarter, made.logged_by, made.state)


def _suggest(town: Town, record: records.Idea) -> None:
    at = now() - timedelta(days=record.days_ago)
    made = ProjectIdea(
        authority=town.authorities[record.authority],
        ward=town.wards[record.ward],
        state=IdeaState(record.state),
        title=record.title,
        text=record.text,
        answer=record.answer,
        suggested_by=town.councillors.get(record.authority),
        suggested_at=at,
        answered_at=_soon(at, 6) if record.answer else None,
    )
    db.session.add(made)
    db.session.flush()
    event(town, made, Action.SUGGEST_PROJECT, record.days_ago, made.suggested_by, made.state)

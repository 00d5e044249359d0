"""Deliveries: what a giver logs, what it takes back, and what silence makes of it."""

from datetime import date, timedelta
from decimal import Decimal

from broker.actions.confirmations import ask
from broker.actions.mail import tell_members
from broker.actions.moving import begin, hold, move, remark
from broker.domain.clock import TWICE, now, today
from broker.domain.deliveries import Done, SaidBefore, SameHours, problems
from broker.domain.kinds import Audience, DeliveryState, Nature, NoteKind
from broker.domain.mail import MailKind
from broker.domain.permissions import Action, Actor, require
from broker.domain.refusals import Unfit
from broker.domain.texts import tidy
from broker.domain.tiers import Stake, tier_of
from broker.store.deliveries import Delivery, beside, silent_before, word_rules
from broker.store.measures import Measure, measures_for
from broker.store.partnerships import Partnership
from broker.store.places import wards_now


def log_delivery(partnership: Partnership, by: Actor, done: Done) -> Delivery:
    """The giver writes down what was done, and its receiver is asked. The very same a moment later is the same line.

    Unfit on a field; SameHours where another line of the group of measures stands for these days; SaidBefore where one
    of the same amount does, in this partnership or another of the same two organisations.
    """
    require(by, Action.LOG_DELIVERY, partnership)
    hold(partnership)
    hold(partnership.match.supply.organisation)  # the same hours may be logged in another partnership this very moment
    measure = _measure(done, partnership)
    if found := problems(done, measure.unit_kind, partnership.days, today()) | _place_problems(done, partnership):
        raise Unfit(found)
    lines = beside(partnership, done.started_on, done.ended_on)
    if (same := _same(lines, done)) is not None:
        if _is_a_second_click(same, partnership, by, done):
            return same
        raise SaidBefore(same.id)
    if not done.apart.strip() and (first := _same_hours(lines, measure)) is not None:
        raise SameHours(first.id)
    delivery = _logged(partnership, by, done, measure, lines)
    begin(delivery, Action.LOG_DELIVERY, by)
    ask(delivery)
    return delivery


def withdraw_delivery(delivery: Delivery, by: Actor, *, text: str = "") -> None:
    """The giver takes back what it logged; nothing is left for its receiver to answer. Not once it is verified."""
    require(by, Action.WITHDRAW_DELIVERY, delivery)
    hold(delivery)
    move(delivery, Action.WITHDRAW_DELIVERY, by)
    remark(delivery, by, NoteKind.REASON, text, Audience.SIDES)


def lapse_deliveries(by: Actor, on: date) -> int:
    """What nobody has answered for in time is unconfirmed; how many that were."""
    silent = silent_before(on)
    for delivery in silent:
        move(delivery, Action.LAPSE_DELIVERY, by)
        tell_members(MailKind.DELIVERY_UNCONFIRMED, delivery.giver_id, delivery, by)
    return len(silent)


def _measure(done: Done, partnership: Partnership) -> Measure:
    offered = {measure.id: measure for measure in measures_for(partnership.authority_id)}
    if done.measure_id not in offered:
        raise Unfit({"measure": "not_offered"})
    return offered[done.measure_id]


def _place_problems(done: Done, partnership: Partnership) -> dict[str, str]:
    if done.ward_id is None:
        return {}
    known = {ward.id for ward in wards_now([partnership.authority_id])}
    return {} if done.ward_id in known else {"ward": "not_offered"}


def _same(lines: list[Delivery], done: Done) -> Delivery | None:
    """A line of the same amount and days, unless this is said to be another one."""
    wanted = (done.measure_id, done.quantity, done.started_on, done.ended_on)
    alike = (each for each in lines if _said(each) == wanted)
    return None if done.another else next(alike, None)


def _is_a_second_click(line: Delivery, partnership: Partnership, by: Actor, done: Done) -> bool:
    """Whether the same person has said this a moment ago, to the last word: then nothing of it is lost."""
    told = (tidy(done.place), done.ward_id, tidy(done.note), done.worth, tidy(done.apart))
    stands = (line.place, line.ward_id, line.note, line.worth, line.apart)
    is_theirs = (line.partnership_id, line.logged_by_id) == (partnership.id, by.user_id)
    return is_theirs and told == stands and line.logged_at > now() - TWICE


def _said(line: Delivery) -> tuple[int, Decimal, date, date]:
    return line.measure_id, line.quantity, line.started_on, line.ended_on


def _same_hours(lines: list[Delivery], measure: Measure) -> Delivery | None:
    """A line of these days whose hours this measure may not count once more."""
    group, root = measure.exclusive_group, measure.root_id
    clashing = (each for each in lines if each.measure.exclusive_group == group and each.measure.root_id != root)
    return next(clashing, None) if group else None


def _logged(partnership: Partnership, by: Actor, done: Done, measure: Measure, lines: list[Delivery]) -> Delivery:
    limits, days = word_rules(partnership.authority_id)
    together = [
        Stake(each.measure.unit_kind, each.quantity, each.worth)
        for each in lines
        if each.measure.root_id == measure.root_id
    ]
    tier, _why = tier_of(Stake(measure.unit_kind, done.quantity, done.worth), together, limits, done.apart)
    return Delivery(
        organisation_id=partnership.giver_id,
        partnership=partnership,
        authority_id=partnership.authority_id,
        measure=measure,
        nature=Nature.ADDITIONAL,
        state=DeliveryState.LOGGED,
        quantity=done.quantity,
        verified=Decimal(0),
        worth=done.worth,
        started_on=done.started_on,
        ended_on=done.ended_on,
        place=tidy(done.place),
        ward_id=done.ward_id,
        note=tidy(done.note),
        apart=tidy(done.apart),
        tier=tier,
        answer_by=today() + timedelta(days=days),
        logged_at=now(),
        logged_by_id=by.user_id,
    )

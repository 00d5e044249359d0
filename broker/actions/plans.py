"""A plan of the whole market: asking for one, and making matches of its lines."""

from dataclasses import dataclass

from broker.actions.jobs import owe
from broker.actions.matches import shortlist_match, withdraw_match
from broker.actions.moving import begin, hold, record
from broker.domain.clock import now
from broker.domain.kinds import MatchState, PlanMode
from broker.domain.permissions import Action, Actor, require
from broker.domain.quantities import fits
from broker.domain.refusals import Unfit, WrongState
from broker.store.authorities import Authority
from broker.store.matches import Match
from broker.store.plan_lines import line_counts, lines_left
from broker.store.plans import Plan, PlanLine, waiting_plan

MOST_AT_ONCE = 500  # lines that one click takes over; the next click takes the next


@dataclass(frozen=True, slots=True)
class TakenOver:
    """What one click made of a plan: lines on the shortlist, lines left out, and those that wait for the next click."""

    kept: int
    left_out: int
    waiting: int


def ask_for_plan(authority: Authority, by: Actor, *, mode: PlanMode, cap: int) -> Plan:
    """Ask the background to plan what is open in an area. Asked twice before it is drawn, it is one plan."""
    require(by, Action.PLAN_MARKET, authority)
    waiting = waiting_plan(authority.id, mode, cap)
    if waiting is not None:
        owe("plan", waiting.id)
        return waiting
    plan = Plan(authority=authority, by_id=by.user_id, mode=mode, cap=cap, created_at=now())
    begin(plan, Action.PLAN_MARKET, by)
    owe("plan", plan.id)
    return plan


def start_again(plan: Plan, by: Actor) -> None:
    """Ask the background once more for a plan that it could not draw."""
    require(by, Action.PLAN_MARKET, plan)
    if plan.finished_at is None:
        owe("plan", plan.id)


def take_line(line: PlanLine, by: Actor) -> Match:
    """Put one line on the shortlist. AlreadyThere, WrongState or Unfit where its listings have changed meanwhile."""
    require(by, Action.PLAN_MARKET, line.plan)
    hold(line)
    if line.match is not None and line.match.state == MatchState.SHORTLISTED:
        return line.match
    if not all(fits(line.amount, listing.remaining) for listing in (line.demand, line.supply)):
        raise Unfit({"amount": "more_than_left"})
    line.match = shortlist_match(line.demand, line.supply, by, amount=line.amount)
    record(line.plan, Action.PLAN_MARKET, by, "lines")
    return line.match


def take_plan(plan: Plan, by: Actor) -> TakenOver:
    """Put every line that nobody has touched on the shortlist; what has changed meanwhile is left out."""
    require(by, Action.PLAN_MARKET, plan)
    hold(plan)
    counts, lines = line_counts(plan), lines_left(plan, MOST_AT_ONCE)
    for line in lines:
        take_line(line, by)
    return TakenOver(len(lines), counts.untouched - counts.left, counts.left - len(lines))


def put_back(line: PlanLine, by: Actor) -> None:
    """Take one line off the shortlist again. WrongState where it has gone further meanwhile, or was never there."""
    require(by, Action.PLAN_MARKET, line.plan)
    if line.match is not None and line.match.state == MatchState.WITHDRAWN:
        return
    if line.match is None or line.match.state != MatchState.SHORTLISTED:
        raise WrongState("match", line.match.state if line.match else "none", Action.WITHDRAW_MATCH)
    withdraw_match(line.match, by)

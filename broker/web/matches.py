"""A match as its two sides meet it: asking, answering, writing, and all of it on one page."""

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from broker.actions import acceptances, matches
from broker.domain.kinds import DEMAND, LIVE_MATCH, SUPPLY, Audience, MatchState, PostingState, Side
from broker.domain.permissions import Action, Actor, can
from broker.domain.refusals import Unfit
from broker.domain.states import open_moves
from broker.store.brokering import side_of, suggestion_counts
from broker.store.confirmations import to_answer
from broker.store.events import Note, events_of, notes_of
from broker.store.listings import Listing
from broker.store.matches import BOTH_SIDES, Match, listing_on_show, live_matches_of, match_rows, open_listings_of
from broker.store.partnerships import partnership_of, partnerships_of
from broker.store.reach import within
from broker.web import saying, words
from broker.web.checks import missing_check
from broker.web.forms.base import BaseForm, typed
from broker.web.forms.matches import AnswerForm, AskForm, DeclineForm, RemarkForm, WriteForm
from broker.web.guard import acting, allow, load
from broker.web.onward import onward
from broker.web.reasons import why
from broker.web.sides import both_sides

bp = Blueprint("matches", __name__)

# How "My matches" is divided; a match stands in the first part that fits it.
PARTS = ("answer", "waiting", "agreed", "partnerships", "ended")
ENDED = frozenset({MatchState.DECLINED, MatchState.LAPSED, MatchState.WITHDRAWN, MatchState.DISMISSED})


@bp.get("/my-matches")
@allow(Action.ASK_FOR_MATCH)
def mine() -> str:
    actor = acting()
    rows = match_rows(within(Match, actor, Action.SEE_MATCH))
    parts: dict[str, list[Any]] = {part: [] for part in PARTS}
    for row in rows:
        parts[_part(row, actor.organisation_id)].append(row)
    return render_template(
        "matches/mine.html",
        parts=parts,
        partnerships={p.match_id: p for p in partnerships_of(actor.organisation_id or 0)},
        to_answer=to_answer(actor.organisation_id or 0),
        suggested=suggestion_counts(actor.organisation_id or 0),
        own=actor.organisation_id,
    )


@bp.route("/listings/<id:listing_id>/ask", methods=["GET", "POST"])
@allow(Action.ASK_FOR_MATCH)
def ask(listing_id: int) -> ResponseReturnValue:
    actor = acting()
    wanted = listing_on_show(listing_id) or abort(404)
    own = [] if wanted.organisation_id == actor.organisation_id else _fitting(wanted, actor)
    form = AskForm.sent(data={"listing": _chosen(own)})
    form.listing.choices = {str(listing.id): _title(listing) for listing in own}
    form.fit_to(wanted)
    if own and form.ok():
        picked = next(listing for listing in own if listing.id == form.listing.data)
        try:
            match = _ask(wanted, picked, form, actor)
            flash("Asked. You will see here when they answer.", "success")
            return redirect(f"/matches/{match.id}", 303)
        except Unfit as refusal:
            form.put_for(refusal, side_of(wanted))
    is_own = wanted.organisation_id == actor.organisation_id
    page = render_template(
        "matches/ask.html", form=form, wanted=wanted, title=_title(wanted), own=own, is_own=is_own,
        is_demand=wanted.kind in DEMAND,
    )  # fmt: skip
    return page, 422 if form.errors else 200


@bp.get("/matches/<id:match_id>")
@allow(Action.SEE_MATCH)
def show(match_id: int) -> str:
    return match_page(load(Match, match_id, Action.SEE_MATCH, *BOTH_SIDES))


@bp.post("/matches/<id:match_id>/accept")
@allow(Action.ACCEPT_MATCH)
def accept(match_id: int) -> ResponseReturnValue:
    match = load(Match, match_id, Action.ACCEPT_MATCH, *BOTH_SIDES)
    if not acceptances.accept_match(match, acting()):
        flash("You have said yes already. Nothing was done twice.")
    elif match.both_accepted:
        flash("Both sides have said yes. You can now see how to reach each other.", "success")
    else:
        flash("You said yes. Now it waits for the other side.", "success")
    return redirect(f"/matches/{match.id}", 303)


@bp.post("/matches/<id:match_id>/decline")
@allow(Action.DECLINE_MATCH)
def decline(match_id: int) -> ResponseReturnValue:
    match = load(Match, match_id, Action.DECLINE_MATCH, *BOTH_SIDES)
    match.machine.next(match.state, Action.DECLINE_MATCH)  # said before the form's own faults: its fields are gone
    form = DeclineForm.sent(prefix="decline-")
    if not form.ok():
        return match_page(match, decline=form), 422
    acceptances.decline_match(match, acting(), reason=form.reason.data, text=form.text.data or "")
    flash("You said no, kindly. The other side is told only that you thank them.", "success")
    return redirect(f"/matches/{match.id}", 303)


@bp.post("/matches/<id:match_id>/write")
@allow(Action.WRITE_IN_MATCH)
def write(match_id: int) -> ResponseReturnValue:
    match = load(Match, match_id, Action.WRITE_IN_MATCH, *BOTH_SIDES)
    form = WriteForm.sent(prefix="write-")
    if not form.ok():
        return match_page(match, write=form), 422
    matches.write_in_match(match, acting(), text=form.text.data or "", audience=_audience(acting()))
    flash("Kept with this match." if request.form.get("note") else "Sent to both sides.", "success")
    return redirect(f"/matches/{match.id}", 303)


@bp.post("/matches/<id:match_id>/withdraw")
@allow(Action.WITHDRAW_MATCH)
def withdraw(match_id: int) -> ResponseReturnValue:
    match = load(Match, match_id, Action.WITHDRAW_MATCH, *BOTH_SIDES)
    form = RemarkForm.sent(prefix="withdraw-")
    if not form.ok():
        return match_page(match, withdraw=form), 422
    matches.withdraw_match(match, acting(), reason=form.text.data or "")
    flash("Withdrawn. Nothing was taken from either listing.", "success")
    return onward(f"/matches/{match.id}")


def match_page(match: Match, **forms: Any) -> str:
    """The page of a match for whoever may see it; `forms` are those that were sent and need another look."""
    actor = acting()
    is_officer = can(actor, Action.LOG_CALL, match)
    audiences = frozenset(Audience) if is_officer else frozenset({Audience.SIDES})
    own = match.side_of(actor.organisation_id)
    return render_template(
        "matches/show.html",
        match=match,
        sides=both_sides(match, actor),
        own=own,
        is_officer=is_officer,
        steps=_steps(match, actor, own),
        said=_said(match, notes_of("match", match.id, audiences), is_officer),
        events=events_of("match", match.id) if is_officer else [],
        partnership=partnership_of(match.id) if match.state == MatchState.CONFIRMED else None,
        why=why(match.reason),
        missing="" if match.state not in LIVE_MATCH else missing_check(*(match.wording(side) for side in Side)),
        forms=_blank_forms() | forms,
        waits_for=[side for side in Side if match.state == MatchState.PROPOSED and not match.accepted_at(side)],
    )


def _blank_forms() -> dict[str, BaseForm]:
    return {
        "decline": DeclineForm(prefix="decline-", formdata=None),
        "write": WriteForm(prefix="write-", formdata=None),
        "withdraw": RemarkForm(prefix="withdraw-", formdata=None),
        "call": WriteForm(prefix="call-", formdata=None),
        "answer": AnswerForm(prefix="answer-", formdata=None),
    }


def _steps(match: Match, actor: Actor, own: Side | None) -> frozenset[Action]:
    """What this visitor can do now: the open moves, less a yes that was said, and what changes no state."""
    found = set(open_moves(match, actor))
    if own and match.accepted_at(own):
        found.discard(Action.ACCEPT_MATCH)
    if own and match.opened_by != own:
        found.discard(Action.WITHDRAW_MATCH)
    if match.state in matches.TALKING:
        found |= {Action.WRITE_IN_MATCH}
    if match.state == MatchState.PROPOSED:
        found |= {Action.FOLLOW_UP}
    found |= {Action.LOG_CALL}
    return frozenset(action for action in found if can(actor, action, match))


def _said(match: Match, notes: Iterable[Note], is_officer: bool) -> list[tuple[str, str, str, Note]]:
    """The conversation, oldest first: when, who, on whose behalf it may be read, the note. People's names are for
    officers; the two sides know each other as organisations.
    """
    names = {o.id: o.name for o in (match.demand.organisation, match.supply.organisation)}
    officer = f"the officer at {match.authority.name}"
    rows = []
    for note in notes:
        who = names.get(note.author_organisation_id or 0, officer)
        if is_officer and note.author:
            who = f"{note.author.name}, {who}"
        readers = "Officers only" if note.audience != Audience.SIDES else ""
        rows.append((words.sentence(saying.when(note.at)), who, readers, note))
    return rows


def _part(row: Any, organisation_id: int | None) -> str:
    match: Match = row.Match
    side = Side.DEMAND if row.demand_organisation_id == organisation_id else Side.SUPPLY
    if match.state == MatchState.PROPOSED:
        return "waiting" if match.accepted_at(side) else "answer"
    if match.state in ENDED:
        return "ended"
    return "partnerships" if match.state == MatchState.CONFIRMED else "agreed"


def _audience(actor: Actor) -> Audience:
    return Audience.OFFICERS if request.form.get("note") and can(actor, Action.LOG_CALL) else Audience.SIDES


def _fitting(wanted: Listing, actor: Actor) -> list[Listing]:
    """The visitor's open listings of the other side that are open where the wanted one is.

    Those that are under talk with it already come last: to ask once more would only lead to that talk.
    """
    kinds = SUPPLY if wanted.kind in DEMAND else DEMAND
    areas = _open_in(wanted)
    own = [each for each in open_listings_of(actor.organisation_id or 0, kinds) if _open_in(each) & areas]
    talking = (
        {id for match in live_matches_of(wanted.id) for id in (match.demand_id, match.supply_id)} if own else set()
    )
    return sorted(own, key=lambda each: each.id in talking)


def _open_in(listing: Listing) -> set[int]:
    return {p.authority_id for p in listing.postings if p.state == PostingState.OPEN}


def _chosen(own: list[Listing]) -> int | None:
    wanted = typed("with")
    if len(own) == 1:
        return own[0].id
    return next((listing.id for listing in own if str(listing.id) == wanted), None)


def _title(listing: Listing) -> str:
    return next((p.approved.title for p in listing.postings if p.approved), "")


def _ask(wanted: Listing, own: Listing, form: AskForm, actor: Actor) -> Match:
    demand, supply = (wanted, own) if wanted.kind in DEMAND else (own, wanted)
    amount = {f"{side_of(wanted)}_amount": form.amount.amount} if form.amount else {}
    return matches.ask_for_match(demand, supply, actor, **amount, message=form.message.data or "")

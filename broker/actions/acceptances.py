"""Each side's yes or no to a match, said by itself or told to an officer; two yeses make an agreement."""

from broker.actions.mail import tell_members, tell_officers
from broker.actions.matches import approved_in
from broker.actions.moving import hold, move, record, remark
from broker.domain.clock import now
from broker.domain.kinds import Audience, MatchState, NoteKind, Side
from broker.domain.mail import MailKind
from broker.domain.permissions import Action, Actor, require
from broker.domain.refusals import NotAllowed
from broker.store.matches import Match

SETTLED = frozenset({MatchState.PROPOSED, MatchState.AGREED, MatchState.CONFIRMED})


def accept_match(match: Match, by: Actor) -> bool:
    """Say yes for the own side. False when it had said yes already: a second click changes nothing."""
    require(by, Action.ACCEPT_MATCH, match)
    return _accept(match, _own_side(match, by, Action.ACCEPT_MATCH), Action.ACCEPT_MATCH, by, "page")


def record_acceptance(match: Match, by: Actor, *, side: Side, text: str = "") -> bool:
    """An officer was told yes by telephone or in person. False when that side had said yes already."""
    require(by, Action.RECORD_ACCEPTANCE, match)
    changed = _accept(match, side, Action.RECORD_ACCEPTANCE, by, "phone")
    if not changed and text.strip():
        record(match, Action.LOG_CALL, by)
    remark(match, by, NoteKind.CALL, text, Audience.OFFICERS)
    return changed


def decline_match(match: Match, by: Actor, *, reason: str, text: str = "") -> None:
    """Say no for the own side, kindly. The reason is for officers and the one who said it."""
    require(by, Action.DECLINE_MATCH, match)
    side = _own_side(match, by, Action.DECLINE_MATCH)
    move(match, Action.DECLINE_MATCH, by, declined_by=side, decline_reason=reason)
    _tell_other(MailKind.MATCH_DECLINED, match, side, by)
    remark(match, by, NoteKind.REASON, text, Audience.OFFICERS)


def record_refusal(match: Match, by: Actor, *, side: Side, reason: str, text: str = "") -> None:
    """An officer was told no by telephone or in person."""
    move(match, Action.RECORD_REFUSAL, by, declined_by=side, decline_reason=reason)
    _tell_other(MailKind.MATCH_DECLINED, match, side, by)
    remark(match, by, NoteKind.CALL, text, Audience.OFFICERS)


def _own_side(match: Match, by: Actor, action: Action) -> Side:
    side = match.side_of(by.organisation_id)
    if side is None:
        raise NotAllowed(action)
    return side


def _tell_other(kind: MailKind, match: Match, side: Side, by: Actor) -> None:
    tell_members(kind, match.listing(side.other).organisation_id, match, by)


def _accept(match: Match, side: Side, action: Action, by: Actor, how: str) -> bool:
    hold(match)
    if match.state in SETTLED and match.accepted_at(side) is not None:
        return False
    match.machine.next(match.state, action)  # WrongState where nothing is asked any more
    _tell_other(MailKind.MATCH_ACCEPTED, match, side, by)
    wording = approved_in(match.listing(side), match.authority_id)
    facts = {f"{side}_accepted_at": now(), f"{side}_accepted_how": how, f"{side}_version_id": wording}
    if match.accepted_at(side.other) is not None:
        move(match, action, by, **facts)
        tell_officers(MailKind.MATCH_AGREED, match.authority_id, match, by)
        return True
    for name, value in facts.items():
        setattr(match, name, value)
    record(match, action, by, *facts)
    return True

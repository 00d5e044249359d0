"""The only place where a state changes: check the right, check the move, record, change, flush."""

from typing import Any

from sqlalchemy import inspect

from broker.domain.audit import KEPT_VALUES, Plain, changes
from broker.domain.clock import TWICE, now
from broker.domain.kinds import Audience, NoteKind
from broker.domain.permissions import Action, Actor, require
from broker.store.base import db
from broker.store.events import Event, Note, last_note

Changes = dict[str, list[Plain]]


def move(thing: Any, action: Action, by: Actor, **facts: object) -> None:
    """Take `thing` through `action`, with the columns (`facts`) that must change in the same breath.

    Raises NotAllowed, WrongState; at the flush StaleDataError (somebody was quicker) or IntegrityError.
    """
    require(by, action, thing)
    carry(thing, action, by, **facts)


def hold(thing: Any) -> None:
    """From now until the commit nobody else changes this thing, and it is read as whoever was quicker left it.

    For the beginning of a deed that two people may well do at once: what is worked out before this may be stale. On
    SQLite whoever may write holds the whole database already.
    """
    if db.session.get_bind().dialect.name != "sqlite":
        db.session.refresh(thing, inspect(thing).mapper.column_attrs.keys(), with_for_update=True)


def carry(thing: Any, action: Action, by: Actor, **facts: object) -> None:
    """The same for what follows from a deed that was allowed elsewhere: no right is asked again.

    A listing withdrawn by its owner withdraws its matches, whichever authority they are credited to.
    """
    before = thing.state
    after = thing.machine.next(before, action)
    old = {name: getattr(thing, name) for name in facts.keys() & KEPT_VALUES}
    for name, value in facts.items():
        setattr(thing, name, value)
    thing.state = after
    _write(thing, action, by, (before, after), sorted(facts), changes(old, facts))
    db.session.flush()


def begin(thing: Any, action: Action, by: Actor) -> None:
    """Bring a new thing into the record; it starts in the state it was built with, one its machine may start in."""
    machine = getattr(thing, "machine", None)
    if machine is not None and thing.state not in machine.starts:
        machine.next(thing.state, action)  # raises WrongState
    db.session.add(thing)
    db.session.flush()
    given = {name: getattr(thing, name) for name in _columns(thing)}
    _write(thing, action, by, (None, getattr(thing, "state", None)), [], changes({}, given))


def record(thing: Any, action: Action, by: Actor, *fields: str, old: Any = None, new: Any = None) -> None:
    """Write down a deed that changes fields but no state. Flushes, so that a lost race surfaces here.

    `old` and `new`: where the values of the fields stand, if not on the thing itself.
    """
    changed = _both(old, new, fields) if old is not None else _changed(thing, fields)
    db.session.flush()
    state = getattr(thing, "state", None)
    _write(thing, action, by, (state, state), sorted(fields), changed)


def witness(about: tuple[str, int], action: Action, by: Actor, said: Changes) -> Event:
    """Write down a deed that changes nothing, such as reading the record: what it was about, by table and number."""
    event = _keep(about, action, by, (None, None), [], said)
    db.session.flush()
    return event


def remark(thing: Any, by: Actor, kind: NoteKind, text: str, audience: Audience) -> None:
    """Keep what somebody said about a thing, for those who may read it. Blank text keeps nothing; nor does a second
    click: the same words as the last ones, a moment later.
    """
    if not text.strip() or _is_said(thing, by, kind, text.strip()):
        return
    note = Note(
        at=now(),
        kind=kind,
        audience=audience,
        subject=thing.__tablename__,
        subject_id=thing.id,
        author_id=by.user_id,
        author_role=by.role,
        author_organisation_id=by.organisation_id,
        text=text.strip(),
    )
    db.session.add(note)


def _is_said(thing: Any, by: Actor, kind: NoteKind, text: str) -> bool:
    last = last_note(thing.__tablename__, thing.id, frozenset(NoteKind))
    if last is None or last.at <= now() - TWICE:
        return False
    return (last.author_id, last.kind, last.text) == (by.user_id, kind, text)


def _columns(thing: Any) -> frozenset[str]:
    """Those of its columns whose values the record keeps."""
    return KEPT_VALUES.intersection(inspect(thing).mapper.column_attrs.keys())


def _changed(thing: Any, fields: tuple[str, ...]) -> Changes:
    """What has been set on the thing and not yet been written to the database."""
    attributes = inspect(thing).attrs
    histories = {name: attributes[name].history for name in _columns(thing).intersection(fields)}
    old = {name: history.deleted[0] for name, history in histories.items() if history.deleted}
    return changes(old, {name: getattr(thing, name) for name in old})


def _both(old: Any, new: Any, fields: tuple[str, ...]) -> Changes:
    names = KEPT_VALUES.intersection(fields)
    return changes({name: getattr(old, name) for name in names}, {name: getattr(new, name) for name in names})


def _write(
    thing: Any, action: Action, by: Actor, states: tuple[str | None, str | None], fields: list[str], changed: Changes
) -> None:
    _keep((thing.__tablename__, thing.id), action, by, states, fields, changed)


def _keep(
    about: tuple[str, int],
    action: Action,
    by: Actor,
    states: tuple[str | None, str | None],
    fields: list[str],
    changed: Changes,
) -> Event:
    event = Event(
        at=now(),
        actor_id=by.user_id,
        role=by.role,
        action=action,
        subject=about[0],
        subject_id=about[1],
        from_state=states[0],
        to_state=states[1],
        fields=fields,
        changes=changed,
    )
    db.session.add(event)
    return event

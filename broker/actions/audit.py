"""The record read, taken out and checked: that nobody has changed it, and who looked at it, is itself recorded."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from broker.actions.jobs import owe
from broker.actions.moving import witness
from broker.domain.audit import START, digest
from broker.domain.clock import now
from broker.domain.permissions import Action, Actor, require
from broker.store import audit
from broker.store.audit import Head, Linked
from broker.store.base import db
from broker.store.events import Event
from broker.store.readings import Look, Row, all_rows
from broker.store.settings import Setting

NIGHT = 3  # the hour (UTC) after which the nightly check is owed
LAST_CHECK = "audit_check"


class Fault(StrEnum):
    """What is wrong with a row of the record."""

    CHANGED = "changed"  # it does not say any more what its hash was taken over
    EVENT_GONE = "event_gone"
    LINK_GONE = "link_gone"  # a number is missing
    END_GONE = "end_gone"  # the head knows of more than there is
    HEAD_CHANGED = "head_changed"
    OUTSIDE = "outside"  # an event without a place in the chain
    NOTED_CHANGED = "noted_changed"  # the chain does not lead through a head that was noted earlier


@dataclass(frozen=True)
class Check:
    """What a look at the whole chain found: how far it is sound, and what is wrong with the first row that is not."""

    checked_at: datetime
    seq: int
    fault: Fault | None = None
    broken: int | None = None  # the number of the first broken link; None where it has no number

    @property
    def is_sound(self) -> bool:
        return self.fault is None

    @property
    def verdict(self) -> str:
        """The same in one line, for a log."""
        return "sound" if self.fault is None else f"BROKEN: {self.fault} at {self.broken}"


def check_record(noted: Head | None = None) -> Check:
    """Read the whole chain. `noted`: a head that was written down earlier, which must still be part of it."""
    end, at = audit.head(), now()
    last = Head(0, START)
    for linked in audit.links():
        number = last.seq + 1
        if number > end.seq:
            break
        fault = _fault_of(linked, last, noted)
        if fault:
            return Check(at, last.seq, fault, number)
        last = linked.link
    fault = _fault_at_the_end(last, end, noted)
    return Check(at, last.seq, fault, last.seq + 1 if fault is Fault.END_GONE else None)


def _fault_of(linked: Linked, last: Head, noted: Head | None) -> Fault | None:
    """What is wrong with the link that comes after `last`."""
    if linked.link.seq != last.seq + 1:
        return Fault.LINK_GONE
    if linked.facts is None:
        return Fault.EVENT_GONE
    if linked.previous != last.hash or digest(linked.facts, last.hash) != linked.link.hash:
        return Fault.CHANGED
    return Fault.NOTED_CHANGED if noted and noted.seq == linked.link.seq and noted != linked.link else None


def _fault_at_the_end(last: Head, end: Head, noted: Head | None) -> Fault | None:
    if last.seq < max(end.seq, noted.seq if noted else 0):
        return Fault.END_GONE
    if last != end:
        return Fault.HEAD_CHANGED
    return Fault.OUTSIDE if audit.unlinked() or any(audit.links(end.seq + 1)) else None


def note_check(found: Check) -> None:
    """Keep what a check found, for the pages that show it."""
    facts = {**asdict(found), "checked_at": found.checked_at.isoformat()}
    db.session.merge(Setting(name=LAST_CHECK, value=json.dumps(facts)))


def last_check() -> Check | None:
    """What the last check found, if there ever was one."""
    row = db.session.get(Setting, LAST_CHECK)
    if row is None:
        return None
    facts = json.loads(row.value)
    fault = Fault(facts["fault"]) if facts["fault"] else None
    return Check(datetime.fromisoformat(facts["checked_at"]), facts["seq"], fault, facts["broken"])


def owe_check() -> None:
    """Owe the nightly check if the night has passed without one."""
    night = now().replace(hour=NIGHT, minute=0, second=0, microsecond=0)
    night -= timedelta(days=night > now())
    last = last_check()
    if last is None or last.checked_at < night:
        owe("check_record")


def read_record(look: Look, by: Actor) -> Event:
    """Open the record at what is looked for. That it was opened, by whom and for what, stands in it from now on."""
    require(by, Action.READ_RECORD)
    return witness(_place_of(look), Action.READ_RECORD, by, look.as_changes())


def export_record(look: Look, by: Actor) -> list[Row]:
    """The same as rows to take away; that they were taken stands in the record, and so in the next ones."""
    require(by, Action.EXPORT_RECORD)
    found = all_rows(look, by)
    witness(_place_of(look), Action.EXPORT_RECORD, by, look.as_changes())
    return found


def _place_of(look: Look) -> tuple[str, int]:
    """Where the reading itself is found again: with the thing or the person it was about, else with the whole."""
    if look.about and look.about_id:
        return look.about, look.about_id
    return ("user", look.person_id) if look.person_id else ("event_head", 1)

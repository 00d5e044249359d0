"""The record: what was done, by whom and when, for officers within their area, and to take away for a request.

Reading is recorded too: a look is posted, stands in the record from then on, and its page shows what was looked for.
"""

import csv
from collections.abc import Iterator
from io import StringIO

from flask import Blueprint, abort, redirect, render_template
from flask.typing import ResponseReturnValue

from broker.actions.audit import export_record, last_check, read_record
from broker.domain.importing import harmless
from broker.domain.kinds import Role
from broker.domain.permissions import Action
from broker.store.accounts import user_by_email
from broker.store.events import Event
from broker.store.readings import Look, Row, has_done, reading_of, rows
from broker.web import saying, words
from broker.web.forms.audit import DEEDS, THINGS, LookForm
from broker.web.guard import acting, allow, fresh
from broker.web.searching import Pages, page_number
from broker.web.stored_words import stored_name, stored_value

bp = Blueprint("audit", __name__)

A_PAGE = 50
PLACE = {
    "listing": "/listings/{}",
    "match": "/matches/{}",
    "organisation": "/organisations/{}",
    "partnership": "/partnerships/{}",
    "posting": "/postings/{}",
    "registration": "/registrations/{}",
    "contract": "/contracts/{}",
    "commitment": "/commitments/{}",
    "delivery": "/deliveries/{}",
    "claim": "/claims/{}",
    "import": "/imports/{}",
    "plan": "/plans/{}",
    "framework": "/frameworks/{}",
    "project_idea": "/project-ideas/{}",
}
NOBODY = "Nobody whose deeds you may read has this address or number"
COLUMNS = (
    "row", "when (UTC)", "person", "role", "deed", "about", "number", "state before", "state after", "fields changed",
    "values before and after", "request", "hash",
)  # fmt: skip


@bp.get("/record")
@allow(Action.READ_RECORD)
def index() -> str:
    return _page(LookForm.sent())


@bp.post("/record")
@allow(Action.READ_RECORD)
def look() -> ResponseReturnValue:
    form = LookForm.sent()
    if form.ok() and form.check_together():
        person_id = _person(form.person.data or "")
        if person_id is not None:
            reading = read_record(form.look(person_id or None), acting())
            return redirect(f"/record/readings/{reading.id}", 303)
        form.person.errors = [NOBODY]
    return _page(form), 422


@bp.get("/record/readings/<id:reading_id>")
@allow(Action.READ_RECORD)
def reading(reading_id: int) -> str:
    wanted, page = Look.of(_own(reading_id)), page_number()
    found = rows(wanted, acting(), (page - 1) * A_PAGE, A_PAGE + 1)
    return render_template(
        "audit/reading.html",
        reading_id=reading_id,
        wanted=_wanted(wanted),
        lines=[_line(row) for row in found[:A_PAGE]],
        pages=Pages.around(lambda to: f"/record/readings/{reading_id}?page={to}", page, len(found) > A_PAGE),
    )


@bp.post("/record/readings/<id:reading_id>/export")
@allow(Action.EXPORT_RECORD)
@fresh
def export(reading_id: int) -> ResponseReturnValue:
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows(map(_cells, export_record(Look.of(_own(reading_id)), acting())))
    name = f'attachment; filename="record-{reading_id}.csv"'
    return out.getvalue(), 200, {"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": name}


def _page(form: LookForm) -> str:
    return render_template("audit/index.html", form=form, check=last_check())


def _own(reading_id: int) -> Event:
    return reading_of(reading_id, acting()) or abort(404)


def _person(said: str) -> int | None:
    """The number of the person who is meant: 0 for anybody, None for somebody of whom nothing may be read."""
    if not said:
        return 0
    user = None if said.isdigit() else user_by_email(said)
    number = int(said[:9]) if said.isdigit() and said.isascii() else user.id if user else 0
    return number if number and has_done(number, acting()) else None


def _wanted(look: Look) -> list[tuple[str, str]]:
    """What was looked for, in words."""
    told = (
        ("About", f"{THINGS.get(look.about, look.about)} {look.about_id}" if look.about else ""),
        ("By", f"Person {look.person_id}" if look.person_id else ""),
        ("What", DEEDS.get(look.action, look.action) if look.action else ""),
        ("From", saying.day(look.since)),
        ("To", saying.day(look.until)),
    )
    return [(name, text) for name, text in told if text]


def _line(row: Row) -> dict[str, object]:
    """A row of the record as the page shows it."""
    event = row.event
    return {
        "seq": row.seq,
        "when": f"{saying.day(event.at)}, {event.at:%H:%M}",
        "who": event.actor.name if event.actor else "",
        "person": event.actor_id,
        "role": words.ROLE[Role(event.role)],
        "deed": words.deed(Action(event.action)),
        "thing": f"{THINGS.get(event.subject, stored_name(event.subject))} {event.subject_id}",
        "url": PLACE[event.subject].format(event.subject_id) if event.subject in PLACE else None,
        "changes": list(_changes(event)),
    }


def _changes(event: Event) -> Iterator[str]:
    """What changed, a line each: the state, then the values that the record keeps, then the names of other fields."""
    if event.to_state and event.from_state != event.to_state:
        yield f"State: {event.from_state or 'new'} → {event.to_state}".replace("_", " ")
    for name, (old, new) in event.changes.items():
        yield f"{stored_name(name)}: {stored_value(old)} → {stored_value(new)}"
    others = [stored_name(name) for name in event.fields if name not in event.changes]
    if others:
        yield f"Also changed: {', '.join(others)}"


def _cells(row: Row) -> list[str]:
    event = row.event
    told = [f"{name}: {old} > {new}" for name, (old, new) in event.changes.items()]
    cells = (
        row.seq, f"{event.at:%Y-%m-%d %H:%M:%S}", event.actor_id, event.role, event.action, event.subject,
        event.subject_id, event.from_state, event.to_state, " ".join(event.fields), "; ".join(told), event.request_id,
        row.hash,
    )  # fmt: skip
    return ["" if cell is None else harmless(cell) for cell in cells]

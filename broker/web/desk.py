"""The officer's desk: one list of everything that waits, with the one tap that moves it on."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request

from broker.domain.clock import today
from broker.domain.permissions import Action
from broker.domain.waiting import Wait
from broker.store.desk import TEXT, Waiting, waiting, waiting_counts
from broker.web import words
from broker.web.forms.base import typed
from broker.web.guard import acting, allow

bp = Blueprint("desk", __name__)

A_PAGE = 40
PLACE = {
    Wait.APPLICATION: "/registrations/{}",
    Wait.CHECK: "/postings/{}",
    Wait.BROKER: "/listings/{}/broker",
    Wait.REPLY: "/matches/{}",
    Wait.CONFIRM: "/matches/{}",
    Wait.START: "/partnerships/{}",
    Wait.REVIEW: "/partnerships/{}",
    Wait.CLOSE: "/partnerships/{}",
}
WORDS = {
    Wait.APPLICATION: ("Organisation to approve", "yellow"),
    Wait.CHECK: ("Listing to check", "yellow"),
    Wait.BROKER: ("To broker", "plum"),
    Wait.REPLY: ("Waiting for a reply", "blue"),
    Wait.CONFIRM: ("Agreed: confirm", "green"),
    Wait.START: ("Partnership to start", "teal"),
    Wait.REVIEW: ("Review due", "orange"),
    Wait.CLOSE: ("Partnership to close", "grey"),
}
# What can be done from the row: the words, the address, and whether one tap is enough (else it is a page to fill in).
STEP = {
    Wait.APPLICATION: ("Check", "/registrations/{}", False),
    Wait.CHECK: ("Approve as it is", "/postings/{}/approve", True),
    Wait.BROKER: ("Find a match", "/listings/{}/broker", False),
    Wait.REPLY: ("I have reminded them", "/matches/{}/follow-up", True),
    Wait.CONFIRM: ("Confirm", "/matches/{}/confirm", False),
    Wait.START: ("It has started", "/partnerships/{}/start", True),
    Wait.REVIEW: ("Write the review", "/partnerships/{}/review", False),
    Wait.CLOSE: ("Close it", "/partnerships/{}/close", False),
}


@bp.get("/desk")
@allow(Action.SEE_DESK)
def show() -> str:
    area = acting().authority_id or 0
    what = typed("what")
    what = what if what in set(Wait) else ""
    number = request.args.get("page", 1, int)
    number = number if 1 <= number <= 10_000 else 1
    rows = waiting(area, today(), what, (number - 1) * A_PAGE, A_PAGE + 1)
    counts = waiting_counts(area, today())
    return render_template(
        "desk/show.html",
        rows=[_shown(row) for row in rows[:A_PAGE]],
        tiles=[(counts.get(each, (0, 0)), WORDS[each][0], each) for each in Wait],
        total=sum(count for count, _ in counts.values()),
        late=sum(overdue for _, overdue in counts.values()),
        what=what,
        only=WORDS[Wait(what)][0] if what else "",
        here=f"/desk?what={what}" if what else "/desk",
        page=_turns(number, len(rows) > A_PAGE, what),
    )


def _shown(row: Waiting) -> dict[str, Any]:
    """A row in words."""
    what = Wait(row.what)
    late = row.due < today()
    text, address, is_one_tap = STEP[what]
    return {
        "title": row.title or "A listing that is no longer shown",
        "href": PLACE[what].format(row.id),
        "tag": WORDS[what],
        "kind": row.kind,
        "who": f"{row.organisation} with {row.partner}" if row.partner else row.organisation,
        "text": row.text if len(row.text) < TEXT else f"{row.text.rsplit(maxsplit=1)[0]} …",
        "hidden": {"seen": row.version} if what is Wait.CHECK else {},
        "due": f"Was due {words.when(row.due)}" if late else f"Due {words.when(row.due)}",
        "late": late,
        "since": _since(what, row),
        "step": (text, address.format(row.id), is_one_tap),
    }


def _since(what: Wait, row: Waiting) -> str:
    if what in (Wait.REPLY, Wait.START, Wait.REVIEW, Wait.CLOSE):
        return ""
    return f"Waits since {words.when(row.since)}" if row.since != today() else "Came in today"


def _turns(number: int, more: bool, what: str) -> dict[str, str | None]:
    def url(page: int) -> str:
        return "/desk?" + urlencode({"what": what, "page": page} if what else {"page": page})

    return {
        "label": f"Page {number}" if more or number > 1 else "",
        "previous_url": url(number - 1) if number > 1 else None,
        "next_url": url(number + 1) if more else None,
    }

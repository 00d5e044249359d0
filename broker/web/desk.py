"""The officer's desk: one list of everything that waits, with the one tap that moves it on."""

from itertools import groupby
from operator import itemgetter
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request

from broker.domain.clock import today
from broker.domain.permissions import Action
from broker.domain.waiting import Wait
from broker.store.desk import TEXT, Waiting, waiting, waiting_counts
from broker.store.suggestions import last_check
from broker.web import saying
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
    Wait.VERIFY: "/deliveries/{}",
    Wait.NO_ANSWER: "/deliveries/{}",
    Wait.DISPUTED: "/deliveries/{}",
    Wait.IDEA: "/project-ideas/{}",
    Wait.PROMISE: "/commitments/{}",
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
    Wait.VERIFY: ("Delivery to verify", "green"),
    Wait.NO_ANSWER: ("Delivered? No answer", "yellow"),
    Wait.DISPUTED: ("Says it did not happen", "red"),
    Wait.IDEA: ("A councillor suggests", "blue"),
    Wait.PROMISE: ("Promise slipping", "orange"),
}
# On the tiles: how many of them there are.
TILES = {
    Wait.APPLICATION: ("organisation to approve", "organisations to approve"),
    Wait.CHECK: ("listing to check", "listings to check"),
    Wait.BROKER: ("to find a match for", "to find a match for"),
    Wait.REPLY: ("match without a reply", "matches without a reply"),
    Wait.CONFIRM: ("match to confirm", "matches to confirm"),
    Wait.START: ("partnership to start", "partnerships to start"),
    Wait.REVIEW: ("review to write", "reviews to write"),
    Wait.CLOSE: ("partnership to close", "partnerships to close"),
    Wait.VERIFY: ("delivery to verify", "deliveries to verify"),
    Wait.NO_ANSWER: ("delivery without an answer", "deliveries without an answer"),
    Wait.DISPUTED: ("delivery that is denied", "deliveries that are denied"),
    Wait.IDEA: ("project suggested by a councillor", "projects suggested by councillors"),
    Wait.PROMISE: ("promise that slips", "promises that slip"),
}
SOON_DAYS = 7
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
    Wait.VERIFY: ("Verify", "/deliveries/{}/verify", False),
    Wait.NO_ANSWER: ("Write down what they say", "/deliveries/{}/call", False),
    Wait.DISPUTED: ("Look at it", "/deliveries/{}", False),
    Wait.IDEA: ("Answer it", "/project-ideas/{}", False),
    Wait.PROMISE: ("See how it stands", "/commitments/{}", False),
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
        groups=[(title, list(group)) for title, group in groupby(map(_shown, rows[:A_PAGE]), key=itemgetter("group"))],
        tiles=[_tile(each, *counts[each]) for each in Wait if each in counts],
        total=sum(count for count, _ in counts.values()),
        late=sum(overdue for _, overdue in counts.values()),
        what=what,
        only=WORDS[Wait(what)][0] if what else "",
        here=f"/desk?what={what}" if what else "/desk",
        page=_turns(number, len(rows) > A_PAGE, what),
        checked=_checked(),
    )


def _tile(what: Wait, number: int, late: int) -> tuple[int, str, str, str]:
    one, many = TILES[what]
    return number, one if number == 1 else many, f"/desk?what={what}", f"{late} late" if late else ""


def _shown(row: Waiting) -> dict[str, Any]:
    """A row in words."""
    what = Wait(row.what)
    text, address, is_one_tap = STEP[what]
    return {
        "title": row.title or "A listing that is no longer shown",
        "href": PLACE[what].format(row.id),
        "tag": WORDS[what],
        "kind": row.kind,
        "who": f"{row.organisation} with {row.partner}" if row.partner else row.organisation,
        "text": row.text if len(row.text) < TEXT else f"{row.text.rsplit(maxsplit=1)[0]} …",
        "hidden": {"seen": row.version} if what is Wait.CHECK else {},
        "due": saying.late(row.due) or f"Due {saying.when(row.due)}",
        "group": _group((row.due - today()).days),
        "step": (text, address.format(row.id), is_one_tap),
    }


def _group(days: int) -> str:
    """Under which heading a row stands that is due in so many days."""
    return "Late" if days < 0 else "Today and the next seven days" if days <= SOON_DAYS else "Later"


def _checked() -> tuple[str, bool] | None:
    """What the last nightly check of the suggestions found, and whether an officer should know at once."""
    last, right_at = last_check()
    if last is None:
        return None
    if not last.wrong:
        return f"The computer last checked its suggestions {saying.when(last.checked_at)}: every list was right.", False
    found = f"{last.wrong} lists of suggestions that were" if last.wrong > 1 else "one list of suggestions that was"
    put_right = "They have been" if last.wrong > 1 else "It has been"
    before = f" Before that, all were last found right {saying.when(right_at)}." if right_at else ""
    return f"The nightly check found {found} not up to date. {put_right} put right.{before}", True


def _turns(number: int, more: bool, what: str) -> dict[str, str | None]:
    def url(page: int) -> str:
        return "/desk?" + urlencode({"what": what, "page": page} if what else {"page": page})

    return {
        "label": f"Page {number}" if more or number > 1 else "",
        "previous_url": url(number - 1) if number > 1 else None,
        "next_url": url(number + 1) if more else None,
    }

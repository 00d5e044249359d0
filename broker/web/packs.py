"""The committee pack: what one area reports of one time, as a page to read and to print, and as a file."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from broker.actions.packs import Figures, figures_and_stories
from broker.actions.periods import MOST_CLOSED, close_period
from broker.domain.clock import today
from broker.domain.periods import Span, chosen, financial_years, last_quarter, quarters_before
from broker.domain.permissions import Action
from broker.domain.refusals import AlreadyThere, Unfit
from broker.domain.texts import tidy
from broker.store.base import db
from broker.store.organisations import named_among
from broker.store.periods import Closed, ReportPeriod, closed_until, period_of
from broker.store.stories import Story, stories_still_told
from broker.web import saying
from broker.web.forms.packs import CloseForm
from broker.web.guard import acting, allow
from broker.web.pack_method import NO_MONEY, TITLE, notes_on
from broker.web.pack_tables import (
    STEP,
    UNNAMED,
    between,
    method_table,
    sheet_rows,
    stories_table,
    tables_of,
    written,
)
from broker.web.reports import address
from broker.web.sheets import sheet

bp = Blueprint("packs", __name__)

PATH = "/reports/pack"
QUARTERS, YEARS = 8, 3
ISO, SAID = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII), re.compile(r"(\d{1,2})\D(\d{1,2})\D(\d{4})", re.ASCII)
FIELDS = {"since": "from", "until": "to"}
PROBLEMS = {
    "day": "Enter a day such as 1/7/2026",
    "missing": "Enter both days, the first and the last",
    "year": "Enter a year between 2000 and 2100",
    "reversed": "The last day is before the first. Enter a later one",
    "not_over": "This time is not over yet. It can be closed from the day after its last day",
}
_address = address(PATH)


class Asked(NamedTuple):
    """The time that was asked for, or what was typed and what is wrong with it, by field."""

    span: Span | None
    typed: dict[str, str]
    problems: dict[str, str]


class Pack(NamedTuple):
    """A time with its figures and stories. `closed`: where they are kept; `others`: closed periods that overlap it."""

    span: Span
    figures: Figures
    stories: list[Story]
    closed: Closed | None
    others: list[Closed]


@bp.get(PATH)
@allow(Action.SEE_REPORTS)
def show() -> ResponseReturnValue:
    return _page(_asked_here())


@bp.get(f"{PATH}.csv")
@allow(Action.SEE_REPORTS)
def download() -> ResponseReturnValue:
    asked = _asked_here()
    if asked.span is None:
        return _page(asked)
    pack = _pack(asked.span)
    said = f"{pack.figures['authority']}, {between(*pack.span)}, {_standing(pack)}"
    tables = [*tables_of(pack.figures).values(), stories_table(pack.stories), method_table(pack.figures)]
    return sheet(
        f"committee-pack-{pack.span.starts}-to-{pack.span.ends}",
        ("Committee pack", said),
        sheet_rows(each for each in tables if each.rows),
    )


@bp.post(f"{PATH}/close")
@allow(Action.CLOSE_PERIOD)
def close() -> ResponseReturnValue:
    asked = _asked(request.form.get("from", ""), request.form.get("to", ""))
    if asked.span is None:
        return _page(asked)
    form = CloseForm.sent()
    if not form.ok() and _can_be_closed(asked.span):
        return _page(asked, form)
    try:
        close_period(asked.span, acting())
        flash("Closed. These figures stay as they are now, whatever is added or changed later.", "success")
    except AlreadyThere:
        flash("This period was closed already. Its figures stay as they were told then.")
    except Unfit as refusal:
        return _page(asked._replace(problems=_said(refusal)))
    return redirect(href_of(asked.span), 303)


def _can_be_closed(span: Span) -> bool:
    return span.ends < today() and period_of(acting().authority_id or 0, span) is None


def href_of(span: Span) -> str:
    """Where the pack of a time is."""
    return _address({"from": span.starts.isoformat(), "to": span.ends.isoformat()})


def _asked_here() -> Asked:
    """The time in the address: a quarter or a year that was chosen, else the two days."""
    first, _, last = request.args.get("period", "").partition("_")
    return _asked(first or request.args.get("from", ""), last or request.args.get("to", ""))


def _asked(starts: str, ends: str) -> Asked:
    """The time between two days as typed; the last whole quarter where nothing was."""
    typed = {"from": tidy(starts)[:40], "to": tidy(ends)[:40]}
    if not any(typed.values()):
        span = last_quarter(today())
        return Asked(span, _as_typed(span), {})
    days = {name: _day(text) for name, text in typed.items()}
    problems = {name: PROBLEMS["day" if typed[name] else "missing"] for name, day in days.items() if day is None}
    if problems:
        return Asked(None, typed, problems)
    try:
        span = chosen(*(day for day in days.values() if day))
        return Asked(span, _as_typed(span), {})
    except Unfit as refusal:
        return Asked(None, typed, _said(refusal))


def _as_typed(span: Span) -> dict[str, str]:
    """Both days as the advice says that a day is typed."""
    return {name: f"{day.day}/{day.month}/{day.year}" for name, day in zip(FIELDS.values(), span, strict=True)}


def _said(refusal: Unfit) -> dict[str, str]:
    return {FIELDS[name]: PROBLEMS[code] for name, code in refusal.problems.items()}


def _day(text: str) -> date | None:
    """A day as people type it (1/7/2026, 1 7 2026, 2026-07-01, 1 July 2026); None where it is none."""
    iso, said = ISO.fullmatch(text), SAID.fullmatch(text)
    try:
        if iso:
            return date(*map(int, iso.groups()))
        if said:
            return date(*map(int, reversed(said.groups())))
        return datetime.strptime(text, "%d %B %Y").date()
    except ValueError:
        return None


def _pack(span: Span) -> Pack:
    """The figures of a time: as they were told where it is closed, else as things stand."""
    area = acting().authority_id or 0
    known = closed_until(area, span.ends, MOST_CLOSED)
    closed = next((each for each in known if each.span == span), None)
    others = [each for each in known if each.ends_on >= span.starts and each is not closed]
    if closed:
        figures = _with_consent(db.session.get_one(ReportPeriod, closed.id).figures)
        return Pack(span, figures, _still_told(figures), closed, others)
    return Pack(span, *figures_and_stories(area, span, known), None, others)


def _with_consent(figures: Figures) -> Figures:
    """The figures of a closed period, with who may be named in public by now."""
    named = named_among([row["organisation"] for row in figures["givers"]])
    return figures | {"givers": [row | {"named": row["organisation"] in named} for row in figures["givers"]]}


def _still_told(figures: Figures) -> list[Story]:
    """The stories of a closed period, each with the measure as it was called, but for those that were taken back."""
    called = {each["id"]: each["measure"] for each in figures["stories"]}
    told = stories_still_told(called)
    return [told[key]._replace(measure=measure) for key, measure in called.items() if key in told]


def _page(asked: Asked, form: CloseForm | None = None) -> ResponseReturnValue:
    """The pack, or where there is none the reason beside what was typed."""
    pack = _pack(asked.span) if asked.span and not asked.problems else None
    page = render_template(
        "packs/show.html",
        asked=asked,
        pack=pack,
        tables=tables_of(pack.figures) if pack else {},
        title=between(*pack.span) if pack else "",
        method=(TITLE, list(notes_on(pack.figures))) if pack else None,
        no_money=NO_MONEY,
        unnamed=UNNAMED,
        standing=_standing(pack) if pack else "",
        between=between,
        steps=STEP,
        written=lambda text: written(Decimal(text)),
        pounds=_pounds,
        periods=_periods(),
        chosen=f"{asked.span.starts}_{asked.span.ends}" if asked.span else "",
        href_of=href_of,
        form=form or CloseForm(formdata=None),
        csv_href=_csv(pack.span) if pack else "",
        may_close=pack is not None and pack.closed is None and pack.span.ends < today(),
    )
    return page, 422 if asked.problems or form else 200


def _standing(pack: Pack) -> str:
    """Whether the figures can still change."""
    if pack.closed:
        return f"closed on {saying.day(pack.closed.closed_at)}"
    return f"as things stand on {saying.day(date.fromisoformat(pack.figures['made']))}"


def _pounds(found: dict[str, str]) -> str:
    """A range as people say it: 'about £4,200 to £5,100'."""
    low, high = (written(Decimal(found[end])) for end in ("from", "to"))
    return f"about £{low}" if low == high else f"about £{low} to £{high}"


def _periods() -> list[tuple[str, str]]:
    """What can be chosen: the quarters that are over, then the financial years."""
    spans = [*quarters_before(today(), QUARTERS), *financial_years(today(), YEARS)]
    return [(f"{span.starts}_{span.ends}", f"{span.starts:%b %Y} to {span.ends:%b %Y}") for span in spans]


def _csv(span: Span) -> str:
    return address(f"{PATH}.csv")({"from": span.starts.isoformat(), "to": span.ends.isoformat()})

"""The reports: which there are, and what question each of them answers."""

from collections.abc import Callable, Iterable
from typing import NamedTuple
from urllib.parse import urlencode

from flask import Blueprint, render_template

from broker.domain.permissions import Action, can
from broker.domain.places import ELSEWHERE, NOWHERE
from broker.web.guard import acting, allow

bp = Blueprint("reports", __name__)

# What lies in no ward of the area, by what stands for it in an address.
OUTSIDE = {NOWHERE: "In no one ward", ELSEWHERE: "In another council's ward"}


class Report(NamedTuple):
    """A report: where it is, what it is called, the question that it answers, and who may read it."""

    href: str
    title: str
    question: str
    action: Action


# In the order of the page: a new report is one more line.
REPORTS = (
    Report(
        "/reports/chain",
        "From promise to claim",
        "What was promised here, and how much of it is agreed, done, verified and claimed?",
        Action.SEE_REPORTS,
    ),
    Report(
        "/reports/pack",
        "Committee pack",
        "What was promised in a quarter or a year, what was done, what is verified, and where?",
        Action.SEE_REPORTS,
    ),
    Report(
        "/reports/unmet-needs",
        "Needs nobody met",
        "What was asked for here, and nobody came? It is made for your next tender.",
        Action.SEE_REPORTS,
    ),
    Report(
        "/reports/skills",
        "Skills that are short",
        "Which skills do groups ask for more than anybody offers them, and which training would answer that?",
        Action.SEE_REPORTS,
    ),
    Report(
        "/wards",
        "Ward by ward",
        "What is asked for in each ward, who came to help, and what was verified there?",
        Action.SEE_WARD,
    ),
    Report(
        "/fairness",
        "Who is being seen",
        "Who gets a match, who waits longest, and does one organisation take too much?",
        Action.SEE_FAIRNESS,
    ),
    Report(
        "/valuations",
        "What things are worth",
        "Which values does your council reckon with, where do they come from, and what is taken off?",
        Action.LOAD_VALUATION,
    ),
    Report(
        "/results",
        "Public results",
        "What may anybody read of it, with small numbers hidden and names by consent?",
        Action.SEE_REPORTS,
    ),
)


class Bar(NamedTuple):
    """A row of a chart: its name, how long its bar is, the same as text, and where one reads what is behind it."""

    name: str
    value: float
    text: str
    href: str | None = None


def bars(counts: Iterable[tuple[str, int, str | None]]) -> list[Bar]:
    """Rows of a chart from name, number and address."""
    return [Bar(name, number, f"{number:,}", href) for name, number, href in counts]


def address(path: str) -> Callable[..., str]:
    """Says the address of a page with these fields, blank ones left out; a later word for a field counts."""

    def say(said: dict[str, str], **changed: str) -> str:
        query = urlencode({name: value for name, value in (said | changed).items() if value})
        return f"{path}?{query}" if query else path

    return say


@bp.get("/reports")
@allow(Action.SEE_REPORTS)
def index() -> str:
    return render_template("reports/index.html", reports=[each for each in REPORTS if can(acting(), each.action)])

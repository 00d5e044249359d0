"""The report of skills: how far what is asked for goes beyond what is offered, and the training beside it."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from broker.domain.clock import today
from broker.domain.kinds import Unit
from broker.domain.permissions import Action
from broker.domain.places import NOWHERE
from broker.domain.skills import Skill, SkillSide, by_shortage
from broker.store.frameworks import outcome_labels
from broker.store.market import Choice
from broker.store.skills import (
    Filters,
    WardCell,
    skill_cells,
    skilled_rows,
    themes_of_skills,
    ward_cells,
)
from broker.store.unmet_needs import choices_in
from broker.web import saying
from broker.web.forms.base import typed
from broker.web.guard import acting, allow
from broker.web.reports import OUTSIDE, address
from broker.web.searching import Pages, page_number
from broker.web.sheets import sheet

bp = Blueprint("skills", __name__)

PAGE, TOP = 25, 12
PATH = "/reports/skills"
SIDE = {
    SkillSide.ASKED: "Asked for",
    SkillSide.OFFERED: "Offered",
    SkillSide.TRAINED: "Jobs, placements or training",
}
UNITS = {
    SkillSide.ASKED: (Unit.HOURS, Unit.DAYS, Unit.PEOPLE),
    SkillSide.OFFERED: (Unit.HOURS, Unit.DAYS, Unit.PEOPLE),
    SkillSide.TRAINED: (Unit.PLACES, Unit.WEEKS),
}
COLUMNS = (
    "skill", "themes", "listings that ask", "listings that offer", "short of",
    *(f"{unit} {side}" for side, units in UNITS.items() for unit in units),
    "listings with jobs, placements or training",
)  # fmt: skip
_address, _file_address, _list_address = address(PATH), address(f"{PATH}.csv"), address(f"{PATH}/listings")


class Pair(NamedTuple):
    """Two bars of a chart: how many ask and how many offer, and where one reads who."""

    name: str
    first: int
    second: int
    href: str | None = None


class Line(NamedTuple):
    """A skill as the table shows it, with what its listings come to in words."""

    name: str
    href: str
    skill: Skill
    asked: str
    offered: str
    trained: str


@bp.get(PATH)
@allow(Action.SEE_REPORTS)
def show() -> str:
    wards, labels, themes = _wards(), outcome_labels(), themes_of_skills()
    said = _said(wards, labels)
    skills, in_wards = _found(said, themes)
    lines = [_line(skill, said) for skill in skills]
    return render_template(
        "skills/show.html",
        on=today(),
        said=said,
        wards=[("", "All wards"), *(ward.pair for ward in wards), *OUTSIDE.items()],
        themes=[("", "All themes"), *labels.items()],
        narrowed=_narrowed(said, wards, labels),
        short=[line for line in lines if line.skill.gap > 0],
        enough=[line for line in lines if line.skill.gap <= 0],
        chart=[
            Pair(line.name, line.skill.asked, line.skill.offered, line.href) for line in lines if line.skill.gap > 0
        ][:TOP],
        by_theme=_by_theme(skills, themes, labels, said),
        by_ward=_by_ward(in_wards, _ward_names(wards), said),
        csv_href=_file_address(said),
    )


@bp.get(f"{PATH}.csv")
@allow(Action.SEE_REPORTS)
def download() -> ResponseReturnValue:
    labels, themes = outcome_labels(), themes_of_skills()
    skills, _ = _found(_said(_wards(), labels), themes)
    return sheet("skills", COLUMNS, (_cells(skill, themes, labels) for skill in skills))


@bp.get(f"{PATH}/listings")
@allow(Action.SEE_REPORTS)
def listings() -> str:
    wards, page, skill = _wards(), page_number(), typed("skill", 80)
    said = {"skill": skill, "ward": _said(wards, {})["ward"]}
    rows = skilled_rows(acting().authority_id or 0, Filters(ward=said["ward"]), skill, page, PAGE)
    return render_template(
        "skills/listings.html",
        name=_named(skill),
        rows=rows[:PAGE],
        sides=SIDE,
        no_ward=OUTSIDE[NOWHERE],
        ward=_ward_names(wards).get(said["ward"], ""),
        back=_address({"ward": said["ward"]}),
        everywhere=_list_address({"skill": skill}),
        pages=Pages.around(lambda to: _list_address(said, page=str(to) if to > 1 else ""), page, len(rows) > PAGE),
    )


def _wards() -> list[Choice]:
    return [choice for choice in choices_in(acting().authority_id or 0) if choice.what == "ward"]


def _said(wards: Iterable[Choice], labels: dict[str, str]) -> dict[str, str]:
    """What this request's address narrows the report to; what is not understood narrows nothing."""
    ward, theme = typed("ward"), typed("theme")
    return {
        "ward": ward if ward in _ward_names(wards) else "",
        "theme": theme if theme in labels else "",
    }


def _found(said: dict[str, str], themes: dict[str, list[str]]) -> tuple[list[Skill], list[WardCell]]:
    """The skills by how short they are, and the wards in which any of them is named."""
    serving = {name for name, codes in themes.items() if said["theme"] in codes} if said["theme"] else None
    wanted, area = Filters(ward=said["ward"], skills=serving), acting().authority_id or 0
    return by_shortage(skill_cells(area, wanted)), ward_cells(area, wanted)


def _ward_names(wards: Iterable[Choice]) -> dict[str, str]:
    return {ward.key: ward.label for ward in wards} | OUTSIDE


def _narrowed(said: dict[str, str], wards: Iterable[Choice], labels: dict[str, str]) -> list[tuple[str, str]]:
    """What the report is narrowed to, each in words with the address of the same report without it."""
    parts = (("theme", labels.get(said["theme"], "")), ("ward", _ward_names(wards).get(said["ward"], "")))
    return [(text, _address(said, **{name: ""})) for name, text in parts if text]


def _line(skill: Skill, said: dict[str, str]) -> Line:
    told = (_told(skill.amounts[side], units) for side, units in UNITS.items())
    return Line(_named(skill.name), _list_address({"skill": skill.name, "ward": said["ward"]}), skill, *told)


def _told(amounts: dict[str, Decimal], units: Iterable[Unit]) -> str:
    """'30 hours, 2 people'; '' where nobody says how much."""
    return ", ".join(saying.amount(amounts[unit], unit) for unit in units if amounts.get(unit))


def _by_theme(
    skills: Iterable[Skill], themes: dict[str, list[str]], labels: dict[str, str], said: dict[str, str]
) -> list[Pair]:
    """How often skills of each theme are asked for and offered, the themes in their order."""
    sums = {code: [0, 0] for code in labels}
    for skill in skills:
        for code in themes.get(skill.name, []):
            if code in sums:
                sums[code][0] += skill.asked
                sums[code][1] += skill.offered
    return [
        Pair(labels[code], asked, offered, _address(said, theme=code))
        for code, (asked, offered) in sums.items()
        if asked or offered
    ]


def _by_ward(cells: Iterable[WardCell], names: dict[str, str], said: dict[str, str]) -> list[Pair]:
    """How many listings of each ward ask for a skill and offer one, where most is short first."""
    found: dict[str, dict[str, int]] = {}
    for cell in cells:
        found.setdefault(cell.ward, {})[cell.side] = cell.listings
    pairs = [
        Pair(names[key], sides.get(SkillSide.ASKED, 0), sides.get(SkillSide.OFFERED, 0), _address(said, ward=key))
        for key, sides in found.items()
        if SkillSide.ASKED in sides or SkillSide.OFFERED in sides
    ]
    return sorted(pairs, key=lambda pair: (pair.second - pair.first, pair.name))


def _named(skill: str) -> str:
    return skill[:1].upper() + skill[1:]


def _cells(skill: Skill, themes: dict[str, list[str]], labels: dict[str, str]) -> tuple[object, ...]:
    amounts = (skill.amounts[side].get(unit) for side, units in UNITS.items() for unit in units)
    told = "; ".join(labels[code] for code in themes.get(skill.name, []) if code in labels)
    return (_named(skill.name), told, skill.asked, skill.offered, skill.gap, *amounts, skill.trained)

"""Needs that ask for the same thing: officers read the groups, and make one lasting need of a group."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload

from broker.actions import need_groups
from broker.domain.permissions import Action
from broker.domain.refusals import Unfit
from broker.store.need_groups import MemberRow, NeedGroup, gathered_of, groups_listed, members_of
from broker.web import saying, words
from broker.web.forms.fairness import PROBLEMS, GatherForm
from broker.web.guard import acting, allow, load
from broker.web.searching import Pages, page_number

bp = Blueprint("need_groups", __name__)

PAGE = 20
LEAST = 3  # organisations that ask for the same before it is called a pattern
COUNCIL = "council"
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


@bp.get("/fairness/needs")
@allow(Action.SEE_FAIRNESS)
def index() -> str:
    page = page_number()
    found = groups_listed(acting().authority_id or 0, LEAST, page, PAGE)
    return render_template(
        "fairness/needs.html",
        rows=[(row, _sentence(row.organisations, row.wards, row.shares)) for row in found[:PAGE]],
        least=in_words(LEAST),
        pages=Pages.around(lambda to: f"/fairness/needs?page={to}", page, len(found) > PAGE),
    )


@bp.get("/fairness/twins")
@allow(Action.SEE_FAIRNESS)
def twins() -> str:
    page = page_number()
    found = groups_listed(acting().authority_id or 0, 1, page, PAGE, twins=True)
    return render_template(
        "fairness/twins.html",
        rows=found[:PAGE],
        pages=Pages.around(lambda to: f"/fairness/twins?page={to}", page, len(found) > PAGE),
    )


@bp.route("/fairness/needs/<id:group_id>", methods=["GET", "POST"])
@allow(Action.GATHER_NEEDS)
def show(group_id: int) -> ResponseReturnValue:
    group = load(NeedGroup, group_id, Action.GATHER_NEEDS, joinedload(NeedGroup.authority))
    needs = members_of(group)
    title, body = _title(group), _body(group, needs)
    form = GatherForm.sent(data={"title": title, "body": body, "lead": COUNCIL})
    form.offer(_leads(group, needs))
    if form.ok():
        lead = None if form.lead.data == COUNCIL else int(form.lead.data)
        try:
            made = need_groups.gather_needs(
                group, acting(), lead=lead, title=form.title.data or "", body=form.body.data or ""
            )
            flash("Made, as a draft. Read it through, add what is missing, and send it to be checked.", "success")
            return redirect(f"/listings/{made.id}/edit", 303)
        except Unfit as refusal:
            form.put(refusal, PROBLEMS)
    page = render_template(
        "fairness/group.html",
        form=form,
        group=group,
        needs=needs,
        sentence=_sentence(group.organisations, group.wards, group.shares),
        made=gathered_of([need.id for need in needs]),
        total=_total(needs),
    )
    return page, 422 if form.errors else 200


def in_words(number: int) -> str:
    """A small number in words, as it reads in a sentence."""
    return NUMBERS[number] if number < len(NUMBERS) else f"{number:,}"


def _sentence(organisations: int, wards: int, shares: Sequence[str]) -> str:
    """'Nine groups in four wards ask for: laptops, computers.'"""
    where = f" in {in_words(wards)} wards" if wards > 1 else ""
    return words.sentence(f"{in_words(organisations)} groups{where} ask for: {', '.join(shares)}")


def _title(group: NeedGroup) -> str:
    return words.sentence(f"{', '.join(group.shares[:2])}: a lasting answer for {in_words(group.organisations)} groups")


def _body(group: NeedGroup, needs: Sequence[MemberRow]) -> str:
    """What the lasting need says before anybody changes it: who asks for what."""
    asked = "\n\n".join(f"{need.organisation}: {need.title}{_amount(need)}" for need in needs)
    return (
        f"{_sentence(group.organisations, group.wards, group.shares)}.\n\n{asked}\n\n"
        "We look for an answer that lasts: somebody who can serve all of them over a longer time."
    )


def _amount(need: MemberRow) -> str:
    return f" ({saying.amount(need.quantity, need.unit)})" if need.quantity and need.unit else ""


def _total(needs: Sequence[MemberRow]) -> str:
    """The sum of what is asked for, where all count in one unit."""
    wording = need_groups.common_wording(needs, "", "")
    return saying.amount(wording.amount, wording.unit) if wording.amount else ""


def _leads(group: NeedGroup, needs: Sequence[MemberRow]) -> dict[str, str]:
    asking = {str(need.organisation_id): need.organisation for need in needs}
    return {COUNCIL: f"The council itself ({group.authority.name})", **asking}

"""Words that mean the same: officers of any authority read, add and switch off what the matcher goes by."""

from urllib.parse import urlencode

from flask import Blueprint, abort, flash, redirect, render_template
from flask.typing import ResponseReturnValue

from broker.actions import synonyms
from broker.domain.kinds import SupportKind
from broker.domain.permissions import Action
from broker.domain.refusals import Unfit
from broker.store.synonyms import OFF, OFFICERS, Synonym, find_synonyms, synonym_counts, synonym_in_full, uses_of
from broker.web import words
from broker.web.forms.base import typed
from broker.web.forms.synonyms import SynonymForm, synonym_form
from broker.web.guard import acting, allow
from broker.web.outcomes import outcome_words
from broker.web.searching import Pages, page_number

bp = Blueprint("synonyms", __name__)

PAGE = 20
WHICH = [("", "All of them"), (OFFICERS, "With words that officers added"), (OFF, "Switched off")]
AGAIN = "Suggestions are being worked out again: what changes shows in a minute or two."


@bp.get("/synonyms")
@allow(Action.SEE_SYNONYMS)
def index() -> str:
    searched, which, page = typed("q"), typed("which"), page_number()
    which = which if which in dict(WHICH) else ""
    found = find_synonyms(searched, which, page, PAGE)
    number, switched_off = synonym_counts()
    return render_template(
        "synonyms/index.html",
        entries=[(entry, _meaning(entry)) for entry in found[:PAGE]],
        number=number,
        switched_off=switched_off,
        searched=searched,
        which=which,
        choices=WHICH,
        pages=Pages.around(lambda to: _page_url(searched, which, to), page, len(found) > PAGE),
    )


@bp.route("/synonyms/new", methods=["GET", "POST"])
@allow(Action.ADD_SYNONYM)
def new() -> ResponseReturnValue:
    form = synonym_form(outcome_words())
    if form.ok():
        try:
            entry = synonyms.add_synonym(acting(), **form.facts())
            flash(f"Added. {AGAIN}", "success")
            return redirect(f"/synonyms/{entry.id}", 303)
        except Unfit as refusal:
            form.tell(refusal)
    return _page(form, None)


@bp.route("/synonyms/<id:synonym_id>", methods=["GET", "POST"])
@allow(Action.EDIT_SYNONYM)
def edit(synonym_id: int) -> ResponseReturnValue:
    entry = _entry(synonym_id)
    form = synonym_form(outcome_words(), entry)
    if form.ok():
        try:
            changed = synonyms.edit_synonym(entry, acting(), **form.facts(entry))
            flash(f"Saved. {AGAIN}" if changed else "Nothing was changed.", "success")
            return redirect(f"/synonyms/{entry.id}", 303)
        except Unfit as refusal:
            form.tell(refusal)
    return _page(form, entry)


@bp.post("/synonyms/<id:synonym_id>/remove")
@allow(Action.REMOVE_SYNONYM)
def remove(synonym_id: int) -> ResponseReturnValue:
    synonyms.remove_synonym(_entry(synonym_id), acting())
    flash(f"Removed. {AGAIN}", "success")
    return redirect("/synonyms", 303)


@bp.post("/synonyms/<id:synonym_id>/switch-off")
@allow(Action.SWITCH_OFF_SYNONYM)
def switch_off(synonym_id: int) -> ResponseReturnValue:
    synonyms.switch_off_synonym(_entry(synonym_id), acting())
    flash(f"Switched off. {AGAIN}", "success")
    return redirect(f"/synonyms/{synonym_id}", 303)


@bp.post("/synonyms/<id:synonym_id>/switch-on")
@allow(Action.SWITCH_ON_SYNONYM)
def switch_on(synonym_id: int) -> ResponseReturnValue:
    synonyms.switch_on_synonym(_entry(synonym_id), acting())
    flash(f"Switched on. {AGAIN}", "success")
    return redirect(f"/synonyms/{synonym_id}", 303)


def _entry(synonym_id: int) -> Synonym:
    return synonym_in_full(synonym_id) or abort(404)


def _page(form: SynonymForm, entry: Synonym | None) -> ResponseReturnValue:
    uses = uses_of([phrase.text for phrase in entry.phrases]) if entry else {}
    page = render_template(
        "synonyms/form.html",
        form=form,
        entry=entry,
        meaning=_meaning(entry) if entry else [],
        uses=[(phrase, *numbers) for phrase, numbers in uses.items() if any(numbers)],
    )
    return page, 422 if form.errors else 200


def _meaning(entry: Synonym) -> list[str]:
    """The kinds of support and the shared outcomes of an entry, as people read them."""
    known = outcome_words()
    kinds = [words.SUPPORT_KIND[SupportKind(kind)] for kind in entry.kinds if kind in set(SupportKind)]
    return kinds + [known.get(code, code) for code in entry.themes]


def _page_url(searched: str, which: str, page: int) -> str:
    said = {"q": searched, "which": which, "page": str(page)}
    return "/synonyms?" + urlencode({name: value for name, value in said.items() if value})

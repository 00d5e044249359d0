"""The page where an officer checks a listing for the own area: reads, corrects, asks, approves or returns it."""

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload

from broker.actions import checking
from broker.domain.kinds import Audience, ListingKind, RegistrationState
from broker.domain.listings import ASKABLE, CORRECTABLE, changes
from broker.domain.permissions import Action
from broker.domain.refusals import Unfit
from broker.store.events import notes_of_each
from broker.store.frameworks import Node, frameworks_in_force
from broker.store.guesses import with_guesses
from broker.store.listings import Listing, ListingVersion, Posting, wording_of
from broker.store.organisations import Organisation, Registration
from broker.store.places import Ward, wards_now
from broker.store.twins import equal_texts
from broker.web import listing_words
from broker.web.forms.base import BaseForm
from broker.web.forms.checking import ApproveForm, AskForm, ReturnForm, tags_form
from broker.web.guard import acting, allow, load
from broker.web.guesses import guesses_shown
from broker.web.onward import onward

bp = Blueprint("postings", __name__)

_LISTING = joinedload(Posting.listing)
_VERSIONS = _LISTING.selectinload(Listing.versions)
WHOLE = (
    joinedload(Posting.authority),
    _LISTING.joinedload(Listing.organisation).joinedload(Organisation.registrations).joinedload(Registration.authority),
    _LISTING.options(with_guesses(), joinedload(Listing.postings)),
    _VERSIONS.joinedload(ListingVersion.ward).defer(Ward.outline),
    _VERSIONS.joinedload(ListingVersion.priorities).joinedload(Node.framework),
)


@bp.get("/postings/<id:posting_id>")
@allow(Action.SEE_POSTING)
def show(posting_id: int) -> ResponseReturnValue:
    return _page(load(Posting, posting_id, Action.SEE_POSTING, *WHOLE))


@bp.post("/postings/<id:posting_id>/approve")
@allow(Action.APPROVE_LISTING)
def approve(posting_id: int) -> ResponseReturnValue:
    posting, form = load(Posting, posting_id, Action.APPROVE_LISTING, *WHOLE), ApproveForm.sent()
    if form.ok():
        try:
            checking.approve_listing(posting, acting(), seen=form.seen.data)
            flash("Approved. Everyone can see it now, and suggestions are on their way.", "success")
            return onward("/desk")
        except Unfit as refusal:
            form.put(Unfit(listing_words.problem_messages(refusal.problems)), {})
    return _page(posting, approving=form)


@bp.post("/postings/<id:posting_id>/return")
@allow(Action.RETURN_LISTING)
def give_back(posting_id: int) -> ResponseReturnValue:
    posting, form = load(Posting, posting_id, Action.RETURN_LISTING, *WHOLE), ReturnForm.sent()
    if form.ok():
        checking.return_listing(posting, acting(), reason=form.words_to_owner())
        flash("Returned, with your words. The owner sees them with the listing.", "success")
        return onward("/desk")
    return _page(posting, returning=form)


@bp.post("/postings/<id:posting_id>/ask")
@allow(Action.ASK_OWNER)
def ask(posting_id: int) -> ResponseReturnValue:
    posting, form = load(Posting, posting_id, Action.ASK_OWNER, *WHOLE), AskForm.sent()
    if form.ok():
        try:
            checking.ask_owner(posting, acting(), question=form.question.data or "")
            flash("Asked. The answer will stand on this page.", "success")
            return onward("/desk")
        except Unfit as refusal:
            form.put(Unfit(listing_words.problem_messages(refusal.problems)), {})
    return _page(posting, asking=form)


@bp.route("/postings/<id:posting_id>/tags", methods=["GET", "POST"])
@allow(Action.EDIT_TAGS)
def tags(posting_id: int) -> ResponseReturnValue:
    posting = load(Posting, posting_id, Action.EDIT_TAGS, *WHOLE)
    said = wording_of(_newest(posting))
    wards, frames = wards_now([posting.authority_id]), frameworks_in_force([posting.authority.framework_code])
    form = tags_form(ListingKind(posting.listing.kind), said, wards, frames)
    if form.ok():
        try:
            changed = checking.edit_tags(posting, acting(), wording=form.corrected(said))
            flash(
                "Corrected. The owner's own words are kept beside it." if changed else "Nothing was changed.", "success"
            )
            return redirect(f"/postings/{posting.id}", 303)
        except Unfit as refusal:
            form.put(Unfit(listing_words.problem_messages(refusal.problems)), {})
    page = render_template("postings/tags.html", posting=posting, form=form, version=_newest(posting))
    return page, 422 if form.errors else 200


def _newest(posting: Posting) -> ListingVersion:
    sent = [version for version in posting.listing.versions if version.submitted_at]
    return (sent or posting.listing.versions)[-1]


def _page(posting: Posting, **forms: BaseForm) -> tuple[str, int]:
    """The check with its three forms; the one that was sent carries its errors."""
    listing, version = posting.listing, _newest(posting)
    standing = next((r for r in listing.organisation.registrations if r.authority_id == posting.authority_id), None)
    given = forms.get("approving") or forms.get("returning") or forms.get("asking")
    page = render_template(
        "postings/show.html",
        posting=posting,
        listing=listing,
        version=version,
        standing=standing,
        is_approved=standing is not None and standing.state == RegistrationState.APPROVED,
        may_do=_beside_the_moves(posting),
        original=next(
            (v for v in reversed(listing.versions) if v.number < version.number and not v.edited_by_id), None
        ),
        changed=_changed(posting, version),
        guesses=guesses_shown(listing, acting()),
        twins=equal_texts(listing, acting().authority_id),
        notes=notes_of_each(Posting.__tablename__, [posting.id], frozenset(Audience)).get(posting.id, []),
        provisional_frames=sorted(
            {node.framework.name for node in version.priorities if node.framework.is_provisional}
        ),
        sent=given,
        approving=forms.get("approving") or ApproveForm(formdata=None, seen=version.number),
        returning=forms.get("returning") or ReturnForm(formdata=None),
        asking=forms.get("asking") or AskForm(formdata=None),
    )
    return page, 422 if given else 200


def _beside_the_moves(posting: Posting) -> set[Action]:
    """What can be done to a listing here that leads to no other state."""
    states = {Action.ASK_OWNER: ASKABLE, Action.EDIT_TAGS: CORRECTABLE}
    return {action for action, open_in in states.items() if posting.state in open_in}


def _changed(posting: Posting, version: ListingVersion) -> list[tuple[str, str, str]]:
    """Field by field what is new since this area approved it: its name, how it was, how it is."""
    before = next((v for v in posting.listing.versions if v.id == posting.approved_version_id), None)
    if before is None or before.id == version.id:
        return []
    names = changes(wording_of(before), wording_of(version))
    return [
        (text, listing_words.version_value(before, name), listing_words.version_value(version, name))
        for name, text in listing_words.LISTING_FIELD.items()
        if name in names
    ]

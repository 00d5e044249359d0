"""The pages that say what becomes of people's data and who can use the service, drawn from the same tables as it."""

from datetime import date
from typing import NamedTuple

from flask import Blueprint, current_app, flash, redirect, render_template
from flask.typing import ResponseReturnValue

from broker.actions.contacts import ContactFacts, edit_contacts
from broker.domain.kinds import Role
from broker.domain.permissions import GRANTS, Action, Reach
from broker.store.privacy import contact_point_of, contact_points
from broker.web import retention_words
from broker.web.forms.privacy import ContactForm
from broker.web.guard import acting, allow, public
from broker.web.onward import came_from

bp = Blueprint("privacy", __name__)

# What each right to see lets somebody see.
SEEN = {
    Action.SEE_ORGANISATION: "Your organisation's contact, postcode and the person who knows you",
    Action.SEE_LISTING: "Your drafts, and what a listing says about keeping people safe",
    Action.SEE_MATCH: "Your matches and the messages in them",
    Action.SEE_PARTNERSHIP: "Your partnerships",
    Action.SEE_DESK: "What waits for an answer, with notes of calls",
    Action.READ_RECORD: "The record of who did what and when",
    Action.SEE_PERSON: "Your account: its name and address, and whether you asked to be erased",
}
WHO = {
    (Role.MEMBER, Reach.OWN): "you and your colleagues",
    (Role.COLLEAGUE, Reach.ASSIGNED): "colleagues to whom one promise was handed",
    (Role.OFFICER, Reach.AREA): "officers of the councils that you are listed in",
    (Role.CONTRACT_MANAGER, Reach.ASSIGNED): "managers of the contract that it belongs to",
    (Role.OFFICER, Reach.ALL): "officers of every council here",
    (Role.ADMINISTRATOR, Reach.ALL): "the administrators of this service",
}

LEADS_TO_CONTACTS = {
    "/privacy": "Privacy",
    "/accessibility": "Accessibility statement",
    "/administration": "Administration",
    "/account": "Your account",
}


class Looked(NamedTuple):
    """One way in which the pages were tested."""

    what: str
    on: date


# Written down by whoever tested, with the day on which it was done last.
TESTED = (
    Looked("an automatic checker (axe) on the pages, in each role, at the width of a desk", date(2026, 11, 23)),
    Looked("whether any page is wider than a small phone (320 pixels)", date(2026, 11, 23)),
)


def who_sees(action: Action) -> str:
    """Everybody to whom the table of rights gives it, in words."""
    found = [WHO[role, how_far] for role, how_far in GRANTS[action].items() if (role, how_far) in WHO]
    words = ", ".join(found[:-1]) + (" and " if found[:-1] else "") + found[-1]
    return words[:1].upper() + words[1:]


@bp.get("/privacy")
@public
def privacy() -> str:
    return render_template(
        "privacy/privacy.html",
        contacts=contact_points(),
        seen=[(what, who_sees(action)) for action, what in SEEN.items()],
        kept=retention_words.rows(current_app.config["RETENTION"]),
    )


@bp.get("/accessibility")
@public
def accessibility() -> str:
    return render_template("privacy/accessibility.html", contacts=contact_points(), tested=TESTED)


@bp.route("/contacts", methods=["GET", "POST"])
@allow(Action.EDIT_CONTACTS)
def contacts() -> ResponseReturnValue:
    by = acting()
    form = ContactForm.sent(obj=contact_point_of(by.authority_id))
    if form.ok():
        edit_contacts(ContactFacts(**{name: form.data[name] or "" for name in ContactFacts.__slots__}), by)
        flash("The privacy page and the accessibility statement say so now.", "success")
        return redirect("/privacy", 303)
    return render_template("privacy/contacts.html", form=form, back=_back(by.role)), 422 if form.errors else 200


def _back(role: Role) -> tuple[str, str]:
    """The page that led to the contacts; for whoever came another way, the one they start from."""
    before, home = came_from(), "/administration" if role is Role.ADMINISTRATOR else "/account"
    href = before if before in LEADS_TO_CONTACTS else home
    return href, LEADS_TO_CONTACTS[href]

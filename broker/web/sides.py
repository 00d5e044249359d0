"""What a page shows of the two sides of a match, and to whom: the one place that opens contact details."""

from dataclasses import dataclass

from broker.domain.kinds import MatchState, Side
from broker.domain.permissions import Action, Actor, can
from broker.store.listings import Listing, ListingVersion
from broker.store.matches import Match
from broker.store.organisations import Organisation
from broker.web import saying


@dataclass(frozen=True)
class SideShown:
    """One side as one visitor may see it. `contact` is None while it is hidden, `safeguarding` '' likewise."""

    side: Side
    listing: Listing
    organisation: Organisation
    wording: ListingVersion | None
    is_own: bool
    answer: tuple[str, str]
    amount: str
    place: str
    contact: list[tuple[str, str]] | None
    safeguarding: str

    @property
    def title(self) -> str:
        return self.wording.title if self.wording else "A listing that is no longer shown"


def both_sides(match: Match, actor: Actor) -> list[SideShown]:
    """Demand first, then supply."""
    return [_shown(match, side, actor) for side in Side]


def sees_contacts(match: Match, side: Side, actor: Actor) -> bool:
    """The area's officers always, a side its own always, the other side once both have said yes."""
    if can(actor, Action.LOG_CALL, match):
        return True
    own = match.side_of(actor.organisation_id)
    return own is side or (own is not None and match.both_accepted)


def _shown(match: Match, side: Side, actor: Actor) -> SideShown:
    listing, wording = match.listing(side), match.wording(side)
    own = match.side_of(actor.organisation_id) is side
    open_contact = sees_contacts(match, side, actor)
    careful = own or can(actor, Action.LOG_CALL, match)
    amount = match.demand_amount if side is Side.DEMAND else match.supply_amount
    return SideShown(
        side=side,
        listing=listing,
        organisation=listing.organisation,
        wording=wording,
        is_own=own,
        answer=_answer(match, side, by_officer=can(actor, Action.LOG_CALL, match)),
        amount=saying.amount(amount, listing.unit) if amount is not None else "Not settled yet",
        place=saying.place(wording, match.authority.name, whole=open_contact) if wording else "Not stated",
        contact=_contact(listing.organisation) if open_contact else None,
        safeguarding=wording.safeguarding if wording and careful else "",
    )


def _answer(match: Match, side: Side, by_officer: bool) -> tuple[str, str]:
    at = match.accepted_at(side)
    if match.declined_by == side:
        return "Said no, thank you", "grey"
    if at is not None:
        how = match.demand_accepted_how if side is Side.DEMAND else match.supply_accepted_how
        return f"Said yes on {saying.day(at)}" + (", by telephone" if by_officer and how == "phone" else ""), "green"
    return ("Has not answered yet", "yellow") if match.state == MatchState.PROPOSED else ("Was not asked", "grey")


def _contact(organisation: Organisation) -> list[tuple[str, str]]:
    rows = [
        ("Contact", organisation.contact_name),
        ("E-mail", organisation.contact_email),
        ("Telephone", organisation.contact_phone),
        ("Postcode", organisation.postcode),
    ]
    return [(label, value) for label, value in rows if value] or [("Contact", "None given")]

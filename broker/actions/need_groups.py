"""Several needs that ask for the same thing become one lasting need, which says where it came from."""

from collections.abc import Sequence

from broker.actions.listings import Origin, post_listing
from broker.actions.moving import record
from broker.actions.organisations import bring_in_organisation
from broker.domain.kinds import Lane, ListingKind, PlaceKind
from broker.domain.listings import Wording
from broker.domain.permissions import Action, Actor, require
from broker.domain.refusals import Unfit
from broker.store.base import db
from broker.store.listings import Listing
from broker.store.need_groups import GatheredNeed, MemberRow, NeedGroup, already_gathered, members_of
from broker.store.organisations import Organisation

GATHERED, COUNCIL = "gathered", "council"  # how such a need, and the council as its owner, came to be entered


def gather_needs(
    group: NeedGroup, by: Actor, *, lead: int | None, title: str, body: str, send: bool = False
) -> Listing:
    """One lasting need of a group's open needs, as a draft of the lead organisation, or (None) of the council itself.

    The needs stay open. The same button pressed twice makes one. Unfit on `lead`, `title` or `body`, on `needs` where
    fewer than two are still open, and with `send` as for submit_listing.
    """
    require(by, Action.GATHER_NEEDS, group)
    needs = members_of(group)
    _check(needs, lead, title, body)
    owner = _owner(group, lead, by)
    area = group.authority
    wording = common_wording(needs, title.strip(), body.strip())
    listing = post_listing(ListingKind.NEED, owner, [area], wording, by, send=send, origin=Origin(entered_how=GATHERED))
    known = already_gathered(listing.id)
    db.session.add_all(GatheredNeed(listing_id=listing.id, need_id=each.id) for each in needs if each.id not in known)
    record(group, Action.GATHER_NEEDS, by)
    return listing


def common_wording(needs: Sequence[MemberRow], title: str, body: str) -> Wording:
    """What all these needs have in common; the sum of what is asked for where all count in one unit."""
    kinds = {need.support_kind for need in needs}
    units = {need.unit for need in needs}
    amounts = [need.quantity for need in needs if need.quantity is not None and need.quantity > 0]
    is_counted = len(units) == 1 and None not in units and len(amounts) == len(needs)
    return Wording(
        title=title,
        body=body,
        support_kind=kinds.pop() if len(kinds) == 1 else None,
        amount=sum(amounts[1:], amounts[0]) if is_counted else None,
        unit=units.pop() if is_counted else None,
        place_kind=PlaceKind.AUTHORITY,
        lane=Lane.SYSTEMIC,
    )


def _check(needs: Sequence[MemberRow], lead: int | None, title: str, body: str) -> None:
    problems = {name: "missing" for name, said in (("title", title), ("body", body)) if not said.strip()}
    if len(needs) < 2:
        problems["needs"] = "closed"
    if lead is not None and lead not in {need.organisation_id for need in needs}:
        problems["lead"] = "missing"
    if problems:
        raise Unfit(problems)


def _owner(group: NeedGroup, lead: int | None, by: Actor) -> Organisation:
    if lead is not None:
        return db.session.get_one(Organisation, lead)
    return bring_in_organisation(group.authority.name, group.authority, by, COUNCIL)

"""An authority's own wards and how deprived they are, from files that its officer sends."""

from typing import NamedTuple

from broker.actions.jobs import owe
from broker.actions.moving import record
from broker.actions.places import keep_boundaries, keep_tenths
from broker.domain.boundaries import read_boundaries
from broker.domain.deprivation import read_tenths
from broker.domain.permissions import Action, Actor, require
from broker.domain.refusals import Unfit
from broker.store.authorities import Authority
from broker.store.places import owners_of_wards, wards_now

MOST_WARDS = 200  # the largest council of the country has fewer than half as many


class Taken(NamedTuple):
    """How much of a file was the authority's own and is kept, how much was left out as others', and how many wards it
    had until now that are not in the file.
    """

    kept: int
    left_out: int
    ended: int = 0


def take_boundaries(content: bytes, authority: Authority, by: Actor) -> Taken:
    """Keep the wards of the authority, new or changed, and no other: one that is not in the file is an earlier one from
    now on. Those that the file says are another's are left out.

    Unfit on `file`: what read_boundaries says, or none_of_yours, too_many, others_ward (a code that another authority
    has). Listings find their wards in the background.
    """
    require(by, Action.LOAD_PLACES, authority)
    everything = read_boundaries(content)
    own = [each for each in everything if each.council in ("", authority.code)]
    if not own:
        raise Unfit({"file": "none_of_yours"})
    if len(own) > MOST_WARDS:
        raise Unfit({"file": "too_many"})
    if owners_of_wards([each.code for each in own]) - {authority.id}:
        raise Unfit({"file": "others_ward"})
    ended = keep_boundaries((authority.id, each) for each in own)
    record(authority, Action.LOAD_PLACES, by)
    owe("place")
    return Taken(len(own), len(everything) - len(own), ended)


def take_deprivation(content: bytes, source: str, authority: Authority, by: Actor) -> Taken:
    """Keep in which tenth each ward of the authority lies. Scores become tenths among all wards of the file, so a
    file of a whole region says more than one of a single council. What was known of any of them before goes, so that
    no report mixes two sources. Unfit on `file` or `source`.
    """
    require(by, Action.LOAD_PLACES, authority)
    if not source.strip():
        raise Unfit({"source": "needed"})
    tenths = read_tenths(content)
    own = {ward.code: ward.id for ward in wards_now([authority.id])}
    if not own:
        raise Unfit({"file": "no_wards"})
    found = {own[code]: tenth for code, tenth in tenths.items() if code in own}
    if not found:
        raise Unfit({"file": "none_of_yours"})
    keep_tenths(found, source.strip(), own.values())
    record(authority, Action.LOAD_PLACES, by)
    return Taken(len(found), len(tenths) - len(found))

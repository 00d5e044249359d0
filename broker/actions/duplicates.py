"""Organisations that may be the same one twice: alike in name, or equal in number or postcode."""

import re
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from broker.store.organisations import Organisation, all_others

# Of 100, by which two names are called alike: "Moss Lane Scouts" and "1st Moss Lane Scout Group" are, "Moss Lane
# Singers" is not. Lower finds more pairs that are not the same; an officer looks at each, so a few are no harm.
ALIKE = 85
AT_MOST = 8
_WORDLESS = re.compile(r"[^a-z0-9 ]+")
_FORMS = {"the", "and", "of", "for", "ltd", "limited", "cic", "cio", "plc", "llp", "inc", "group", "association"}
_FORMS |= {"community", "company", "co", "uk"}


@dataclass(slots=True)
class Likeness:
    """Another organisation, the authorities that know it (id to name), and what makes it look the same."""

    organisation_id: int
    name: str
    is_claimed: bool
    authorities: dict[int, str] = field(default_factory=dict)
    alike: float = 0.0
    same_number: bool = False
    same_postcode: bool = False

    @property
    def weight(self) -> tuple[bool, float, bool]:
        return self.same_number, self.alike, self.same_postcode


def plain_name(name: str) -> str:
    """A name without its capitals, marks and legal form; only the marks where nothing else would remain."""
    words = _WORDLESS.sub(" ", name.lower().replace("'", "").replace("’", "")).split()
    return " ".join([word for word in words if word not in _FORMS] or words)


def likely_duplicates(organisation: Organisation, authority_id: int) -> list[Likeness]:
    """Who else may be this organisation, the likeliest first, whichever authority knows them.

    Names and numbers are compared everywhere; postcodes, which are private, only within this authority.
    """
    found: dict[int, Likeness] = {}
    numbers = {(identifier.scheme, identifier.number) for identifier in organisation.identifiers}
    for other_id, name, claimed_at, postcode, scheme, number, area_id, area in all_others(organisation.id):
        like = found.setdefault(other_id, Likeness(other_id, name, claimed_at is not None))
        like.authorities[area_id] = area
        like.same_number |= (scheme, number) in numbers
        like.same_postcode |= bool(postcode) and postcode == organisation.postcode and area_id == authority_id
    names = {other_id: plain_name(like.name) for other_id, like in found.items()}
    for _, score, other_id in process.extract_iter(
        plain_name(organisation.name), names, scorer=fuzz.token_set_ratio, score_cutoff=ALIKE
    ):
        found[other_id].alike = score
    likely = [like for like in found.values() if any(like.weight)]
    return sorted(likely, key=lambda like: like.weight, reverse=True)[:AT_MOST]

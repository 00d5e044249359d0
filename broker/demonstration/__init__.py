"""Mereland, a city region that does not exist: reads its people and their listings, and writes nothing.

Files name authorities, wards and organisations as people do ("Northmere", "Saltgate"); the records carry codes.
"""

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from broker.demonstration.reading import Row, find, read, record
from broker.demonstration.records import (
    City,
    Listing,
    Match,
    Note,
    Organisation,
    Partnership,
    Person,
    Postcode,
    Posting,
    Registration,
    Ward,
)
from broker.demonstration.year import read_year

__all__ = [
    "City",
    "Listing",
    "Match",
    "Note",
    "Organisation",
    "Partnership",
    "Person",
    "Postcode",
    "Posting",
    "Registration",
    "Ward",
    "load",
]

HERE = Path(__file__).parent
LISTING_FILES = ("needs", "assets", "aspirations", "offers")


def load(folder: Path = HERE) -> City:
    """The whole city; ValueError with a sentence where a file refers to something that is not there."""
    wards = _wards(folder)
    names = _authority_names(folder)
    postcodes = _postcodes(folder)
    organisations = _organisations(folder, names, postcodes)
    listings = _listings(folder, names, wards, postcodes, organisations)
    year = read_year(folder, names, {w.name: w.code for w in wards}, {o.key: o for o in organisations})
    listings = (*listings, *year.listings)
    matches, partnerships = _story(folder, names, listings)
    people = _people(folder, names, organisations)
    return City(
        wards,
        postcodes,
        organisations,
        listings,
        (*matches, *year.matches),
        (*partnerships, *year.partnerships),
        people,
        year.told,
    )


def _features(folder: Path) -> list[Row]:
    features: list[Row] = json.loads((folder / "wards.geojson").read_text("utf-8"))["features"]
    return features


def _authority_names(folder: Path) -> dict[str, str]:
    """Code of each authority by its name, as the wards give them."""
    marks = [feature["properties"] for feature in _features(folder)]
    return {m["local_authority_area_name"]: m["local_authority_area_code"] for m in marks}


def _wards(folder: Path) -> tuple[Ward, ...]:
    return tuple(
        Ward(
            code=f["properties"]["area_code"],
            name=f["properties"]["area_name"],
            authority=f["properties"]["local_authority_area_code"],
            ring=tuple((lon, lat) for lon, lat in f["geometry"]["coordinates"][0]),
        )
        for f in _features(folder)
    )


def _postcodes(folder: Path) -> tuple[Postcode, ...]:
    with (folder / "postcodes.csv").open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines)
        return tuple(Postcode(r["postcode"], float(r["lat"]), float(r["lon"]), r["authority"], r["ward"]) for r in rows)


def _organisations(folder: Path, names: Mapping[str, str], postcodes: Iterable[Postcode]) -> tuple[Organisation, ...]:
    ward_of = {p.postcode: p.ward for p in postcodes}
    return tuple(_organisation(raw, names, ward_of) for raw in read(folder / "organisations.toml", "organisations"))


def _organisation(raw: Row, names: Mapping[str, str], ward_of: Mapping[str, str]) -> Organisation:
    who = f"The organisation {raw.get('key')}"
    states, reasons = raw.pop("states", {}), raw.pop("reasons", {})
    identifier = raw.pop("identifier", {})
    registrations = tuple(
        Registration(find(names, name, who), states.get(name, "approved"), reasons.get(name))
        for name in raw["authorities"]
    )
    return record(
        Organisation,
        raw
        | {
            "authorities": [r.authority for r in registrations],
            "registrations": registrations,
            "ward": find(ward_of, raw["postcode"], who),
            "identifier_scheme": identifier.get("scheme"),
            "identifier_number": identifier.get("number"),
        },
        who,
    )


def _listings(
    folder: Path,
    names: Mapping[str, str],
    wards: Iterable[Ward],
    postcodes: Iterable[Postcode],
    organisations: Iterable[Organisation],
) -> tuple[Listing, ...]:
    places = _Places({w.name: w.code for w in wards}, {p.postcode: p.ward for p in postcodes})
    owners = {o.key: o for o in organisations}
    rows = [raw for name in LISTING_FILES for raw in read(folder / "listings" / f"{name}.toml", "listings")]
    listings = tuple(_listing(raw, names, places, owners) for raw in rows)
    keys = {listing.key: listing.kind for listing in listings}
    for listing in listings:
        for other in filter(None, (listing.answers, listing.grown_from)):
            find(keys, other, f"The listing {listing.key}")
    return listings


@dataclass(frozen=True, slots=True)
class _Places:
    wards: Mapping[str, str]
    postcodes: Mapping[str, str]

    def of(self, raw: Row, owner: Organisation, who: str) -> Row:
        """Postcode and ward code of a row; a postcode not given is the organisation's own."""
        if raw["place_kind"] == "postcode":
            postcode = raw.get("postcode", owner.postcode)
            return {"postcode": postcode, "ward": find(self.postcodes, postcode, who)}
        if raw["place_kind"] == "ward":
            return {"ward": find(self.wards, raw.get("ward"), who)}
        return {}


def _listing(raw: Row, names: Mapping[str, str], places: _Places, owners: Mapping[str, Organisation]) -> Listing:
    who = f"The listing {raw.get('key')}"
    owner = find(owners, raw["organisation"], who)
    given = [find(names, name, who) for name in raw.pop("authorities", [])]
    authorities = given or [r.authority for r in owner.registrations if r.state in ("approved", "suspended")]
    if not set(authorities) <= set(owner.authorities):
        raise ValueError(f"{who} stands in an authority where its organisation is not registered.")
    postings = _postings(raw, authorities, names, who)
    return record(Listing, raw | places.of(raw, owner, who) | {"postings": postings}, who)


def _postings(raw: Row, authorities: Iterable[str], names: Mapping[str, str], who: str) -> tuple[Posting, ...]:
    """One state for all authorities, or `states` by name; the reason belongs to those that were returned."""
    reason = raw.pop("reason", None)
    if "states" in raw:
        states = {find(names, name, who): state for name, state in raw.pop("states").items()}
    else:
        states = dict.fromkeys(authorities, raw.pop("state"))
    made = ((a, find(states, a, who)) for a in authorities)
    return tuple(Posting(a, s, reason if s in ("returned", "filled") else None) for a, s in made)


def _story(
    folder: Path, names: Mapping[str, str], listings: Iterable[Listing]
) -> tuple[tuple[Match, ...], tuple[Partnership, ...]]:
    known = {listing.key: listing for listing in listings}
    matches = tuple(_match(raw, names, known) for raw in read(folder / "story.toml", "matches"))
    keys = {match.key: match for match in matches}
    partnerships = []
    for raw in read(folder / "story.toml", "partnerships"):
        who = f"The partnership of {raw.get('match')}"
        find(keys, raw["match"], who)
        partnerships.append(record(Partnership, raw | {"notes": _notes(raw, who)}, who))
    return matches, tuple(partnerships)


def _match(raw: Row, names: Mapping[str, str], known: Mapping[str, Listing]) -> Match:
    who = f"The match {raw.get('key')}"
    authority = find(names, raw["authority"], who)
    for side in ("demand", "supply"):
        if authority not in find(known, raw[side], who).authorities:
            raise ValueError(f"{who} is in {raw['authority']}, where {raw[side]} is not posted.")
    return record(Match, raw | {"authority": authority, "notes": _notes(raw, who)}, who)


def _notes(raw: Row, who: str) -> tuple[Note, ...]:
    return tuple(record(Note, note, who) for note in raw.get("notes", []))


def _people(folder: Path, names: Mapping[str, str], organisations: Iterable[Organisation]) -> tuple[Person, ...]:
    owners = {o.key: o for o in organisations}
    people = []
    for raw in read(folder / "people.toml", "people"):
        who = f"The account {raw.get('email')}"
        if "organisation" in raw:
            find(owners, raw["organisation"], who)
        if "authority" in raw:
            raw["authority"] = find(names, raw["authority"], who)
        people.append(record(Person, raw, who))
    return tuple(people)

"""A year of the invented city: each row of the file becomes a need, an offer, their match and their partnership."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from broker.demonstration.reading import Row, find, read, record
from broker.demonstration.records import (
    Contract,
    Course,
    Idea,
    Inherent,
    Listing,
    Match,
    Organisation,
    Partnership,
    Posting,
    Promise,
    Split,
    Step,
    Year,
)

ASKED, FOUND = 14, 8  # days before its start in which a partnership was asked for, and in which it was matched
PROMISED = 20  # days before the first partnership that helps to keep it, a promise was made
LATELY = -70  # when the others were made, which nobody has begun to keep
COURSE = ("measure", "promise", "committed", "every", "sizes", "worth", "starts", "ends")


@dataclass(frozen=True, slots=True)
class Past:
    """What the year adds to the city's story, and what was promised and delivered in it."""

    listings: tuple[Listing, ...]
    matches: tuple[Match, ...]
    partnerships: tuple[Partnership, ...]
    told: Year


def read_year(
    folder: Path, names: Mapping[str, str], wards: Mapping[str, str], owners: Mapping[str, Organisation]
) -> Past:
    """Everything of the file; ValueError with a sentence where it refers to something that is not there."""
    path = folder / "year.toml"
    rows = [_placed(raw, names, owners) for raw in read(path, "partnerships")]
    contracts = tuple(_contract(raw, names, owners) for raw in read(path, "contracts"))
    known = {each.key: each for each in contracts}
    begun = {raw["promise"]: raw["starts"] for raw in sorted(rows, key=_start) if "promise" in raw}
    stated = [_promise(raw, names, owners, known) for raw in read(path, "promises")]
    promises = tuple(replace(each, made=_made(each, begun, known, owners[each.supplier])) for each in stated)
    courses = tuple(_course(raw, wards, owners, {each.key for each in promises}) for raw in rows)
    told = Year(
        contracts,
        promises,
        courses,
        inherent=tuple(
            record(Inherent, raw | {"authority": find(names, raw["authority"], "What a group does")}, raw["group"])
            for raw in read(path, "inherent")
        ),
        ideas=tuple(_idea(raw, names, wards) for raw in read(path, "ideas")),
        sentences=tuple(str(each) for each in read(path, "sentences")),
        named=tuple(find(owners, key, "What may be named").key for key in map(str, read(path, "named"))),
    )
    return Past(
        tuple(listing for raw in rows for listing in (_need(raw, owners), _offer(raw))),
        tuple(_match(raw) for raw in rows),
        tuple(_partnership(raw) for raw in rows),
        told,
    )


def _placed(raw: Row, names: Mapping[str, str], owners: Mapping[str, Organisation]) -> Row:
    who = f"The partnership {raw.get('key')}"
    for side in ("group", "supplier"):
        find(owners, raw[side], who)
    return raw | {"authority": find(names, raw["authority"], who)}


def _listing(raw: Row, side: str, **facts: object) -> Listing:
    told = {name: raw[name] for name in ("support_kind", "amount", "unit", "lane")}
    postings = (Posting(raw["authority"], "filled"),)
    who = f"The listing of {raw['key']}"
    return record(
        Listing,
        told | facts | {"key": f"{raw['key']}-{side}", "postings": postings, "days_ago": ASKED - raw["starts"]},
        who,
    )


def _need(raw: Row, owners: Mapping[str, Organisation]) -> Listing:
    group = owners[raw["group"]]
    where = {"place_kind": "postcode", "postcode": group.postcode, "ward": group.ward}
    said = {"organisation": group.key, "kind": "need", "title": raw["need"], "body": raw["because"]}
    return _listing(raw, "need", community_led=True, **said, **where)


def _offer(raw: Row) -> Listing:
    said = {"organisation": raw["supplier"], "kind": "offer", "title": raw["offer"], "body": raw["offered"]}
    return _listing(raw, "offer", place_kind="authority", **said)


def _match(raw: Row) -> Match:
    return Match(
        key=raw["key"],
        demand=f"{raw['key']}-need",
        supply=f"{raw['key']}-offer",
        authority=raw["authority"],
        opened_by="officer",
        state="confirmed",
        days_ago=FOUND - raw["starts"],
        demand_amount=raw["amount"],
        supply_amount=raw["amount"],
        demand_accepted=True,
        supply_accepted=True,
    )


def _partnership(raw: Row) -> Partnership:
    return Partnership(
        match=raw["key"],
        state="closed" if raw["ends"] < 0 else "running",
        lane=raw["lane"],
        what=raw["what"],
        starts_days=raw["starts"],
        ends_days=raw["ends"],
        review_days=raw.get("review"),
    )


def _contract(raw: Row, names: Mapping[str, str], owners: Mapping[str, Organisation]) -> Contract:
    who = f"The contract {raw.get('key')}"
    find(owners, raw["supplier"], who)
    return record(Contract, raw | {"authority": find(names, raw["authority"], who)}, who)


def _promise(
    raw: Row, names: Mapping[str, str], owners: Mapping[str, Organisation], contracts: Mapping[str, Contract]
) -> Promise:
    who = f"The promise {raw.get('key')}"
    if "contract" in raw:
        contract = find(contracts, raw["contract"], who)
        whose = {"authority": contract.authority, "supplier": contract.supplier}
    else:
        find(owners, raw["supplier"], who)
        whose = {"authority": find(names, raw["authority"], who)}
    return record(Promise, raw | whose | {"milestones": _steps(raw, who), "made": LATELY}, who)


def _start(raw: Row) -> int:
    """So that the earliest of those that help to keep a promise comes last."""
    return -int(raw["starts"])


def _made(promise: Promise, begun: Mapping[str, int], contracts: Mapping[str, Contract], giver: Organisation) -> int:
    """The day of a promise: before anybody began to keep it, and not before its contract or its maker were here."""
    day = begun[promise.key] - PROMISED if promise.key in begun else LATELY
    first = contracts[promise.contract].starts if promise.contract else day
    return max(day, first, 1 - giver.days_ago)


def _course(raw: Row, wards: Mapping[str, str], owners: Mapping[str, Organisation], promises: set[str]) -> Course:
    who = f"The partnership {raw['key']}"
    split = record(Split, raw["split"], who) if "split" in raw else None
    for key in filter(None, (raw.get("promise"), split.promise if split else None)):
        find(dict.fromkeys(promises, key), key, who)
    told = {name: raw[name] for name in COURSE if name in raw}
    places = [find(wards, name, who) for name in raw.get("wards", [])] or [owners[raw["group"]].ward]
    return record(
        Course, told | {"match": raw["key"], "wards": places, "split": split, "milestones": _steps(raw, who)}, who
    )


def _steps(raw: Row, who: str) -> tuple[Step, ...]:
    return tuple(record(Step, step, who) for step in raw.get("milestones", []))


def _idea(raw: Row, names: Mapping[str, str], wards: Mapping[str, str]) -> Idea:
    who = f"The idea {raw.get('title')}"
    return record(
        Idea, raw | {"authority": find(names, raw["authority"], who), "ward": find(wards, raw["ward"], who)}, who
    )

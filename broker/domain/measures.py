"""An authority's own measures as it brings them: what an entry may say, and what is wrong with it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from broker.domain.lists import Entry, Refused, Shape
from broker.domain.sheets import Heading

UNIT_KINDS = ("hours", "weeks", "pounds", "count", "fte", "tonnes", "tco2e", "area", "score")
LONGEST = {"code": 40, "label": 300, "unit": 80, "evidence_min": 2000, "exclusive_group": 40}
COLUMNS = ("code", "label", "unit", "unit_kind", "evidence_min", "exclusive_group", "stands_for", "outcomes")
HEAD = ("name", "edition", "licence", "scheme")
SHAPE = Shape(Heading(COLUMNS, ("code", "label", "unit", "unit_kind")), "measures", HEAD)
LONGEST_HEAD = {"name": 200, "edition": 40, "licence": 2000, "scheme": 40}


@dataclass(frozen=True, slots=True)
class Brought:
    """One measure of a list. `stands_for` is the code of the shared one that counts the same things."""

    entry: Entry
    code: str
    label: str
    unit: str
    unit_kind: str
    evidence_min: str
    exclusive_group: str
    stands_for: str
    outcomes: tuple[str, ...]


def measures_of(entries: Iterable[Entry]) -> Iterator[Brought | Refused]:
    """Each entry as a measure, or why it is none."""
    seen: dict[str, str] = {}
    for entry in entries:
        problem = _problem(entry, seen)
        yield entry.refuse(problem) if problem else _measure(entry)


def _problem(entry: Entry, seen: dict[str, str]) -> str | None:
    for name in SHAPE.heading.needed:
        if not entry.told.get(name):
            return f'"{name}" is missing.'
    for name, longest in LONGEST.items():
        if len(entry.told.get(name, "")) > longest:
            return f'"{name}" has {len(entry.told[name]):,} characters. At most {longest:,} fit.'
    first = seen.setdefault(entry.told["code"].casefold(), entry.where)
    if first != entry.where:
        return f"This code stands already in {first.lower()}."
    if entry.told["unit_kind"].casefold() not in UNIT_KINDS:
        return f'"{entry.told["unit_kind"][:40]}" is not a kind of unit. Write one of: {", ".join(UNIT_KINDS)}.'
    return None


def _measure(entry: Entry) -> Brought:
    told = entry.told
    return Brought(
        entry,
        code=_line(told["code"]),
        label=_line(told["label"]),
        unit=_line(told["unit"]),
        unit_kind=told["unit_kind"].casefold(),
        evidence_min=told.get("evidence_min", ""),
        exclusive_group=_line(told.get("exclusive_group", "")),
        stands_for=_line(told.get("stands_for", "")),
        outcomes=tuple(told.get("outcomes", "").upper().replace(",", " ").replace(";", " ").split()),
    )


def _line(text: str) -> str:
    return " ".join(text.split())

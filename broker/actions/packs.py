"""The committee pack: everything that one area reports of one time, reckoned once, as plain figures.

The page, the paper and the file are all drawn from these, and a closed period keeps them. They hold amounts as text,
since JSON has no exact numbers, and words as they were; of a story they hold its number only, so that it can be taken
back.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from broker.actions.frameworks import mapping_records
from broker.domain.clock import today
from broker.domain.impact import promised
from broker.domain.kinds import DeliveryState, Lane, Nature
from broker.domain.periods import Span
from broker.domain.worth import UnitValue, Worth, roughly, together, worth
from broker.policy.crosswalk import from_hub
from broker.store.frameworks import Framework, Node, framework_of
from broker.store.packs import Tally, Worded, catalogue_with_values, tallies
from broker.store.periods import Closed
from broker.store.stories import Story, stories_of

Figures = dict[str, Any]
STEPS = ("promised", "matched", "delivered", "verified", "claimed")
TOLD_AGAIN = 4  # closed periods of which the pack says what has changed since
MOST_STORIES = 12
MOST_GIVERS = 10
# How a delivered unit stands, in the order of the page. What of a verified delivery did not arrive is "not_received".
STANDINGS = ("verified", "not_received", "confirmed", "logged", "unconfirmed", "disputed")
NEEDS = ("met", "met_elsewhere", "not_needed", "open", "lapsed", "withdrawn")
MET_HERE = "met_here"  # an owner's own word for the first of these
NOTHING = Decimal(0)


def figures_for(authority_id: int, span: Span, closed: Iterable[Closed] = ()) -> Figures:
    """The figures of a time as things stand. `closed`: periods that were closed before, the latest first."""
    return figures_and_stories(authority_id, span, closed)[0]


def figures_and_stories(authority_id: int, span: Span, closed: Iterable[Closed]) -> tuple[Figures, list[Story]]:
    """The same with the stories, of which the figures hold the numbers."""
    earlier = [each for each in closed if each.ends_on < span.starts][:TOLD_AGAIN]
    authority, framework = framework_of(authority_id)
    catalogue = _Catalogue(catalogue_with_values(authority_id), framework)
    counted = _Counted(tallies(authority_id, span, [each.id for each in earlier]))
    steps, stories = _steps(counted), stories_of(authority_id, span, MOST_STORIES)
    figures = {
        "starts": span.starts.isoformat(),
        "ends": span.ends.isoformat(),
        "made": today().isoformat(),
        "authority": authority.name,
        "framework": framework.name if framework else "",
        "provisional": bool(framework and framework.is_provisional),
        "measures": [catalogue.named(measure) | _said(amounts) for measure, amounts in catalogue.in_order(steps)],
        "themes": _themes(catalogue, steps),
        "lanes": _lanes(catalogue, counted),
        "standing": _standing(catalogue, counted),
        "deliveries": {state: sum(t.number for t in counted.done if t.third == state) for state in DeliveryState},
        "needs": _needs(counted),
        "due": _due(catalogue, counted),
        "wards": _wards(catalogue, counted),
        "givers": _givers(counted),
        "value": _value(catalogue, steps),
        "since": _since(catalogue, counted, earlier),
        "stories": [{"id": each.id, "measure": each.measure} for each in stories],
    }
    return figures, stories


class _Counted:
    """The tallies by their sort."""

    def __init__(self, found: Iterable[Tally]) -> None:
        sorts: dict[str, list[Tally]] = defaultdict(list)
        for tally in found:
            sorts[tally.sort].append(tally)
        self.done = [tally for tally in sorts["done"] if tally.first == Nature.ADDITIONAL]
        self.inherent = [tally for tally in sorts["done"] if tally.first == Nature.INHERENT]
        self.ward, self.giver, self.matched = sorts["ward"], sorts["giver"], sorts["matched"]
        self.promised, self.due, self.need, self.since = (
            sorts["promised"],
            sorts["due"],
            sorts["need"],
            sorts["since"],
        )


@dataclass(frozen=True)
class _Valued:
    """What a unit is worth, and the very inputs, to be shown beside the result."""

    unit: UnitValue
    inputs: dict[str, Any]


class _Catalogue:
    """The measures by what they count as, with their words, themes and worth."""

    def __init__(self, rows: Iterable[Worded], framework: Framework | None) -> None:
        self._rows = [*rows]
        self._measures = {row.measure.id: row.measure for row in self._rows}
        self._order = {measure: at for at, measure in enumerate(self._measures)}
        self._themes = themes_by_hub(framework)
        self.edition = next((row.edition for row in self._rows if row.edition), None)
        self.values = {row.measure.root_id: _valued(row) for row in self._rows if row.value}

    def named(self, measure: int) -> dict[str, Any]:
        found = self._measures[measure]
        return {"measure": measure, "code": found.code, "label": found.label, "unit": found.unit}

    def in_order(self, amounts: dict[int, Any]) -> list[tuple[int, Any]]:
        return sorted(amounts.items(), key=lambda each: self._order[each[0]])

    def themes(self, measure: int) -> list[str]:
        """Where it counts in the authority's framework; nowhere where that has no place for it."""
        found = {theme for hub in self._measures[measure].hubs for theme in self._themes.get(hub, ())}
        return sorted(found)


def themes_by_hub(framework: Framework | None) -> dict[str, list[str]]:
    """For each shared outcome the themes of a framework that it has its place in; what is only related has none."""
    if framework is None:
        return {}
    mappings, nodes = mapping_records(framework.nodes), {node.id: node for node in framework.nodes}
    tops = {node.code: _top(node, nodes).label for node in framework.nodes}
    hubs = {mapping.hub for mapping in mappings}
    return {hub: sorted({tops[seen.node] for seen in from_hub(hub, mappings) if seen.counts}) for hub in hubs}


def _top(node: Node, nodes: dict[int, Node]) -> Node:
    while node.parent_id is not None:
        node = nodes[node.parent_id]
    return node


def _valued(row: Worded) -> _Valued:
    assert row.value is not None  # noqa: S101 - only such rows are given
    value = row.value
    off = {name: getattr(value, name) for name in ("deadweight", "attribution", "displacement", "drop_off", "years")}
    unit = UnitValue(edition=value.edition_id, low=value.low, high=value.high, **off)
    return _Valued(unit, {"low": _text(value.low), "high": _text(value.high), **off})


def _text(amount: Decimal | None) -> str:
    """An exact amount as JSON can keep it."""
    return f"{(amount or NOTHING).normalize() + 0:f}"


def _said(amounts: dict[str, Any]) -> dict[str, Any]:
    return {name: _text(value) if isinstance(value, Decimal) else value for name, value in amounts.items()}


def _blank() -> dict[str, Any]:
    return {**dict.fromkeys((*STEPS, "inherent"), NOTHING), "deliveries": 0, "proven": 0}


def _steps(counted: _Counted) -> dict[int, dict[str, Any]]:
    """By measure how far things came, and what was done anyway."""
    steps: dict[int, dict[str, Any]] = defaultdict(_blank)
    for tally in counted.promised:
        steps[tally.thing or 0]["promised"] += _promise(tally) * tally.number
    for tally in counted.matched:
        steps[tally.thing or 0]["matched"] += tally.a
    for tally in counted.done:
        _add(steps[tally.thing or 0], tally)
    for tally in counted.inherent:
        steps[tally.thing or 0]["inherent"] += tally.a
    return steps


def _promise(tally: Tally) -> Decimal:
    return promised(tally.a or NOTHING, tally.b, tally.c)


def _add(to: dict[str, Any], tally: Tally) -> None:
    """Deliveries that are alike, added to what is known."""
    to["delivered"] += tally.a
    to["verified"] += tally.b
    to["claimed"] += tally.c
    to["deliveries"] += tally.number
    to["proven"] += tally.proven


def _themes(catalogue: _Catalogue, steps: dict[int, dict[str, Any]]) -> list[dict[str, Any]]:
    """The measures again under each theme that they count for; last those that count for none."""
    rows = [
        (theme, measure, amounts)
        for measure, amounts in catalogue.in_order(steps)
        for theme in catalogue.themes(measure) or [""]
    ]
    rows.sort(key=lambda row: (not row[0], row[0]))
    return [{"theme": theme, **catalogue.named(measure), **_said(amounts)} for theme, measure, amounts in rows]


def _lanes(catalogue: _Catalogue, counted: _Counted) -> list[dict[str, Any]]:
    """What was matched and done, the one-off and the lasting apart."""
    found: dict[Lane, dict[int, dict[str, Any]]] = {lane: defaultdict(_blank) for lane in Lane}
    for tally in counted.matched:
        found[Lane(tally.first or "")][tally.thing or 0]["matched"] += tally.a
    for tally in counted.done:
        _add(found[Lane(tally.second or "")][tally.thing or 0], tally)
    return [
        {"lane": lane, **catalogue.named(measure), **_said(amounts)}
        for lane, steps in found.items()
        for measure, amounts in catalogue.in_order(steps)
    ]


def _standing(catalogue: _Catalogue, counted: _Counted) -> list[dict[str, Any]]:
    """How sure what was delivered is: the parts of each row come to what was delivered."""
    found: dict[int, dict[str, Any]] = defaultdict(lambda: dict.fromkeys(("delivered", *STANDINGS), NOTHING))
    for tally in counted.done:
        row, amount = found[tally.thing or 0], tally.a or NOTHING
        row["delivered"] += amount
        if tally.third == DeliveryState.VERIFIED:
            row["verified"] += tally.b
            row["not_received"] += amount - (tally.b or NOTHING)
        else:
            row[tally.third or ""] += amount
    return [catalogue.named(measure) | _said(row) for measure, row in catalogue.in_order(found)]


def _needs(counted: _Counted) -> dict[str, int]:
    """Needs first asked for in this time, by what became of them."""
    found: Counter[str] = Counter()
    for tally in counted.need:
        found["met" if tally.first == MET_HERE else tally.first or "open"] += tally.number
    return {each: found[each] for each in NEEDS}


def _due(catalogue: _Catalogue, counted: _Counted) -> list[dict[str, Any]]:
    """Promises that fell due in this time: how much was promised, and claimed against them by now."""
    found: dict[int, dict[str, Any]] = defaultdict(
        lambda: {"promised": NOTHING, "claimed": NOTHING, "number": 0, "kept": 0, "part": 0, "none": 0}
    )
    for tally in counted.due:
        row, whole, claimed = found[tally.thing or 0], _promise(tally), tally.d or NOTHING
        row["promised"] += whole * tally.number
        row["claimed"] += claimed * tally.number
        row["number"] += tally.number
        row["kept" if claimed >= whole else "part" if claimed else "none"] += tally.number
    return [catalogue.named(measure) | _said(row) for measure, row in catalogue.in_order(found)]


def _wards(catalogue: _Catalogue, counted: _Counted) -> list[dict[str, Any]]:
    """What was done where; last what lies in no one ward."""
    rows = sorted(counted.ward, key=lambda tally: (tally.second is None, tally.second, tally.thing))
    return [
        {
            "ward": tally.second or "",
            "code": tally.first or "",
            **{
                f"measure_{name}" if name == "code" else name: said
                for name, said in catalogue.named(tally.thing or 0).items()
            },
            "deliveries": tally.number,
            "proven": tally.proven,
            "delivered": _text(tally.a),
            "verified": _text(tally.b),
        }
        for tally in rows
    ]


def _givers(counted: _Counted) -> list[dict[str, Any]]:
    """Who gave most often what was then verified; amounts of different things cannot be ranked."""
    rows = sorted(counted.giver, key=lambda tally: (-tally.proven, -tally.number, tally.first))
    return [
        {
            "organisation": tally.thing,
            "name": tally.first,
            "named": tally.second == "named",
            "deliveries": tally.number,
            "proven": tally.proven,
        }
        for tally in rows[:MOST_GIVERS]
    ]


def _value(catalogue: _Catalogue, steps: dict[int, dict[str, Any]]) -> dict[str, Any] | None:
    """What the verified units are reckoned to be worth, with the inputs; None where no edition is in use."""
    edition = catalogue.edition
    if edition is None:
        return None
    counted = [(measure, row["verified"]) for measure, row in catalogue.in_order(steps) if row["verified"]]
    valued = [
        (measure, amount, catalogue.values[measure]) for measure, amount in counted if measure in catalogue.values
    ]
    worths = [worth(amount, value.unit) for _, amount, value in valued]
    whole = together(worths)
    return {
        "edition": edition.name,
        "edition_id": edition.id,
        "price_year": edition.price_year,
        "licence": edition.licence_note,
        "source": edition.source,
        "rows": [
            {**catalogue.named(measure), "verified": _text(amount), **value.inputs, **_range(found)}
            for (measure, amount, value), found in zip(valued, worths, strict=True)
        ],
        "total": _range(whole) if whole else None,
        "only_counted": [
            catalogue.named(measure)["label"] for measure, _ in counted if measure not in catalogue.values
        ],
    }


def _range(found: Worth) -> dict[str, str]:
    low, high = roughly(found)
    return {"from": _text(low), "to": _text(high)}


def _since(catalogue: _Catalogue, counted: _Counted, earlier: Iterable[Closed]) -> list[dict[str, Any]]:
    """What was told of closed periods and reads otherwise now. It is told, and added to nothing."""
    now: dict[tuple[str, int], dict[str, Any]] = defaultdict(_blank)
    for tally in counted.since:
        _add(now[tally.first or "", tally.thing or 0], tally)
    found = []
    for period in earlier:
        told = {int(row["measure"]): row for row in period.measures}
        present = {measure: _said(row) for (key, measure), row in now.items() if key == str(period.id)}
        for measure in sorted({*told, *present}):
            found += [
                {
                    "starts": period.starts_on.isoformat(),
                    "ends": period.ends_on.isoformat(),
                    **catalogue.named(measure),
                    "step": step,
                    "then": told.get(measure, {}).get(step, "0"),
                    "now": present.get(measure, {}).get(step, "0"),
                }
                for step in STEPS[2:]
                if told.get(measure, {}).get(step, "0") != present.get(measure, {}).get(step, "0")
            ]
    return found

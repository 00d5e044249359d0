"""The committee pack: everything that one area reports of one time, reckoned once, as plain figures.

The page, the paper and the file are all drawn from these, and a closed period keeps them. They hold amounts as text,
since JSON has no exact numbers, and words as they were; of a story they hold its number only, so that it can be taken
back.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from broker.actions.catalogues import NOTHING, Catalogue, exact
from broker.domain.clock import today
from broker.domain.feedback import LEAST_SHOWN
from broker.domain.impact import promised
from broker.domain.kinds import DeliveryState, Lane, Nature
from broker.domain.periods import Span
from broker.domain.worth import Worth, roughly, together, worth
from broker.store.deliveries import WORD_RULES, read_word_rules
from broker.store.packs import Tally, catalogue_with_values, tallies
from broker.store.periods import Closed
from broker.store.rules import framework_and_rules
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


def figures_for(authority_id: int, span: Span, closed: Iterable[Closed] = ()) -> Figures:
    """The figures of a time as things stand. `closed`: periods that were closed before, the latest first."""
    return figures_and_stories(authority_id, span, closed)[0]


def figures_and_stories(authority_id: int, span: Span, closed: Iterable[Closed]) -> tuple[Figures, list[Story]]:
    """The same with the stories, of which the figures hold the numbers."""
    earlier = [each for each in closed if each.ends_on < span.starts][:TOLD_AGAIN]
    authority, framework, rules = framework_and_rules(authority_id, *WORD_RULES)
    catalogue = Catalogue(catalogue_with_values(authority_id), framework)
    counted = _Counted(tallies(authority_id, span, [each.id for each in earlier]))
    steps, stories = _steps(catalogue, counted), stories_of(authority_id, span, MOST_STORIES)
    figures = {
        "starts": span.starts.isoformat(),
        "ends": span.ends.isoformat(),
        "made": today().isoformat(),
        "authority": authority.name,
        "framework": framework.name if framework else "",
        "provisional": bool(framework and framework.is_provisional),
        "rules": _rules(rules),
        "measures": [catalogue.named(measure) | _said(amounts) for measure, amounts in catalogue.in_order(steps)],
        "themes": _themes(catalogue, steps),
        "lanes": _lanes(catalogue, counted),
        "standing": _standing(catalogue, counted),
        "deliveries": {state: sum(t.number for t in counted.done if t.third == state) for state in DeliveryState},
        "needs": _needs(counted),
        "feedback": _feedback(counted),
        "due": _due(catalogue, counted),
        "wards": _wards(catalogue, counted),
        "givers": _givers(counted),
        "value": _value(catalogue, steps),
        "since": _since(catalogue, counted, earlier),
        "stories": [{"id": each.id, "measure": each.measure} for each in stories],
    }
    return figures, stories


def _rules(found: dict[str, str | None]) -> dict[str, Any]:
    """Up to how much a receiver's word is enough here, and how many days it has to say it."""
    limits, days = read_word_rules(found)
    return {"hours": exact(limits.hours), "pounds": exact(limits.pounds), "days": days}


class _Counted:
    """The tallies by their sort."""

    def __init__(self, found: Iterable[Tally]) -> None:
        sorts: dict[str, list[Tally]] = defaultdict(list)
        for tally in found:
            sorts[tally.sort].append(tally)
        self.done = [tally for tally in sorts["done"] if tally.first == Nature.ADDITIONAL]
        self.inherent = [tally for tally in sorts["done"] if tally.first == Nature.INHERENT]
        self.ward, self.giver, self.matched = sorts["ward"], sorts["giver"], sorts["matched"]
        self.score = sorts["score"]
        self.promised, self.due, self.need, self.since = (
            sorts["promised"],
            sorts["due"],
            sorts["need"],
            sorts["since"],
        )


def _said(amounts: dict[str, Any]) -> dict[str, Any]:
    return {name: exact(value) if isinstance(value, Decimal) else value for name, value in amounts.items()}


def _blank() -> dict[str, Any]:
    return {**dict.fromkeys((*STEPS, "inherent"), NOTHING), "deliveries": 0, "proven": 0}


def _steps(catalogue: Catalogue, counted: _Counted) -> dict[int, dict[str, Any]]:
    """By measure how far things came, and what was done anyway."""
    steps: dict[int, dict[str, Any]] = defaultdict(_blank)
    for tally in counted.promised:
        steps[tally.thing or 0]["promised"] += _promise(catalogue, tally) * tally.number
    for tally in counted.matched:
        steps[tally.thing or 0]["matched"] += tally.a
    for tally in counted.done:
        _add(steps[tally.thing or 0], tally)
    for tally in counted.inherent:
        steps[tally.thing or 0]["inherent"] += tally.a
    return steps


def _promise(catalogue: Catalogue, tally: Tally) -> Decimal:
    return promised(tally.a or NOTHING, tally.b, tally.c, catalogue.unit_kind(tally.thing or 0))


def _add(to: dict[str, Any], tally: Tally) -> None:
    """Deliveries that are alike, added to what is known."""
    to["delivered"] += tally.a
    to["verified"] += tally.b
    to["claimed"] += tally.c
    to["deliveries"] += tally.number
    to["proven"] += tally.proven


def _themes(catalogue: Catalogue, steps: dict[int, dict[str, Any]]) -> list[dict[str, Any]]:
    """The measures again under each theme that they count for; last those that count for none."""
    rows = [
        (theme, measure, amounts)
        for measure, amounts in catalogue.in_order(steps)
        for theme in catalogue.themes(measure) or [""]
    ]
    rows.sort(key=lambda row: (not row[0], row[0]))
    return [{"theme": theme, **catalogue.named(measure), **_said(amounts)} for theme, measure, amounts in rows]


def _lanes(catalogue: Catalogue, counted: _Counted) -> list[dict[str, Any]]:
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


def _standing(catalogue: Catalogue, counted: _Counted) -> list[dict[str, Any]]:
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


def _feedback(counted: _Counted) -> list[dict[str, Any]]:
    """How partnerships that ended went, by lane and by who says so. Of few answers no mean is given."""
    sides: dict[tuple[str, str], list[Tally]] = defaultdict(list)
    for tally in counted.score:
        sides[tally.first or "", tally.second or ""].append(tally)
    rows = []
    for (lane, side), said in sorted(sides.items(), reverse=True):
        answers = sum(tally.number for tally in said if tally.thing is not None)
        total = sum((tally.thing or 0) * tally.number for tally in said)
        mean = exact(round(Decimal(total) / answers, 1)) if answers >= LEAST_SHOWN else None
        silent = sum(tally.number for tally in said if tally.thing is None)
        rows.append({"lane": lane, "side": side, "answers": answers, "mean": mean, "silent": silent})
    return rows


def _due(catalogue: Catalogue, counted: _Counted) -> list[dict[str, Any]]:
    """Promises that fell due in this time: how much was promised, and claimed against them by now."""
    found: dict[int, dict[str, Any]] = defaultdict(
        lambda: {"promised": NOTHING, "claimed": NOTHING, "number": 0, "kept": 0, "part": 0, "none": 0}
    )
    for tally in counted.due:
        row, whole, claimed = found[tally.thing or 0], _promise(catalogue, tally), tally.d or NOTHING
        row["promised"] += whole * tally.number
        row["claimed"] += claimed * tally.number
        row["number"] += tally.number
        row["kept" if claimed >= whole else "part" if claimed else "none"] += tally.number
    return [catalogue.named(measure) | _said(row) for measure, row in catalogue.in_order(found)]


def _wards(catalogue: Catalogue, counted: _Counted) -> list[dict[str, Any]]:
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
            "delivered": exact(tally.a),
            "verified": exact(tally.b),
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


def _value(catalogue: Catalogue, steps: dict[int, dict[str, Any]]) -> dict[str, Any] | None:
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
            {**catalogue.named(measure), "verified": exact(amount), **value.inputs, **_range(found)}
            for (measure, amount, value), found in zip(valued, worths, strict=True)
        ],
        "total": _range(whole) if whole else None,
        "only_counted": [
            catalogue.named(measure)["label"] for measure, _ in counted if measure not in catalogue.values
        ],
    }


def _range(found: Worth) -> dict[str, str]:
    low, high = roughly(found)
    return {"from": exact(low), "to": exact(high)}


def _since(catalogue: Catalogue, counted: _Counted, earlier: Iterable[Closed]) -> list[dict[str, Any]]:
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

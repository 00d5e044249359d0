"""The tables of a committee pack: its figures in words, the same for the page, the paper and the file."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from broker.actions.packs import NEEDS, STEPS, Figures
from broker.domain.kinds import DeliveryState, Lane, Side
from broker.store.stories import Story
from broker.web import pack_method, saying, words

Cell = str | int | Decimal
Row = tuple[Cell, ...]
STEP = dict(zip(STEPS, ("Promised", "Matched", "Delivered", "Verified", "Claimed"), strict=True))
ANYWAY = "Done anyway, not claimed"
NEED = {
    "met": "Met by a partnership here",
    "met_elsewhere": "Met in another way",
    "not_needed": "Not needed any more",
    "open": "Still open",
    "lapsed": "Ran out",
    "withdrawn": "Taken back by its owner",
}
STANDING = {
    DeliveryState.VERIFIED: "Verified",
    DeliveryState.CONFIRMED: "The group says yes, an officer has yet to look",
    DeliveryState.LOGGED: "The group was asked",
    DeliveryState.UNCONFIRMED: "No answer in time",
    DeliveryState.DISPUTED: "The group says it did not happen",
}
SAYS = {Side.DEMAND: "Those who received", Side.SUPPLY: "Those who gave"}
UNNAMED = "A group that received it"
NO_THEME, NO_WARD = "In no theme of the framework", "In no one ward"
_UNIT = "Unit"
_COUNTED = ("Measure", _UNIT)


class Table(NamedTuple):
    """One table: its key and title, the heads of its columns and its rows. `names`: how many columns are words."""

    key: str
    title: str
    columns: tuple[str, ...]
    rows: list[Row]
    names: int = 1

    @property
    def numeric(self) -> tuple[int, ...]:
        return tuple(range(self.names, len(self.columns)))

    @property
    def shown(self) -> list[tuple[str, ...]]:
        """The rows as a page writes them."""
        return [tuple(written(cell) for cell in row) for row in self.rows]

    def on_a_phone(self) -> list["Table"]:
        """So that its numbers are in sight: the unit behind its measure, and a table for each thing that they serve."""
        if _UNIT not in self.columns:
            return [self]
        unit, lots = self.columns.index(_UNIT), defaultdict[Cell, list[Row]](list)
        for row in self.rows:
            name = f"{row[unit - 1]} ({row[unit]})" if row[unit] else row[unit - 1]
            lots[row[0] if unit > 1 else ""].append((name, *row[unit + 1 :]))
        columns, names = self.columns[unit - 1 : unit] + self.columns[unit + 1 :], self.names - unit
        return [
            Table(self.key, f"{self.title}: {lot}" if lot else self.title, columns, rows, names)
            for lot, rows in lots.items()
        ]


def written(cell: Cell) -> str:
    """A number as people read it, with a mark at each thousand."""
    return cell if isinstance(cell, str) else f"{cell:,f}" if isinstance(cell, Decimal) else f"{cell:,}"


def tables_of(figures: Figures) -> dict[str, Table]:
    """Every table that has something in it, by key, in the order of the pack."""
    made = (table(figures) for table in TABLES)
    return {table.key: table for table in made if table.rows}


def _steps(figures: Figures) -> Table:
    columns = (*_COUNTED, *STEP.values(), ANYWAY)
    rows: list[Row] = [(*_measure(row), *_amounts(row, (*STEP, "inherent"))) for row in figures["measures"]]
    return Table("steps", "From promise to claim", columns, rows, 2)


def _deliveries(figures: Figures) -> Table:
    rows: list[Row] = [(text, figures["deliveries"][state]) for state, text in STANDING.items()]
    return Table(
        "deliveries",
        "Deliveries by how sure they are",
        ("Deliveries", "How many"),
        rows if any(r[1] for r in rows) else [],
    )


def _standing(figures: Figures) -> Table:
    names = ("delivered", "verified", "not_received", "confirmed", "logged", "unconfirmed", "disputed")
    columns = ("Delivered", "Verified", "Did not arrive", "To be looked at", "Asked", "No answer", "Said not to be so")
    rows: list[Row] = [(*_measure(row), *_amounts(row, names)) for row in figures["standing"]]
    return Table("standing", "What was delivered, by how sure it is", (*_COUNTED, *columns), rows, 2)


def _lanes(figures: Figures) -> Table:
    names = [name for name in STEP if name != "promised"]
    rows: list[Row] = [
        (words.LANE[Lane(row["lane"])], *_measure(row), *_amounts(row, names)) for row in figures["lanes"]
    ]
    return Table("lanes", "One-off and lasting", ("Kind", *_COUNTED, *(STEP[name] for name in names)), rows, 3)


def _theme_counts(figures: Figures) -> Table:
    rows = _added(figures["themes"], lambda row: row["theme"] or NO_THEME)
    return Table("theme-counts", "Deliveries by theme", ("Theme", "Delivered", "Verified"), rows)


def _themes(figures: Figures) -> Table:
    columns = ("Theme", *_COUNTED, *STEP.values(), ANYWAY)
    rows: list[Row] = [
        (row["theme"] or NO_THEME, *_measure(row), *_amounts(row, (*STEP, "inherent"))) for row in figures["themes"]
    ]
    return Table("themes", "Each measure under its themes", columns, rows, 3)


def _ward_counts(figures: Figures) -> Table:
    rows = _added(figures["wards"], lambda row: row["ward"] or NO_WARD)
    return Table("ward-counts", "Deliveries by ward", ("Ward", "Delivered", "Verified"), rows)


def _wards(figures: Figures) -> Table:
    rows: list[Row] = [
        (row["ward"] or NO_WARD, *_measure(row), *_amounts(row, ("delivered", "verified"))) for row in figures["wards"]
    ]
    return Table("wards", "Each measure by ward", ("Ward", *_COUNTED, "Delivered", "Verified"), rows, 3)


def _needs(figures: Figures) -> Table:
    rows: list[Row] = [(NEED[each], figures["needs"][each]) for each in NEEDS]
    return Table(
        "needs",
        "Needs first asked for in this time",
        ("What became of them", "Needs"),
        rows if any(r[1] for r in rows) else [],
    )


def _feedback(figures: Figures) -> Table:
    columns = ("Kind", "Who says so", "Answers", "On average, of 5", "Asked, no answer")
    rows: list[Row] = [
        (
            words.LANE[Lane(row["lane"])],
            SAYS[Side(row["side"])],
            row["answers"],
            Decimal(row["mean"]) if row["mean"] else "Too few to say",
            row["silent"],
        )
        for row in figures.get("feedback", ())  # a period that was closed before this was counted has none
    ]
    return Table("feedback", "How partnerships that ended went", columns, rows, 2)


def _due(figures: Figures) -> Table:
    columns = (*_COUNTED, "Promised", "Claimed so far", "Promises", "Kept in full", "In part", "Not at all")
    rows: list[Row] = [
        (*_measure(row), *_amounts(row, ("promised", "claimed")), row["number"], row["kept"], row["part"], row["none"])
        for row in figures["due"]
    ]
    return Table("due", "Promises that fell due in this time", columns, rows, 2)


def _givers(figures: Figures) -> Table:
    columns = ("Who gave", "May be named in public", "Delivered", "Verified")
    rows: list[Row] = [
        (row["name"], "Yes" if row["named"] else "No", row["deliveries"], row["proven"]) for row in figures["givers"]
    ]
    told = figures["deliveries"]
    rest = sum(told[state] for state in STANDING) - sum(row["deliveries"] for row in figures["givers"])
    if rest:
        proven = told[DeliveryState.VERIFIED] - sum(row["proven"] for row in figures["givers"])
        rows.append(("All others together", "", rest, proven))
    return Table("givers", "Who gave most often", columns, rows, 2)


def _value(figures: Figures) -> Table:
    columns = (*_COUNTED, "Verified", "From about £", "To about £")
    rows: list[Row] = [(*_measure(row), *_amounts(row, ("verified", "from", "to"))) for row in _valued(figures)]
    if rows:
        rows.append(("All of these together", "", "", *_amounts(figures["value"]["total"], ("from", "to"))))
    return Table("value", "What it is reckoned to be worth", columns, rows, 2)


def _inputs(figures: Figures) -> Table:
    off = {"deadweight": "Anyway, %", "attribution": "By others, %", "displacement": "Moved, %", "drop_off": "Fades, %"}
    columns = (*_COUNTED, "One is worth, from £", "To £", *off.values(), "Years")
    rows: list[Row] = [
        (*_measure(row), *_amounts(row, ("low", "high")), *(int(row[each]) for each in (*off, "years")))
        for row in _valued(figures)
    ]
    return Table("inputs", "What it is reckoned from", columns, rows, 2)


def _valued(figures: Figures) -> list[dict[str, Any]]:
    return figures["value"]["rows"] if figures["value"] else []


def _since(figures: Figures) -> Table:
    columns = ("Closed period", *_COUNTED, "Step", "Told then", "Stands now")
    rows: list[Row] = [
        (between(row["starts"], row["ends"]), *_measure(row), STEP[row["step"]], *_amounts(row, ("then", "now")))
        for row in figures["since"]
    ]
    return Table("since", "What has changed in periods that are closed", columns, rows, 4)


TABLES: tuple[Callable[[Figures], Table], ...] = (
    _steps, _deliveries, _standing, _feedback, _lanes, _due, _theme_counts, _themes, _needs, _ward_counts, _wards,
    _givers, _value, _inputs, _since,
)  # fmt: skip


def stories_table(stories: Iterable[Story]) -> Table:
    """What groups said and let us tell, as the file has it."""
    rows: list[Row] = [
        (each.organisation or UNNAMED, saying.day(each.ended_on), each.measure, each.sentence) for each in stories
    ]
    return Table("stories", "In their own words", ("Who says so", "When", "What it was", "Words"), rows, 4)


def method_table(figures: Figures) -> Table:
    """How it is counted, as the file has it."""
    return Table("method", pack_method.TITLE, ("Word", "What it means here"), list(pack_method.notes_on(figures)), 2)


def between(starts: str | date, ends: str | date) -> str:
    """'1 July to 30 September 2026', with both years where they differ."""
    first, last = (date.fromisoformat(day) if isinstance(day, str) else day for day in (starts, ends))
    if first == last:
        return saying.day(first)
    begin = f"{first.day} {first:%B}" if first.year == last.year else saying.day(first)
    return f"{begin} to {saying.day(last)}"


def sheet_rows(tables: Iterable[Table]) -> Iterator[Sequence[object]]:
    """All tables beneath each other, each with its title and heads over it and an empty row after it."""
    for table in tables:
        yield (table.title,)
        yield table.columns
        yield from table.rows
        yield ()


def _measure(row: dict[str, Any]) -> tuple[str, str]:
    return row["label"], row["unit"]


def _amounts(row: dict[str, Any], names: Iterable[str]) -> tuple[Decimal, ...]:
    return tuple(Decimal(row[name]) for name in names)


def _added(rows: Iterable[dict[str, Any]], name: Callable[[dict[str, Any]], str]) -> list[Row]:
    """How many deliveries there were under each name, and how many of them are verified."""
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        if row["deliveries"]:
            found[name(row)][0] += row["deliveries"]
            found[name(row)][1] += row["proven"]
    return [(each, *counts) for each, counts in found.items()]

"""How deprived wards are, as tables of wards say it: each ward's tenth, 1 for the most deprived."""

import math
from collections.abc import Mapping

from broker.domain.refusals import Unfit
from broker.domain.sheets import Heading, Unreadable, cells_of, open_sheet

# As the Office for National Statistics names its columns in whatever year, and as others write them out.
CODES = ("ward_code", "ward code", *(f"wd{year:02}cd" for year in range(100)))
TENTHS = ("decile", "deprivation_decile", "tenth")
SCORE = "index of multiple deprivation"
HEADING = Heading((*CODES, *TENTHS, SCORE), (), ())


def read_tenths(content: bytes) -> dict[str, int]:
    """Ward codes with their tenth, from a column of tenths or, failing that, of scores of the Index of Multiple
    Deprivation, which become tenths among the wards of the table.

    Unfit on `file`: not_deprivation, no_tenth (not a whole number from 1 to 10), code_twice.
    """
    names, rows = _rows(content)
    code = next((name for name in names if name in CODES), None)
    told = next((name for name in names if name in TENTHS), SCORE if SCORE in names else None)
    if code is None or told is None or not rows:
        raise Unfit({"file": "not_deprivation"})
    said: dict[str, str] = {}
    for row in rows:
        if said.setdefault(row[code].upper(), row[told]) != row[told]:
            raise Unfit({"file": "code_twice"})
    return _ranked(said) if told == SCORE else {ward: _tenth(value) for ward, value in said.items()}


def _rows(content: bytes) -> tuple[list[str], list[dict[str, str]]]:
    """The names of the columns, and each row's cells by them."""
    try:
        opened = open_sheet(content, HEADING)
        rows = list(cells_of(opened))
    except Unreadable as problem:
        raise Unfit({"file": "not_deprivation"}) from problem
    width, found = len(opened.names), []
    for _, cells in rows:
        if isinstance(cells, str) or len(cells) < width:
            raise Unfit({"file": "not_deprivation"})
        found.append({name: cell.strip() for name, cell in zip(opened.names, cells, strict=False)})
    return opened.names, found


def _tenth(value: str) -> int:
    number = _number(value)
    if number not in range(1, 11):
        raise Unfit({"file": "no_tenth"})
    return int(number)


def _ranked(said: Mapping[str, str]) -> dict[str, int]:
    """Scores as tenths: the tenth part with the highest scores is 1."""
    scores = {ward: _number(value) for ward, value in said.items()}
    ranked = sorted(scores, key=lambda ward: (-scores[ward], ward))
    return {ward: 1 + 10 * place // len(ranked) for place, ward in enumerate(ranked)}


def _number(value: str) -> float:
    try:
        number = float(value)
    except ValueError as problem:
        raise Unfit({"file": "no_tenth"}) from problem
    if not math.isfinite(number):
        raise Unfit({"file": "no_tenth"})
    return number

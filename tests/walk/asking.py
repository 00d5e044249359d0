"""Asking for a cell as a browser would: with what a person in good faith sends, and reading all that comes back."""

import re
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from werkzeug.test import TestResponse
from wtforms import Field

from tests.city import Thing, counterpart, forms_noted
from tests.doors import URLENCODED, Pairs, form_encoded, plain_values
from tests.walk.table import Cell, expected
from tests.walk.visitors import Walk

CHANGING = re.compile(r'name="csrf_token" value="[^"]*"|[0-9a-f]{8}-?[0-9a-f]{4,}|\d+')  # what differs every time
WORD = re.compile(r"canary-[a-z]+-\d+x|ZQ\d+X 9Q")


class Asking:
    """Asks, and remembers what a page takes and what each visitor is told about things that do not exist."""

    def __init__(self, walk: Walk, every: Sequence[Cell]) -> None:
        self.walk, self.fields, self.nothing = walk, dict[str, Pairs](), dict[tuple[object, ...], str]()
        self.open: dict[str, Cell] = {}
        for cell in every:
            if cell.method == "POST" and expected(walk, cell) in ("allowed", "open"):
                self.open.setdefault(str(cell.rule.endpoint), cell)

    def ask(self, cell: Cell) -> TestResponse:
        """One request; a POST sends what a person in good faith would, whoever asks."""
        sent: dict[str, Any] = {}
        if cell.method == "POST":
            sent = {"data": form_encoded(self._plain(cell)), "content_type": URLENCODED}
        return self.walk.city.send(cell.method, self._address(cell), cell.visitor.cookie, **sent)

    def about_nothing(self, cell: Cell) -> str:
        """What this visitor is told about a thing that does not exist."""
        key = (cell.rule.rule, cell.method, cell.visitor.cookie)
        if key not in self.nothing:
            self.nothing[key] = steady(self.ask(replace(cell, thing=Thing(987_654_321, "nothing"))))
        return self.nothing[key]

    def _address(self, cell: Cell) -> str:
        city = self.walk.city
        other = next(iter(counterpart(city, cell.thing)), None) if "other_id" in cell.rule.arguments else None
        return city.address(cell.rule, cell.thing, other)

    def _plain(self, cell: Cell) -> Pairs:
        """The page's fields, plainly filled: learned once, from a visitor whom it lets in."""
        endpoint = str(cell.rule.endpoint)
        if endpoint not in self.fields:
            let_in, found = self.open.get(endpoint, cell), dict[str, Field]()
            with forms_noted(lambda _endpoint, made: found.update({field.name: field for field in made})):
                self.walk.city.send("POST", self._address(let_in), let_in.visitor.cookie, data={"junk": "1"})
            self.fields[endpoint] = [p for f in found.values() for p in plain_values(f)] + [("deed", "send")]
        return self.fields[endpoint]


def words_of(answer: TestResponse) -> str:
    """Everything that can be read in an answer, what is packed into it included."""
    data = answer.get_data()
    if not data.startswith(b"PK"):
        return data.decode(errors="replace")
    with ZipFile(BytesIO(data)) as packed:
        return "".join(packed.read(name).decode(errors="replace") for name in packed.namelist())


def steady(answer: TestResponse) -> str:
    """What is read in an answer, without what differs every time."""
    return CHANGING.sub("*", words_of(answer))

"""Every page that takes a post, for each role: how far it gets, and what a person would send in good faith."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote_plus

from werkzeug.routing import Rule
from wtforms import BooleanField, Field, FileField
from wtforms.fields.choices import SelectFieldBase

from broker.domain.clock import today
from broker.web.forms.base import PlainDateField
from tests.city import ROLES, City, Thing, counterpart, forms_noted

Pairs = list[tuple[str, str]]
URLENCODED = "application/x-www-form-urlencoded"
FURTHEST = (303, 302, 200, 422, 409, 404)


@dataclass(frozen=True)
class Door:
    """A way in: a page that takes a post, as somebody to whom it is open, with the names of its fields."""

    rule: Rule
    role: str
    thing: Thing | None
    path: str
    cookie: str
    plain: tuple[tuple[str, str], ...]
    asked: frozenset[str]
    status: int

    def __repr__(self) -> str:
        return f"{self.role}: POST {self.path}"


def form_encoded(pairs: Iterable[tuple[str, str]]) -> bytes:
    """As a browser sends it, lone surrogates and all."""
    return "&".join(
        "=".join(quote_plus(part.encode("utf-8", "surrogatepass")) for part in pair) for pair in pairs
    ).encode()


def plain_values(field: Field) -> Pairs:
    """What a person in good faith would send in this field."""
    if isinstance(field, PlainDateField):
        day = today() if field.short_name in ("started_on", "ended_on") else today() + timedelta(days=40)
        return [(f"{field.name}-{part}", str(getattr(day, part))) for part in ("day", "month", "year")]
    if isinstance(field, FileField | BooleanField):
        return []
    if isinstance(field, SelectFieldBase):
        keys = [str(key) for key, *_ in field.iter_choices() if key not in ("", None)]
        return [(field.name, keys[0])] if keys else []
    name = field.short_name
    if "email" in name or name == "lost":
        return [(field.name, "somebody.new@example.org")]
    known = {
        "password": "three random words", "current": "three random words", "number": "1089464", "code": "E08000099",
        "postcode": "QM1 1AA", "amount": "2", "quantity": "2", "demand_amount": "1", "supply_amount": "1",
        "demand_back": "1", "supply_back": "1", "reach_miles": "5", "seen": "", "row_version": "1",
    }  # fmt: skip
    return [(field.name, known.get(name, "Plain words of somebody kind"))]


def find_doors(city: City) -> list[Door]:
    """For each page that takes a post and each role: the two things that it gets furthest with, and one that it may
    not touch. A role that is turned away at the first is turned away at all of them.
    """
    found: list[Door] = []
    for rule in city.rules("POST"):
        for role in ROLES:
            best: dict[int, Door] = {}
            for thing in city.named_by(rule):
                door = _knock(city, rule, role, thing)
                best.setdefault(door.status, door)
                if door.status == 403 or not city.cookies[role]:
                    break
            ordered = sorted(best.values(), key=lambda door: (*FURTHEST, door.status).index(door.status))
            found += [*ordered[:2], *ordered[2:][-1:]]
    return found


def _knock(city: City, rule: Rule, role: str, thing: Thing | None) -> Door:
    """Post nothing, learn the fields, post them plainly."""
    fields: dict[str, Field] = {}
    other = next(iter(counterpart(city, thing)), None) if "other_id" in rule.arguments else None
    path, cookie = city.address(rule, thing, other), city.cookie(rule, role, thing)
    with forms_noted(lambda _endpoint, made: fields.update({field.name: field for field in made})):
        answer = city.send("POST", path, cookie, data={"junk": "1"})
    plain: Pairs = []
    if fields:
        plain = [pair for field in fields.values() for pair in plain_values(field)] + [("deed", "send")]
        answer = city.send("POST", path, cookie, data=form_encoded(plain), content_type=URLENCODED)
    assert answer.status_code < 500, f"{role}: POST {path}"
    return Door(rule, role, thing, path, cookie, tuple(plain), frozenset(fields), answer.status_code)

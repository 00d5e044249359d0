"""Bringing in contracts: a look that writes nothing, rows that find their supplier, and nothing twice."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from broker.actions.contract_imports import Looked, bring_in, look
from broker.domain.kinds import Role
from broker.domain.permissions import Action
from broker.domain.refusals import NotAllowed, Unfit
from broker.store.accounts import Membership, actor_of
from broker.store.base import db
from broker.store.contracts import Contract
from broker.store.events import events_of
from broker.store.organisations import Identifier
from tests import make

HEAD = "title,supplier,starts_on,ends_on,value,manager,identifier\n"
HOMES = "Homes,{},2027-01-01,2029-12-31,250000,{},{}"


class Scene:
    """An area with two suppliers of different names, two of the same, and a contract manager."""

    def __init__(self) -> None:
        self.area = make.authority()
        self.firm = make.supplier(self.area, name="Quayside  Builders")
        self.firm.identifiers.append(Identifier(scheme="GB-COH", number="01234567"))
        self.twins = [make.supplier(self.area, name="Twin Ltd") for _ in range(2)]
        make.organisation(self.area, name="A group that supplies nothing")
        self.foreign = make.supplier(make.authority(), name="Faraway Ltd")
        keeper = make.user("kim@northmere.example", name="Kim Keeper")
        db.session.add(
            Membership(user=keeper, role=Role.CONTRACT_MANAGER, authority=self.area, created_at=keeper.created_at)
        )
        db.session.flush()
        self.officer = actor_of(make.officer(self.area))

    def look(self, *lines: str) -> Looked:
        return look((HEAD + "\n".join(lines)).encode(), self.area, self.officer)

    def bring_in(self, *lines: str) -> Looked:
        return bring_in((HEAD + "\n".join(lines)).encode(), self.area, self.officer)


@pytest.fixture
def scene(database: Flask) -> Scene:
    return Scene()


def number() -> int:
    return db.session.scalar(select(func.count()).select_from(Contract)) or 0


@pytest.mark.parametrize("name", ["quayside builders", "Quayside Builders ", "GB-COH:01234567", "gb-coh: 1234567"])
def test_a_supplier_by_name_or_number(scene: Scene, name: str) -> None:
    assert [each.supplier.id for each in scene.look(HOMES.format(name, "", "")).fresh] == [scene.firm.id]
    assert number() == 0, "a look writes nothing"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Nobody", 'knows no supplier called "Nobody"'),
        ("Faraway Ltd", "knows no supplier"),
        ("A group that supplies nothing", "knows no supplier"),
        ("Twin Ltd", "2 suppliers are called"),
        ("GB-COH:99999999", "knows no supplier"),
    ],
)
def test_a_row_without_its_supplier_is_said_and_the_others_come_in(scene: Scene, name: str, reason: str) -> None:
    looked = scene.bring_in(HOMES.format(name, "", "A"), HOMES.format("Quayside Builders", "", "B"))
    (refused,) = looked.refused
    assert (refused.line, refused.field, reason in refused.reason) == (2, "supplier", True), refused.reason
    assert [each.line for each in looked.fresh] == [3]
    assert number() == 1


def test_the_same_file_twice_makes_nothing_twice(scene: Scene) -> None:
    lines = [
        HOMES.format("Quayside Builders", "", "NM-1"),
        HOMES.format("Quayside Builders", "", "").replace("Ho", "Ro"),
    ]
    scene.bring_in(*lines)
    again = scene.bring_in(*lines)
    assert ([each.line for each in again.known], again.fresh, number()) == ([2, 3], [], 2)
    first = db.session.scalars(select(Contract).order_by(Contract.id)).first()
    assert first is not None
    assert [e.action for e in events_of("contract", first.id)] == [Action.IMPORT_CONTRACTS]


def test_a_number_or_else_title_supplier_and_days_tell_contracts_apart(scene: Scene) -> None:
    plain = HOMES.format("Quayside Builders", "", "")
    scene.bring_in(plain)
    assert scene.look(HOMES.format("Quayside Builders", "", "LOT-1")).fresh == [], "it may well be the one we have"
    lots = [HOMES.format("Quayside Builders", "", f"LOT-{lot}").replace("Homes", "Lots") for lot in (1, 2, 1)]
    looked = scene.look(*lots)
    assert [each.line for each in looked.fresh] == [2, 3]
    assert looked.refused[0].reason == "This contract stands already in line 2."
    parks = [HOMES.format("Quayside Builders", "", number).replace("Homes", "Parks") for number in ("", "P-1")]
    for both in (parks, parks[::-1]):
        assert [each.line for each in scene.look(*both).fresh] == [2], "once with its number and once without"


def test_a_row_of_a_known_contract_that_says_otherwise_is_told(scene: Scene) -> None:
    other = make.supplier(scene.area, name="Another Ltd")
    scene.bring_in(HOMES.format("Quayside Builders", "", "ocds-h6vhtk-Lot1"))
    same = HOMES.format("Quayside Builders", "", "OCDS-H6VHTK-Lot1")
    changed = HOMES.format(other.name, "", "ocds-h6vhtk-Lot1").replace("250000", "9").replace("Homes", "Roads")
    known = scene.look(same, changed).known
    assert [each.differs for each in known] == [(), ("title", "value", "supplier")]


@pytest.mark.parametrize("who", ["kim@northmere.example", "Kim  keeper", "Somebody Else"])
def test_the_manager(scene: Scene, who: str) -> None:
    scene.bring_in(HOMES.format("Quayside Builders", who, ""))
    made = db.session.scalars(select(Contract)).one()
    known = who != "Somebody Else"
    assert (made.manager is not None, made.manager_name) == (known, "" if known else who)


def test_only_officers_and_only_files_that_can_be_read(scene: Scene) -> None:
    with pytest.raises(NotAllowed):
        look(b"", scene.area, actor_of(make.member(scene.firm)))
    with pytest.raises(NotAllowed):
        bring_in(b"", scene.area, actor_of(make.officer(make.authority())))
    with pytest.raises(Unfit, match="empty"):
        look(b"", scene.area, scene.officer)

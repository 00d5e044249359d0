"""Many people claim the same forty hours at one moment: one wins, the others read who did, nothing counts twice."""

import re
import secrets
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from itertools import cycle, islice

from argon2 import PasswordHasher
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict

from broker.domain.kinds import ClaimState
from broker.store.base import db
from broker.store.claims import Claim
from tests import make
from tests.reliability.lines import Answer, together
from tests.reliability.product import Product
from tests.reliability.races import CROWD
from tests.reliability.scene import PASSWORD, filled, visit

ALL = {"quantity": "40"}
WINNER = re.compile(r'href="/claims/(\d+)"')


@dataclass(frozen=True)
class Ledger:
    """Deliveries of 40 verified hours each, two promises that want them, and who may claim: supplier and officers."""

    people: list[str]
    deliveries: list[int]
    promises: list[int]


def lay_out_ledger(product: Product, deliveries: int = 2) -> Ledger:
    """Make the tables and the people."""
    with product.inside():
        db.create_all()
        area = make.authority("Northmere", code="X99000001")
        giver, measure = make.supplier(area), make.measure()
        partnership = make.partnership(area, giver)
        hashed = PasswordHasher(2, 19_456, 1).hash(PASSWORD)
        people = [make.member(giver).user, *(make.officer(area).user for _ in range(3))]
        for person in people:
            person.password_hash = hashed
        done = [make.delivery(partnership, measure) for _ in range(deliveries)]
        promises = [make.commitment(area, giver, measure, quantity=Decimal(400)) for _ in range(2)]
        db.session.commit()
        return Ledger([p.email for p in people], [d.id for d in done], [p.id for p in promises])


def claim_race(product: Product, ledger: Ledger, crowd: int = CROWD) -> list[str]:
    """Whatever went wrong, where each delivery is claimed by so many at once; nothing, where all is well."""
    visitors = [visit(product.port, email) for email in ledger.people]
    wrong: list[str] = []
    for delivery in ledger.deliveries:
        forms = [
            (
                browser,
                *filled(visitor, f"/deliveries/{delivery}/claim", "Claim it", {"commitment": str(promise), **ALL}),
            )
            for browser, visitor in visitors
            for promise in ledger.promises
        ]
        requests = [
            browser.request("POST", action, _as_another(sent)) for browser, action, sent in islice(cycle(forms), crowd)
        ]
        wrong += _faults(delivery, together(product.port, requests))
    with product.inside():
        wrong += _doubled(ledger)
    return wrong


def _as_another(sent: MultiDict[str, object]) -> MultiDict[str, object]:
    """The same form opened once more: it is no second sending of the first."""
    again = sent.copy()
    again["once"] = secrets.token_urlsafe(16)
    return again


def _faults(delivery: int, answers: list[Answer]) -> list[str]:
    """One is told that it won, and every other one which claim stands."""
    statuses = Counter(answer.status_code for answer in answers)
    found = [] if statuses == {303: 1, 409: len(answers) - 1} else [f"delivery {delivery}: {dict(statuses)}"]
    lost = [answer for answer in answers if answer.status_code == 409]
    named = {name for answer in lost for name in WINNER.findall(answer.get_data())}
    silent = sum(not WINNER.search(answer.get_data()) for answer in lost)
    return found + (
        [f"delivery {delivery}: {silent} were not told, {named} were named"] if silent or len(named) != 1 else []
    )


def _doubled(ledger: Ledger) -> list[str]:
    sums = select(Claim.delivery_id, func.sum(Claim.quantity)).where(Claim.state == ClaimState.STANDING)
    found = dict(db.session.execute(sums.group_by(Claim.delivery_id)).all())
    return [f"delivery {each}: {found.get(each)} claimed" for each in ledger.deliveries if found.get(each) != 40]

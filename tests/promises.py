"""One partnership that something is delivered in: its two sides, their people and their officers."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from broker.actions.confirmations import confirm_delivery
from broker.actions.deliveries import log_delivery
from broker.domain.clock import today
from broker.domain.deliveries import Done, Said
from broker.domain.kinds import Answer
from broker.domain.permissions import Actor
from broker.store.accounts import Membership, actor_of
from broker.store.authorities import Authority
from broker.store.deliveries import Delivery
from broker.store.measures import Measure
from broker.store.organisations import Organisation
from broker.store.partnerships import Partnership
from tests import make

PDF = b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF"


@dataclass
class Scene:
    """A firm gives hours to a group; two officers of the council, and one of another."""

    area: Authority = field(default_factory=make.authority)

    def __post_init__(self) -> None:
        self.group: Organisation = make.organisation(self.area)
        self.firm: Organisation = make.supplier(self.area)
        self.partnership: Partnership = make.partnership(self.area, self.firm, self.group)
        self.hours: Measure = make.measure()
        self.people: dict[str, Membership] = {
            "group": make.member(self.group),
            "firm": make.member(self.firm),
            "officer": make.officer(self.area),
            "second": make.officer(self.area),
            "elsewhere": make.officer(make.authority("Westerby")),
        }

    def by(self, who: str) -> Actor:
        return actor_of(self.people[who])

    def done(self, quantity: str = "8", ago: int = 3, **facts: Any) -> Done:
        """So much of the measure, on one day so many days ago."""
        day = today() - timedelta(days=ago)
        counted = facts.pop("measure", self.hours)
        return Done(counted.id, Decimal(quantity), facts.pop("first", day), facts.pop("last", day), **facts)

    def logged(self, quantity: str = "8", ago: int = 3, **facts: Any) -> Delivery:
        return log_delivery(self.partnership, self.by("firm"), self.done(quantity, ago, **facts))

    def confirmed(self, quantity: str = "8", said: Said | None = None, **facts: Any) -> Delivery:
        delivery = self.logged(quantity, **facts)
        confirm_delivery(delivery, self.by("group"), said or Said(Answer.YES))
        return delivery

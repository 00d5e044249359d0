"""Short ways to write a listing for the matcher's tests."""

from typing import Any

from broker.matching import Market, Record, Scored


def need(id: int, title: str = "laptops", **facts: Any) -> Record:
    """A demand; each has an organisation of its own unless owner is given."""
    return Record(**{"id": id, "owner": id, "title": title, "text": "", **facts})


def offer(id: int, title: str = "laptops", **facts: Any) -> Record:
    """A supply; each has an organisation of its own unless owner is given."""
    return Record(**{"id": id, "owner": 1000 + id, "title": title, "text": "", **facts})


def meet(demand: Record, supply: Record) -> bool:
    """Whether the matcher suggests this pair, asked from both sides, which must agree."""
    market = Market([demand], [supply])
    forth = market.best_for_demand()[demand.id]
    back = market.best_for_supply()[supply.id]
    assert [scored.id for scored in forth] in ([], [supply.id])
    assert bool(forth) == bool(back)
    return bool(forth)


def ids(ranking: list[Scored]) -> list[int]:
    """The ids of a ranking, in its order."""
    return [scored.id for scored in ranking]
